"""Where the network stands, in one look: official counts, the ratio's target, the letter's findings."""

import msgspec

from tram.api.http.recent_findings import FindingTally
from tram.api.http.services import Services
from tram.api.network.counts import CountTableView, count_table
from tram.api.network.operator_presence import matrix_of_zones
from tram.api.network.targets import TargetProgressView, show_target
from tram.api.reports.reports import FindingList, list_findings
from tram.domain.permissions import Permission
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Unavailable

__all__ = ("NetworkSummary", "ZonesWithout", "network_summary")

_RATIO = "ratio_5g_4g"
_COUNTED_MS_MAX = 60_000
"""So long the findings of the letter are shown as they were: many look, few change anything."""


class ZonesWithout(msgspec.Struct, frozen=True, kw_only=True):
    """In how many of the zones whose place is known an operator has no 5G station on air."""

    operator: int
    name: str
    without_5g: int
    zones: int


class NetworkSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Counts with their sources, and how the 5G share stands to its target (None without one).

    ``findings`` is None for roles that do not read the letter, or while the store is away.
    ``zones_without`` has the operators all of whose stations the viewer sees.
    """

    table: CountTableView
    standing: TargetProgressView | None
    findings: FindingTally | None
    zones_without: list[ZonesWithout]


async def network_summary(services: Services, viewer: Viewer) -> NetworkSummary | None:
    """Return where the network stands today; None for roles that do not read it."""
    if not viewer.may(Permission.INVENTORY_READ):
        return None
    targets = await services.inventory.targets.list(viewer)
    ratio = next((target for target in targets if target.indicator == _RATIO), None)
    return NetworkSummary(
        table=await count_table(services, viewer),
        standing=await show_target(services, viewer, ratio.id) if ratio else None,
        findings=await _findings(services, viewer),
        zones_without=await _zones_without(services, viewer),
    )


async def _zones_without(services: Services, viewer: Viewer) -> list[ZonesWithout]:
    """Count by the plainest rule of presence: a station stands inside the zone."""
    if not viewer.may(Permission.ZONE_READ):
        return []
    if not await services.inventory.stations.count_by(viewer, None):
        return []
    sight = await services.inventory.areas.sight(viewer)
    if not (sight.everything or sight.operators):
        return []
    matrix = await matrix_of_zones(services, viewer)
    placed = [zone for zone in matrix.items if zone.shape]
    return [
        ZonesWithout(
            operator=operator.id,
            name=operator.name,
            without_5g=sum(not zone.cells[column].stations_5g for zone in placed),
            zones=len(placed),
        )
        for column, operator in enumerate(matrix.operators)
        if sight.everything or operator.id in sight.operators
    ]


async def _findings(services: Services, viewer: Viewer) -> FindingTally | None:
    if not viewer.may(Permission.REPORT_READ):
        return None
    recent = services.recent_findings
    async with recent.lock:
        now_ms = services.clock.now_ms()
        if recent.counts is None or now_ms - recent.counts.as_of_ms > _COUNTED_MS_MAX:
            try:
                recent.counts = _counted(await list_findings(services, viewer))
            except Unavailable:
                return None
        return recent.counts


def _counted(found: FindingList) -> FindingTally:
    left = [finding for finding in found.items if not finding.holds]
    return FindingTally(
        errors=sum(finding.severity == "E" for finding in left),
        warnings=sum(finding.severity == "W" for finding in left),
        kept=len(found.items) - len(left),
        open=sorted(left, key=lambda finding: "EWI".index(finding.severity)),
        as_of_ms=found.as_of_ms,
    )
