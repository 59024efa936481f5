"""Files of a layer: cloud-optimised GeoTIFF, overlay for the web map, GeoPackage of the holes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
import shapely
from rasterio.transform import Affine, array_bounds
from rasterio.warp import Resampling, calculate_default_transform, reproject, transform_bounds
from shapely.geometry.base import BaseGeometry

from tram.rollout.coverage.regions import CoverageRaster
from tram.rollout.coverage.results import Hole

__all__ = (
    "OVERLAY_BASE_DBM",
    "SYNTHETIC",
    "picture_profile",
    "write_holes",
    "write_overlay",
    "write_polygons",
    "write_raster",
    "write_servers",
)

OVERLAY_BASE_DBM = -160.0
"""Grey 1 of an overlay; each step is half a decibel, grey 0 is no signal."""
_OVERLAY_STEP_DB = 0.5
_OVERLAY_PIXELS_MAX = 2_000
_NO_DATA = -200.0
SYNTHETIC = {"SYNTHETIC": "simulated terrain or stations, no measurement of any place"}
"""The mark inside every file of a layer that rests on invented things."""


def write_raster(
    file: Path, sheet: CoverageRaster, margin_db: npt.NDArray[np.float32], tags: dict[str, str]
) -> None:
    """Write a cloud-optimised GeoTIFF: signal [dBm] and what the weaker link has to spare [dB]."""
    smooth = {"predictor": 3, "overview_resampling": "average"}
    profile = _profile(sheet, "float32", _NO_DATA) | {"count": 2} | smooth
    words = (("SS-RSRP best server", "dBm"), ("Margin of the weaker link", "dB"))
    with rasterio.open(file, "w", **profile) as raster:
        for band, layer in enumerate((sheet.rsrp, margin_db), 1):
            there = sheet.known & np.isfinite(layer)
            # The last place of half decibels carries noise alone.
            raster.write(np.where(there, np.round(layer, 1), np.float32(_NO_DATA)), band)
            raster.set_band_description(band, words[band - 1][0])
            raster.set_band_unit(band, words[band - 1][1])
        raster.update_tags(**tags)


def write_servers(
    file: Path, sheet: CoverageRaster, server: npt.NDArray[np.int32], tags: dict[str, str]
) -> None:
    """Write the number of the best server of every cell as a cloud-optimised GeoTIFF; -1: none."""
    profile = _profile(sheet, "int32", -1) | {"count": 1, "overview_resampling": "nearest"}
    with rasterio.open(file, "w", **profile) as raster:
        raster.write(server, 1)
        raster.set_band_description(1, "Best server by number")
        raster.update_tags(**tags)


def _profile(sheet: CoverageRaster, kind: str, no_data: float) -> dict[str, Any]:
    """Return how a raster of a sheet's cells is written."""
    height, width = sheet.rsrp.shape
    return {
        "driver": "COG",
        "height": height,
        "width": width,
        "dtype": kind,
        "crs": sheet.crs,
        "transform": sheet.transform,
        "nodata": no_data,
        "compress": "DEFLATE",
    }


def picture_profile(rows: int, columns: int, transform: Affine) -> dict[str, Any]:
    """Return how a picture for the web map is written: its words stand inside it as text."""
    return {
        "driver": "PNG",
        "height": rows,
        "width": columns,
        "count": 1,
        "dtype": "uint8",
        "crs": "EPSG:3857",
        "transform": transform,
        "write_metadata_as_text": "YES",
    }


def write_overlay(
    file: Path, sheet: CoverageRaster, tags: dict[str, str]
) -> tuple[float, float, float, float]:
    """Write a grey picture in EPSG:3857; return west, north, east, south in degrees."""
    height, width = sheet.rsrp.shape
    bounds = array_bounds(height, width, sheet.transform)
    transform, columns, rows = calculate_default_transform(
        sheet.crs, "EPSG:3857", width, height, *bounds
    )
    shrink = max(1.0, max(columns, rows) / _OVERLAY_PIXELS_MAX)
    columns, rows = max(1, int(columns / shrink)), max(1, int(rows / shrink))
    transform = transform @ Affine.scale(shrink)
    grey = np.clip(np.rint((sheet.rsrp - OVERLAY_BASE_DBM) / _OVERLAY_STEP_DB) + 1, 0, 255).astype(
        np.uint8
    )
    picture: npt.NDArray[np.uint8] = np.zeros((rows, columns), np.uint8)
    reproject(
        grey,
        picture,
        src_transform=sheet.transform,
        src_crs=sheet.crs,
        dst_transform=transform,
        dst_crs="EPSG:3857",
        resampling=Resampling.nearest,
    )
    with rasterio.open(file, "w", **picture_profile(rows, columns, transform)) as raster:
        raster.write(picture, 1)
        raster.update_tags(**tags)
    file.with_name(file.name + ".aux.xml").unlink(missing_ok=True)
    west, south, east, north = transform_bounds(
        "EPSG:3857", "EPSG:4326", *array_bounds(rows, columns, transform)
    )
    return west, north, east, south


def write_holes(file: Path, holes: list[tuple[Hole, BaseGeometry]], words: dict[str, str]) -> None:
    """Write the holes as polygons of a GeoPackage; ``words`` are repeated on every row."""
    records = [hole for hole, _ in holes]
    fields: dict[str, npt.NDArray[Any]] = {
        "number": np.array([h.number for h in records], np.int32),
        "area_km2": np.array([h.area_km2 for h in records], np.float64),
        "commune": np.array([h.commune for h in records], object),
        **{name: np.array([word] * len(records), object) for name, word in words.items()},
    }
    write_polygons(file, [shape for _, shape in holes], fields)


def write_polygons(
    file: Path, shapes: Sequence[BaseGeometry], fields: Mapping[str, npt.NDArray[Any]]
) -> None:
    """Write a GeoPackage of holes in place of what is there; of a shape only polygons are kept."""
    # It loads a data-frame library: who writes no package starts without both.
    import pyogrio  # noqa: PLC0415

    file.unlink(missing_ok=True)
    whole = [shapely.multipolygons(_polygons(shape)) for shape in shapes]
    pyogrio.raw.write(
        file,
        shapely.to_wkb(np.array(whole, object)),
        list(fields.values()),
        np.array(list(fields)),
        layer="holes",
        driver="GPKG",
        geometry_type="MultiPolygon",
        crs="EPSG:4326",
    )


def _polygons(shape: BaseGeometry) -> list[BaseGeometry]:
    parts = shape.geoms if hasattr(shape, "geoms") else [shape]
    return [part for part in parts if part.geom_type == "Polygon"]
