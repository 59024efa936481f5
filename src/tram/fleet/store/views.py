"""What the store answers: plain frozen structs, the same in the process and on the wire."""

from typing import Any

from msgspec import Struct

from tram.domain.reading import Value

__all__ = (
    "Answer",
    "Asked",
    "Bucket",
    "DeviceEvent",
    "DeviceState",
    "Failure",
    "LatestValue",
    "LiveChange",
    "LiveFrame",
    "LiveState",
    "MessageValue",
    "RawMessage",
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
    """The least, greatest and last value of one slice of time, and how many readings it holds."""

    start_ms: int
    low: float
    high: float
    last: float
    count: int


class Series(Struct, frozen=True):
    """One metric over a range: ``times`` with ``values`` if ``raw``, else ``buckets``.

    ``truncated`` says that a text metric had more values than asked for; the newest are kept.
    """

    metric: str
    raw: bool
    times: list[int] = []
    values: list[Value] = []
    statuses: list[int] = []
    buckets: list[Bucket] = []
    truncated: bool = False


class DeviceEvent(Struct, frozen=True):
    """Something that happened to a device; ``kind`` is a ``block.EventKind``."""

    at_ms: int
    kind: int
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
    dims_version: int
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


class Answer(Struct, frozen=True):
    """A JSON body with one free field, for calls whose result is not a struct."""

    result: Any


class ScopeAsked(Struct, frozen=True):
    """One scope of the viewer on the wire: a subtree, in one zone or sector or in all."""

    org: int
    zone: int | None = None
    sector: str | None = None


class Asked(Struct, frozen=True):
    """The question of a scoped call; each call reads the fields that it knows."""

    scopes: list[ScopeAsked] = []
    needs_version: int = 0
    device: int = 0
    metric: str = ""
    start_ms: int = 0
    end_ms: int = 0
    points: int = 0
    kind: int | None = None
    limit: int = 50
    devices: list[int] | None = None
    folder: str = ""
