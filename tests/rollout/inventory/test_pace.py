"""Distance and pace: the letter's figures exactly, and nothing absurd before or after a deadline."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.domain.figures import ratio_percent, rounded
from tram.rollout.inventory.forecast import (
    Measure,
    days_left,
    days_over,
    forecast,
    gap,
    months_left,
    needed_pace,
    needed_stations,
    pace_so_far,
    reached_since,
    verdict,
)
from tram.rollout.inventory.views import Pace

HALF = Decimal(50)
JULY = date(2025, 7, 30)
DEADLINE = date(2025, 12, 31)
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
percents = st.decimals(0, 200, places=2)


def test_figures_of_the_letter_are_exact() -> None:
    needed = needed_stations(HALF, 2_635)
    missing = gap(needed, 115)

    assert (needed, missing, days_left(JULY, DEADLINE)) == (1_318, 1_203, 154)
    assert needed_pace(missing, JULY, DEADLINE) == Pace(
        per_day=Decimal("7.8"), per_month=241, days=154, months=5
    )
    assert [ratio_percent(*pair) for pair in ((4, 813), (19, 826), (92, 996), (115, 2_635))] == [
        Decimal("0.49"), Decimal("2.30"), Decimal("9.24"), Decimal("4.36")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "there", "needed", "missing"),
    [(813, 4, 407, 403), (826, 19, 413, 394), (996, 92, 498, 406)],
)
def test_figures_of_each_operator_are_exact(
    base: int, there: int, needed: int, missing: int
) -> None:
    assert needed_stations(HALF, base) == needed
    assert gap(needed, there) == missing


def test_exact_percentage_never_needs_a_station_more() -> None:
    assert needed_stations(Decimal("0.1"), 3_000) == 3
    assert needed_stations(Decimal("33.3"), 1_000) == 333
    assert needed_stations(Decimal("33.3"), 1_001) == 334


@given(percents, st.integers(0, 100_000))
def test_needed_stations_are_the_least_that_reach_the_percentage(
    percent: Decimal, base: int
) -> None:
    needed = needed_stations(percent, base)

    wanted = Fraction(percent) * base / 100
    assert needed - 1 < wanted <= needed


@pytest.mark.parametrize(
    ("day", "left", "over"),
    [(DEADLINE - timedelta(1), 1, 0), (DEADLINE, 0, 0), (DEADLINE + timedelta(31), 0, 31)],
)
def test_days_change_side_at_the_deadline(day: date, left: int, over: int) -> None:
    assert (days_left(day, DEADLINE), days_over(day, DEADLINE)) == (left, over)
    if over:
        assert needed_pace(1_203, day, DEADLINE) is None


@given(st.integers(0, 100_000), days, days)
def test_pace_is_never_negative_and_always_enough(missing: int, day: date, end: date) -> None:
    pace = needed_pace(missing, day, end)

    if missing and day < end:
        assert pace.days == (end - day).days
        assert (pace.per_day + Decimal("0.05")) * pace.days >= missing
        assert pace.months >= 1
    else:
        assert pace is None


@pytest.mark.parametrize(
    ("day", "months"),
    [
        (date(2025, 7, 30), 5), (date(2025, 8, 1), 5), (date(2025, 8, 31), 4),
        (date(2025, 12, 1), 1), (date(2025, 12, 30), 1), (date(2024, 12, 31), 12),
    ],
)  # fmt: skip
def test_months_are_counted_to_the_nearest(day: date, months: int) -> None:
    assert months_left(day, DEADLINE) == months


def test_halves_round_away_from_zero() -> None:
    assert rounded(Fraction(1, 8), 2) == Decimal("0.13")
    assert rounded(Fraction(-1, 8), 2) == Decimal("-0.13")
    assert str(rounded(Fraction(23, 10), 2)) == "2.30"
    assert ratio_percent(1, 0) is None


def counted(*pairs: tuple[date, int], base: int = 1_000) -> list[Measure]:
    return [Measure(day, there, base) for day, there in pairs]


def test_pace_so_far_needs_two_dates() -> None:
    assert pace_so_far([]) is None
    assert pace_so_far(counted((JULY, 115))) is None
    assert forecast(counted((JULY, 115)), DEADLINE) is None
    two = counted((JULY, 115), (JULY + timedelta(10), 140))
    assert pace_so_far(two) == Decimal("2.5")
    assert pace_so_far(counted((JULY, 100), (JULY + timedelta(10), 95))) == Decimal("-0.5")


def test_forecast_goes_on_as_between_the_counts() -> None:
    measures = [Measure(JULY, 115, 2_635), Measure(JULY + timedelta(54), 223, 2_689)]

    # 2 stations of 5G and 1 of 4G each day, for the 100 days that are left.
    assert forecast(measures, DEADLINE) == Measure(DEADLINE, 423, 2_789)


def test_forecast_falls_no_lower_than_nothing() -> None:
    falling = counted((JULY, 500), (JULY + timedelta(1), 100))

    assert forecast(falling, DEADLINE).there == 0


@pytest.mark.parametrize(
    ("measures", "day", "word"),
    [
        ([], JULY, "unmeasured"),
        ([], DEADLINE + timedelta(5), "unmeasured"),
        (counted((JULY, 115)), JULY, "undecided"),
        (counted((JULY, 115)), DEADLINE + timedelta(1), "missed"),
        (counted((JULY, 115)), DEADLINE, "undecided"),
        (counted((JULY, 0), (JULY + timedelta(10), 40)), JULY + timedelta(10), "on-way"),
        (counted((JULY, 0), (JULY + timedelta(10), 20)), JULY + timedelta(10), "behind"),
        (counted((JULY, 0), (JULY + timedelta(10), 500)), JULY + timedelta(10), "reached"),
        (counted((DEADLINE, 500)), DEADLINE + timedelta(99), "reached"),
        (counted((JULY, 0), (DEADLINE + timedelta(3), 500)), DEADLINE + timedelta(9), "reached-late"),
    ],
)  # fmt: skip
def test_verdict_follows_from_the_counts(measures: list[Measure], day: date, word: str) -> None:
    assert verdict(HALF, measures, day, DEADLINE) == word


def test_target_that_the_moving_base_took_away_is_not_reached() -> None:
    measures = [Measure(JULY, 500, 1_000), Measure(DEADLINE, 500, 1_200)]

    assert reached_since(HALF, measures) is None
    assert reached_since(HALF, measures[:1]) == JULY
    assert verdict(HALF, measures, DEADLINE + timedelta(1), DEADLINE) == "missed"


@given(
    st.lists(st.tuples(days, st.integers(0, 5_000), st.integers(0, 5_000)), max_size=6),
    percents, days, days,
)  # fmt: skip
def test_any_series_gets_a_verdict(
    series: list[tuple[date, int, int]], percent: Decimal, day: date, deadline: date
) -> None:
    measures = [Measure(*item) for item in sorted(series) if item[0] <= day]

    word = verdict(percent, measures, day, deadline)

    end = forecast(measures, deadline)
    assert word in {
        "unmeasured", "undecided", "on-way", "behind", "reached", "reached-late", "missed"
    }  # fmt: skip
    assert (word == "missed") <= (day > deadline)
    assert end is None or (end.there >= 0 and end.base >= 0)
