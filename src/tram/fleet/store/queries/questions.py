"""What may be asked of the store: a struct for each question, with the type of its answer.

A question goes over the wire under the name of its struct, beside who asks. ``handlers`` holds the
function that answers it; a new question needs these two and nothing else.
"""

from collections.abc import Iterator
from typing import Any, ClassVar, Generic, TypeVar, cast, get_args

import pyarrow as pa
from msgspec import Struct

from tram.domain.permissions import Permission
from tram.fleet.store.views import (
    AggregatePoint,
    CompletenessPoint,
    DeviceEvent,
    DeviceRefusal,
    DeviceState,
    LatestValue,
    LedgerEntry,
    QuarantinedRow,
    RawMessage,
    Revision,
    ScopeAsked,
    Series,
    StateSummary,
)

__all__ = (
    "Aggregates",
    "Answer",
    "Asker",
    "Completeness",
    "Correction",
    "CorrectionJournal",
    "DeviceStates",
    "GapEntries",
    "Inquiry",
    "LatestColumns",
    "LatestValues",
    "QuarantinedRows",
    "Question",
    "ReadingRows",
    "RecentEvents",
    "RecentMessages",
    "RecentRefusals",
    "Selection",
    "SeriesRange",
    "StateTotals",
    "StatedAttributes",
    "TimeSpan",
)

Answer = TypeVar("Answer")
Asks = TypeVar("Asks")


class Asker(Struct, frozen=True):
    """Who asks, and the scopes in which they hold the permission that the question needs."""

    org: int
    """Whose turn is taken for the answer."""
    scopes: list[ScopeAsked]
    person: int | None = None
    name: str = ""


class Inquiry(Struct, Generic[Asks], frozen=True):
    """A question on the wire, and who asks it."""

    asker: Asker
    question: Asks


class Question(Struct, Generic[Answer], frozen=True):
    """A question whose answer is an ``Answer``, limited to what the asker may read."""

    permission: ClassVar[str] = Permission.DEVICE_READ
    """A scope without it does not count."""

    @classmethod
    def answer_type(cls) -> type[Answer]:
        """Return what the answer is."""
        (base,) = cast("Any", cls).__orig_bases__
        return cast("type[Answer]", get_args(base)[0])


class TimeSpan(Struct, frozen=True):
    """From when until when, UTC epoch milliseconds, the end excluded."""

    start_ms: int
    end_ms: int


class Selection(Struct, frozen=True):
    """What a question is about, within the asker's scopes: everything that is not named."""

    metric: str = ""
    device: int = 0
    devices: list[int] | None = None
    zone: int | None = None
    sector: str | None = None


class LatestValues(Question[list[LatestValue]], frozen=True):
    """The newest value of every metric of a device, by metric."""

    device: int


class LatestColumns(Question[pa.Table], frozen=True):
    """The newest value of every series in scope, or of these metrics, as columns."""

    metrics: list[str] = []


class DeviceStates(Question[list[DeviceState]], frozen=True):
    """The states of all visible devices, or of those named that are visible."""

    devices: list[int] | None = None


class StateTotals(Question[StateSummary], frozen=True):
    """How many visible devices are in which state, in all and by sector."""


class RecentEvents(Question[list[DeviceEvent]], frozen=True):
    """A device's events, newest first; ``kind`` is a ``block.EventKind``."""

    device: int
    kind: int | None = None
    limit: int = 50


class RecentRefusals(Question[list[DeviceRefusal]], frozen=True):
    """Refusals since a moment of the visible devices heard last, newest first.

    At most ``events.REFUSING_DEVICES_MAX`` devices, and ``limit`` refusals of each.
    """

    since_ms: int
    limit: int = 20


class RecentMessages(Question[list[RawMessage]], frozen=True):
    """A device's accepted messages, newest first."""

    device: int
    limit: int = 50


class StatedAttributes(Question[dict[str, Any]], frozen=True):
    """The newest value of each attribute that a device stated about itself."""

    device: int


class SeriesRange(Question[Series], frozen=True):
    """A metric over a span: raw if at most ``points``, else thinned.

    ``thin`` is ``minmax`` (buckets) or ``lttb`` (the readings that carry the shape).
    """

    device: int
    metric: str
    span: TimeSpan
    points: int
    thin: str = "minmax"


class Aggregates(Question[list[AggregatePoint]], frozen=True):
    """One metric over everything selected, by ``step`` (hour, day) and group.

    ``by`` groups: device, metric, org, zone, sector, or nothing.
    """

    selection: Selection
    span: TimeSpan
    step: str = ""
    by: str = ""


class Completeness(Question[list[CompletenessPoint]], frozen=True):
    """Expected and received readings, over the span or by ``step`` (hour, day, month), in groups.

    ``by`` groups as for ``Aggregates``, or by series.
    """

    selection: Selection
    span: TimeSpan
    step: str = ""
    by: str = ""


class GapEntries(Question[list[LedgerEntry]], frozen=True):
    """The ledger's entries that touch a span: open silences of a device, then the longest.

    ``kind`` is a ``views.EntryKind``.
    """

    selection: Selection
    span: TimeSpan
    kind: int | None = None
    limit: int = 50


class QuarantinedRows(Question[list[QuarantinedRow]], frozen=True):
    """The newest rows that were set aside."""

    selection: Selection = Selection()
    limit: int = 50


class ReadingRows(Question[Iterator[pa.RecordBatch]], frozen=True):
    """Every reading selected, by series and time; a ``limit`` above 0 refuses more rows."""

    selection: Selection
    span: TimeSpan
    metrics: list[str] = []
    limit: int = 0


class CorrectionJournal(Question[list[Revision]], frozen=True):
    """What people corrected of a device, or of one of its metrics, newest first."""

    device: int
    span: TimeSpan
    metric: str = ""


class Correction(Question[Revision], frozen=True, kw_only=True):
    """The one that writes: ``scale`` (value · factor + offset), ``invalidate`` or ``revert``.

    A correction that is reverted brings its own span.
    """

    permission: ClassVar[str] = Permission.DEVICE_WRITE

    device: int
    metric: str
    operation: str
    reason: str
    span: TimeSpan = TimeSpan(0, 1)
    factor: float = 1.0
    offset: float = 0.0
    reverts: int = 0
