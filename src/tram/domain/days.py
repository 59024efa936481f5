"""Calendar days as people in Viet Nam count them (UTC+7, no summer time)."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final

__all__ = (
    "DAY_MS",
    "DAY_S",
    "HOUR_MS",
    "MINUTE_MS",
    "MOMENTS_END_MS",
    "MOMENTS_START_MS",
    "MONDAY_MS",
    "VIETNAM_MS",
    "VIETNAM_TIME",
    "end_of_day_ms",
    "local_day",
    "moment_of",
    "start_of_day_ms",
)

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
DAY_S: Final = 86_400
DAY_MS: Final = 86_400_000
VIETNAM_MS: Final = 7 * HOUR_MS
"""What a Vietnamese clock is ahead of UTC."""
MONDAY_MS: Final = 4 * DAY_MS
"""The first Monday of all: 1970-01-05."""
VIETNAM_TIME = timezone(timedelta(hours=7), "+07:00")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
MOMENTS_START_MS: Final = (datetime(1, 1, 2, tzinfo=UTC) - _EPOCH) // _MS
"""The first moment that is a day in every zone."""
MOMENTS_END_MS: Final = (datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH) // _MS
"""The end of the moments that are a day in every zone; a device may send a number beyond it."""


def moment_of(at_ms: int, zone: tzinfo = VIETNAM_TIME) -> datetime | None:
    """Return a moment (UTC epoch ms) in a zone; None when no calendar has it.

    >>> moment_of(253_402_300_799_999) is None
    True
    """
    if not MOMENTS_START_MS <= at_ms < MOMENTS_END_MS:
        return None
    return (_EPOCH + at_ms * _MS).astimezone(zone)


def local_day(at_ms: int) -> date:
    """Return the day on which a moment (UTC epoch ms) falls in Viet Nam.

    A moment that no calendar has falls on the first or the last day of all.

    >>> local_day(1_753_808_400_000)
    datetime.date(2025, 7, 30)
    """
    moment = moment_of(at_ms)
    if moment is None:
        return date.min if at_ms < 0 else date.max
    return moment.date()


def start_of_day_ms(day: date, *, after: int = 0) -> int:
    """Return the first millisecond (UTC epoch) of a Vietnamese day, or of the one so many days after it.

    >>> start_of_day_ms(date(1970, 1, 1))
    -25200000
    """
    midnight = datetime.combine(day, time(), VIETNAM_TIME)
    return round(midnight.timestamp() * 1000) + after * DAY_MS


def end_of_day_ms(day: date) -> int:
    """Return the last millisecond (UTC epoch) of a Vietnamese day."""
    return start_of_day_ms(day, after=1) - 1
