"""What one device said: newest values, and one metric over a span of time."""

from typing import Annotated, Literal

import msgspec
from litestar.params import QueryParameter

from tram.api.devices.states import age_s
from tram.api.http.parameters import AskedMs
from tram.api.http.services import Services
from tram.domain.ids import DeviceId
from tram.domain.reading import Kind, Quality, Status, Value
from tram.fleet.store.queries.questions import LatestValues, SeriesRange, TimeSpan
from tram.fleet.store.views import LatestValue, Series
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import MetricDefinition
from tram.runtime.errors import Fault, Refused

__all__ = (
    "LatestReading",
    "LatestReadings",
    "RangeQuery",
    "RangeRow",
    "ReadingRange",
    "latest_readings",
    "range_rows",
    "reading_range",
)

POINTS_DEFAULT = 600
POINTS_MAX = 5_000


class LatestReading(msgspec.Struct, frozen=True, kw_only=True):
    """The newest value of one metric; names and unit come from the profile, else the key.

    ``status`` and ``quality`` are lower-case words of ``domain.reading``.
    """

    metric: str
    name_vi: str
    name_en: str
    unit: str
    kind: str
    value: Value
    status: str
    quality: list[str]
    observed_at_ms: int
    received_at_ms: int
    age_s: int


class LatestReadings(msgspec.Struct, frozen=True):
    """All metrics of a device, in the order of its profile, then by key."""

    items: list[LatestReading]
    as_of_ms: int


class RangeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A span [start, end) of one metric, thinned to about ``points`` steps."""

    metric: Annotated[str, QueryParameter(description="Required.")]
    start_ms: AskedMs
    end_ms: Annotated[int, QueryParameter(description="Required; after start_ms.")]
    points: Annotated[
        int, msgspec.Meta(ge=1, le=POINTS_MAX), QueryParameter(ge=1, le=POINTS_MAX)
    ] = POINTS_DEFAULT
    thin: Annotated[Literal["minmax", "lttb"], QueryParameter(description="minmax or lttb.")] = (
        "minmax"
    )


class ReadingRange(msgspec.Struct, frozen=True, kw_only=True):
    """Columns of equal length over time.

    ``raw`` says that nothing was thinned: then ``low`` and ``high`` are empty. Otherwise ``times``
    are the starts of steps with the least, greatest and last value of each. ``truncated`` says that
    a text had more values than asked for, and only the newest are here; ``thinned`` that the
    readings are those that carry the shape (``thin=lttb``). ``marks`` says of each point what is
    to be known of it: empty, or status and quality words; for steps, that not all were good.
    """

    metric: str
    name_vi: str
    name_en: str
    unit: str
    raw: bool
    truncated: bool
    times: list[int]
    values: list[Value]
    low: list[float]
    high: list[float]
    as_of_ms: int
    thinned: bool = False
    marks: list[str] = []


class RangeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a range; ``low`` and ``high`` are None where the value is raw."""

    time_ms: int
    value: Value
    low: float | None
    high: float | None


async def latest_readings(services: Services, viewer: Viewer, device: int) -> LatestReadings:
    """Return the newest value of every metric with its age."""
    detail = await services.registry.devices.one(viewer, DeviceId(device))
    definitions = {metric.key: metric for metric in detail.profile_detail.metrics}
    order = {key: place for place, key in enumerate(definitions)}
    found = await services.store.ask(viewer, LatestValues(device))
    now_ms = services.clock.now_ms()
    found.sort(key=lambda value: (order.get(value.metric, len(order)), value.metric))
    return LatestReadings([_latest(value, definitions, now_ms) for value in found], now_ms)


