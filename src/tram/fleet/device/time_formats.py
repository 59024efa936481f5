"""Times as devices write them: milliseconds, seconds, or text of ISO 8601."""

from collections.abc import Callable
from datetime import UTC, datetime
from math import isfinite
from typing import Any

__all__ = ("compile_time",)

_MOST = 2**63
"""A whole number beyond this is no time in any unit, and too large for a calculation."""


def compile_time(unit: object) -> Callable[[Any], object]:
    """Return the function from a device's time to UTC epoch milliseconds.

    What it cannot read comes back as it is, for the caller's checks to name. ISO 8601 without an
    offset is UTC. Raises ``ValueError`` over an unknown unit.
    """
    if unit == "ms":
        return _from_ms
    if unit == "s":
        return _from_s
    if unit == "iso":
        return _from_iso
    raise ValueError('"time_unit" must be ms, s or iso.')


def _number(value: object) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return value if abs(value) <= _MOST else None
    return value if isfinite(value) else None


def _from_ms(value: object) -> object:
    number = _number(value)
    return value if number is None else round(number)


def _from_s(value: object) -> object:
    number = _number(value)
    return value if number is None else round(number * 1000)


def _from_iso(value: object) -> object:
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        return value
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
