"""The arrays that rules and their states are: what the kernel sees, and what a snapshot keeps."""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = (
    "DEVICE_KEY_METRIC",
    "HEAD",
    "METRIC_BITS",
    "NEVER",
    "PARAMETERS",
    "RING_MAX",
    "RING_MIN",
    "SERIES",
    "SLOTS",
    "STATE",
    "TRANSITION",
    "Code",
    "ConditionEvent",
    "Memory",
    "Record",
    "RuleSet",
)

NEVER = -(2**62)
"""In place of a time: there is none."""
SLOTS = 8
RING_MIN = 8
"""Readings of a series that are kept for late ones (more where a window needs them)."""
DEVICE_KEY_METRIC = 0
"""The metric number that stands for the whole device."""
METRIC_BITS = 20
"""Bits of a key that number the metric; the device's number stands above them."""
RING_MAX = 4096
"""Most readings of a series that are kept, however long a window is."""


class Code(IntEnum):
    """What the kernel does for a rule."""

    LIMIT = 0
    RATE = 1
    STUCK = 2
    WINDOW = 3
    COMPARE = 4
    GEOFENCE = 5
    EXPRESSION = 6
    MISSING = 7


class ConditionEvent(IntEnum):
    """What changed; ``start`` of an event names the episode by the time of its first reading."""

    RAISE = 1
    CLEAR = 2
    CONFIRM = 3
    """An episode that began in old data goes on in present data: now people must know."""
    SHIFT = 4
    """Late data moved the start of an episode to ``at``."""
    REOPEN = 5
    """Late data says that the episode has not ended."""
    REVOKE = 6
    """Late data says that there was no such episode."""
    FINDING = 7
    """One reading, too old to change the state, lies beyond the limit."""


PARAMETERS = np.dtype(
    [
        ("id", "i8"), ("version", "i8"), ("code", "i4"), ("op", "i4"), ("high", "f8"),
        ("low", "f8"), ("hysteresis", "f8"), ("dwell_ms", "i8"), ("clear_ms", "i8"),
        ("per_ms", "f8"), ("for_ms", "i8"), ("tolerance", "f8"), ("window_ms", "i8"),
        ("aggregate", "i4"), ("least", "i4"), ("max_age_ms", "i8"), ("slots", "i4"),
        ("step_first", "i4"), ("steps", "i4"), ("hour_first", "i4"), ("hours", "i4"),
        ("point_first", "i4"), ("points", "i4"), ("inside", "i4"), ("metric", "i4"),
    ],
    align=True,
)  # fmt: skip
STATE = np.dtype(
    [("since", "i8"), ("start", "i8"), ("ref_t", "i8"), ("ref_v", "f8"), ("status", "i8")],
    align=True,
)
HEAD = np.dtype(
    [
        ("device", "i8"), ("rule", "i4"), ("retro", "i4"), ("found_day", "i4"), ("slot", "i4"),
        ("org", "i8"), ("dead", "i4"),
    ],
    align=True,
)  # fmt: skip
SERIES = np.dtype(
    [
        ("device", "i8"), ("base_t", "i8"), ("last_t", "i8"), ("last_v", "f8"), ("ring", "i8"),
        ("metric", "i4"), ("room", "i4"), ("head", "i4"), ("length", "i4"), ("first", "i4"),
        ("org", "i8"),
    ],
    align=True,
)  # fmt: skip
TRANSITION = np.dtype(
    [
        ("seq", "i8"), ("kind", "i4"), ("rule", "i4"), ("instance", "i8"), ("device", "i8"),
        ("start", "i8"), ("at", "i8"), ("value", "f8"), ("late", "i4"), ("retro", "i4"),
    ],
    align=True,
)  # fmt: skip

Array = npt.NDArray[Any]
Record = Any
"""One line of a structured array, whose fields the compiler knows."""


class RuleSet(NamedTuple):
    """Every rule as numbers."""

    parameters: Array
    step_ops: Array
    step_args: Array
    hours: Array
    """Minutes of the week [start, end), one line each; those of a rule in order, none touching another."""
    points: Array


class Memory(NamedTuple):
    """The state of all series and of all conditions."""

    series: Array
    ring_t: Array
    ring_v: Array
    link_instance: Array
    link_next: Array
    head: Array
    live: Array
    base: Array
    slots: Array
