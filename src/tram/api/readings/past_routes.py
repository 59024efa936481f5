"""Routes of the past: aggregates, completeness, gaps, corrections, quarantine, exports."""

from collections.abc import Mapping
from typing import Annotated, TypeVar

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream

from tram.api.devices.downlinks import QueuedDownlink
from tram.api.http.faults import faults_of_struct
from tram.api.http.list_files import with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import PageLimit, TakenServices, TakenViewer
from tram.api.readings.corrections import (
    CorrectionForm,
    CorrectionList,
    CorrectionView,
    correct,
    corrections_of,
    undo_correction,
)
from tram.api.readings.exports import ExportQuery, export_readings
from tram.api.readings.past import (
    AggregateList,
    BacklogForm,
    CompletenessList,
    GapList,
    PastQuery,
    QuarantineList,
    aggregated,
    completeness_of,
    gaps_of,
    quarantine_of,
    request_backlog,
)
from tram.domain.bounds import Line
from tram.runtime.errors import Refused

__all__ = ("past_routes",)

_Wanted = TypeVar("_Wanted", bound=msgspec.Struct)
_Moment = Annotated[int | None, QueryParameter(description="Required; UTC epoch ms.")]
_Step = Annotated[str, QueryParameter(description="hour, day or (completeness) month.")]
_By = Annotated[
    str,
    QueryParameter(
        description="device, org, zone, sector; of one device also metric; completeness also series."
    ),
]


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why something is undone."""

    reason: Line


async def provide_past(  # noqa: PLR0913, PLR0917  # the query has these parts
    start_ms: _Moment = None,
    end_ms: _Moment = None,
    metric: FromQuery[str] = "",
    device: FromQuery[int | None] = None,
    zone: FromQuery[int | None] = None,
    sector: FromQuery[str | None] = None,
    step: _Step = "",
    by: _By = "",
    kind: FromQuery[str | None] = None,
    limit: FromQuery[int] = 200,
) -> PastQuery:
    """Read a question about the past from the query; all that is wrong is named at once."""
    given = {
        "start_ms": start_ms,
        "end_ms": end_ms,
        "metric": metric,
        "device": device,
        "zone": zone,
        "sector": sector,
        "step": step,
        "by": by,
        "kind": kind,
        "limit": limit,
    }
    return _converted(given, PastQuery)


async def provide_export(  # noqa: PLR0913, PLR0917  # likewise
    start_ms: _Moment = None,
    end_ms: _Moment = None,
    device: FromQuery[list[int] | None] = None,
    metric: FromQuery[list[str] | None] = None,
    zone: FromQuery[int | None] = None,
    sector: FromQuery[str | None] = None,
) -> ExportQuery:
    """Read what goes into a file; ``device`` and ``metric`` may be named several times."""
    given = {
        "start_ms": start_ms,
        "end_ms": end_ms,
        "devices": device,
        "metrics": metric,
        "zone": zone,
        "sector": sector,
    }
    return _converted(given, ExportQuery)


_PAST = {"wanted": Provide(provide_past)}


@get("/aggregates", summary="One metric over many devices", dependencies=_PAST)
async def get_aggregates(
    services: TakenServices, viewer: TakenViewer, wanted: NamedDependency[PastQuery]
) -> AggregateList:
    """Mean, least and greatest of one metric over everything in scope, by step and group."""
    return await aggregated(services, viewer, wanted)


@get("/completeness", summary="Expected and received readings", dependencies=_PAST)
async def get_completeness(
    services: TakenServices, viewer: TakenViewer, wanted: NamedDependency[PastQuery]
) -> CompletenessList:
    """How much of what was expected came: over the span, or by hour, Vietnamese day or month."""
    return await completeness_of(services, viewer, wanted)


@get("/gaps", summary="The gap ledger", dependencies=_PAST)
async def get_gaps(
    services: TakenServices, viewer: TakenViewer, wanted: NamedDependency[PastQuery]
) -> GapList:
    """Silences, late fills and stuck clocks that touch a span, the longest first."""
    return await gaps_of(services, viewer, wanted)


@get("/quarantine", summary="Rows set aside")
async def get_quarantine(
    services: TakenServices,
    viewer: TakenViewer,
    device: FromQuery[int | None] = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> QuarantineList:
    """Rows that no table took, with the reason, newest first."""
    return await quarantine_of(services, viewer, device, limit)


@get(
    "/exports/{kind:str}",
    summary="Readings as a file",
    dependencies={"wanted": Provide(provide_export)},
)
async def get_export(
    services: TakenServices,
    viewer: TakenViewer,
    kind: FromPath[str],
    wanted: NamedDependency[ExportQuery],
) -> Stream:
    """Every reading in scope as csv, parquet or xlsx (up to a sheet's 1,048,575 rows)."""
    return await export_readings(services, viewer, kind, wanted)


@get("/devices/{device:int}/corrections", summary="Corrections")
async def get_corrections(
    services: TakenServices, viewer: TakenViewer, device: FromPath[int]
) -> CorrectionList:
    """Who corrected readings of the device, why and when, newest first."""
    return await corrections_of(services, viewer, device)


@post("/devices/{device:int}/corrections", summary="Correct readings")
async def post_correction(
    services: TakenServices,
    viewer: TakenViewer,
    device: FromPath[int],
    data: JSONBody[CorrectionForm],
) -> CorrectionView:
    """Scale a span, or mark it as measured without valid calibration; the old values stay."""
    return await correct(services, viewer, device, data)


@post("/devices/{device:int}/corrections/{correction:int}/undo", summary="Undo a correction")
async def post_undo(
    services: TakenServices,
    viewer: TakenViewer,
    device: FromPath[int],
    correction: FromPath[int],
    data: JSONBody[Reason],
) -> CorrectionView:
    """Bring the earlier values back, as a further revision."""
    return await undo_correction(services, viewer, device, correction, data.reason)


@post("/devices/{device:int}/backlog", summary="Ask for what is missing")
async def post_backlog(
    services: TakenServices,
    viewer: TakenViewer,
    device: FromPath[int],
    data: JSONBody[BacklogForm],
) -> QueuedDownlink:
    """Send the device the call resendTelemetry with a span; it waits up to a day for the device."""
    return await request_backlog(services, viewer, device, data)


def past_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_aggregates,
                get_completeness,
                get_gaps,
                get_quarantine,
                get_export,
                get_corrections,
                post_correction,
                post_undo,
                post_backlog,
            ]
        ),
        tags=["history"],
    )


def _converted(given: Mapping[str, object], wanted: type[_Wanted]) -> _Wanted:
    named = {name: value for name, value in given.items() if value is not None}
    faults = faults_of_struct(wanted, named)
    if faults:
        raise Refused(
            "request.invalid",
            "Some fields are missing or wrong.",
            "Mend the fields named under faults.",
            tuple(faults),
        )
    return msgspec.convert(named, wanted)
