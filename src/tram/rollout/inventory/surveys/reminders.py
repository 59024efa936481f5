"""When a survey round reminds by itself."""

from typing import NamedTuple

from tram.domain.days import HOUR_MS, start_of_day_ms
from tram.registry.kernel.database import AnyRow
from tram.rollout.inventory.surveys.letters import LATE, SOON

__all__ = ("ReminderStep", "step_of")

SOON_DAYS = 3
_MORNING_HOUR = 8


class ReminderStep(NamedTuple):
    """A reminder that comes by itself, and since when its time has come [UTC epoch ms]."""

    action: str
    since_ms: int


def step_of(row: AnyRow, now_ms: int) -> ReminderStep | None:
    """Return the reminder whose time has come: three days before a round is due, or the day after."""
    for action, days in ((LATE, 1), (SOON, -SOON_DAYS)):
        since_ms = start_of_day_ms(row.due_on, after=days) + _MORNING_HOUR * HOUR_MS
        if now_ms >= since_ms:
            return ReminderStep(action, since_ms)
    return None
