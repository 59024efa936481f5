"""Routes of devices."""

import msgspec
from litestar.response import Stream

from tram.api.devices import devices
from tram.api.http.list_files import CsvPage, csv_response
from tram.api.http.paging import LIMIT_MAX
from tram.api.http.route_table import delete, get, post, tagged
from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer

__all__ = ("ROUTES",)

_COLUMNS = (
    "id name code org_name zone_name sector profile_name_vi profile_name_en lon lat synthetic"
    " state last_seen_ms messages refused"
)


async def get_devices_csv(
    services: Services, viewer: Viewer, wanted: devices.DeviceFilter
) -> Stream:
    """The same list with the same filter as CSV."""

    async def fetch(cursor: str | None) -> CsvPage:
        """Return the page after a cursor."""
        more = msgspec.structs.replace(wanted, cursor=cursor, limit=LIMIT_MAX)
        page = await devices.list_devices(services, viewer, more)
        return page.items, page.next

    return await csv_response("devices", _COLUMNS.split(), fetch)


ROUTES = tagged(
    "devices",
    get(
        "/devices",
        devices.list_devices,
        "List devices",
        "Devices by name; the search ignores accents and finds words in name or code.",
    ),
    get(
        "/devices.csv",
        get_devices_csv,
        "Download devices",
        noun="devices_csv",
        media_type="text/csv",
    ),
    post(
        "/devices",
        devices.create_device,
        "Add a device",
        "The answer holds the device's token, which is shown this once only.",
    ),
    get(
        "/devices/{device:int}",
        devices.show_device,
        "One device",
        "The device with its place, profile, state and what the viewer may do with it.",
    ),
    delete(
        "/devices/{device:int}",
        devices.remove_device,
        "Remove a device",
        "Its tokens and loans end at once; its readings stay.",
    ),
)
