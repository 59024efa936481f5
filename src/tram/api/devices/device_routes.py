"""Routes of devices."""

from collections.abc import Sequence
from typing import Annotated

from litestar import Router, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream

from tram.api.devices.devices import (
    CreatedDevice,
    DeviceFilter,
    DevicePage,
    DeviceView,
    NewDeviceForm,
    create_device,
    list_devices,
    remove_device,
    show_device,
)
from tram.api.http.list_files import CsvPage, csv_response, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT, LIMIT_MAX
from tram.api.http.parameters import Cursor, PageLimit, TakenServices, TakenViewer

__all__ = ("device_routes",)

_COLUMNS: Sequence[str] = (
    "id",
    "name",
    "code",
    "org_name",
    "zone_name",
    "sector",
    "profile_name_vi",
    "profile_name_en",
    "lon",
    "lat",
    "synthetic",
    "state",
    "last_seen_ms",
    "messages",
    "refused",
)


async def provide_filter(  # noqa: PLR0913, PLR0917  # the filters of one list
    search: FromQuery[str] = "",
    zone: FromQuery[int | None] = None,
    sector: FromQuery[str | None] = None,
    org: FromQuery[int | None] = None,
    device_state: Annotated[str | None, QueryParameter(name="state")] = None,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> DeviceFilter:
    """Read the filter of the device list from the query."""
    return DeviceFilter(
        search=search,
        zone=zone,
        sector=sector,
        org=org,
        state=device_state,
        cursor=cursor,
        limit=limit,
    )


@get("/devices", summary="List devices", dependencies={"wanted": Provide(provide_filter)})
async def get_devices(
    services: TakenServices, viewer: TakenViewer, wanted: NamedDependency[DeviceFilter]
) -> DevicePage:
    """Devices by name; the search ignores accents and finds words in name or code."""
    return await list_devices(services, viewer, wanted)


@get(
    "/devices.csv",
    summary="Download devices",
    dependencies={"wanted": Provide(provide_filter)},
    media_type="text/csv",
)
async def get_devices_csv(
    services: TakenServices, viewer: TakenViewer, wanted: NamedDependency[DeviceFilter]
) -> Stream:
    """The same list with the same filter as CSV."""

    async def fetch(cursor: str | None) -> CsvPage:
        """Return the page after a cursor."""
        page = await list_devices(
            services,
            viewer,
            DeviceFilter(
                search=wanted.search,
                zone=wanted.zone,
                sector=wanted.sector,
                org=wanted.org,
                state=wanted.state,
                cursor=cursor,
                limit=LIMIT_MAX,
            ),
        )
        return page.items, page.next

    return await csv_response("devices", _COLUMNS, fetch)


@post("/devices", summary="Add a device")
async def post_device(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[NewDeviceForm]
) -> CreatedDevice:
    """The answer holds the device's token, which is shown this once only."""
    return await create_device(services, viewer, data)


@get("/devices/{device:int}", summary="One device")
async def get_device(
    services: TakenServices, viewer: TakenViewer, device: FromPath[int]
) -> DeviceView:
    """The device with its place, profile, state and what the viewer may do with it."""
    return await show_device(services, viewer, device)


@delete("/devices/{device:int}", summary="Remove a device")
async def delete_device(
    services: TakenServices, viewer: TakenViewer, device: FromPath[int]
) -> None:
    """Its tokens and loans end at once; its readings stay."""
    await remove_device(services, viewer, device)


def device_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_devices,
                get_devices_csv,
                post_device,
                get_device,
                delete_device,
            ]
        ),
        tags=["devices"],
    )
