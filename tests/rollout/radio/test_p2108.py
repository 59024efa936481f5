"""Clutter by P.2108-1: published rows that no other test has, shapes of the curves, and limits."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.rollout.radio.p2108 import Clutter, aeronautical_db, height_gain_db, terrestrial_db
from tram.runtime.errors import Refused

FREQUENCIES = st.floats(0.5, 67)
PERCENTS = st.floats(1, 99)


@pytest.mark.parametrize(
    ("model", "arguments", "loss"),
    [
        # NTIA p2108-test-data: HeightGainTerminalCorrectionModelTestData.csv …
        (height_gain_db, (1.5, 2, 27, 6, Clutter.OPEN), 10.9),
        (height_gain_db, (1.5, 2, 27, 15, Clutter.URBAN), 24.5),
        (height_gain_db, (1.5, 2, 27, 6, Clutter.FOREST), 14.6),
        (height_gain_db, (3, 3, 15, 15, Clutter.DENSE_URBAN), 29.0),
        (height_gain_db, (0.9, 2.3, 30, 10, Clutter.OPEN), 13.7),
        (height_gain_db, (0.03, 2.1, 24.5, 9.8, Clutter.SUBURBAN), 5.7),
        # (eq. 2a by hand where the frequency counts most)
        (height_gain_db, (0.1, 2, 27, 10, Clutter.OPEN), (21.8 - 6.2) * math.log10(5)),
        # … and the tables of the two statistical models.
        (terrestrial_db, (67, 5.4, 30.5), 30.9),
        (aeronautical_db, (30, 2, 1), 1.9),
        (aeronautical_db, (11.1, 15.5, 80.5), 14.7),
    ],
)
def test_clutter_as_ntia_publishes(model, arguments, loss):
    assert model(*arguments) == pytest.approx(loss, abs=0.05)


@given(FREQUENCIES, st.floats(0.25, 50), PERCENTS)
def test_more_places_and_longer_ways_lose_more(frequency, distance, percent):
    here = terrestrial_db(frequency, distance, percent)
    assert terrestrial_db(frequency, distance, min(percent + 0.5, 99.5)) > here
    # Spread falls with the way as well: only from the median on is it a loss for certain.
    if percent >= 50:
        assert terrestrial_db(frequency, distance, 50) <= here
    assert terrestrial_db(frequency, distance * 1.5, 50) >= terrestrial_db(frequency, distance, 50)


@given(FREQUENCIES, st.floats(2, 1000), PERCENTS)
def test_from_two_kilometres_on_the_way_counts_no_more(frequency, distance, percent):
    assert terrestrial_db(frequency, distance, percent) <= terrestrial_db(frequency, 2, percent)
    assert terrestrial_db(frequency, distance, 50) == terrestrial_db(frequency, 2, 50)


@given(st.floats(0.03, 3), st.floats(0.5, 30), st.floats(5, 50), st.sampled_from(list(Clutter)))
def test_a_lower_terminal_loses_more_and_one_above_nothing(frequency, height, street, kind):
    clutter_m = 20.0
    low = height_gain_db(frequency, height * 0.9, street, clutter_m, kind)
    high = height_gain_db(frequency, height, street, clutter_m, kind)
    assert low >= high
    if height >= clutter_m:
        assert high == 0


@pytest.mark.parametrize("kind", list(Clutter))
def test_the_rim_of_the_clutter_makes_no_step(kind):
    just_below = height_gain_db(1.5, 10 - 1e-6, 27, 10, kind)
    assert just_below == pytest.approx(0, abs=0.01)


@given(st.floats(10, 100), st.floats(0, 90), PERCENTS)
def test_looking_higher_up_meets_less_clutter(frequency, elevation, percent):
    lower = aeronautical_db(frequency, elevation * 0.9, 50)
    assert lower >= aeronautical_db(frequency, elevation, 50) - 1e-9
    more = aeronautical_db(frequency, elevation, min(percent + 0.5, 99.5))
    assert more > aeronautical_db(frequency, elevation, percent)


@pytest.mark.parametrize("percent", [0.5, 50, 99.5])
def test_straight_up_only_the_spread_is_left(percent):
    spread = {0.5: -0.6 * 2.5758, 50: 0.0, 99.5: 0.6 * 2.5758}[percent]
    assert aeronautical_db(20, 90, percent) == pytest.approx(spread, abs=1e-3)


TERRESTRIAL = (terrestrial_db, {"frequency_ghz": 2, "distance_km": 1, "location_percent": 50})
SLANT = (aeronautical_db, {"frequency_ghz": 20, "elevation_deg": 30, "location_percent": 50})
LOW = (
    height_gain_db,
    {
        "frequency_ghz": 1,
        "height_m": 2,
        "street_m": 27,
        "clutter_m": 10,
        "clutter": Clutter.URBAN,
    },
)


@pytest.mark.parametrize(
    ("model", "field", "held", "beyond"),
    [
        (TERRESTRIAL, "frequency_ghz", 0.5, 0.499),
        (TERRESTRIAL, "frequency_ghz", 67, 67.01),
        (TERRESTRIAL, "distance_km", 0.25, 0.249),
        (TERRESTRIAL, "location_percent", 0.001, 0),
        (TERRESTRIAL, "location_percent", 99.999, 100),
        (SLANT, "frequency_ghz", 10, 9.99),
        (SLANT, "frequency_ghz", 100, 100.1),
        (SLANT, "elevation_deg", 0, -0.1),
        (SLANT, "elevation_deg", 90, 90.1),
        (SLANT, "location_percent", 0.001, 0),
        (LOW, "frequency_ghz", 0.03, 0.029),
        (LOW, "frequency_ghz", 3, 3.01),
        (LOW, "height_m", 0.001, 0),
        (LOW, "street_m", 0.001, 0),
        (LOW, "clutter_m", 0.001, 0),
        (LOW, "clutter_m", 10, math.nan),
    ],
)
def test_each_limit_holds_on_its_inner_edge_and_names_its_field_beyond(model, field, held, beyond):
    function, values = model
    assert math.isfinite(function(**{**values, field: held}))
    with pytest.raises(Refused) as caught:
        function(**{**values, field: beyond})
    (fault,) = caught.value.faults
    assert fault.field == field
    assert f"{beyond:g} is not within" in fault.sentence
    assert caught.value.hint == "Change the values, or choose another model."


def test_all_that_is_wrong_is_said_at_once():
    with pytest.raises(Refused) as caught:
        height_gain_db(5, 0, 0, 0, Clutter.URBAN)
    assert [fault.field for fault in caught.value.faults] == [
        "frequency_ghz",
        "height_m",
        "street_m",
        "clutter_m",
    ]
