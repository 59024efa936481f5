"""The past over devices and scopes: aggregates, completeness, the gap ledger, what was set aside."""

from typing import Annotated

import msgspec
from litestar.params import FromQuery, QueryParameter

from tram.api.devices.downlinks import CallForm, QueuedDownlink, call_device
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import AskedMs, PageLimit
from tram.api.http.services import Services
from tram.domain.bounds import MomentMs
from tram.domain.ids import DeviceId
from tram.fleet.store.queries.questions import (
    Aggregates,
    Completeness,
    GapEntries,
    QuarantinedRows,
    Selection,
    TimeSpan,
)
from tram.fleet.store.views import EntryKind
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Fault, Refused

__all__ = (
    "AggregateList",
    "AggregateRow",
    "BacklogForm",
    "CompletenessList",
    "CompletenessRow",
    "GapList",
    "GapRow",
    "PastQuery",
    "QuarantineList",
    "QuarantineRow",
    "aggregated",
    "completeness_of",
    "gaps_of",
    "quarantine_of",
    "request_backlog",
)

_ROWS_MAX = 1_000
RESEND_METHOD = "resendTelemetry"
_BACKLOG_LASTS_S = 86_400


class PastQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A span [start, end), what it is about, and how the answer is grouped and stepped."""

    start_ms: AskedMs
    end_ms: AskedMs
    metric: str = ""
    device: int | None = None
    zone: int | None = None
    sector: str | None = None
    step: Annotated[str, QueryParameter(description="hour, day or (completeness) month.")] = ""
    by: Annotated[
        str,
        QueryParameter(
            description="device, org, zone, sector; of one device also metric; completeness also series."
        ),
    ] = ""
    kind: str | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=_ROWS_MAX)] = 200


class BacklogForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The span [start, end) that a device is asked to send again."""

    start_ms: MomentMs
    end_ms: MomentMs


class AggregateRow(msgspec.Struct, frozen=True, kw_only=True):
    """One metric over a group in one step: mean, least and greatest of the good numbers.

    ``good`` of the ``readings`` were measured and valid; ``mean`` is None where none was a number.
    """

    start_ms: int
    group: str
    mean: float | None
    low: float | None
    high: float | None
    readings: int
    good: int
    series: int


class AggregateList(msgspec.Struct, frozen=True):
    """Rows by time, then group."""

    items: list[AggregateRow]
    as_of_ms: int


class CompletenessRow(msgspec.Struct, frozen=True, kw_only=True):
    """How many readings a group should have had in a step, and had; ``share`` of 0 to 1."""

    start_ms: int
    group: str
    expected: int
    came: int
    share: float
    readings: int
    good: int
    series: int


class CompletenessList(msgspec.Struct, frozen=True):
    """Rows by time, then group; nothing is expected from ``until_ms`` on."""

    items: list[CompletenessRow]
    until_ms: int
    as_of_ms: int


