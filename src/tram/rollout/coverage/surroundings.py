"""In which kind of surroundings of TR 38.901 a station stands, by the land cover around it."""

import math

import numpy as np

from tram.rollout.radio.tr38901 import Environment
from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic

__all__ = ("environment_at",)

_AROUND_M = 250.0
_BUILT_SHARE = 0.5
_ROOFS_M = 15.0
"""TR 38.901 has street cells at 10 m, below the roofs, and macro cells at 25 m, above them."""


def environment_at(mosaic: Mosaic, place: GeoPoint, height_m: float) -> Environment:
    """Return urban (macro, or street below the roofs) where half of the land around is built."""
    column, row = (math.floor(value) for value in mosaic.grid_of(place))
    reach = max(1, round(_AROUND_M / mosaic.about.cell_m))
    rows = slice(max(row - reach, 0), max(row + reach + 1, 0))
    columns = slice(max(column - reach, 0), max(column + reach + 1, 0))
    cover = np.asarray(mosaic.cover[rows, columns])
    if not cover.size or (cover == Cover.BUILT).mean() < _BUILT_SHARE:
        return Environment.RURAL
    return Environment.STREET if height_m < _ROOFS_M else Environment.URBAN
