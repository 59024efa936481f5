"""Which operators are present in which areas, by a stated rule: pure, on shapes and points."""

import math
from collections.abc import Mapping, Sequence
from functools import partial

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
    regions: Sequence[LocatedArea],
    points: Sequence[StationPoint],
    rule: PresenceRule,
    middle_lat: float,
) -> Mapping[str, Counts]:
    """Return, for each region's key, how many stations of each operator and technology count.

    Stations of one operator and technology that share a place are one, as in every plain count.
    Distances are those of a plane at ``middle_lat``: right to half a per cent one degree away.
    """
    found: dict[str, Counts] = {region.key: {} for region in regions}
    if not points or not regions:
        return found
    counted: set[tuple[int, int, str, int]] = set()
    flat = partial(_flat, middle_lat=middle_lat)
    tree = shapely.STRtree(shapely.points(flat(np.array([(p.lon, p.lat) for p in points]))))
    reach_m = rule.distance_m if rule.kind == WITHIN else 0
    shapes = [shapely.transform(region.shape, flat) for region in regions]
    pairs = tree.query(shapes, predicate="dwithin", distance=reach_m)
    for region, point in zip(*pairs.tolist(), strict=True):
        there = points[point]
        mark = (region, there.operator, there.technology, there.place)
        if mark not in counted:
            counted.add(mark)
            counts, key = found[regions[region].key], (there.operator, there.technology)
            counts[key] = counts.get(key, 0) + 1
    return found


def _flat(degrees: npt.NDArray[np.float64], middle_lat: float) -> npt.NDArray[np.float64]:
    """Return metres on a plane that touches the earth at a latitude."""
    shrink = math.cos(math.radians(middle_lat))
    scale: npt.NDArray[np.float64] = np.array([METRES_PER_DEGREE * shrink, METRES_PER_DEGREE])
    return degrees * scale
