"""Raster files as agencies publish them."""

from pathlib import Path

import numpy as np
import rasterio
from rasterio.transform import from_origin

__all__ = ("write_hgt", "write_tiff")


def write_hgt(file: Path, heights: np.ndarray) -> None:
    """Write an SRTM tile: big-endian int16, rows from the north."""
    heights.astype(">i2").tofile(file)


def write_tiff(
    file: Path, values: np.ndarray, west: float, north: float, step: float, **more: object
) -> None:
    """Write a GeoTIFF in degrees."""
    profile = {"crs": "EPSG:4326", **more}
    with rasterio.open(
        file,
        "w",
        driver="GTiff",
        height=values.shape[0],
        width=values.shape[1],
        count=1,
        dtype=values.dtype,
        transform=from_origin(west, north, step, step),
        **profile,
    ) as raster:
        raster.write(values, 1)
