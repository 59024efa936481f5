"""A flat square of ground, and grids of loss on it, made by hand."""

import numpy as np

from tram.rollout.coverage.network import RadioSector
from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.mosaic import About, Mosaic, projection_for

__all__ = ("CELL_M", "SIZE", "a_sector", "flat_mosaic")

SIZE, CELL_M = 80, 50.0


def flat_mosaic(ground=None, cover=None) -> Mosaic:
    """Open crops at sea level unless told otherwise, 4 km wide."""
    about = About(
        crs=projection_for(108.5),
        west_m=500_000.0,
        north_m=1_670_000.0,
        cell_m=CELL_M,
        rows=SIZE,
        columns=SIZE,
        is_surface=False,
        synthetic=False,
        sources=["flat"],
        voids_filled=0,
        voids_left=0,
    )
    nothing = np.zeros((SIZE, SIZE), np.float32)
    crops = np.full((SIZE, SIZE), Cover.CROPS, np.uint8)
    return Mosaic(
        about, nothing if ground is None else ground, crops if cover is None else cover, "flat"
    )


def a_sector(mosaic: Mosaic, column=40.5, row=40.5, **more) -> RadioSector:
    """A sector on a cell of the mosaic."""
    place = mosaic.place_of(column, row)
    values = {"operator": "A", "station": "s1", "band": "n78", **more}
    return RadioSector(lon=place.lon, lat=place.lat, **values)
