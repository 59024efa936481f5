"""What the store answers: plain frozen structs, the same in the process and on the wire."""

from enum import IntEnum

from msgspec import Struct

from tram.domain.reading import Value

__all__ = (
    "AggregatePoint",
    "Bucket",
    "CompletenessPoint",
    "DeviceEvent",
    "DeviceRefusal",
    "DeviceState",
    "EntryKind",
    "Failure",
    "LatestValue",
    "LedgerEntry",
    "LiveChange",
    "LiveFrame",
    "LiveState",
    "MessageValue",
    "QuarantinedRow",
    "RawMessage",
    "Revision",
    "ScopeAsked",
    "Series",
    "StateCounts",
    "StateSummary",
    "StoreStatus",
)


class LatestValue(Struct, frozen=True):
    """The newest value of one metric of a device; ``kind`` is a ``domain.reading.Kind``."""

    metric: str
    kind: int
    value: Value
    status: int
    quality: int
    observed_at_ms: int
    received_at_ms: int


class Bucket(Struct, frozen=True, array_like=True):
    """The least, greatest and last value of one slice of time, and how many readings it holds.

    ``good`` of them were measured and are valid; only these count for the other figures.
    """

    start_ms: int
    low: float
    high: float
    last: float
    count: int
    good: int = 0
    mean: float = 0.0


class Series(Struct, frozen=True):
    """One metric over a range: ``times`` with ``values`` if ``raw``, else ``buckets``.

    ``truncated`` says that a text metric had more values than asked for; the newest are kept.
    """

    metric: str
    raw: bool
    times: list[int] = []
    values: list[Value] = []
    statuses: list[int] = []
    qualities: list[int] = []
    revisions: list[int] = []
    buckets: list[Bucket] = []
    thinned: bool = False
    truncated: bool = False


class AggregatePoint(Struct, frozen=True, array_like=True):
    """One metric over a group of series in one step of time.

    ``readings`` counts all, ``good`` those measured and valid, ``numbers`` those among them that
    are numbers: of these are ``mean``, ``low`` and ``high``.
    """

    start_ms: int
    group: str
    mean: float
    low: float
    high: float
    readings: int
    good: int
    numbers: int
    series: int


class CompletenessPoint(Struct, frozen=True, array_like=True):
    """How many readings a group of series should have had in a step of time, and had.

    ``came`` never exceeds ``expected``; ``readings`` counts all that are there, ``good`` the valid.
    """

    start_ms: int
    group: str
    expected: int
    came: int
    readings: int
    good: int
    series: int


class EntryKind(IntEnum):
    """What an entry of the gap ledger is about."""

    GAP = 1
    LATE_FILL = 2
    STUCK_CLOCK = 3


class LedgerEntry(Struct, frozen=True, array_like=True):
    """A gap, a late fill or a stuck clock (``EntryKind``) of one series."""

    kind: int
    device: int
    metric: str
    start_ms: int
    end_ms: int
    readings: int
    noted_at_ms: int


class Revision(Struct, frozen=True, kw_only=True):
    """What a person corrected or declared invalid; ``reverts`` names the revision undone, or 0."""

    revision_id: int
    device: int
    metric: str
    start_ms: int
    end_ms: int
    operation: str
    factor: float
    offset: float
    reverts: int
    person: int
    person_name: str
    reason: str
    at_ms: int
    rows: int


class QuarantinedRow(Struct, frozen=True, kw_only=True):
    """A row that was set aside, and why."""

    device: int
    metric: str
    observed_at_ms: int
    value: str
    reason: str
    detail: str
    received_at_ms: int


class DeviceEvent(Struct, frozen=True):
    """Something that happened to a device; ``kind`` is a ``block.EventKind``."""

    at_ms: int
    kind: int
    code: str
    detail: str


class DeviceRefusal(Struct, frozen=True):
    """A message of a device that was refused."""

    device: int
    at_ms: int
    code: str
    detail: str


class DeviceState(Struct, frozen=True):
    """Whether a device is alive: ``online``, ``silent``, ``unknown`` or ``never``."""

    device: int
    state: str
    last_seen_ms: int | None
    messages: int
    refused: int


class StateCounts(Struct, frozen=True):
    """How many devices are in each state."""

    online: int = 0
    silent: int = 0
    unknown: int = 0
    never: int = 0


class StateSummary(Struct, frozen=True):
    """Counts of states over all visible devices, and by sector; ``as_of_ms`` is now."""

    as_of_ms: int
    total: StateCounts
    by_sector: dict[str, StateCounts]


class MessageValue(Struct, frozen=True):
    """One value that a message carried."""

    metric: str
    value: Value


class RawMessage(Struct, frozen=True):
    """One accepted message; ``values`` are its first few, ``rows`` counts all."""

    received_at_ms: int
    protocol: int
    qos: int
    rows: int
    fingerprint: str
    values: list[MessageValue]


class StoreStatus(Struct, frozen=True):
    """Where the store stands in the log, and what it counted since the folder was made."""

    epoch: int
    checkpoint_seq: int
    lag_blocks: int
    dimensions_version: int
    series: int
    devices: int
    rows: int
    messages: int
    doubled_dropped: int
    conflicting: int
    messages_dropped: int
    at_least_once: int
    quarantined: int
    blocks_skipped: int
    blocks_unreadable: int
    rolled_seq: int = 0
    """Everything up to here in the log is in the rollups, but for hours that are not over."""
    rolled_until_ms: int = 0
    problem: str | None = None


class LiveChange(Struct, frozen=True):
    """The newest value of one series, as live frames carry it."""

    device: int
    org: int
    zone: int | None
    sector: str
    metric: str
    kind: int
    value: Value
    t: int
    status: int


class LiveState(Struct, frozen=True):
    """The state of one device that changed."""

    device: int
    org: int
    zone: int | None
    sector: str
    state: str
    last_seen_ms: int | None


class LiveFrame(Struct, frozen=True):
    """What changed up to ``at`` (UTC epoch ms); views keep nothing but the last of each."""

    at: int
    changes: list[LiveChange] = []
    states: list[LiveState] = []


class Failure(Struct, frozen=True):
    """An error on the wire: its family and what ``runtime.errors`` needs to raise it again."""

    family: str
    code: str
    sentence: str
    hint: str = ""
    retry_after_s: int = 1


class ScopeAsked(Struct, frozen=True):
    """One scope of the viewer on the wire: a subtree, in one zone or sector or in all."""

    org: int
    zone: int | None = None
    sector: str | None = None
