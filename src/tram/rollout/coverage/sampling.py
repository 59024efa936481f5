"""What a run predicts at places: signal from a layer's raster, cover from the terrain."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rasterio
from pyproj import Transformer

from tram.rollout.coverage.results import SILENT_DBM
from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic

__all__ = ("cover_at", "signal_at")


def signal_at(raster: Path, places: Sequence[GeoPoint]) -> list[float | None]:
    """Return SS-RSRP [dBm] at each place; None outside the raster or where nothing is heard."""
    with rasterio.open(raster) as opened:
        to_grid = Transformer.from_crs("EPSG:4326", opened.crs, always_xy=True)
        x, y = to_grid.transform([p.lon for p in places], [p.lat for p in places])
        levels = [float(value[0]) for value in opened.sample(zip(x, y, strict=True))]
        bounds = opened.bounds
    found: list[float | None] = []
    for level, east, north in zip(levels, x, y, strict=True):
        inside = bounds.left <= east < bounds.right and bounds.bottom < north <= bounds.top
        found.append(level if inside and level > SILENT_DBM else None)
    return found


def cover_at(mosaic: Mosaic, place: GeoPoint) -> str:
    """Return the class of cover at a place, in a word."""
    if not mosaic.holds(place):
        return "unknown"
    column, row = mosaic.grid_of(place)
    code = int(mosaic.sample(np.array([column]), np.array([row]))[2][0])
    return Cover(code).name.lower() if code in set(Cover) else "unknown"
