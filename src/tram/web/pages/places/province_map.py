"""The map and its twin, the table of what the map shows."""

from collections.abc import Sequence

from litestar import Response, get
from litestar.params import FromQuery

from tram.api.places import map as atlas
from tram.api.places.layers import LINES_ON_MAP, layer_lines, list_layers
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.rollout.inventory.areas.layers import MapShape
from tram.web.page_context import PageContext, TakenPage

_TABLE_ROWS_MAX = 1_000
"""Devices in the table twin; the list of devices has all of them, by pages."""


_LINES = ("road", "fibre")


@get("/map")
async def map_page(page: TakenPage, view: FromQuery[str] = "map") -> Response[str]:
    """Show the map, or the same things as a table (``view=table``)."""
    layers = (await page.call(list_layers)).items if page.may(Permission.ZONE_READ) else []
    if view != "table":
        drawn = [layer for layer in layers if layer.layer in LINES_ON_MAP]
        box = page.services.province.view
        corners = [[box.west, box.south], [box.east, box.north]]
        return page.show("places/map.html", sectors=SECTORS, lines=drawn, view=corners)
    devices = await page.call(atlas.devices_on_map) if page.may(Permission.DEVICE_READ) else None
    zones = (
        (await page.call(atlas.zones_on_map)).features if page.may(Permission.ZONE_READ) else []
    )
    return page.show(
        "places/map_table.html",
        devices=devices.features[:_TABLE_ROWS_MAX] if devices else [],
        devices_total=len(devices.features) if devices else 0,
        truncated=devices.truncated if devices else False,
        problem=devices.problem if devices else "",
        zones=zones,
        layers=layers,
        lines=await _lines(page, [layer.layer for layer in layers]),
    )


async def _lines(page: PageContext, there: Sequence[str]) -> list[tuple[str, MapShape]]:
    """Return kind and figures of each line that the map can show."""
    found = [
        (layer, shape)
        for layer in _LINES
        if layer in there
        for shape in await page.call(layer_lines, layer)
    ]
    return found[:_TABLE_ROWS_MAX]