async def reading_range(
    services: Services, viewer: Viewer, device: int, wanted: RangeQuery
) -> ReadingRange:
    """Return one metric over a time span.

    Raises:
        Refused: ``range.invalid`` for a span that ends before it starts.
    """
    if wanted.end_ms <= wanted.start_ms:
        raise Refused(
            "range.invalid",
            "The span ends before it starts.",
            "Let end_ms be later than start_ms.",
            (Fault("end_ms", "end.too_early"),),
        )
    definitions = await _definitions(services, viewer, DeviceId(device))
    span = TimeSpan(wanted.start_ms, wanted.end_ms)
    question = SeriesRange(device, wanted.metric, span, wanted.points, wanted.thin)
    series = await services.store.ask(viewer, question)
    definition = _definition(series.metric, definitions)
    return _columns(series, definition, services.clock.now_ms())


def range_rows(found: ReadingRange) -> list[RangeRow]:
    """Return the columns of a range as lines."""
    low: list[float | None] = [*found.low] or [None] * len(found.times)
    high: list[float | None] = [*found.high] or [None] * len(found.times)
    return [
        RangeRow(time_ms=time, value=value, low=least, high=greatest)
        for time, value, least, greatest in zip(found.times, found.values, low, high, strict=True)
    ]


async def _definitions(
    services: Services, viewer: Viewer, device: DeviceId
) -> dict[str, MetricDefinition]:
    """Return the profile's metrics; none for a past owner, who reads the past only.

    Raises:
        Refused: ``device.unknown`` for who neither may read the device nor had it before.
    """
    try:
        detail = await services.registry.devices.one(viewer, device)
    except Refused as error:
        if error.code != "device.unknown":
            raise
        await services.registry.devices.must_know(viewer, device)
        return {}
    return {metric.key: metric for metric in detail.profile_detail.metrics}


def _columns(series: Series, definition: MetricDefinition, now_ms: int) -> ReadingRange:
    buckets = series.buckets
    return ReadingRange(
        metric=series.metric,
        name_vi=definition.name_vi,
        name_en=definition.name_en,
        unit=definition.unit,
        raw=series.raw,
        truncated=series.truncated,
        times=series.times if series.raw else [bucket.start_ms for bucket in buckets],
        values=series.values if series.raw else [bucket.last for bucket in buckets],
        low=[bucket.low for bucket in buckets],
        high=[bucket.high for bucket in buckets],
        as_of_ms=now_ms,
        thinned=series.thinned,
        marks=_marks(series),
    )


def _marks(series: Series) -> list[str]:
    """Return what is to be known of each point; nothing at all if that is nothing."""
    if series.raw:
        pairs = zip(series.statuses, series.qualities, strict=True)
        marks = [_mark(status, quality) for status, quality in pairs]
    else:
        marks = ["" if b.good == b.count else "partly_good" for b in series.buckets]
    return marks if any(marks) else []


def _mark(status: int, quality: int) -> str:
    words = [] if status == Status.MEASURING else [_status_word(status)]
    shown = Quality(quality) & (Quality.CORRECTED | Quality.INVALID | Quality.CONFLICTING)
    return " ".join([*words, *(flag.name.lower() for flag in shown if flag.name)])


def _latest(
    value: LatestValue, definitions: dict[str, MetricDefinition], now_ms: int
) -> LatestReading:
    definition = _definition(value.metric, definitions)
    return LatestReading(
        metric=value.metric,
        name_vi=definition.name_vi,
        name_en=definition.name_en,
        unit=definition.unit,
        kind=Kind(value.kind).name.lower(),
        value=value.value,
        status=_status_word(value.status),
        quality=[flag.name.lower() for flag in Quality(value.quality) if flag.name],
        observed_at_ms=value.observed_at_ms,
        received_at_ms=value.received_at_ms,
        age_s=age_s(now_ms, value.observed_at_ms) or 0,
    )


def _definition(key: str, definitions: dict[str, MetricDefinition]) -> MetricDefinition:
    """Return what the profile says of a metric; one that it does not know goes by its key."""
    unknown = MetricDefinition(key=key, name_vi=key, name_en=key, unit="")
    return definitions.get(key, unknown)


def _status_word(status: int) -> str:
    """Return the instrument's state; a number that no version knows stays a number."""
    return Status(status).name.lower() if status in set(Status) else str(status)
