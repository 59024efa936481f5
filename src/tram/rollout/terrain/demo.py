"""Synthetic terrain for trying the product out: the same on every machine, and marked so.

A smooth backbone through the province's spot heights and the coast carries relief with the roughness of
mountains; classes of cover follow height, slope and towns. Nothing here is a measurement of any
place but the few spot heights.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
from pyproj import Transformer
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.interpolate import RBFInterpolator
from scipy.ndimage import distance_transform_edt, gaussian_filter, zoom

from tram.domain.province import SpotHeight
from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.coast import Land, land_mask
from tram.rollout.terrain.importing import BoundingBox, grid_over
from tram.rollout.terrain.mosaic import About, MosaicGrid, write_mosaic

__all__ = ("make_demo",)

Floats32 = npt.NDArray[np.float32]

_SEED = 20250701
_COARSE = 16
"""Cells of the backbone per cell of the grid."""
_COAST_KM = 6.0
"""Relief grows to its full size over this way from the sea."""
_SPECTRUM = 1.15
"""Fall of the relief's amplitude with wavenumber, as measured on young mountains (1.0-1.3)."""
_BUILT_KM = 2.5


def make_demo(
    folder: Path,
    spots: Sequence[SpotHeight],
    land: Land,
    area: BoundingBox,
    cell_m: float = 30.0,
) -> About:
    """Write the synthetic terrain of an area; ``land`` is polygons of land (GeoJSON).

    Raises:
        Refused: if the grid would be too large, or none.
    """
    frame = grid_over(area, cell_m)
    is_land = land_mask(land, frame.crs, frame.transform, (frame.rows, frame.columns))
    base = _backbone(frame, spots)
    ramp = _from_coast_km(is_land, cell_m) / _COAST_KM
    np.clip(ramp, 0, 1, out=ramp)
    relief = _relief(frame.rows, frame.columns)
    # High ground is rugged, plains are flat.
    size = np.clip(base, 0, 1500) * 0.22 + 2.0
    ground = np.maximum(base * np.sqrt(ramp) + relief * size * ramp, 1.0 + 3 * ramp)
    ground = np.where(is_land, ground, 0.0).astype(np.float32)
    cover = _cover(frame, ground, is_land, relief, spots)
    about = About(
        **msgspec.structs.asdict(frame),
        is_surface=False,
        synthetic=True,
        sources=["synthetic"],
        voids_filled=0,
        voids_left=0,
    )
    write_mosaic(folder, about, ground, cover)
    return about


def _from_coast_km(is_land: npt.NDArray[np.bool_], cell_m: float) -> Floats32:
    """Distance from the sea, on a coarse grid made fine again."""
    coarse = is_land[::_COARSE, ::_COARSE]
    far = distance_transform_edt(np.pad(coarse, (0, 2), mode="edge")) * _COARSE * cell_m / 1000
    fine = zoom(far.astype(np.float32), _COARSE, order=1)
    return np.asarray(fine[: is_land.shape[0], : is_land.shape[1]])


def _backbone(frame: MosaicGrid, spots: Sequence[SpotHeight]) -> Floats32:
    """Smooth surface through the spot heights, made coarse and enlarged."""
    to_grid = Transformer.from_crs("EPSG:4326", frame.crs, always_xy=True)
    lons, lats, heights_m = np.array([(s.lon, s.lat, s.height_m) for s in spots]).T
    x, y = to_grid.transform(lons, lats)
    points = np.column_stack([x, y]) / 1000
    fit = RBFInterpolator(points, heights_m, kernel="linear")
    rows, columns = frame.rows // _COARSE + 2, frame.columns // _COARSE + 2
    step = frame.cell_m * _COARSE
    grid_y, grid_x = np.mgrid[0:rows, 0:columns]
    where = np.column_stack(
        [(frame.west_m + grid_x.ravel() * step), (frame.north_m - grid_y.ravel() * step)]
    )
    coarse = fit(where / 1000).reshape(rows, columns)
    fine = zoom(gaussian_filter(coarse, 1.5).astype(np.float32), _COARSE, order=1)
    return np.asarray(np.maximum(fine[: frame.rows, : frame.columns], 1.0))


def _relief(rows: int, columns: int) -> Floats32:
    """Fractal relief with unit spread, by spectral synthesis."""
    chance = np.random.Generator(np.random.PCG64(_SEED))
    shape = (next_fast_len(rows, real=True), next_fast_len(columns, real=True))
    waves = rfft2(chance.standard_normal(shape, np.float32))
    down = np.fft.fftfreq(shape[0]).astype(np.float32)[:, None]
    across = np.fft.rfftfreq(shape[1]).astype(np.float32)[None, :]
    waves *= np.maximum(np.hypot(down, across), np.float32(1 / 700)) ** (-_SPECTRUM - 1)
    relief = irfft2(waves, s=shape)[:rows, :columns]
    return np.asarray(relief / relief.std(), np.float32)


def _cover(
    frame: MosaicGrid,
    ground: npt.NDArray[np.float32],
    is_land: npt.NDArray[np.bool_],
    relief: Floats32,
    spots: Sequence[SpotHeight],
) -> npt.NDArray[np.uint8]:
    """Classes by height, slope and the nearness of towns."""
    down, across = np.gradient(ground, frame.cell_m)
    slope = np.hypot(down, across)
    cover = np.full(ground.shape, Cover.CROPS, np.uint8)
    cover[(ground > 150) | (slope > 0.15)] = Cover.TREES  # noqa: PLR2004  # a shape, not a fact
    cover[(slope > 0.15) & (relief < -0.4)] = Cover.SHRUBS  # noqa: PLR2004
    to_grid = Transformer.from_crs("EPSG:4326", frame.crs, always_xy=True)
    reach = _BUILT_KM * 1000 / frame.cell_m
    for spot in spots:
        x, y = to_grid.transform(spot.lon, spot.lat)
        column, row = (x - frame.west_m) / frame.cell_m, (frame.north_m - y) / frame.cell_m
        top, left = max(int(row - reach), 0), max(int(column - reach), 0)
        bottom, right = min(int(row + reach), frame.rows), min(int(column + reach), frame.columns)
        if top >= bottom or left >= right:
            continue
        near = (slice(top, bottom), slice(left, right))
        rows, columns = np.ogrid[near]
        inside = (rows - row) ** 2 + (columns - column) ** 2 < reach**2
        cover[near][inside & (slope[near] < 0.1)] = Cover.BUILT  # noqa: PLR2004
    cover[~is_land] = Cover.WATER
    return cover
