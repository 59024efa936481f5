"""Which operators are present in which areas, by a stated rule: pure, on shapes and points."""

import math
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
import numpy.typing as npt
import shapely

from tram.rollout.inventory.geography.locator import LocatedArea
from tram.rollout.inventory.stations.sites import METRES_PER_DEGREE
from tram.rollout.inventory.stations.views import StationPoint

__all__ = ("COVERED", "DISTANCES_M", "INSIDE", "RULES", "WITHIN", "PresenceRule", "presence")

INSIDE = "inside"
WITHIN = "within"
COVERED = "covered"
RULES = (INSIDE, WITHIN, COVERED)
DISTANCES_M = (500, 1_000, 2_000, 5_000)
_MIDDLE_LAT = 14.7
"""The province reaches 0.8 degrees from here: distances are right to a third of a per cent."""

Counts = dict[tuple[int, str], int]


class PresenceRule(msgspec.Struct, frozen=True):
    """When an operator is there: a station stands inside, or near, or signal covers the area.

    ``covered`` asks for ``share_percent`` of the area at or above ``level_dbm`` in the newest
    prediction of coverage; the stations inside are counted beside it.
    """

    kind: str = INSIDE
    distance_m: int = 1_000
    share_percent: int = 80
    level_dbm: int = -105


def presence(
    regions: Sequence[LocatedArea], points: Sequence[StationPoint], rule: PresenceRule
) -> Mapping[str, Counts]:
    """Return, for each region's key, how many stations of each operator and technology count.

    Stations of one operator and technology that share a place are one, as in every plain count.
    """
    found: dict[str, Counts] = {region.key: {} for region in regions}
    if not points or not regions:
        return found
    counted: set[tuple[int, int, str, int]] = set()
    tree = shapely.STRtree(shapely.points(_flat(np.array([(p.lon, p.lat) for p in points]))))
    reach_m = rule.distance_m if rule.kind == WITHIN else 0
    shapes = [shapely.transform(region.shape, _flat) for region in regions]
    pairs = tree.query(shapes, predicate="dwithin", distance=reach_m)
    for region, point in zip(*pairs.tolist(), strict=True):
        there = points[point]
        mark = (region, there.operator, there.technology, there.place)
        if mark not in counted:
            counted.add(mark)
            counts, key = found[regions[region].key], (there.operator, there.technology)
            counts[key] = counts.get(key, 0) + 1
    return found


def _flat(degrees: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return metres on a plane that touches the middle of the province."""
    shrink = math.cos(math.radians(_MIDDLE_LAT))
    scale: npt.NDArray[np.float64] = np.array([METRES_PER_DEGREE * shrink, METRES_PER_DEGREE])
    return degrees * scale
