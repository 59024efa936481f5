"""Vietnamese days as moments, for counting by day."""

from datetime import date, datetime, time

from tram.domain.days import DAY_MS, VIETNAM_TIME

__all__ = ("end_of_day_ms", "month_start", "start_of_day_ms")


def start_of_day_ms(day: date) -> int:
    """Return the first millisecond of a Vietnamese day (UTC epoch).

    >>> start_of_day_ms(date(1970, 1, 1))
    -25200000
    """
    return int(datetime.combine(day, time(), VIETNAM_TIME).timestamp() * 1000)


def end_of_day_ms(day: date) -> int:
    """Return the last millisecond of a Vietnamese day (UTC epoch)."""
    return start_of_day_ms(day) + DAY_MS - 1


def month_start(day: date) -> date:
    """Return the first day of the month: the usual start of a period."""
    return day.replace(day=1)
