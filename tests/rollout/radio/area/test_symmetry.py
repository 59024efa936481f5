"""What the map model obeys on any ground: turning, lifting, nearness, nothing gained by hills."""

import math

import numpy as np
import pytest

from tram.rollout.radio.area.gather import near_losses, path_loss
from tram.rollout.radio.area.model import FAR_M, NEAR_M
from tram.rollout.radio.area.sweep import Radio, SiteTerrain, polar_sweep, stride_at
from tram.rollout.radio.free_space import free_space_db
from tram.rollout.radio.tr38901 import Environment, SiteSurroundings, path_loss_db

CELL_KM = 0.03
SIZE = 81
MIDDLE = SIZE / 2
RADIO = Radio(frequency_ghz=3.75, tx_height_m=30, radius_km=1.1)


def country(ground=None, clutter=None) -> SiteTerrain:
    """Ground with the mast in the middle of the middle cell."""
    nothing = np.zeros((SIZE, SIZE), np.float32)
    ground = nothing if ground is None else ground.astype(np.float32)
    clutter = nothing if clutter is None else clutter.astype(np.float32)
    return SiteTerrain(ground, clutter, MIDDLE, MIDDLE, CELL_KM)


def rough(seed=1, height=40.0):
    """Hills of a few hundred metres' width."""
    coarse = np.random.default_rng(seed).random((SIZE // 8 + 2, SIZE // 8 + 2)) * height
    wide = np.kron(coarse, np.ones((8, 8)))
    smooth = sum(np.roll(wide, (a, b), (0, 1)) for a in range(-3, 4) for b in range(-3, 4)) / 49
    return smooth[8 : 8 + SIZE, 8 : 8 + SIZE]


def losses(field, radio=RADIO, environment=Environment.RURAL):
    return path_loss(field, radio, near_losses(radio, environment))


def metres_away():
    across = (np.arange(SIZE) + 0.5 - MIDDLE) * CELL_KM * 1000
    return np.hypot(across[None, :], across[:, None])


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_turned_country_gives_a_turned_map(turns):
    ground = rough()
    plain = losses(country(ground))
    turned = losses(country(np.rot90(ground, turns)))
    back = np.rot90(turned, -turns)
    assert np.array_equal(np.isnan(back), np.isnan(plain))
    # Azimuths are read within a millionth of a turn.
    assert np.nanmax(np.abs(back - plain)) < 0.01


def test_country_in_a_mirror_gives_a_map_in_a_mirror():
    ground, cover = rough(2), np.round(rough(3, 1)) * 10
    plain = losses(country(ground, cover))
    mirrored = losses(country(ground[:, ::-1].copy(), cover[:, ::-1].copy()))[:, ::-1]
    assert np.nanmax(np.abs(mirrored - plain)) < 0.01


def test_lifted_country_gives_the_same_map():
    ground = rough(4)
    plain, lifted = losses(country(ground)), losses(country(ground + 1500))
    assert np.nanmax(np.abs(lifted - plain)) < 0.02, "heights are float32"


def test_over_flat_open_ground_all_directions_are_alike_and_farther_loses_more():
    plain = losses(country())
    away = metres_away()
    order = np.argsort(away[~np.isnan(plain)], kind="stable")
    along = plain[~np.isnan(plain)][order]
    assert np.nanmin(np.diff(along)) > -0.1
    ring = plain[(away > 900) & (away < 905)]
    assert len(ring) > 3
    assert np.ptp(ring) < 0.1


def test_close_to_the_mast_is_the_model_of_short_paths_alone():
    plain = losses(country())
    away = metres_away()
    place = SiteSurroundings(30, 1.5)
    for row, column in np.argwhere((away > 60) & (away < NEAR_M)):
        metres = away[row, column]
        wanted = path_loss_db(Environment.RURAL, place, 3.75, metres, sight=True)
        assert plain[row, column] == pytest.approx(wanted, abs=0.01)


def test_beyond_the_border_nothing_of_the_short_model_is_left():
    """Flat ground has one diffraction there, whatever stands around the mast."""
    away = metres_away()
    maps = [losses(country(), environment=kind) for kind in Environment]
    beyond = away >= FAR_M + 30
    for other in maps[1:]:
        assert np.array_equal(other[beyond], maps[0][beyond], equal_nan=True)
        assert (other[away < NEAR_M] != maps[0][away < NEAR_M]).any()


def test_the_radius_ends_the_map():
    plain = losses(country())
    away = metres_away()
    assert np.isfinite(plain[away <= 1000 * RADIO.radius_km]).all()
    assert np.isnan(plain[away > 1000 * RADIO.radius_km + 1]).all()


@pytest.mark.parametrize(("row", "column"), [(40, 43), (40, 47), (30, 60)])
def test_nothing_is_said_of_unknown_ground_near_or_far(row, column):
    ground = np.zeros((SIZE, SIZE))
    ground[row, column] = np.nan
    found = losses(country(ground))
    assert np.isnan(found[row, column])
    assert np.isfinite(found[40, 41]), "before it all is known"


def test_of_a_mast_on_unknown_ground_nothing_is_said():
    ground = np.zeros((SIZE, SIZE))
    ground[SIZE // 2, SIZE // 2] = np.nan
    assert np.isnan(losses(country(ground))).all()


def test_no_cell_beyond_the_short_model_loses_less_than_free_space():
    ground = rough(5, 120)
    plain = losses(country(ground))
    away = metres_away()
    middle = SIZE // 2
    rise = (ground + 1.5 - ground[middle, middle] - 30) / 1000
    for row, column in np.argwhere((away > FAR_M) & np.isfinite(plain)):
        slant_km = math.hypot(away[row, column] / 1000, rise[row, column])
        assert plain[row, column] >= free_space_db(3.75, slant_km) - 0.01


def test_a_wall_throws_a_shadow_away_from_the_mast_only():
    ground = np.zeros((SIZE, SIZE))
    open_ground = losses(country(ground))
    ground[:, 60] = 60
    walled = losses(country(ground))
    middle = SIZE // 2
    assert (walled[middle, 63:72] > open_ground[middle, 63:72] + 15).all()
    assert walled[middle, 10:30] == pytest.approx(open_ground[middle, 10:30], abs=1e-3)


def test_clutter_hides_as_ground_of_its_height_would():
    """But the receiver stands on the ground below it."""
    row = np.zeros((SIZE, SIZE))
    row[:, 58:61] = 25
    trees = losses(country(clutter=row))
    hill = losses(country(ground=row))
    middle = SIZE // 2
    assert trees[middle, 68] > losses(country())[middle, 68] + 5
    assert trees[middle, 68] == pytest.approx(hill[middle, 68], abs=4)


def test_sight_ends_behind_a_wall_and_not_before():
    ground = np.zeros((SIZE, SIZE))
    ground[:, 60] = 60
    sweep = polar_sweep(country(ground), RADIO)
    east = sweep.loss.shape[0] // 4
    assert sweep.tx_m == 30
    assert sweep.sight[east, 2:19].all()
    assert not sweep.sight[east, 21:36].any()
    west = 3 * east
    assert sweep.sight[west, 2:36].all()


@pytest.mark.parametrize(
    ("sample", "stride"), [(64, 1), (33, 1), (32, 2), (17, 2), (16, 4), (2, 32), (1, 64), (0, 64)]
)
def test_inner_rings_need_fewer_rays(sample, stride):
    assert stride_at(sample, 64) == stride


@pytest.mark.parametrize("environment", list(Environment))
def test_a_very_low_mast_has_a_table_too(environment):
    near = near_losses(Radio(frequency_ghz=0.778, tx_height_m=0.5), environment)
    assert np.isfinite(near.sight).all()
    assert (near.no_sight >= near.sight).all()
    assert len(near.sight) == int(FAR_M) + 2
