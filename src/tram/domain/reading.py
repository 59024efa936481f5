"""A reading: one value of one metric at one time, in one of four kinds."""

from enum import IntEnum, IntFlag

__all__ = ("PERSON_REVISIONS", "Kind", "Quality", "Status", "Value", "kind_of", "value_of")

Value = bool | int | float | str
INTEGER_MIN = -(2**63)
INTEGER_MAX = 2**63 - 1
PERSON_REVISIONS = 1 << 20
"""Revisions from here on are people's: above every value that a device sends again."""


class Kind(IntEnum):
    """Which column holds the value."""

    FLOAT = 0
    INTEGER = 1
    BOOLEAN = 2
    TEXT = 3


class Status(IntEnum):
    """The state of the instrument as the device reports it (Circular 10/2021 names)."""

    MEASURING = 0
    CALIBRATING = 1
    FAULT = 2


class Quality(IntFlag):
    """What the platform itself knows about a reading."""

    GOOD = 0
    SERVER_TIMED = 1
    """The device sent no time: ``observed_at_ms`` is the moment of arrival."""
    CLOCK_FAR_OFF = 2
    """The device's time lies further from arrival than the accepted span."""
    CONFLICTING = 4
    """The same series and device time came before with another value: this is a revision."""
    CORRECTED = 8
    """A person gave this value in place of the device's."""
    INVALID = 16
    """A person declared that the instrument's calibration was not valid then."""


def kind_of(value: Value) -> Kind:
    """Return the kind of a Python value; an integer beyond 64 bits is a float."""
    if isinstance(value, bool):
        return Kind.BOOLEAN
    if isinstance(value, int):
        return Kind.INTEGER if INTEGER_MIN <= value <= INTEGER_MAX else Kind.FLOAT
    if isinstance(value, float):
        return Kind.FLOAT
    return Kind.TEXT


def value_of(kind: int, number: float, whole: int, text: str) -> Value:
    """Return the value of one row from its three columns."""
    if kind == Kind.FLOAT:
        return number
    if kind == Kind.TEXT:
        return text
    return bool(whole) if kind == Kind.BOOLEAN else whole
