"""Elevation and land cover files into one mosaic: any raster that rasterio reads.

Tested with GeoTIFF, SRTM ``.hgt``, Copernicus GLO-30 and ESA WorldCover. Files may overlap; the
first one with a value at a place decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.fill import fillnodata
from rasterio.warp import Resampling, reproject, transform_bounds

from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.coast import Land, land_mask
from tram.rollout.terrain.mosaic import About, MosaicGrid, projection_for, write_mosaic
from tram.runtime.errors import Refused

__all__ = ("BoundingBox", "ImportReport", "cells_of", "grid_over", "import_mosaic")

_FILL_CELLS_MAX = 20
"""Voids are filled from their rim up to this far; wider ones stay unknown."""
_LOWEST_M, _HIGHEST_M = -500.0, 9000.0
"""Heights beyond these are void marks of files that do not declare them."""
_SEA_M_MAX = 1.0
"""The sea in elevation files: they give it zero, or a little noise."""
_CELLS_MAX = 400_000_000


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """West, south, east and north in degrees WGS 84."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: cells by state."""

    cells: int
    filled: int
    unknown: int
    about: About


def import_mosaic(  # noqa: PLR0913  # what a person may choose
    folder: Path,
    elevation: Sequence[Path],
    cover: Sequence[Path] = (),
    *,
    area: BoundingBox | None = None,
    cell_m: float = 30.0,
    is_surface: bool = True,
    land: Land = (),
) -> ImportReport:
    """Build a mosaic from files; without an area, of all that the elevation files cover.

    Where no cover file says what is there, cells off the ``land`` that lie at the level of the sea
    are water, so that nobody takes them for land without signal.

    Raises:
        Refused: if a file is no raster with a position, or the grid would be too large.
    """
    area = area or _area_of(elevation)
    grid = grid_over(area, cell_m)
    ground = np.full((grid.rows, grid.columns), np.nan, np.float32)
    for file in elevation:
        _lay(file, grid, ground)
    known = np.isfinite(ground)
    filled = np.asarray(
        fillnodata(np.nan_to_num(ground), mask=known, max_search_distance=_FILL_CELLS_MAX)
    )
    reached = np.asarray(
        fillnodata(known.astype(np.float32), mask=known, max_search_distance=_FILL_CELLS_MAX)
    )
    ground = np.where(known, ground, np.where(reached > 0, filled, np.nan)).astype(np.float32)
    classes = np.zeros(ground.shape, np.uint8)
    for file in cover:
        _lay_classes(file, grid, classes)
    if land:
        is_land = land_mask(land, grid.crs, grid.transform, ground.shape)
        classes[~is_land & (classes == Cover.UNKNOWN) & (ground <= _SEA_M_MAX)] = Cover.WATER
    unknown = int(np.isnan(ground).sum())
    about = About(
        **msgspec.structs.asdict(grid),
        is_surface=is_surface,
        synthetic=False,
        sources=[file.name for file in (*elevation, *cover)],
        voids_filled=int((~known).sum()) - unknown,
        voids_left=unknown,
    )
    write_mosaic(folder, about, ground, classes)
    return ImportReport(ground.size, about.voids_filled, unknown, about)


def _area_of(files: Sequence[Path]) -> BoundingBox:
    if not files:
        raise Refused("terrain.no_files", "No elevation file was given.", "Name at least one.")
    boxes = []
    for file in files:
        with _open(file) as raster:
            boxes.append(transform_bounds(raster.crs, "EPSG:4326", *raster.bounds))
    west, south, east, north = (list(side) for side in zip(*boxes, strict=True))
    return BoundingBox(min(west), min(south), max(east), max(north))


def grid_over(area: BoundingBox, cell_m: float) -> MosaicGrid:
    """Return the grid of an area with cells of so many metres.

    Raises:
        Refused: if it would have too few cells, or too many.
    """
    crs = projection_for((area.west + area.east) / 2)
    west, south, east, north = transform_bounds(
        "EPSG:4326", crs, area.west, area.south, area.east, area.north
    )
    rows, columns = cells_of(east - west, north - south, cell_m)
    return MosaicGrid(
        crs=crs, west_m=west, north_m=north, cell_m=cell_m, rows=rows, columns=columns
    )


def cells_of(width_m: float, height_m: float, cell_m: float) -> tuple[int, int]:
    """Return rows and columns of a grid.

    Raises:
        Refused: if that is no grid, or more than a mosaic holds.
    """
    rows, columns = (
        round(min(length_m / cell_m, _CELLS_MAX + 1)) if cell_m > 0 else 0
        for length_m in (height_m, width_m)
    )
    if columns < 2 or rows < 2 or rows * columns > _CELLS_MAX:  # noqa: PLR2004  # a grid
        raise Refused(
            "terrain.too_large",
            f"The area would need a grid of {columns} x {rows} cells.",
            f"Choose an area and a cell size with at most {_CELLS_MAX:,} cells.",
        )
    return rows, columns


def _open(file: Path) -> rasterio.DatasetReader:
    try:
        raster = rasterio.open(file)
    except rasterio.errors.RasterioIOError as error:
        raise Refused(
            "terrain.not_a_raster",
            f"{file} cannot be read as a raster ({error}).",
            "Use GeoTIFF, SRTM .hgt, Copernicus GLO-30 or ESA WorldCover files.",
        ) from None
    if raster.crs is None:
        raster.close()
        raise Refused(
            "terrain.no_position",
            f"{file} does not say where it lies.",
            "Use files with a coordinate reference system.",
        )
    return raster


def _lay(file: Path, grid: MosaicGrid, ground: npt.NDArray[np.float32]) -> None:
    """Put a file's heights where nothing is known yet."""
    with _open(file) as raster:
        heights = raster.read(1).astype(np.float32)
        void = (heights < _LOWEST_M) | (heights > _HIGHEST_M) | ~np.isfinite(heights)
        if raster.nodata is not None:
            void |= heights == raster.nodata
        heights[void] = np.nan
        laid = np.full(ground.shape, np.nan, np.float32)
        reproject(
            heights,
            laid,
            src_transform=raster.transform,
            src_crs=raster.crs,
            src_nodata=np.nan,
            dst_transform=grid.transform,
            dst_crs=grid.crs,
            dst_nodata=np.nan,
            resampling=Resampling.bilinear,
        )
    fresh = np.isnan(ground) & np.isfinite(laid)
    ground[fresh] = laid[fresh]


def _lay_classes(file: Path, grid: MosaicGrid, classes: npt.NDArray[np.uint8]) -> None:
    with _open(file) as raster:
        laid = np.zeros(classes.shape, np.uint8)
        reproject(
            rasterio.band(raster, 1),
            laid,
            dst_transform=grid.transform,
            dst_crs=grid.crs,
            dst_nodata=0,
            resampling=Resampling.mode,
        )
    fresh = (classes == 0) & (laid != 0)
    classes[fresh] = laid[fresh]
