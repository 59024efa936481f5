"""Edges and the round earth: published losses over flat land, and what no profile may break."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import fresnel

from tests.rollout.radio.p1812.paths import hills, link, over
from tram.rollout.radio.p1812.climate import climate_of
from tram.rollout.radio.p1812.diffraction import (
    LAND,
    SEA_WATER,
    Surface,
    admittance,
    bullington_db,
    diffraction_of,
    first_term_db,
    knife_edge_db,
    spherical_db,
)
from tram.rollout.radio.p1812.geometry import geometry_of
from tram.rollout.radio.p1812.inputs import INLAND, SEA

RADIUS_KM = 8495.0


def diffraction(profile, what):
    climate = climate_of(profile, what)
    return diffraction_of(profile, what, climate, geometry_of(profile, what, climate))


def flat(length_km, step_km, **more):
    """Flat land of the P.452-18 reference, antennas at 10 m."""
    ends = {5: (51.17752, 42.531260), 100: (51.35034, 42.496465), 1000: (44.5034, 43.060611)}
    latitude, lapse_rate = ends[length_km]
    values = {"tx_height_m": 10, "centre_latitude_deg": latitude, **more}
    profile = over(np.zeros(round(length_km / step_km) + 1), length_km)
    return profile, link(lapse_rate_n_per_km=lapse_rate, **values)


@pytest.mark.parametrize(
    ("length_km", "step_km", "frequency", "loss"),
    [
        (5, 0.01, 0.25, 12.69951778),
        (5, 0.01, 0.5, 7.30775532),
        (5, 0.01, 1.0, 1.75163653),
        (5, 0.01, 2.0, 0.0),
        (100, 1, 0.1, 67.30014953),
        (100, 1, 0.5, 76.11124705),
        (100, 1, 5.0, 126.50485015),
        (1000, 1, 0.1, 434.86691598),
        (1000, 1, 2.0, 1115.24527085),
    ],
)
def test_flat_land_as_py452_publishes(length_km, step_km, frequency, loss):
    found = diffraction(*flat(length_km, step_km, frequency_ghz=frequency))
    assert found.median.spherical_db == pytest.approx(loss, rel=1e-6, abs=1e-6)
    assert found.median.loss_db == pytest.approx(loss, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("percent", "loss"),
    [(1, 60.26607136), (5, 70.96918507), (20, 84.95927210), (45, 97.42322572), (50, 99.60559847)],
)
def test_a_share_of_the_time_as_py452_publishes(percent, loss):
    found = diffraction(*flat(100, 1, frequency_ghz=2.0, time_percent=percent))
    assert found.loss_db == pytest.approx(loss, rel=1e-5)


@pytest.mark.parametrize(
    ("cover", "frequency", "loss"),
    [
        # Dense suburban 12 m and industrial 20 m near both ends of 5 km of flat land.
        ((0.05, 0.055, 12), 2.0, 43.26165162),
        ((0.05, 0.055, 12), 0.1, 40.88205197),
        ((0.05, 0.075, 20), 2.0, 57.27559854),
        ((0.05, 0.075, 20), 0.1, 55.03652482),
    ],
)
def test_clutter_near_the_terminals_as_py452_publishes(cover, frequency, loss):
    bare, what = flat(5, 0.01, frequency_ghz=frequency)
    near = np.minimum(bare.distance_km, 5 - bare.distance_km)
    first, last, height_m = cover
    profile = over(
        bare.ground_m, 5, clutter=height_m * ((near > first - 1e-6) & (near < last + 1e-6))
    )
    assert diffraction(profile, what).median.loss_db == pytest.approx(loss, rel=1e-6)


@given(st.floats(-0.7, 8))
def test_one_edge_follows_the_fresnel_integrals(nu):
    sine, cosine = fresnel(nu)
    exact = -20 * math.log10(math.hypot(1 - cosine - sine, cosine - sine) / 2)
    assert knife_edge_db(nu) == pytest.approx(exact, abs=0.5)


def test_the_end_of_an_edges_reach_makes_no_step():
    assert knife_edge_db(-0.78 + 1e-9) == pytest.approx(0, abs=0.01)


@given(hills, st.floats(0, 2000))
def test_lifting_all_of_the_country_changes_nothing(heights, lift):
    d, ground = np.linspace(0, 12, len(heights)), np.array(heights)
    ends = heights[0] + 30, heights[-1] + 10
    low = Surface(d, ground, *ends, RADIUS_KM, 0.1)
    high = Surface(d, ground + lift, ends[0] + lift, ends[1] + lift, RADIUS_KM, 0.1)
    assert bullington_db(high) == pytest.approx(bullington_db(low), abs=1e-6)


@given(hills, st.floats(0.05, 1))
def test_longer_waves_bend_more(heights, wavelength):
    d, ground = np.linspace(0, 12, len(heights)), np.array(heights)
    ends = heights[0] + 30, heights[-1] + 10
    short = bullington_db(Surface(d, ground, *ends, RADIUS_KM, wavelength))
    long = bullington_db(Surface(d, ground, *ends, RADIUS_KM, 1.3 * wavelength))
    edge_on = 6.03 + (1 - math.exp(-1.005)) * (10 + 0.02 * 12)
    if bullington_db(Surface(d, ground, *ends, RADIUS_KM, 1e-9)) > edge_on:  # hidden
        assert long <= short + 1e-9
    else:
        assert long >= short - 1e-9


@given(st.floats(0, 300), st.floats(1, 50), st.integers(1, 19))
def test_a_higher_hill_loses_more(height, more, place):
    d, ground = np.linspace(0, 12, 21), np.zeros(21)
    ground[place] = height
    low = bullington_db(Surface(d, ground, 30, 30, RADIUS_KM, 0.1))
    ground[place] += more
    assert bullington_db(Surface(d, ground, 30, 30, RADIUS_KM, 0.1)) >= low


@given(hills)
def test_nothing_in_the_way_is_ever_a_gain(heights):
    found = diffraction(over(heights), link())
    assert min(found.loss_db, found.median.loss_db, found.beta.loss_db) >= 0


def smooth(length_km, tx_m, rx_m, frequency=2.6, radius_km=RADIUS_KM):
    d = np.array([0, length_km / 2, length_km])
    return Surface(d, np.zeros(3), tx_m, rx_m, radius_km, 0.2998 / frequency)


def round_earth_db(length_km, tx_m, rx_m, frequency=2.6, **more):
    what = link(frequency_ghz=frequency, **more)
    return spherical_db(smooth(length_km, tx_m, rx_m, frequency), what, 0.0)


@given(st.floats(10, 200), st.floats(5, 100), st.floats(5, 100))
def test_the_round_earth_hides_more_the_farther_and_the_lower(length_km, tx_m, rx_m):
    loss = round_earth_db(length_km, tx_m, rx_m)
    assert round_earth_db(1.1 * length_km, tx_m, rx_m) >= loss
    assert round_earth_db(length_km, 1.1 * tx_m, rx_m) <= loss
    assert round_earth_db(length_km, rx_m, tx_m) == pytest.approx(loss, abs=1e-9)


@pytest.mark.parametrize(("tx_m", "rx_m"), [(30, 10), (10, 10), (80, 1.5)])
def test_the_horizon_makes_no_step(tx_m, rx_m):
    horizon_km = math.sqrt(2 * RADIUS_KM) * (math.sqrt(tx_m / 1000) + math.sqrt(rx_m / 1000))
    before, after = (round_earth_db(horizon_km * f, tx_m, rx_m) for f in (1 - 1e-7, 1 + 1e-7))
    assert before == pytest.approx(after, abs=0.01)
    assert before > 10
    beyond_km = 1.05 * horizon_km
    residue_db = first_term_db(beyond_km, (tx_m, rx_m), RADIUS_KM, link(), 0.0)
    assert round_earth_db(beyond_km, tx_m, rx_m) == residue_db


def test_salt_water_carries_low_vertical_waves_farther():
    def first(sea, polarisation, frequency=0.05):
        what = link(frequency_ghz=frequency, polarisation=polarisation)
        return first_term_db(80, (10, 10), RADIUS_KM, what, sea)

    assert first(1, "vertical") < first(0, "vertical") - 10
    assert first(1, "horizontal") == pytest.approx(first(0, "horizontal"), abs=1)
    assert first(0.25, "vertical") == pytest.approx(
        0.25 * first(1, "vertical") + 0.75 * first(0, "vertical")
    )
    assert first(1, "vertical", 5.0) == pytest.approx(first(0, "vertical", 5.0), abs=1)


@given(st.floats(0.03, 6), st.sampled_from([LAND, SEA_WATER]))
def test_ground_counts_more_for_vertical_waves(frequency, ground):
    upright = admittance(RADIUS_KM, frequency, "vertical", ground)
    assert upright > admittance(RADIUS_KM, frequency, "horizontal", ground) > 0
    assert upright > admittance(2 * RADIUS_KM, frequency, "vertical", ground)


def test_a_mixed_path_lies_between_land_and_sea():
    what = link(frequency_ghz=0.05, tx_height_m=10)
    zones = [[INLAND] * 81, [INLAND] * 40 + [SEA] * 41, [SEA] * 81]
    losses = [diffraction(over(np.zeros(81), 80, zone=zone), what).loss_db for zone in zones]
    assert losses[0] > losses[1] > losses[2]
