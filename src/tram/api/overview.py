"""The first page: where we stand (devices by state and sector, zones, refusals, the machinery)."""

import msgspec

from tram.api.services import Services
from tram.api.system import SystemStatus
from tram.api.zones import ZoneItem
from tram.registry.viewer import Viewer

__all__ = ("Overview", "RefusalView", "SectorCount", "overview")


class SectorCount(msgspec.Struct, frozen=True, kw_only=True):
    """Devices of one sector by state."""

    sector: str
    online: int
    silent: int
    unknown: int
    never: int


class RefusalView(msgspec.Struct, frozen=True, kw_only=True):
    """A message that was refused in the last 24 hours."""

    device: int
    device_name: str
    at_ms: int
    code: str
    detail: str


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that the first page shows; ``problem`` is the store's, empty when it answers."""

    devices: int
    online: int
    silent: int
    unknown: int
    never: int
    sectors: list[SectorCount]
    zones: list[ZoneItem]
    refusals: list[RefusalView]
    system: SystemStatus
    problem: str
    as_of_ms: int


async def overview(services: Services, viewer: Viewer) -> Overview:
    """Return the figures of the first page, each within the viewer's scope."""
    raise NotImplementedError
