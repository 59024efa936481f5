"""The first page: where we stand (network, devices, alarms, zones, refusals, the machinery)."""

import msgspec

from tram.api.alarms import alarm_counts
from tram.api.history import device_events
from tram.api.network import NetworkStanding, network_standing
from tram.api.services import Services
from tram.api.states import States, read_states
from tram.api.system import SystemStatus, system_status
from tram.api.zones import ZoneItem, list_zones
from tram.domain.ids import DeviceId
from tram.domain.sectors import SECTORS
from tram.fleet.alarms.views import AlarmCounts
from tram.fleet.store.views import StateCounts, StateSummary
from tram.registry.viewer import Viewer
from tram.runtime.errors import Unavailable

__all__ = ("Overview", "RefusalView", "SectorCount", "overview")

_DAY_MS = 86_400_000
_REFUSING_DEVICES_MAX = 20
_REFUSALS_PER_DEVICE_MAX = 20


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
    """Everything that the first page shows.

    ``problem`` is why the states are missing, empty when the store answers. ``zones`` holds those
    that the viewer may see; ``refusals`` the newest of the devices that sent them last. Without
    ``sees_devices`` the role reads no devices and every count is 0. ``network`` is None for roles
    that do not read official counts, ``alarms`` for those that read no alarms.
    """

    sees_devices: bool
    devices: int
    online: int
    silent: int
    unknown: int
    never: int
    sectors: list[SectorCount]
    alarms: AlarmCounts | None
    network: NetworkStanding | None
    zones: list[ZoneItem]
    refusals: list[RefusalView]
    system: SystemStatus
    problem: str
    as_of_ms: int


async def overview(services: Services, viewer: Viewer) -> Overview:
    """Return the figures of the first page, each within the viewer's scope."""
    sees_devices = viewer.may("device.read")
    nothing = StateSummary(services.clock.now_ms(), StateCounts(), {})
    summary, problem = await _summary(services, viewer) if sees_devices else (nothing, "")
    zones = await list_zones(services, viewer) if viewer.may("zone.read") else None
    total = summary.total
    return Overview(
        sees_devices=sees_devices,
        devices=total.online + total.silent + total.unknown + total.never,
        online=total.online,
        silent=total.silent,
        unknown=total.unknown,
        never=total.never,
        sectors=[_sector(sector, summary) for sector in SECTORS],
        alarms=await alarm_counts(services, viewer) if viewer.may("alarm.read") else None,
        network=await network_standing(services, viewer),
        zones=zones.items if zones else [],
        refusals=await _refusals(services, viewer) if sees_devices and not problem else [],
        system=await system_status(services, viewer),
        problem=problem,
        as_of_ms=summary.as_of_ms,
    )


async def _summary(services: Services, viewer: Viewer) -> tuple[StateSummary, str]:
    """Return the counts; while the store is away every device of the registry is unknown."""
    try:
        return await services.store.summary(viewer), ""
    except Unavailable as error:
        counts = await services.registry.devices.counts(viewer)
        by_sector = {sector: StateCounts(unknown=count) for sector, count in counts.items()}
        total = StateCounts(unknown=sum(counts.values()))
        return StateSummary(services.clock.now_ms(), total, by_sector), error.sentence


async def _refusals(services: Services, viewer: Viewer) -> list[RefusalView]:
    since_ms = services.clock.now_ms() - _DAY_MS
    states: States = await read_states(services, viewer)
    refusing = sorted(
        (state for state in states.by_device.values() if state.refused),
        key=lambda state: state.last_seen_ms or 0,
        reverse=True,
    )
    found: list[RefusalView] = []
    for state in refusing[:_REFUSING_DEVICES_MAX]:
        detail = await services.registry.devices.one(viewer, DeviceId(state.device))
        events = await device_events(
            services, viewer, state.device, "refused", _REFUSALS_PER_DEVICE_MAX
        )
        found += [
            RefusalView(
                device=state.device,
                device_name=detail.name,
                at_ms=event.at_ms,
                code=event.code,
                detail=event.detail,
            )
            for event in events.items
            if event.at_ms >= since_ms
        ]
    return sorted(found, key=lambda refusal: refusal.at_ms, reverse=True)


def _sector(sector: str, summary: StateSummary) -> SectorCount:
    counts = summary.by_sector.get(sector, StateCounts())
    return SectorCount(
        sector=sector,
        online=counts.online,
        silent=counts.silent,
        unknown=counts.unknown,
        never=counts.never,
    )
