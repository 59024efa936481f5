"""The list of devices: search, filters, pages. The interface gives the same list as a file."""

from typing import Annotated
from urllib.parse import urlencode

from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter

from tram.api.devices.devices import DeviceFilter, list_devices
from tram.api.places.zones import zones_to_choose
from tram.domain.bounds import number_of
from tram.domain.sectors import SECTORS
from tram.web.page_context import TakenPage
from tram.web.words.terms import STATES

_PAGE_ROWS = 50


def provide_filter(  # noqa: PLR0913  # the address has these parts
    *,
    search: FromQuery[str] = "",
    zone: FromQuery[str] = "",
    sector: FromQuery[str] = "",
    org: FromQuery[str] = "",
    wanted_state: Annotated[str, QueryParameter(name="state")] = "",
    cursor: FromQuery[str] = "",
) -> DeviceFilter:
    """Read the filter from the address; an empty or senseless part filters nothing."""
    return DeviceFilter(
        search=search.strip(),
        zone=number_of(zone),
        sector=sector if sector in SECTORS else None,
        org=number_of(org),
        state=wanted_state if wanted_state in STATES else None,
        cursor=cursor or None,
        limit=_PAGE_ROWS,
    )


@get("/devices", dependencies={"wanted": Provide(provide_filter, sync_to_thread=False)})
async def devices_page(
    page: TakenPage,
    wanted: NamedDependency[DeviceFilter],
) -> Response[str]:
    """Show one page of the list; the whole question stands in the address."""
    found = await page.call(list_devices, wanted)
    zones = await page.call(zones_to_choose)
    first = _query(wanted)
    return page.show(
        "devices/devices.html",
        page=found,
        wanted=wanted,
        filtered=bool(first),
        zones=zones,
        sectors=SECTORS,
        first=first,
        following=_query(wanted, cursor=found.next) if found.next else "",
    )


def _query(wanted: DeviceFilter, cursor: str | None = None) -> str:
    """Return the filter as the query of an address, without its empty parts."""
    parts = {
        "search": wanted.search,
        "zone": wanted.zone,
        "sector": wanted.sector,
        "org": wanted.org,
        "state": wanted.state,
        "cursor": cursor,
    }
    return urlencode({name: value for name, value in parts.items() if value not in {None, ""}})
