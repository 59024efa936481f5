"""What part of a path is sea, and how often the air ducts over it (P.1812-8 §3.2-3.7)."""

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rollout.radio.p1812.paths import link, mirrored, over
from tram.rollout.radio.p1812.climate import climate_of
from tram.rollout.radio.p1812.inputs import COASTAL, INLAND, SEA
from tram.rollout.radio.p1812.normal import inverse_normal, time_interpolation

ZONES = st.lists(st.sampled_from([SEA, COASTAL, INLAND]), min_size=3, max_size=40)


def climate(zone, length_km=40.0, **more):
    return climate_of(over(np.zeros(len(zone)), length_km, zone=zone), link(**more))


@pytest.mark.parametrize(
    ("length_km", "latitude", "beta0"),
    [
        # P.452-18 reference rows over flat land: 5 km, 100 km and 1000 km along a meridian.
        (5.0, 51.17752, 6.950436),
        (100.0, 51.35034, 1.192048),
        (1000.0, 44.5034, 1.911738),
    ],
)
def test_how_often_air_ducts_over_land_as_published(length_km, latitude, beta0):
    found = climate([INLAND] * 5, length_km, centre_latitude_deg=latitude)
    assert found.beta0_percent == pytest.approx(beta0, rel=2e-5)
    assert found.inland_km_max == found.land_km_max == length_km


@given(ZONES)
def test_land_and_sea_make_up_the_path(zone):
    found = climate(zone)
    at_land = climate([SEA if z != SEA else INLAND for z in zone])
    assert found.sea_share + at_land.sea_share == pytest.approx(1)
    assert 0 <= found.inland_km_max <= found.land_km_max <= 40 + 1e-9
    assert found.land_km_max <= 40 * (1 - found.sea_share) + 1e-9


@given(ZONES, st.floats(-89, 89))
def test_neither_direction_nor_hemisphere_matters(zone, latitude):
    profile = over(np.zeros(len(zone)), 40, zone=zone)
    there = climate_of(profile, link(centre_latitude_deg=latitude))
    back = climate_of(mirrored(profile), link(centre_latitude_deg=-latitude))
    assert there.sea_share == pytest.approx(back.sea_share)
    assert there.land_km_max == pytest.approx(back.land_km_max)
    assert there.beta0_percent == pytest.approx(back.beta0_percent)


def test_coasts_are_land_but_not_inland():
    found = climate([INLAND, INLAND, COASTAL, SEA, COASTAL])
    # Four steps of 10 km; a run reaches half a step into its neighbours.
    assert (found.inland_km_max, found.land_km_max) == (15, 25)
    assert found.sea_share == pytest.approx(10 / 40)


@given(st.floats(1, 300), st.floats(0, 70))
def test_longer_land_ducts_less_and_the_sea_most(length_km, latitude):
    land = climate([INLAND] * 4, length_km, centre_latitude_deg=latitude)
    more = climate([INLAND] * 4, 1.2 * length_km, centre_latitude_deg=latitude)
    sea = climate([SEA] * 4, length_km, centre_latitude_deg=latitude)
    assert more.tau >= land.tau
    if latitude <= 53:  # beyond, the exponent of eq. 4 turns round
        assert sea.beta0_percent >= land.beta0_percent
    assert sea.beta0_percent == pytest.approx(10 ** (1.67 - 0.015 * latitude))
    assert sea.tau == 0


def test_the_seventieth_parallel_makes_no_step():
    below, above = (
        climate([INLAND] * 4, 50, centre_latitude_deg=latitude).beta0_percent
        for latitude in (70, 70.000001)
    )
    assert above == pytest.approx(below, rel=0.01)


@pytest.mark.parametrize(
    ("lapse_rate", "radius_km"), [(0, 6371), (39.25, 6371 * 4 / 3), (78.5, 2 * 6371)]
)
def test_the_earth_grows_with_the_lapse_rate(lapse_rate, radius_km):
    found = climate([INLAND] * 4, lapse_rate_n_per_km=lapse_rate)
    assert found.earth_radius_km == pytest.approx(radius_km)
    assert found.earth_radius_beta_km == 3 * 6371


@given(st.floats(1e-4, 1 - 1e-4))
def test_the_normal_distribution_is_met_within_what_the_recommendation_promises(share):
    exact = NormalDist().inv_cdf(1 - share)
    assert inverse_normal(share) == pytest.approx(exact, abs=5.4e-4)
    assert inverse_normal(1 - share) == pytest.approx(-inverse_normal(share), abs=2e-3)


def test_the_tails_of_the_normal_distribution_end():
    assert inverse_normal(1e-9) == inverse_normal(1e-6)
    assert inverse_normal(0.5) == pytest.approx(0, abs=5e-4)


@given(st.floats(0.1, 49), st.floats(0.01, 49.9))
def test_time_goes_from_the_median_to_the_ducting_case(beta0, percent):
    share = time_interpolation(percent, beta0)
    assert 0 <= share <= 1
    assert time_interpolation(percent + 0.1, beta0) <= share
    assert time_interpolation(beta0, beta0) == 1
    assert time_interpolation(beta0 + 1e-9, beta0) == pytest.approx(1, abs=1e-6)
    assert time_interpolation(50, beta0) == 0


def test_the_median_makes_no_step():
    assert time_interpolation(50 - 1e-9, 5) == pytest.approx(0, abs=1e-3)
