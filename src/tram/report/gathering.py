"""Gather what a letter is made from, as it was known on its day."""

from datetime import date

from tram.domain.province import Province
from tram.registry.kernel.viewer import Viewer
from tram.report.platform_counts import PlatformCounts
from tram.report.sources import DeviceFigures, Sources
from tram.rollout.directives.directives import Directives
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.views import Target, TargetProgress

__all__ = ("Gatherer",)

_PER_INHABITANT = "iot_per_inhabitant"


class Gatherer:
    """Reads the registers and the platform's counts for one day and period."""

    def __init__(
        self,
        inventory: Inventory,
        directives: Directives,
        platform: PlatformCounts,
        province: Province,
    ) -> None:
        self._inventory = inventory
        self._directives = directives
        self._platform = platform
        self.province = province

    async def gather(
        self, viewer: Viewer, as_of: date, since: date, texts: dict[str, str]
    ) -> Sources:
        """Return everything as of ``as_of``; ``texts`` are the edited blocks."""
        counts = self._inventory.counts
        devices = await self._platform.figures(since, as_of)
        return Sources(
            province=self.province,
            as_of=as_of,
            since=since,
            counts=await counts.as_of(viewer, as_of),
            before=await counts.as_of(viewer, since),
            standings=await self._standings(viewer, as_of, devices),
            documents=await self._directives.documents.list(viewer, until=as_of),
            tasks=await self._directives.tasks.list(viewer, day=as_of),
            recommendations=await self._directives.recommendations.list(viewer, day=as_of),
            devices=devices,
            texts=texts,
        )

    async def _standings(
        self, viewer: Viewer, as_of: date, devices: DeviceFigures
    ) -> list[TargetProgress]:
        targets = self._inventory.targets
        return [
            await targets.progress(viewer, target.id, as_of, measured=_measured(target, devices))
            for target in await targets.list(viewer)
        ]


def _measured(target: Target, devices: DeviceFigures) -> int | None:
    """Return what the platform counts of a target by itself; nothing before the first device."""
    if target.indicator == _PER_INHABITANT and devices.devices:
        return devices.devices
    return None
