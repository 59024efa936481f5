"""What must hold whatever the ground: knife edge, flat earth, reciprocity, limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.rollout.radio.p1812.diffraction import (
    Surface,
    bullington_db,
    knife_edge_db,
    spherical_db,
)
from tram.rollout.radio.p1812.inputs import INLAND, PathParameters, PathProfile
from tram.rollout.radio.p1812.prediction import predict
from tram.runtime.errors import Refused

LINK = PathParameters(frequency_ghz=2.6, tx_height_m=30, rx_height_m=10)
NO_CURVE_KM = 1e12


def test_one_knife_edge_is_the_closed_form():
    d = np.linspace(0, 10, 101)
    ground = np.zeros(101)
    ground[50] = 200.0
    wavelength = LINK.wavelength_m
    path = Surface(d, ground, 30, 30, NO_CURVE_KM, wavelength)
    nu = 170 * math.sqrt(0.002 * 10 / (wavelength * 25))
    edge = 6.9 + 20 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1) + nu - 0.1)
    whole = edge + (1 - math.exp(-edge / 6)) * (10 + 0.02 * 10)
    assert bullington_db(path) == pytest.approx(whole, abs=1e-9)


def test_flat_earth_far_below_loses_nothing():
    d = np.linspace(0, 2, 68)
    flat = Surface(d, np.zeros(68), 300, 300, NO_CURVE_KM, LINK.wavelength_m)
    assert bullington_db(flat) == 0
    assert spherical_db(flat, LINK, 0.0) == 0


def test_knife_edge_is_nought_where_clear_and_never_falls():
    assert knife_edge_db(-0.78) == 0
    assert knife_edge_db(0) == pytest.approx(6.03, abs=0.01)
    losses = [knife_edge_db(nu) for nu in np.linspace(-2, 5, 200)]
    assert losses == sorted(losses)


@given(
    st.lists(st.floats(0, 400), min_size=5, max_size=60),
    st.floats(0.3, 30),
    st.sampled_from([0.7, 2.6, 3.75, 6.0]),
)
def test_both_ways_lose_the_same(heights, length_km, frequency):
    ground = np.array(heights)
    d = np.linspace(0, length_km, len(ground))
    clutter = np.where(np.arange(len(ground)) % 3 == 0, 12.0, 0.0)
    zone = np.full(len(ground), INLAND, np.uint8)
    one = PathParameters(frequency_ghz=frequency, tx_height_m=25, rx_height_m=4)
    other = PathParameters(frequency_ghz=frequency, tx_height_m=4, rx_height_m=25)
    there = predict(PathProfile(d, ground, clutter, zone), one)
    back = predict(PathProfile(d, ground[::-1], clutter[::-1], zone), other)
    assert there.diffraction.median.loss_db == pytest.approx(
        back.diffraction.median.loss_db, abs=1e-6
    )


def test_less_time_never_loses_more():
    ground = 50 * np.sin(np.linspace(0, 9, 120)) + 60
    profile = PathProfile(
        np.linspace(0, 40, 120), ground, np.zeros(120), np.full(120, INLAND, np.uint8)
    )
    losses = [
        predict(
            profile,
            PathParameters(
                frequency_ghz=2.6, tx_height_m=30, rx_height_m=10, time_percent=percent
            ),
        ).loss_db
        for percent in (1, 5, 20, 50)
    ]
    assert losses == sorted(losses)


def test_unknown_ground_and_ranges_are_refused_together():
    ground = np.array([1.0, np.nan, 3.0])
    profile = PathProfile(
        np.array([0, 0.05, 0.1]), ground, np.zeros(3), np.full(3, INLAND, np.uint8)
    )
    with pytest.raises(Refused) as caught:
        predict(profile, PathParameters(frequency_ghz=8, tx_height_m=30, rx_height_m=1.5))
    assert {fault.field for fault in caught.value.faults} == {
        "frequency_ghz",
        "distance_km",
        "profile",
    }
