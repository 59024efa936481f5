"""Where the network stands, in one look: official counts, the ratio's target, the letter's findings."""

import msgspec

from tram.api.counts import CountTableView, count_table
from tram.api.recent_findings import FindingTally
from tram.api.reports import FindingList, list_findings
from tram.api.services import Services
from tram.api.targets import StandingView, show_target
from tram.registry.viewer import Viewer
from tram.runtime.errors import Unavailable

__all__ = ("NetworkStanding", "network_standing")

_RATIO = "ratio_5g_4g"
_TALLY_MS_MAX = 60_000
"""So long the findings of the letter are shown as they were: many look, few change anything."""


class NetworkStanding(msgspec.Struct, frozen=True, kw_only=True):
    """Counts with their sources, and how the 5G share stands to its target (None without one).

    ``findings`` is None for roles that do not read the letter, or while the store is away.
    """

    table: CountTableView
    standing: StandingView | None
    findings: FindingTally | None


async def network_standing(services: Services, viewer: Viewer) -> NetworkStanding | None:
    """Return where the network stands today; None for roles that do not read it."""
    if not viewer.may("inventory.read"):
        return None
    targets = await services.inventory.targets.list(viewer)
    ratio = next((target for target in targets if target.indicator == _RATIO), None)
    return NetworkStanding(
        table=await count_table(services, viewer),
        standing=await show_target(services, viewer, ratio.id) if ratio else None,
        findings=await _findings(services, viewer),
    )


async def _findings(services: Services, viewer: Viewer) -> FindingTally | None:
    if not viewer.may("report.read"):
        return None
    recent = services.recent_findings
    async with recent.lock:
        now_ms = services.clock.now_ms()
        if recent.tally is None or now_ms - recent.tally.as_of_ms > _TALLY_MS_MAX:
            try:
                recent.tally = _tally(await list_findings(services, viewer))
            except Unavailable:
                return None
        return recent.tally


def _tally(found: FindingList) -> FindingTally:
    left = [finding for finding in found.items if not finding.holds]
    return FindingTally(
        errors=sum(finding.severity == "E" for finding in left),
        warnings=sum(finding.severity == "W" for finding in left),
        kept=len(found.items) - len(left),
        open=sorted(left, key=lambda finding: "EWI".index(finding.severity)),
        as_of_ms=found.as_of_ms,
    )
