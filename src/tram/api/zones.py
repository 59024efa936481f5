"""Zones of the province: industrial parks and clusters, each with its source and its mark."""

import msgspec

from tram.api.services import Services
from tram.registry.viewer import Viewer

__all__ = ("ZoneItem", "ZoneList", "list_zones", "show_zone")


class ZoneItem(msgspec.Struct, frozen=True, kw_only=True):
    """A zone; ``approximate`` marks a position not taken from an official survey."""

    id: int
    name: str
    kind: str
    lon: float | None
    lat: float | None
    approximate: bool
    source: str
    devices: int


class ZoneList(msgspec.Struct, frozen=True):
    """All zones by name; ``devices`` counts those that the viewer may see."""

    items: list[ZoneItem]
    as_of_ms: int


async def list_zones(services: Services, viewer: Viewer) -> ZoneList:
    """Return every zone that the viewer may see, with device counts."""
    raise NotImplementedError


async def show_zone(services: Services, viewer: Viewer, zone: int) -> ZoneItem:
    """Return one zone. Refused ``zone.unknown``."""
    raise NotImplementedError
