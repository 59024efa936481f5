"""The first page: where we stand (network, devices, alarms, zones, refusals, the machinery)."""

import asyncio

import msgspec

from tram.api.alarms.alarms import alarm_counts
from tram.api.http.services import Services
from tram.api.overview.network import NetworkSummary, network_summary
from tram.api.overview.system import SystemStatus, system_status
from tram.api.places.zones import ZoneItem, list_zones
from tram.domain.days import DAY_MS
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.fleet.alarms.views import AlarmCounts
from tram.fleet.store.queries.questions import RecentRefusals, StateTotals
from tram.fleet.store.views import StateCounts, StateSummary
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Unavailable

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
    network: NetworkSummary | None
    zones: list[ZoneItem]
    refusals: list[RefusalView]
    system: SystemStatus
    problem: str
    as_of_ms: int


async def overview(services: Services, viewer: Viewer) -> Overview:
    """Return the figures of the first page, each within the viewer's scope.

    Three questions are under way at a time: on a busy machine each answer waits for its turn.
    """
    sees_devices = viewer.may(Permission.DEVICE_READ)
    (summary, problem, refusals), (zones, network), (alarms, system) = await asyncio.gather(
        _devices(services, viewer), _province(services, viewer), _duty(services, viewer)
    )
    total = summary.total
    return Overview(
        sees_devices=sees_devices,
        devices=total.online + total.silent + total.unknown + total.never,
        online=total.online,
        silent=total.silent,
        unknown=total.unknown,
        never=total.never,
        sectors=[_sector(sector, summary) for sector in SECTORS],
        alarms=alarms,
        network=network,
        zones=zones,
        refusals=refusals,
        system=system,
        problem=problem,
        as_of_ms=summary.as_of_ms,
    )


async def _devices(
    services: Services, viewer: Viewer
) -> tuple[StateSummary, str, list[RefusalView]]:
    """Return how the devices stand, why that is unknown if it is, and what was refused."""
    if not viewer.may(Permission.DEVICE_READ):
        return StateSummary(services.clock.now_ms(), StateCounts(), {}), "", []
    summary, problem = await _summary(services, viewer)
    return summary, problem, [] if problem else await _refusals(services, viewer)


async def _province(
    services: Services, viewer: Viewer
) -> tuple[list[ZoneItem], NetworkSummary | None]:
    zones = (await list_zones(services, viewer)).items if viewer.may(Permission.ZONE_READ) else []
    return zones, await network_summary(services, viewer)


async def _duty(services: Services, viewer: Viewer) -> tuple[AlarmCounts | None, SystemStatus]:
    alarms = await alarm_counts(services, viewer) if viewer.may(Permission.ALARM_READ) else None
    return alarms, await system_status(services, viewer)


async def _summary(services: Services, viewer: Viewer) -> tuple[StateSummary, str]:
    """Return the counts; while the store is away every device of the registry is unknown."""
    try:
        return await services.store.ask(viewer, StateTotals()), ""
    except Unavailable as error:
        counts = await services.registry.devices.counts(viewer)
        by_sector = {sector: StateCounts(unknown=count) for sector, count in counts.items()}
        total = StateCounts(unknown=sum(counts.values()))
        return StateSummary(services.clock.now_ms(), total, by_sector), error.sentence


async def _refusals(services: Services, viewer: Viewer) -> list[RefusalView]:
    """Return the refusals of the last day; of a device just removed none are left to name."""
    since_ms = services.clock.now_ms() - DAY_MS
    found = await services.store.ask(viewer, RecentRefusals(since_ms))
    devices = {refusal.device for refusal in found}
    names = await services.registry.devices.names(viewer, devices) if devices else {}
    return [
        RefusalView(**msgspec.structs.asdict(refusal), device_name=names[refusal.device])
        for refusal in found
        if refusal.device in names
    ]


def _sector(sector: str, summary: StateSummary) -> SectorCount:
    counts = summary.by_sector.get(sector, StateCounts())
    return SectorCount(sector=sector, **msgspec.structs.asdict(counts))
