"""The plain arithmetic of the kernels against the library's: logarithms, roots, arcs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.rollout.radio.area.compiled import compiled
from tram.rollout.radio.area.gather import _turn
from tram.rollout.radio.area.logarithms import exp2, log2
from tram.rollout.radio.area.losses import _SINE


@compiled
def logarithms(values: np.ndarray) -> np.ndarray:
    found = np.empty_like(values)
    for i in range(len(values)):
        found[i] = log2(values[i])
    return found


@compiled
def powers(values: np.ndarray) -> np.ndarray:
    found = np.empty_like(values)
    for i in range(len(values)):
        found[i] = exp2(values[i])
    return found


@compiled
def turns(across: np.ndarray, down: np.ndarray) -> np.ndarray:
    found = np.empty_like(across)
    for i in range(len(across)):
        found[i] = _turn(across[i], down[i])
    return found


@given(st.lists(st.floats(1e-300, 1e300), min_size=1, max_size=20))
def test_logarithms_are_those_of_the_library(values):
    values = np.array(values)
    assert logarithms(values) == pytest.approx(np.log2(values), rel=1e-11, abs=1e-11)


@pytest.mark.parametrize("value", [0.5, 1.0, 2.0, 2.0**-1000, math.sqrt(0.5), math.sqrt(2)])
def test_logarithms_where_the_mantissa_turns_over(value):
    around = np.array([math.nextafter(value, 0), value, math.nextafter(value, math.inf)])
    assert logarithms(around) == pytest.approx(np.log2(around), rel=1e-11, abs=1e-11)
    assert (np.diff(logarithms(around)) >= -1e-11).all()


@given(st.lists(st.floats(-1000, 1000), min_size=1, max_size=20))
def test_powers_are_those_of_the_library(values):
    values = np.array(values)
    assert powers(values) == pytest.approx(np.exp2(values), rel=1e-10)


@given(st.floats(-900, 900))
def test_a_power_undoes_a_logarithm(value):
    assert logarithms(powers(np.array([value])))[0] == pytest.approx(value, rel=1e-10, abs=1e-10)


@given(st.floats(0, 1))
def test_a_third_of_an_angle(y):
    root = math.sqrt(1 - y)
    assert np.polyval(_SINE, root) == pytest.approx(math.sin(math.asin(y) / 3), abs=1e-8)


@given(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4))
def test_an_azimuth_counts_from_north_to_the_east(across, down):
    if math.hypot(across, down) < 1e-6:
        return
    found = turns(np.array([across]), np.array([down]))[0]
    exact = math.atan2(across, -down) / (2 * math.pi) % 1
    assert abs((found - exact + 0.5) % 1 - 0.5) * 2 * math.pi < 2e-6


@pytest.mark.parametrize(
    ("across", "down", "turn"), [(0, -1, 0), (1, 0, 0.25), (0, 1, 0.5), (-1, 0, 0.75)]
)
def test_the_four_winds(across, down, turn):
    assert turns(np.array([float(across)]), np.array([float(down)]))[0] == pytest.approx(
        turn, abs=1e-6
    )
