"""The letter of 30/7/2025, made once from what the product ships."""

import asyncio
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.provinces import QUANG_NGAI
from tram.registry.kernel.viewer import Viewer, system_viewer
from tram.registry.registry import Registry
from tram.report.checks.letter_rules import Finding
from tram.report.drafts import Drafts
from tram.report.gathering import Gatherer
from tram.report.letter.content import Grid, Letter, letter_text
from tram.report.platform_counts import PlatformCounts
from tram.report.reports import LetterService
from tram.report.sources import Sources
from tram.report.views import LetterFiles
from tram.rollout.directives.directives import Directives
from tram.rollout.inventory.inventory import Inventory
from tram.runtime.clock import Clock, ManualClock

LETTER_DAY = date(2025, 7, 30)
MONTH = date(2025, 7, 1)
NOW_MS = 1_795_000_000_000


@dataclass(frozen=True)
class July:
    """Everything about the letter of that day."""

    sources: Sources
    letter: Letter
    findings: dict[str, Finding]
    printed: dict[str, Finding]
    files: LetterFiles

    @property
    def text(self) -> str:
        return "\n".join(letter_text(self.letter))

    @property
    def stations(self) -> Grid:
        return next(block for block in self.letter.body if isinstance(block, Grid))


def gatherer_of(registry: Registry, clock: Clock, store: object = None) -> Gatherer:
    return Gatherer(
        Inventory(registry.database, clock, QUANG_NGAI),
        Directives(registry.database, clock),
        PlatformCounts(registry.database, store),
        QUANG_NGAI,
    )


def reports_of(
    registry: Registry, clock: Clock, folder: Path, store: object = None
) -> LetterService:
    return LetterService(
        Drafts(registry.database, clock, QUANG_NGAI), gatherer_of(registry, clock, store), folder
    )


async def shipped_registry(folder: Path) -> tuple[Registry, Viewer, Clock]:
    """A registry with what the product ships and nothing else."""
    clock = ManualClock(NOW_MS)
    registry = await Registry.open(
        f"sqlite+aiosqlite:///{folder}/r.db", clock, b"k" * 32, QUANG_NGAI
    )
    system = system_viewer(await registry.seed_base())
    await Inventory(registry.database, clock, QUANG_NGAI).seed(system)
    await Directives(registry.database, clock).seed(system, QUANG_NGAI)
    return registry, system, clock


def make_july(folder: Path) -> July:
    async def make() -> July:
        registry, system, clock = await shipped_registry(folder)
        try:
            reports = reports_of(registry, clock, folder / "kept")
            draft = await reports.draft(system, LETTER_DAY)
            printed = await reports.printed(system)
            sources = await gatherer_of(registry, clock).gather(system, LETTER_DAY, MONTH, {})
            return July(
                sources,
                draft.letter,
                {finding.code: finding for finding in draft.findings},
                {finding.code: finding for finding in printed.findings},
                await reports.render(system, LETTER_DAY),
            )
        finally:
            await registry.close()

    return asyncio.run(make())
