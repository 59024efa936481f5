"""Calendar days as people in Viet Nam count them (UTC+7, no summer time)."""

from datetime import date, datetime, timedelta, timezone

__all__ = ("VIETNAM_TIME", "local_day")

VIETNAM_TIME = timezone(timedelta(hours=7), "+07:00")


def local_day(at_ms: int) -> date:
    """Return the day on which a moment (UTC epoch ms) falls in Viet Nam.

    >>> local_day(1_753_808_400_000)
    datetime.date(2025, 7, 30)
    """
    return datetime.fromtimestamp(at_ms / 1000, VIETNAM_TIME).date()
