"""Which operators are present in which areas, by a stated rule: pure, on shapes and points."""

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import shapely

from tram.rollout.inventory.geography.locator import Region
from tram.rollout.inventory.stations.sites import METRES_PER_DEGREE
from tram.rollout.inventory.stations.views import StationPoint

__all__ = ("DISTANCES_M", "INSIDE", "WITHIN", "PresenceRule", "presence")

INSIDE = "inside"
WITHIN = "within"
DISTANCES_M = (500, 1_000, 2_000, 5_000)
_MIDDLE_LAT = 14.7
"""The province reaches 0.8 degrees from here: distances are right to a third of a per cent."""

Counts = dict[tuple[int, str], int]


class PresenceRule(msgspec.Struct, frozen=True):
    """When a station counts for an area: it stands inside, or no farther than so many metres."""

    kind: str = INSIDE
    distance_m: int = 1_000


def presence(
    regions: Sequence[Region], points: Sequence[StationPoint], rule: PresenceRule
) -> Mapping[str, Counts]:
    """Return, for each region's key, how many stations of each operator and technology count."""
    found: dict[str, Counts] = {region.key: {} for region in regions}
    if not points or not regions:
        return found
    tree = shapely.STRtree(shapely.points(_flat(np.array([(p.lon, p.lat) for p in points]))))
    reach_m = rule.distance_m if rule.kind == WITHIN else 0
    shapes = [shapely.transform(region.shape, _flat) for region in regions]
    pairs = tree.query(shapes, predicate="dwithin", distance=reach_m)
    for region, point in zip(*pairs.tolist(), strict=True):
        counts = found[regions[region].key]
        key = (points[point].operator, points[point].technology)
        counts[key] = counts.get(key, 0) + 1
    return found


def _flat(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return metres on a plane that touches the middle of the province."""
    shrink = math.cos(math.radians(_MIDDLE_LAT))
    scale: npt.NDArray[np.float64] = np.array([METRES_PER_DEGREE * shrink, METRES_PER_DEGREE])
    return degrees * scale
