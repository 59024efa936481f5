"""How far, how fast: exact figures between what stands and what is wanted.

Stations are whole and percentages decimal, so no figure depends on how a machine rounds floats.
No needed pace is ever negative: after a deadline there is none, only days over.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from tram.domain.figures import rounded
from tram.rollout.inventory.views import Pace

__all__ = (
    "Measure",
    "days_left",
    "days_over",
    "forecast",
    "gap",
    "months_left",
    "needed_pace",
    "needed_stations",
    "pace_so_far",
    "reached_since",
    "verdict",
)

_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Measure:
    """What was counted on one date: ``there`` of what is wanted, against ``base``."""

    on: date
    there: int
    base: int


def needed_stations(percent: Decimal, base: int) -> int:
    """Return the least whole number of stations that is ``percent`` of ``base``.

    >>> needed_stations(Decimal(50), 2635)
    1318
    """
    return math.ceil(Fraction(percent) * base / _HUNDRED)


def gap(needed: int, there: int) -> int:
    """Return how many are missing; none when there are enough."""
    return max(0, needed - there)


def days_left(day: date, deadline: date) -> int:
    """Return the days from ``day`` until the deadline; 0 from the deadline on."""
    return max(0, (deadline - day).days)


def days_over(day: date, deadline: date) -> int:
    """Return the days since the deadline; 0 until then."""
    return max(0, (day - deadline).days)


def months_left(day: date, deadline: date) -> int:
    """Return the months until the deadline to the nearest whole one, at least 1."""
    whole = (deadline.year - day.year) * 12 + deadline.month - day.month
    # 31 stands for any month here: it only has to tell the nearer of two whole months.
    return max(1, whole + round(Fraction(deadline.day - day.day, 31)))


def needed_pace(missing: int, day: date, deadline: date) -> Pace | None:
    """Return the pace that closes the gap in time; None when closed, or too late for any."""
    days = days_left(day, deadline)
    if not missing or not days:
        return None
    months = months_left(day, deadline)
    return Pace(
        per_day=rounded(Fraction(missing, days), 1),
        per_month=int(rounded(Fraction(missing, months), 0)),
        days=days,
        months=months,
    )


def pace_so_far(measures: Sequence[Measure]) -> Decimal | None:
    """Return stations per day from the first count to the last; None with fewer than two dates.

    It is negative when stations were taken down.
    """
    days = _days_measured(measures)
    if not days:
        return None
    return rounded(Fraction(measures[-1].there - measures[0].there, days), 1)


def forecast(measures: Sequence[Measure], deadline: date) -> Measure | None:
    """Return where stations and base will be at the deadline if both go on as between the counts.

    None with fewer than two dates; with a deadline before the last count, that count itself.
    """
    days = _days_measured(measures)
    if not days:
        return None
    first, last = measures[0], measures[-1]
    ahead = max(0, (deadline - last.on).days)

    def at_deadline(before: int, now: int) -> int:
        return max(0, math.floor(now + Fraction(now - before, days) * ahead))

    return Measure(
        on=max(deadline, last.on),
        there=at_deadline(first.there, last.there),
        base=at_deadline(first.base, last.base),
    )


def reached_since(percent: Decimal, measures: Sequence[Measure]) -> date | None:
    """Return the first date of the counts that have reached the target until the end, if any.

    With a moving base a target once reached can be lost again: only the last counts in a row hold.
    """
    since = None
    for measure in reversed(measures):
        if measure.there < needed_stations(percent, measure.base):
            break
        since = measure.on
    return since


def verdict(percent: Decimal, measures: Sequence[Measure], day: date, deadline: date) -> str:
    """Return how it stands on ``day`` by the counts until then; the words are those of Standing."""
    if not measures:
        return "unmeasured"
    since = reached_since(percent, measures)
    if since is not None:
        return "reached" if since <= deadline else "reached-late"
    if day > deadline:
        return "missed"
    end = forecast(measures, deadline)
    if end is None:
        return "undecided"
    return "on-way" if end.there >= needed_stations(percent, end.base) else "behind"


def _days_measured(measures: Sequence[Measure]) -> int:
    return (measures[-1].on - measures[0].on).days if measures else 0
