"""The radial sweep against the scalar reference, on rough random ground with clutter."""

import math

import numpy as np
import pytest

from tram.rollout.radio import tr38901
from tram.rollout.radio.area.gather import near_losses, path_loss
from tram.rollout.radio.area.model import FAR_M, NEAR_M
from tram.rollout.radio.area.sweep import Radio, SiteTerrain, polar_sweep, stride_at
from tram.rollout.radio.p1812.diffraction import delta_bullington
from tram.rollout.radio.p1812.geometry import geometry_of
from tram.rollout.radio.p1812.inputs import INLAND, PathParameters, PathProfile

CELL_KM = 0.03


def ground_of(seed: int, size: int, roughness: float, *, clutter: bool = True) -> SiteTerrain:
    """Fractal ground with patches of clutter, the transmitter near the middle."""
    chance = np.random.default_rng(seed)
    waves = np.fft.rfft2(chance.standard_normal((size, size)))
    fy, fx = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :]
    relief = np.fft.irfft2(waves * np.maximum(np.hypot(fy, fx), 1 / size) ** -2.0, s=(size, size))
    patches = np.kron(chance.random((size // 8 + 1, size // 8 + 1)) > 0.6, np.ones((8, 8)))
    cover = patches[:size, :size] * 12.0 * clutter
    return SiteTerrain(
        (relief / relief.std() * roughness + 4 * roughness).astype(np.float32),
        cover.astype(np.float32),
        size / 2 + 0.3,
        size / 2 + 0.6,
        CELL_KM,
    )


def bilinear(heights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    x, y = x - 0.5, y - 0.5
    left, top = x.astype(int), y.astype(int)
    fx, fy = x - left, y - top
    upper = heights[top, left] * (1 - fx) + heights[top, left + 1] * fx
    lower = heights[top + 1, left] * (1 - fx) + heights[top + 1, left + 1] * fx
    return upper.astype(float) * (1 - fy) + lower.astype(float) * fy


def reference(field: SiteTerrain, radio: Radio, columns: np.ndarray, rows: np.ndarray) -> float:
    """Delta-Bullington of one path by the scalar way."""
    n = len(columns) - 1
    length = math.hypot(columns[-1] - columns[0], rows[-1] - rows[0]) * field.cell_km
    profile = PathProfile(
        np.linspace(0, length, n + 1),
        bilinear(field.ground, columns, rows),
        bilinear(field.clutter, columns, rows),
        np.full(n + 1, INLAND, np.uint8),
    )
    link = PathParameters(
        frequency_ghz=radio.frequency_ghz,
        tx_height_m=radio.tx_height_m,
        rx_height_m=radio.rx_height_m,
        lapse_rate_n_per_km=157 - 157 * 6371 / radio.earth_radius_km,
    )

    class Climate:
        earth_radius_km = radio.earth_radius_km

    geometry = geometry_of(profile, link, Climate)
    return delta_bullington(profile, link, geometry, radio.earth_radius_km, 0.0).loss_db


@pytest.mark.parametrize(
    ("seed", "roughness", "frequency", "height"),
    [
        (1, 60, 3.75, 30),
        (2, 60, 0.778, 50),
        (3, 2, 2.55, 30),
        (4, 0.01, 3.75, 12),
        (5, 9, 3.75, 80),
    ],
)
def test_path_ends_equal_the_scalar_reference(seed, roughness, frequency, height):
    field = ground_of(seed, 180, roughness)
    radio = Radio(frequency_ghz=frequency, tx_height_m=height, radius_km=2.4)
    sweep = polar_sweep(field, radio)
    rays, width = sweep.loss.shape
    chance = np.random.default_rng(seed)
    worst, compared, clear = 0.0, 0, 0
    for ray, i in zip(chance.integers(0, rays, 300), chance.integers(2, width, 300), strict=True):
        if np.isnan(sweep.loss[ray, i]):
            continue
        angle = 2 * math.pi * ray / rays
        along = np.arange(i + 1)
        columns = field.column + along * math.sin(angle)
        rows = field.row - along * math.cos(angle)
        wanted = reference(field, radio, columns, rows)
        worst = max(worst, abs(wanted - sweep.loss[ray, i]))
        compared += 1
        clear += bool(sweep.sight[ray, i])
    assert compared > 100
    assert worst <= 1e-6


def test_far_paths_beyond_the_smooth_horizon_too():
    field = ground_of(6, 200, 0.5)._replace(cell_km=0.4)
    radio = Radio(frequency_ghz=0.778, tx_height_m=15, radius_km=38)
    sweep = polar_sweep(field, radio)
    rays, width = sweep.loss.shape
    for ray in range(1, rays, 97):
        for i in (width - 1, width - 7):
            angle = 2 * math.pi * ray / rays
            along = np.arange(i + 1)
            columns = field.column + along * math.sin(angle)
            rows = field.row - along * math.cos(angle)
            wanted = reference(field, radio, columns, rows)
            assert sweep.loss[ray, i] == pytest.approx(wanted, abs=1e-6)


def test_every_sample_that_is_read_was_computed():
    field = ground_of(7, 120, 20)
    sweep = polar_sweep(field, Radio(frequency_ghz=3.75, tx_height_m=30, radius_km=1.5))
    rays, width = sweep.loss.shape
    for i in range(2, width):
        stride = stride_at(i, width - 1)
        assert np.isfinite(sweep.loss[::stride, i]).all()
        assert stride * 2 * math.pi * i / rays <= 1.3, "neighbours drift a cell apart at most"


def test_grid_follows_a_profile_per_cell():
    field = ground_of(8, 240, 60)
    radio = Radio(frequency_ghz=3.75, tx_height_m=30, radius_km=3.4)
    grid = path_loss(field, radio, near_losses(radio, tr38901.Environment.RURAL))
    chance = np.random.default_rng(8)
    errors = []
    for row, column in chance.integers(0, 240, (600, 2)):
        x, y = column + 0.5, row + 0.5
        cells = math.hypot(x - field.column, y - field.row)
        if np.isnan(grid[row, column]) or cells * CELL_KM * 1000 < FAR_M:
            continue
        along = np.linspace(0, 1, round(cells) + 1)
        columns = field.column + along * (x - field.column)
        rows = field.row + along * (y - field.row)
        rise = (
            field.ground[row, column]
            + 1.5
            - bilinear(field.ground, np.array([field.column]), np.array([field.row]))[0]
            - 30
        )
        free = 92.4 + 20 * math.log10(3.75 * math.hypot(cells * CELL_KM, rise / 1000))
        errors.append(grid[row, column] - free - reference(field, radio, columns, rows))
    assert len(errors) > 200
    assert math.sqrt(np.mean(np.square(errors))) <= 1.5
    assert abs(np.mean(errors)) <= 0.2


def test_no_ring_where_the_models_meet():
    flat = ground_of(9, 60, 0.0, clutter=False)
    radio = Radio(frequency_ghz=3.75, tx_height_m=30, radius_km=0.8)
    grid = path_loss(flat, radio, near_losses(radio, tr38901.Environment.RURAL))
    row = grid[int(flat.row)]
    metres = np.abs(np.arange(60) + 0.5 - flat.column) * 1000 * CELL_KM
    around = (metres > NEAR_M - 60) & (metres < FAR_M + 60)
    order = np.argsort(metres[around])
    assert np.abs(np.diff(row[around][order])).max() < 3


def test_beyond_unknown_ground_nothing_is_said():
    field = ground_of(10, 120, 20)
    ground = field.ground.copy()
    ground[:, 80:84] = np.nan
    radio = Radio(frequency_ghz=3.75, tx_height_m=30, radius_km=1.5)
    grid = path_loss(
        field._replace(ground=ground), radio, near_losses(radio, tr38901.Environment.RURAL)
    )
    assert np.isnan(grid[60, 85:105]).all()
    assert np.isfinite(grid[60, 20:70]).all()
