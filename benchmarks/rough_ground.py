"""Rough ground for measurements: one degree of fractal mountains at one second of arc."""

from pathlib import Path

import numpy as np

from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.importing import BoundingBox, import_mosaic
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic, open_mosaic

SITE = GeoPoint(108.5, 15.5)
_SIZE = 3601
_ROUGH = 2.1
"""Fall of the spectrum's amplitude: young mountains have 2.0 to 2.3."""
_RELIEF_M = 320.0


def write_hgt(folder: Path) -> Path:
    """Write the tile N15E108.hgt."""
    chance = np.random.default_rng(42)
    waves = np.fft.rfft2(chance.standard_normal((_SIZE - 1, _SIZE - 1)).astype(np.float32))
    down = np.fft.fftfreq(_SIZE - 1)[:, None]
    across = np.fft.rfftfreq(_SIZE - 1)[None, :]
    waves *= np.maximum(np.hypot(down, across), 1 / 600) ** -_ROUGH
    relief = np.fft.irfft2(waves, s=(_SIZE - 1, _SIZE - 1))
    heights = np.pad(relief / relief.std() * _RELIEF_M, (0, 1), mode="wrap") + 900
    file = folder / "N15E108.hgt"
    np.maximum(heights, 1).round().astype(">i2").tofile(file)
    return file


def rough_mosaic(folder: Path, tiles: list[Path], area: BoundingBox | None = None) -> Mosaic:
    """Import tiles and lay patches of trees and houses on them."""
    import_mosaic(folder, tiles, area=area, cell_m=30.0, is_surface=False)
    shape = open_mosaic(folder).cover.shape
    chance = np.random.default_rng(43)
    coarse = chance.random((shape[0] // 10 + 1, shape[1] // 10 + 1))
    patches = np.kron(coarse, np.ones((10, 10), np.float32))[: shape[0], : shape[1]]
    cover = np.full(shape, Cover.GRASS, np.uint8)
    cover[patches > 0.55] = Cover.TREES
    cover[patches > 0.93] = Cover.BUILT
    np.save(folder / "cover.npy", cover)
    return open_mosaic(folder)
