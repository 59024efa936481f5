"""Which cells lie on land, by polygons of a coast."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from rasterio.features import rasterize
from rasterio.transform import Affine
from rasterio.warp import transform_geom

__all__ = ("Land", "land_mask")

Land = Sequence[Mapping[str, Any]]
"""Polygons of land as GeoJSON in degrees WGS 84."""


def land_mask(
    land: Land, crs: str, transform: Affine, shape: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    """Return the cells of a grid whose middle lies on land."""
    shapes = [transform_geom("EPSG:4326", crs, polygon) for polygon in land]
    return np.asarray(rasterize(shapes, shape, transform=transform), bool)
