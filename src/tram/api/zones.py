"""Zones of the province: economic zones, parks and clusters, each with its source and its mark."""

import msgspec

from tram.api.paging import LIMIT_MAX, cut
from tram.api.services import Services
from tram.domain.ids import ZoneId
from tram.registry.viewer import Viewer
from tram.registry.views import Zone

__all__ = ("ZoneItem", "ZoneList", "list_zones", "show_zone")


class ZoneItem(msgspec.Struct, frozen=True, kw_only=True):
    """A zone; ``approximate`` is true while its position is not surveyed: show it.

    ``devices`` counts those that the viewer may see.
    """

    id: int
    code: str
    kind: str
    name: str
    status: str
    area_ha: float | None
    area_mark: str
    area_source: str
    lon: float | None
    lat: float | None
    coord_mark: str
    coord_quality: str
    commune: str
    approximate: bool
    devices: int


class ZoneList(msgspec.Struct, frozen=True):
    """One page of zones."""

    items: list[ZoneItem]
    next: str | None
    as_of_ms: int


async def list_zones(
    services: Services, viewer: Viewer, cursor: str | None = None, limit: int = LIMIT_MAX
) -> ZoneList:
    """Return the zones that the viewer may see, with device counts."""
    rows, following = cut(await services.registry.zones.list(viewer), cursor, limit)
    items = [_item(row, await _device_count(services, viewer, row.id)) for row in rows]
    return ZoneList(items, following, services.clock.now_ms())


async def show_zone(services: Services, viewer: Viewer, zone: int) -> ZoneItem:
    """Return one zone.

    Raises:
        Refused: ``zone.unknown``.
    """
    row = await services.registry.zones.one(viewer, ZoneId(zone))
    return _item(row, await _device_count(services, viewer, row.id))


async def _device_count(services: Services, viewer: Viewer, zone: ZoneId) -> int:
    """Return how many devices of the zone the viewer may see."""
    if not viewer.may("device.read"):
        return 0
    return (await services.registry.devices.page(viewer, zone=zone, limit=1)).total


def _item(row: Zone, devices: int) -> ZoneItem:
    return ZoneItem(**msgspec.structs.asdict(row), devices=devices)
