"""The map and its twin, the table of what the map shows."""

from litestar import Response, get
from litestar.params import FromQuery

from tram.api import map as atlas
from tram.api.endpoints.taken import TakenServices, TakenViewer
from tram.domain.sectors import SECTORS
from tram.web.rendering import TakenScreen

__all__ = ("map_page",)

_TABLE_ROWS_MAX = 1_000
"""Devices in the table twin; the list of devices has all of them, by pages."""


@get("/map")
async def map_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, view: FromQuery[str] = "map"
) -> Response[str]:
    """Show the map, or the same things as a table (``view=table``)."""
    if view != "table":
        return screen.show("map.html", sectors=SECTORS)
    devices = await atlas.devices_on_map(services, viewer)
    zones = (
        (await atlas.zones_on_map(services, viewer)).features if viewer.may("zone.read") else []
    )
    return screen.show(
        "map_table.html",
        devices=devices.features[:_TABLE_ROWS_MAX],
        devices_total=len(devices.features),
        truncated=devices.truncated,
        problem=devices.problem,
        zones=zones,
        as_of_ms=devices.as_of_ms,
    )
