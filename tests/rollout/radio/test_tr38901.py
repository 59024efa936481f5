"""Short paths: what every kind of surroundings must do, and where its two slopes meet."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.rollout.radio.free_space import free_space_db
from tram.rollout.radio.tr38901 import Environment, SiteSurroundings, path_loss_db

KINDS = list(Environment)
FREQUENCIES = st.sampled_from([0.778, 1.84, 2.55, 3.75])
# Table 7.4.1-1 holds for these masts: rural 10-150 m, urban 25 m, street 10 m.
MASTS = {Environment.RURAL: 35.0, Environment.URBAN: 25.0, Environment.STREET: 10.0}
LIGHT = 3e8


def loss(kind, metres, *, sight=True, frequency=3.75, **more):
    place = SiteSurroundings(more.pop("base_m", MASTS[kind]), **more)
    return path_loss_db(kind, place, frequency, metres, sight=sight)


@pytest.mark.parametrize(
    ("kind", "published"),
    [
        # Table 7.4.1-1 worked by hand at 100 m slant, 2 GHz, before the break.
        (Environment.URBAN, 28.0 + 22 * 2 + 20 * math.log10(2)),
        (Environment.STREET, 32.4 + 21 * 2 + 20 * math.log10(2)),
        (
            Environment.RURAL,
            20 * math.log10(40 * math.pi * 100 * 2 / 3)
            + min(0.03 * 5**1.72, 10) * 2
            - min(0.044 * 5**1.72, 14.77)
            + 0.002 * math.log10(5) * 100,
        ),
    ],
)
def test_a_hundred_metres_in_sight_by_the_table(kind, published):
    flat_m = math.sqrt(100**2 - (MASTS[kind] - 1.5) ** 2)
    assert loss(kind, flat_m, frequency=2.0) == pytest.approx(published, abs=1e-9)


def test_without_sight_in_town_by_the_table():
    slant_m = math.hypot(200, 23.5)
    urban = 13.54 + 39.08 * math.log10(slant_m) + 20 * math.log10(3.75)
    assert loss(Environment.URBAN, 200, sight=False) == pytest.approx(urban, abs=1e-9)
    slant_m = math.hypot(200, 8.5)
    street = 22.4 + 35.3 * math.log10(slant_m) + 21.3 * math.log10(3.75)
    assert loss(Environment.STREET, 200, sight=False) == pytest.approx(street, abs=1e-9)


@given(st.sampled_from(KINDS), FREQUENCIES, st.floats(10, 5000), st.floats(1.001, 1.5))
def test_farther_never_loses_less(kind, frequency, metres, ratio):
    for sight in (True, False):
        near = loss(kind, metres, sight=sight, frequency=frequency)
        far = loss(kind, metres * ratio, sight=sight, frequency=frequency)
        assert far >= near - 1e-9


@given(st.sampled_from(KINDS), st.floats(10, 5000), st.floats(0.5, 5.9))
def test_a_higher_frequency_loses_more_within_the_break(kind, metres, frequency):
    within = min(metres, 29.0)  # all breaks lie beyond, from 0.5 GHz on
    assert loss(kind, within, frequency=frequency * 1.01) > loss(kind, within, frequency=frequency)
    hidden = [loss(kind, metres, sight=False, frequency=frequency * f) for f in (1, 1.01)]
    assert hidden == sorted(hidden)


@given(st.sampled_from(KINDS), FREQUENCIES, st.floats(10, 5000))
def test_what_stands_in_the_way_never_helps(kind, frequency, metres):
    hidden = loss(kind, metres, sight=False, frequency=frequency)
    assert hidden >= loss(kind, metres, frequency=frequency)


@given(st.sampled_from(KINDS), FREQUENCIES, st.floats(0.1, 1))
def test_sight_loses_about_free_space_within_the_break(kind, frequency, share):
    metres = max(10.0, min(400.0, share * break_m(kind, MASTS[kind], frequency)))
    slant_km = math.hypot(metres, MASTS[kind] - 1.5) / 1000
    assert loss(kind, metres, frequency=frequency) == pytest.approx(
        free_space_db(frequency, slant_km), abs=3.5
    )


def break_m(kind, base_m, frequency):
    """Where the slope changes, Note 1 (towns) and Note 5 (country)."""
    if kind is Environment.RURAL:
        return 2 * math.pi * base_m * 1.5 * frequency * 1e9 / LIGHT
    return 4 * (base_m - 1) * (1.5 - 1) * frequency * 1e9 / LIGHT


@pytest.mark.parametrize("frequency", [0.778, 3.75])
@pytest.mark.parametrize("kind", KINDS)
def test_the_two_slopes_meet_where_they_change(kind, frequency):
    at = break_m(kind, MASTS[kind], frequency)
    before, after = (loss(kind, at * f, frequency=frequency) for f in (1 - 1e-9, 1 + 1e-9))
    # The country's formula counts the way flat on one side and slanting on the other.
    assert after == pytest.approx(before, abs=0.01 if kind is Environment.RURAL else 1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_beyond_the_break_ten_times_as_far_loses_forty_decibels(kind):
    at = break_m(kind, MASTS[kind], 0.778)
    slant = [math.hypot(at * f, MASTS[kind] - 1.5) for f in (2, 20)]
    rise = loss(kind, 20 * at, frequency=0.778) - loss(kind, 2 * at, frequency=0.778)
    assert rise == pytest.approx(40 * math.log10(slant[1] / slant[0]), abs=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_below_the_mast_loses_as_much_as_ten_metres_away(kind):
    for sight in (True, False):
        assert loss(kind, 0, sight=sight) == loss(kind, 10, sight=sight)
        assert loss(kind, 9.99, sight=sight) == loss(kind, 10, sight=sight)
        assert loss(kind, 10.5, sight=sight) > loss(kind, 10, sight=sight)


@pytest.mark.parametrize(("kind", "each_m"), [(Environment.URBAN, 0.6), (Environment.STREET, 0.3)])
def test_a_metre_higher_on_the_stairs_gains_what_the_table_says(kind, each_m):
    # The slant changes too: taken out by looking far away.
    low = loss(kind, 5000, sight=False)
    high = loss(kind, 5000, sight=False, user_m=4.5)
    assert low - high == pytest.approx(3 * each_m, abs=0.01)


def test_taller_houses_and_narrower_streets_hide_more_in_the_country():
    def hidden(**more):
        return loss(Environment.RURAL, 3000, sight=False, **more)

    assert hidden(building_m=10) > hidden(building_m=5)
    assert hidden(street_m=10) - hidden(street_m=20) == pytest.approx(7.1 * math.log10(2))
    assert hidden(base_m=60) < hidden(base_m=20)
