"""Routes of what one device said and what happened to it."""

from typing import Annotated

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter

from tram.api.devices.device_events import (
    DeviceAttributes,
    DeviceAudience,
    DeviceEvents,
    DeviceMessages,
    device_attributes,
    device_audience,
    device_events,
    device_messages,
)
from tram.api.http.faults import faults_of_struct
from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import PageLimit, TakenServices, TakenViewer
from tram.api.readings.readings import (
    POINTS_DEFAULT,
    POINTS_MAX,
    LatestReadings,
    RangeQuery,
    ReadingRange,
    latest_readings,
    range_rows,
    reading_range,
)
from tram.runtime.errors import Refused

__all__ = ("reading_routes",)

_LATEST_COLUMNS = ("metric", "value", "unit", "status", "quality", "observed_at_ms")
_RANGE_COLUMNS = ("time_ms", "value", "low", "high")
_EVENT_COLUMNS = ("at_ms", "kind", "code", "detail")


async def provide_range(
    metric: Annotated[str | None, QueryParameter(description="Required.")] = None,
    start_ms: Annotated[int | None, QueryParameter(description="Required; UTC epoch ms.")] = None,
    end_ms: Annotated[int | None, QueryParameter(description="Required; after start_ms.")] = None,
    points: Annotated[int, QueryParameter(ge=1, le=POINTS_MAX)] = POINTS_DEFAULT,
    thin: Annotated[str, QueryParameter(description="minmax or lttb.")] = "minmax",
) -> RangeQuery:
    """Read a span of one metric from the query; all that is missing is named at once."""
    named = {"metric": metric, "start_ms": start_ms, "end_ms": end_ms, "points": points}
    named["thin"] = thin
    given = {name: value for name, value in named.items() if value is not None}
    faults = faults_of_struct(RangeQuery, given)
    if faults:
        raise Refused(
            "request.invalid",
            "Some fields are missing or wrong.",
            "Mend the fields named under faults.",
            tuple(faults),
        )
    return msgspec.convert(given, RangeQuery)


@get("/devices/{device:int}/latest", summary="Newest values")
async def get_latest(
    services: TakenServices, viewer: TakenViewer, device: FromPath[int]
) -> LatestReadings:
    """Every metric with its newest value, its age and its quality."""
    return await latest_readings(services, viewer, device)


@get(
    "/devices/{device:int}/readings",
    summary="One metric over time",
    dependencies={"wanted": Provide(provide_range)},
)
async def get_readings(
    services: TakenServices,
    viewer: TakenViewer,
    device: FromPath[int],
    wanted: NamedDependency[RangeQuery],
) -> ReadingRange:
    """Raw values if they are few enough, else steps with least, greatest and last value."""
    return await reading_range(services, viewer, device, wanted)


@get("/devices/{device:int}/events", summary="Events and refusals")
async def get_events(
    services: TakenServices,
    viewer: TakenViewer,
    device: FromPath[int],
    kind: FromQuery[str | None] = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> DeviceEvents:
    """What happened, newest first; `kind=refused` gives the refusals with their reasons."""
    return await device_events(services, viewer, device, kind, limit)


@get("/devices/{device:int}/messages", summary="Accepted messages")
async def get_messages(
    services: TakenServices,
    viewer: TakenViewer,
    device: FromPath[int],
    limit: PageLimit = LIMIT_DEFAULT,
) -> DeviceMessages:
    """The newest messages with their first few values."""
    return await device_messages(services, viewer, device, limit)


@get("/devices/{device:int}/attributes", summary="Attributes")
async def get_attributes(
    services: TakenServices, viewer: TakenViewer, device: FromPath[int]
) -> DeviceAttributes:
    """What the device states about itself."""
    return await device_attributes(services, viewer, device)


@get("/devices/{device:int}/audience", summary="Who may see it")
async def get_audience(
    services: TakenServices, viewer: TakenViewer, device: FromPath[int]
) -> DeviceAudience:
    """Organisations that may read the device: by ownership, by role, by grant."""
    return await device_audience(services, viewer, device)


def reading_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_latest,
                table_of(
                    get_latest,
                    table=TableFile(
                        "device-{device}-latest", _LATEST_COLUMNS, "Download newest values"
                    ),
                ),
                get_readings,
                table_of(
                    get_readings,
                    table=TableFile(
                        "device-{device}-readings",
                        _RANGE_COLUMNS,
                        "Download one metric over time",
                        range_rows,
                    ),
                ),
                get_events,
                table_of(
                    get_events,
                    table=TableFile("device-{device}-events", _EVENT_COLUMNS, "Download events"),
                ),
                get_messages,
                get_attributes,
                get_audience,
            ]
        ),
        tags=["readings"],
    )
