"""Vietnamese days as moments, for counting by day."""

from datetime import date

from tram.domain.days import DAY_MS, day_start_ms

__all__ = ("end_of_day_ms", "month_start")


def end_of_day_ms(day: date) -> int:
    """Return the last millisecond of a Vietnamese day (UTC epoch)."""
    return day_start_ms(day) + DAY_MS - 1


def month_start(day: date) -> date:
    """Return the first day of the month: the usual start of a period."""
    return day.replace(day=1)
