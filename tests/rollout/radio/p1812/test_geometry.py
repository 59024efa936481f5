"""Horizons, angles and the smooth earth under a path (P.1812-8 Annex 1 Attachment 1)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rollout.radio.p1812.paths import hills, link, mirrored, over
from tram.rollout.radio.p1812.climate import climate_of
from tram.rollout.radio.p1812.geometry import Geometry, geometry_of, smooth_earth_of


def geometry(profile, **more) -> Geometry:
    what = link(**more)
    return geometry_of(profile, what, climate_of(profile, what))


def test_flat_land_beyond_the_horizon_as_py452_publishes():
    # test_result_flat_land_100km.csv: theta_t, theta_r, theta, dlt; ae 8735.511968.
    flat = over(np.zeros(101), 100)
    found = geometry(flat, tx_height_m=10, lapse_rate_n_per_km=42.496465)
    assert found.is_beyond_horizon
    assert found.tx_horizon_mrad == pytest.approx(-1.513319, abs=1e-6)
    assert found.rx_horizon_mrad == pytest.approx(-1.513319, abs=1e-6)
    assert found.scatter_mrad == pytest.approx(8.420888, abs=1e-6)
    assert (found.tx_horizon_km, found.rx_horizon_km) == (13, 13)


def test_flat_land_in_sight_as_py452_publishes():
    found = geometry(over(np.zeros(501), 5), tx_height_m=10, lapse_rate_n_per_km=42.531260)
    assert not found.is_beyond_horizon
    assert found.tx_horizon_mrad == pytest.approx(-0.286101, abs=1e-6)
    assert found.scatter_mrad == pytest.approx(0, abs=1e-6)
    assert found.tx_horizon_km == found.rx_horizon_km == 2.5, "where the ray is lowest"
    assert found.roughness_m == 0


@given(st.floats(-20, 20), st.floats(0, 500), st.integers(3, 40))
def test_a_slope_is_its_own_smooth_earth(per_km, start_m, points):
    d = np.linspace(0, 25, points)
    found = smooth_earth_of(d, start_m + per_km * d, start_m + 30, start_m + 25 * per_km + 30)
    assert found.fit_tx_m == pytest.approx(start_m, abs=1e-6)
    assert found.fit_rx_m == pytest.approx(start_m + 25 * per_km, abs=1e-6)


@given(hills, st.floats(0, 1000))
def test_lifting_the_country_lifts_the_smooth_earth(heights, lift):
    d, h = np.linspace(0, 25, len(heights)), np.array(heights)
    low = smooth_earth_of(d, h, h[0] + 30, h[-1] + 10)
    high = smooth_earth_of(d, h + lift, h[0] + lift + 30, h[-1] + lift + 10)
    for field in ("fit_tx_m", "fit_rx_m", "diffraction_tx_m", "diffraction_rx_m"):
        assert getattr(high, field) == pytest.approx(getattr(low, field) + lift, abs=1e-6)


@given(hills)
def test_antennas_stand_above_the_smooth_earth(heights):
    found = geometry(over(heights, 25))
    assert found.tx_m - found.smooth.diffraction_tx_m >= 30 - 1e-9
    assert found.rx_m - found.smooth.diffraction_rx_m >= 10 - 1e-9
    assert found.effective_tx_m >= 30 - 1e-9
    assert found.effective_rx_m >= 10 - 1e-9


@given(hills)
def test_seen_from_the_other_end_all_is_exchanged(heights):
    profile = over(heights, 25)
    there = geometry(profile)
    back = geometry(mirrored(profile), tx_height_m=10, rx_height_m=30)
    assert there.is_beyond_horizon == back.is_beyond_horizon
    for one, other in (
        (there.tx_horizon_mrad, back.rx_horizon_mrad),
        (there.scatter_mrad, back.scatter_mrad),
        (there.effective_tx_m, back.effective_rx_m),
        (there.smooth.diffraction_rx_m, back.smooth.diffraction_tx_m),
    ):
        assert one == pytest.approx(other, abs=1e-6)


@pytest.mark.parametrize(
    ("height", "is_hidden"), [(15, False), (19, False), (21, True), (80, True)]
)
def test_a_ridge_hides_what_lies_behind_it(height, is_hidden):
    ground = np.zeros(101)
    ground[50] = height  # the line from 30 m to 10 m passes at 20 m, less 1 mm of bulge
    found = geometry(over(ground, 0.25))
    assert found.is_beyond_horizon is is_hidden
    if is_hidden:
        assert found.tx_horizon_km == found.rx_horizon_km == pytest.approx(0.125)
        # Two straight lines over the ridge: their angles by hand.
        up = 1e3 * math.atan((height - 30) / 125 - 0.125 / (2 * found_radius()))
        assert found.tx_horizon_mrad == pytest.approx(up, abs=1e-6)


def found_radius() -> float:
    return 6371 * 157 / (157 - 45)


def test_between_two_ridges_the_ground_is_as_rough_as_it_rises():
    ground = np.zeros(101)
    ground[20], ground[50], ground[80] = 300, 60, 300
    found = geometry(over(ground, 50))
    assert (found.tx_horizon_km, found.rx_horizon_km) == (10, 10)
    assert found.roughness_m >= 300 - 1e-6, "the ridges themselves count"
