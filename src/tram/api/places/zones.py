"""Zones of the province: economic zones, parks and clusters, each with its source and its mark."""

from collections.abc import Mapping, Sequence

import msgspec

from tram.api.http.paging import LIMIT_MAX, cut
from tram.api.http.parameters import Cursor, PageLimit
from tram.api.http.services import Services
from tram.domain.ids import ZoneId
from tram.domain.permissions import Permission
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import Zone

__all__ = ("ZoneItem", "ZoneList", "list_zones", "show_zone", "zones_to_choose")


class ZoneItem(Zone, frozen=True, kw_only=True):
    """A zone; ``approximate`` is true while its position is not surveyed: show it.

    ``devices`` counts those that the viewer may see.
    """

    devices: int


class ZoneList(msgspec.Struct, frozen=True):
    """One page of zones."""

    items: list[ZoneItem]
    next: str | None
    as_of_ms: int


async def list_zones(
    services: Services, viewer: Viewer, cursor: Cursor = None, limit: PageLimit = LIMIT_MAX
) -> ZoneList:
    """Return the zones that the viewer may see, with device counts."""
    rows, following = cut(await services.registry.zones.list(viewer), cursor, limit)
    counts = await _device_counts(services, viewer, [row.id for row in rows])
    items = [_item(row, counts.get(row.id, 0)) for row in rows]
    return ZoneList(items, following, services.clock.now_ms())


async def zones_to_choose(services: Services, viewer: Viewer) -> list[Zone]:
    """Return the zones for a form, none without the permission: counting devices takes longer."""
    return (
        list(await services.registry.zones.list(viewer))
        if viewer.may(Permission.ZONE_READ)
        else []
    )


async def show_zone(services: Services, viewer: Viewer, zone: int) -> ZoneItem:
    """Return one zone.

    Raises:
        Refused: ``zone.unknown``.
    """
    row = await services.registry.zones.one(viewer, ZoneId(zone))
    counts = await _device_counts(services, viewer, [row.id])
    return _item(row, counts.get(row.id, 0))


async def _device_counts(
    services: Services, viewer: Viewer, zones: Sequence[ZoneId]
) -> Mapping[ZoneId, int]:
    """Return how many devices of each zone the viewer may see."""
    if not viewer.may(Permission.DEVICE_READ):
        return {}
    counts = await services.registry.devices.counts_by_zone(viewer)
    return {zone: counts.get(zone, 0) for zone in zones}


def _item(row: Zone, devices: int) -> ZoneItem:
    return ZoneItem(**msgspec.structs.asdict(row), devices=devices)
