"""The states of alarms and of the notices about them, and what holds an alarm back."""

from enum import IntEnum, StrEnum

__all__ = ("AlarmState", "HeldBy", "NoticeState")


class AlarmState(IntEnum):
    """Where an alarm stands; the order counts: from CLEARED on the condition holds no more."""

    ACTIVE = 0
    ACKED = 1
    """Active and acknowledged."""
    CLEARED = 2
    """Not acknowledged."""
    OVER = 3

    @property
    def word(self) -> str:
        """Return its name in addresses, files and answers."""
        return self.name.lower()


class HeldBy(StrEnum):
    """Why an alarm tells nobody for now."""

    MAINTENANCE = "maintenance"
    PARENT = "parent"
    SHELVED = "shelved"


class NoticeState(StrEnum):
    """What became of a notice."""

    WAITING = "waiting"
    HELD = "held"
    """A flood: counted, and told of in one notice."""
    SENT = "sent"
    FAILED = "failed"
    SKIPPED = "skipped"
    WITHDRAWN = "withdrawn"
