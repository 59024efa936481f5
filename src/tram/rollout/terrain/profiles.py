"""Terrain profiles between two places of a mosaic."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic
from tram.runtime.errors import Refused

__all__ = ("Line", "line_between")

_STEPS_MIN = 2


@dataclass(frozen=True, slots=True)
class Line:
    """Equal steps from A to B: distance [km], ground and clutter [m], and class per point."""

    distance_km: npt.NDArray[np.float64]
    ground_m: npt.NDArray[np.float64]
    clutter_m: npt.NDArray[np.float64]
    cover: npt.NDArray[np.uint8]
    is_sea: npt.NDArray[np.bool_]


def line_between(mosaic: Mosaic, a: GeoPoint, b: GeoPoint) -> Line:
    """Sample the ground between two places, about one cell apart.

    Raises:
        Refused: if a place lies outside the mosaic.
    """
    for name, place in (("A", a), ("B", b)):
        if not mosaic.holds(place):
            raise Refused(
                "terrain.outside",
                f"{name} ({place.lat:.5f}, {place.lon:.5f}) lies outside the terrain.",
                "Choose a place within it, or import the terrain around it.",
            )
    (ax, ay), (bx, by) = mosaic.grid_of(a), mosaic.grid_of(b)
    cell = mosaic.about.cell_m
    length_m = float(np.hypot(bx - ax, by - ay)) * cell
    steps = max(_STEPS_MIN, round(length_m / cell))
    along = np.linspace(0.0, 1.0, steps + 1)
    ground, clutter, cover = mosaic.sample(ax + along * (bx - ax), ay + along * (by - ay))
    sea = (cover == Cover.WATER) & (ground <= 0)
    return Line(along * length_m / 1000, ground, clutter, cover, sea)
