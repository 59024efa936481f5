"""The kinds of rules as frozen data, each with what it needs and what it means.

Times are seconds in a rule and milliseconds in the engine. All but ``missing`` judge by event time.
"""

from typing import Annotated

import msgspec

from tram.domain.bounds import REAL_MAX, Line, Number, Real
from tram.domain.days import DAY_S

__all__ = (
    "AGGREGATES",
    "COMPARED_MAX",
    "KINDS",
    "OPS",
    "SEVERITIES",
    "AggregateWindow",
    "Compare",
    "Expression",
    "Geofence",
    "Hours",
    "Limit",
    "Missing",
    "Rate",
    "Rule",
    "RuleScope",
    "Schedule",
    "Spans",
    "Spec",
    "Stuck",
)

SEVERITIES: tuple[str, ...] = ("info", "warning", "major", "critical")
"""From the least to the greatest; their place is stored."""
OPS: tuple[str, ...] = ("above", "below", "outside")
AGGREGATES: tuple[str, ...] = ("mean", "max", "min", "sum", "count")
COMPARED_MAX = 1_000
"""Devices that one rule compares with one other: each of its readings judges them all."""
YEAR_S = 366 * DAY_S
MINUTES_OF_DAY = 1_440

Seconds = Annotated[int, msgspec.Meta(ge=0, le=YEAR_S)]
SomeSeconds = Annotated[int, msgspec.Meta(ge=1, le=YEAR_S)]
Metric = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Tolerance = Annotated[float, msgspec.Meta(ge=0, le=REAL_MAX)]
Devices = Annotated[list[Number], msgspec.Meta(max_length=1_000_000)]
"""A query finds them anew each time, as many as an organisation has."""
Weekday = Annotated[int, msgspec.Meta(ge=0, le=6)]
Minute = Annotated[int, msgspec.Meta(ge=0, le=MINUTES_OF_DAY)]


class _Frozen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all parts of a rule have in common."""


class Hours(_Frozen, frozen=True, kw_only=True):
    """A span of the week in Vietnamese time: days 0 = Monday, minutes of the day [start, end).

    A span whose end is not after its start goes on into the next day.
    """

    days: Annotated[list[Weekday], msgspec.Meta(max_length=7)]
    start: Minute = 0
    end: Minute = MINUTES_OF_DAY


Spans = Annotated[list[Hours], msgspec.Meta(max_length=1_000)]
"""More than a register keeps; the word about fewer is its own."""


class _Dwelling(_Frozen, frozen=True, kw_only=True):
    """``dwell_s``: how long the condition must hold before the alarm; ``clear_s``: before its end."""

    dwell_s: Seconds = 0
    clear_s: Seconds = 0


class _Bound(_Dwelling, frozen=True, kw_only=True):
    """``above`` needs ``high``, ``below`` needs ``low``, ``outside`` needs both.

    Back to normal only when the value is inside again by more than ``hysteresis``.
    """

    op: Line = "above"
    high: Real = 0.0
    low: Real = 0.0
    hysteresis: Tolerance = 0.0


class Limit(_Bound, frozen=True, kw_only=True, tag="limit", tag_field="kind"):
    """A value beyond a limit."""

    metric: Metric


class Schedule(_Bound, frozen=True, kw_only=True, tag="schedule", tag_field="kind"):
    """A value beyond a limit during certain hours: the pump that runs at night."""

    metric: Metric
    hours: Spans


class Rate(_Bound, frozen=True, kw_only=True, tag="rate", tag_field="kind"):
    """A change between two successive readings, per ``per_s`` seconds; ``outside`` = either way."""

    metric: Metric
    per_s: SomeSeconds = 60


class Stuck(_Frozen, frozen=True, kw_only=True, tag="stuck", tag_field="kind"):
    """Readings come, but none differs from the first by more than ``tolerance`` for ``for_s``."""

    metric: Metric
    for_s: SomeSeconds
    tolerance: Tolerance = 0.0


class Missing(_Frozen, frozen=True, kw_only=True, tag="missing", tag_field="kind"):
    """Nothing was accepted for ``for_s``, of one metric or (empty) of the whole device.

    Judged by the time at which gateways accept; while no gateway writes, no time passes.
    """

    metric: Annotated[str, msgspec.Meta(max_length=128)] = ""
    for_s: SomeSeconds


class AggregateWindow(_Bound, frozen=True, kw_only=True, tag="window", tag_field="kind"):
    """An aggregate over the last ``window_s`` by event time, once ``least`` readings are in it."""

    metric: Metric
    aggregate: Line = "mean"
    window_s: SomeSeconds
    least: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 1


class Compare(_Bound, frozen=True, kw_only=True, tag="compare", tag_field="kind"):
    """``metric`` minus ``other`` beyond a limit; ``other`` of the same device, or of another one."""

    metric: Metric
    other: Metric
    other_device: Number | None = None
    max_age_s: SomeSeconds = 3600


class Geofence(_Dwelling, frozen=True, kw_only=True, tag="geofence", tag_field="kind"):
    """The position leaves (``inside`` = must be inside) or enters a polygon of (lon, lat) points."""

    lon: Metric = "lon"
    lat: Metric = "lat"
    polygon: Annotated[list[tuple[Real, Real]], msgspec.Meta(min_length=3, max_length=500)]
    must_be: Line = "inside"
    max_age_s: SomeSeconds = 3600


class Expression(_Dwelling, frozen=True, kw_only=True, tag="expression", tag_field="kind"):
    """A condition over several metrics of one device: ``(CO > 30 and O2 < 19.5) or H2S > 10``."""

    when: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    max_age_s: SomeSeconds = 3600


Spec = (
    Limit | Schedule | Rate | Stuck | Missing | AggregateWindow | Compare | Geofence | Expression
)
KINDS: tuple[str, ...] = (
    "limit", "schedule", "rate", "stuck", "missing", "window", "compare", "geofence", "expression",
)  # fmt: skip


class RuleScope(_Frozen, frozen=True, kw_only=True):
    """Which devices a rule is for: all of its organisation that match every part given."""

    profile: Number | None = None
    zone: Number | None = None
    sector: Line | None = None
    devices: Devices | None = None
    """These devices only (a query is kept as the list that it found, and found anew)."""
    group: Number | None = None
    """The devices of this group; before the engine reads a rule they are found as ``devices``."""


class Rule(_Frozen, frozen=True, kw_only=True):
    """One version of a rule as the engine takes it."""

    id: int
    version: int
    org: int
    spec: Spec
    scope: RuleScope = RuleScope()
    hours: Spans = []
    """Outside these hours the condition does not hold; empty means always."""