class GapRow(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the ledger; ``kind`` is gap, late_fill or stuck_clock."""

    kind: str
    device: int
    metric: str
    start_ms: int
    end_ms: int
    readings: int
    noted_at_ms: int


class GapList(msgspec.Struct, frozen=True):
    """Open silences of the device that was asked for, then the longest entries."""

    items: list[GapRow]
    as_of_ms: int


class QuarantineRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that no table took, and why: ``reason`` is a code, ``detail`` the engine's words."""

    device: int
    metric: str
    value: str
    reason: str
    detail: str
    observed_at_ms: int
    received_at_ms: int


class QuarantineList(msgspec.Struct, frozen=True):
    """Rows, newest first."""

    items: list[QuarantineRow]
    as_of_ms: int


async def aggregated(services: Services, viewer: Viewer, wanted: PastQuery) -> AggregateList:
    """Return one metric over everything in scope, by hour or day and by group.

    Raises:
        Refused: ``range.invalid`` for a span that ends before it starts.
    """
    selection, span = await _checked(services, viewer, wanted)
    question = Aggregates(selection, span, wanted.step, wanted.by)
    points = await services.store.ask(viewer, question)
    items = [
        AggregateRow(
            start_ms=point.start_ms,
            group=point.group,
            mean=point.mean if point.numbers else None,
            low=point.low if point.numbers else None,
            high=point.high if point.numbers else None,
            readings=point.readings,
            good=point.good,
            series=point.series,
        )
        for point in points
    ]
    return AggregateList(items, services.clock.now_ms())


async def completeness_of(
    services: Services, viewer: Viewer, wanted: PastQuery
) -> CompletenessList:
    """Return how much of what was expected came."""
    selection, span = await _checked(services, viewer, wanted)
    question = Completeness(selection, span, wanted.step, wanted.by)
    points = await services.store.ask(viewer, question)
    items = [
        CompletenessRow(
            **msgspec.structs.asdict(point),
            share=round(point.came / point.expected, 6) if point.expected else 1.0,
        )
        for point in points
    ]
    until_ms = (await services.store.status()).rolled_until_ms
    return CompletenessList(items, min(until_ms, span.end_ms), services.clock.now_ms())


async def gaps_of(services: Services, viewer: Viewer, wanted: PastQuery) -> GapList:
    """Return gaps, late fills and stuck clocks that touch a span.

    Raises:
        Refused: ``kind.invalid`` for a word that names no kind of entry.
    """
    selection, span = await _checked(services, viewer, wanted)
    question = GapEntries(selection, span, _kind_of(wanted.kind), wanted.limit)
    found = await services.store.ask(viewer, question)
    items = [
        GapRow(**msgspec.structs.asdict(entry) | {"kind": EntryKind(entry.kind).name.lower()})
        for entry in found
    ]
    return GapList(items, services.clock.now_ms())


async def quarantine_of(
    services: Services,
    viewer: Viewer,
    device: FromQuery[int | None] = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> QuarantineList:
    """Return the newest rows that were set aside, of one device or of all in scope."""
    if device is not None:
        await services.registry.devices.one(viewer, DeviceId(device))
    question = QuarantinedRows(Selection(device=device or 0), limit)
    found = await services.store.ask(viewer, question)
    items = [QuarantineRow(**msgspec.structs.asdict(row)) for row in found]
    return QuarantineList(items, services.clock.now_ms())


async def request_backlog(
    services: Services, viewer: Viewer, device: int, wanted: BacklogForm
) -> QueuedDownlink:
    """Ask a device to send again what it measured in a span, by the protocol that it speaks.

    The call ``resendTelemetry`` carries ``startTs`` and ``endTs``; a sleeping device gets it when it
    connects within a day. What it sends then fills the gap as late readings do.
    """
    if wanted.end_ms <= wanted.start_ms:
        raise Refused("range.invalid", "The span ends before it starts.")
    span = {"startTs": wanted.start_ms, "endTs": wanted.end_ms}
    form = CallForm(method=RESEND_METHOD, params=span, oneway=True, lasts_s=_BACKLOG_LASTS_S)
    return await call_device(services, viewer, device, form)


async def _checked(
    services: Services, viewer: Viewer, wanted: PastQuery
) -> tuple[Selection, TimeSpan]:
    if wanted.end_ms <= wanted.start_ms:
        raise Refused(
            "range.invalid",
            "The span ends before it starts.",
            "Let end_ms be later than start_ms.",
            (Fault("end_ms", "end.too_early"),),
        )
    if wanted.device is not None:
        await services.registry.devices.must_know(viewer, DeviceId(wanted.device))
    _kind_of(wanted.kind)  # refused also where no entry is asked for
    selection = Selection(
        metric=wanted.metric,
        device=wanted.device or 0,
        zone=wanted.zone,
        sector=wanted.sector,
    )
    return selection, TimeSpan(wanted.start_ms, wanted.end_ms)


def _kind_of(word: str | None) -> int | None:
    if word is None:
        return None
    known = {kind.name.lower(): int(kind) for kind in EntryKind}
    if word not in known:
        raise Refused(
            "kind.invalid",
            "There is no such kind of entry.",
            f"Use one of: {', '.join(known)}.",
            (Fault("kind", "entry.kind"),),
        )
    return known[word]
