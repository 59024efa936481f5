"""Shares of areas and lines that are served, and the holes that are left."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Transformer
from rasterio.features import rasterize, shapes
from rasterio.transform import Affine
from shapely.geometry.base import BaseGeometry

from tram.rollout.coverage.results import LADDER_DBM, Hole, RegionShare
from tram.rollout.coverage.served import likely_shares

__all__ = ("CoverageRaster", "Region", "holes_of", "shares_of")

HOLES_MAX = 500
"""The largest holes are listed; the raster holds all of them."""
HOLE_KM2_MIN = 0.05
_LINES = ("road",)


@dataclass(frozen=True, slots=True)
class Region:
    """An area or a line in degrees WGS 84 for which a share is wanted."""

    kind: str
    key: str
    name: str
    shape: BaseGeometry
    approximate: bool = False


class CoverageRaster(NamedTuple):
    """A raster of the network: signal [dBm], uplink's margin [dB], known ground, land, its place."""

    rsrp: npt.NDArray[np.float32]
    uplink: npt.NDArray[np.float32]
    known: npt.NDArray[np.bool_]
    land: npt.NDArray[np.bool_]
    transform: Affine
    crs: str


def shares_of(
    sheet: CoverageRaster, regions: list[Region], thresholds: tuple[float, ...], sigma_db: float
) -> list[RegionShare]:
    """Return what share of each region's land is at or above each threshold, worst first.

    Water in an area does not count, and a region without land is left out; a road counts whole, on
    its bridges too. ``sigma_db`` is the standard deviation of places within a cell.
    """
    to_grid = Transformer.from_crs("EPSG:4326", sheet.crs, always_xy=True).transform
    found = []
    for region in regions:
        shape = shapely.transform(region.shape, to_grid, interleaved=False)
        cells = _cells(sheet, shape, all_touched=region.kind in _LINES)
        if cells is None:
            continue
        rows, columns, mask = cells
        is_line = region.kind in _LINES
        wanted = mask if is_line else mask & sheet.land[rows, columns]
        total = int(wanted.sum())
        if not total:
            continue
        known = sheet.known[rows, columns] & wanted
        levels = sheet.rsrp[rows, columns][known]
        heard = sheet.uplink[rows, columns][known] >= 0  # NaN is not
        amount = shape.length / 1000 if is_line else shape.area / 1e6
        found.append(
            RegionShare(
                kind=region.kind,
                key=region.key,
                name=region.name,
                amount=round(amount, 3),
                unknown=round(1 - len(levels) / total, 6),
                shares=_shares(levels, thresholds),
                likely=likely_shares(levels, thresholds, sigma_db),
                uplink_share=round(float(heard.mean()), 6) if len(heard) else 0.0,
                both_ways=_shares(np.where(heard, levels, np.float32(-np.inf)), thresholds),
                ladder=_shares(levels, LADDER_DBM),
                likely_ladder=likely_shares(levels, LADDER_DBM, sigma_db),
                approximate=region.approximate,
            )
        )
    return sorted(found, key=lambda share: (share.kind, share.shares[-1], share.key))


def _shares(levels: npt.NDArray[np.float32], thresholds: Sequence[float]) -> list[float]:
    """Return the share of cells at or above each threshold."""
    ordered = np.sort(levels)
    below = np.searchsorted(ordered, np.asarray(thresholds, np.float32), side="left")
    return [round(1 - int(count) / len(levels), 6) if len(levels) else 0.0 for count in below]


def _cells(
    sheet: CoverageRaster, shape: BaseGeometry, *, all_touched: bool
) -> tuple[slice, slice, npt.NDArray[np.bool_]] | None:
    """Return the rows and columns around a shape and which of their cells lie in it."""
    if shape.is_empty:
        return None
    west, south, east, north = shape.bounds
    left, top = ~sheet.transform @ (west, north)
    right, bottom = ~sheet.transform @ (east, south)
    height, width = sheet.rsrp.shape
    rows = slice(max(0, int(top)), min(height, int(bottom) + 1))
    columns = slice(max(0, int(left)), min(width, int(right) + 1))
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return None
    part = sheet.transform @ Affine.translation(columns.start, rows.start)
    size = (rows.stop - rows.start, columns.stop - columns.start)
    touched = all_touched or shape.area < abs(part.a * part.e)
    mask = rasterize([shape], size, transform=part, all_touched=touched).astype(bool)
    return (rows, columns, mask) if mask.any() else None


def holes_of(
    sheet: CoverageRaster, threshold_dbm: float, communes: list[Region]
) -> list[tuple[Hole, BaseGeometry]]:
    """Return the largest connected areas of known land below a threshold, in degrees.

    With communes the search ends at their borders; without, at the edge of the raster.
    """
    weak = sheet.known & sheet.land & (sheet.rsrp < threshold_dbm)
    to_grid = Transformer.from_crs("EPSG:4326", sheet.crs, always_xy=True).transform
    to_world = Transformer.from_crs(sheet.crs, "EPSG:4326", always_xy=True).transform
    if communes:
        borders = [shapely.transform(c.shape, to_grid, interleaved=False) for c in communes]
        weak &= rasterize(borders, weak.shape, transform=sheet.transform).astype(bool)
    cell_km2 = abs(sheet.transform.a * sheet.transform.e) / 1e6
    found = [
        shapely.geometry.shape(geometry)
        for geometry, value in shapes(weak.astype(np.uint8), mask=weak, transform=sheet.transform)
        if value
    ]
    large = sorted((s for s in found if s.area / 1e6 >= HOLE_KM2_MIN), key=lambda s: -s.area)
    tree = shapely.STRtree([c.shape for c in communes])
    holes = []
    for number, shape in enumerate(large[:HOLES_MAX], 1):
        world = shapely.transform(
            shapely.simplify(shape, 1000 * np.sqrt(cell_km2) / 2), to_world, interleaved=False
        )
        middle = shapely.point_on_surface(world)
        inside = tree.query(middle, predicate="intersects") if communes else []
        holes.append(
            (
                Hole(
                    number=number,
                    area_km2=round(shape.area / 1e6, 3),
                    lon=round(middle.x, 6),
                    lat=round(middle.y, 6),
                    commune=communes[int(inside[0])].name if len(inside) else "",
                ),
                world,
            )
        )
    return holes
