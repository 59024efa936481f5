"""Loss into buildings by P.2109-2: its medians by hand, its spread, and its limits."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.rollout.radio.p2109 import EFFICIENT, TRADITIONAL, entry_loss_db
from tram.runtime.errors import Refused

FREQUENCIES = st.floats(0.08, 100)


@pytest.mark.parametrize(
    ("frequency", "building", "median"),
    [
        # Eq. 1 with Table 1 at P = 50 %: the sum of the two medians and of -3 dB.
        (10.0, TRADITIONAL, 10 * math.log10(10**1.732 + 10**0.61 + 10**-0.3)),
        (10.0, EFFICIENT, 10 * math.log10(10**3.367 + 10**2.49 + 10**-0.3)),
        (1.0, EFFICIENT, 10 * math.log10(10**2.819 + 10**2.78 + 10**-0.3)),
    ],
)
def test_half_of_the_buildings_by_hand(frequency, building, median):
    assert entry_loss_db(frequency, 50, building) == pytest.approx(median, abs=1e-9)


def test_nine_in_ten_by_hand():
    # F^-1(0.9) = 1.281552; at 1 GHz the logarithms are nought.
    first, second = 1.281552 * 9.6 + 12.64, 1.281552 * 4.5 + 9.1
    by_hand = 10 * math.log10(10 ** (first / 10) + 10 ** (second / 10) + 10**-0.3)
    assert entry_loss_db(1.0, 90) == pytest.approx(by_hand, abs=1e-4)


@given(FREQUENCIES, st.floats(1, 98), st.sampled_from([TRADITIONAL, EFFICIENT]))
def test_more_buildings_lose_more_and_none_less_than_three_decibels_of_gain(
    frequency, percent, building
):
    loss = entry_loss_db(frequency, percent, building)
    assert -3 < loss < entry_loss_db(frequency, percent + 1, building)


@given(FREQUENCIES)
def test_foil_and_metallised_glass_keep_more_out(frequency):
    assert entry_loss_db(frequency, 50, EFFICIENT) > entry_loss_db(frequency, 50, TRADITIONAL)


@given(FREQUENCIES, st.floats(0, 85))
def test_steeper_waves_lose_more_from_above_as_from_below(frequency, elevation):
    above = entry_loss_db(frequency, 50, elevation_deg=elevation)
    assert above == entry_loss_db(frequency, 50, elevation_deg=-elevation)
    assert entry_loss_db(frequency, 50, elevation_deg=elevation + 5) > above


def test_straight_from_above_by_hand():
    # Eq. 9: 0.212 dB per degree on the first of the parts.
    by_hand = 10 * math.log10(10 ** ((17.32 + 0.212 * 90) / 10) + 10**0.61 + 10**-0.3)
    assert entry_loss_db(10, 50, elevation_deg=90) == pytest.approx(by_hand, abs=1e-9)


@pytest.mark.parametrize(
    ("field", "held", "beyond"),
    [
        ("frequency_ghz", 0.08, 0.079),
        ("frequency_ghz", 100, 100.1),
        ("percent", 0.01, 0),
        ("percent", 99.99, 100),
        ("percent", 50, math.nan),
    ],
)
def test_each_limit_holds_on_its_inner_edge_and_names_its_field_beyond(field, held, beyond):
    values = {"frequency_ghz": 3.5, "percent": 50}
    assert math.isfinite(entry_loss_db(**{**values, field: held}))
    with pytest.raises(Refused, match=r"P\.2109 holds for 0\.08-100 GHz") as caught:
        entry_loss_db(**{**values, field: beyond})
    assert [fault.field for fault in caught.value.faults] == [field]


def test_both_values_that_are_wrong_are_named():
    with pytest.raises(Refused) as caught:
        entry_loss_db(200, 100)
    assert [fault.field for fault in caught.value.faults] == ["frequency_ghz", "percent"]
