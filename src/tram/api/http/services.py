"""What every use case needs: one object made once by the process that serves pages and API."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from tram.api.http.login_rate_limit import LoginRateLimit
from tram.api.http.oidc import OidcClient
from tram.api.http.rate_limits import Rates
from tram.api.http.recent_findings import RecentFindings
from tram.api.http.settings import WebSettings
from tram.domain.province import Province
from tram.fleet.alarms.alarms import Alarms
from tram.fleet.exports.export_job import ExportFolder
from tram.fleet.store.serving.client import StoreClient
from tram.registry.privacy.settings import PrivacySettings
from tram.registry.registry import Registry
from tram.report.reports import LetterService
from tram.rollout.coverage.coverage_runs import CoverageRuns
from tram.rollout.directives.directives import Directives
from tram.rollout.inventory.imports.imports import StationImports
from tram.rollout.inventory.inventory import Inventory
from tram.runtime.clock import Clock
from tram.runtime.watch.part_states import PartStatesFile

__all__ = ("LiveSource", "Services")


class LiveSource(Protocol):
    """Where live frames come from: the log's bus, or a plain list in a test."""

    async def subscribe(self, receive: Callable[[bytes], Awaitable[None]]) -> None:
        """Call ``receive`` with every frame from now on; frames may be lost, never altered."""
        ...

    async def look(self) -> None:
        """Say that somebody looks; frames come only while this is said every few seconds."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """The ways to the registers, the readings, the letter and the live bus."""

    registry: Registry
    store: StoreClient
    live: LiveSource
    settings: WebSettings
    clock: Clock
    province: Province
    inventory: Inventory
    directives: Directives
    reports: LetterService
    imports: StationImports
    coverage: CoverageRuns
    exports: ExportFolder
    alarms: Alarms
    login_rate: LoginRateLimit = field(default_factory=LoginRateLimit)
    rates: Rates = field(default_factory=lambda: Rates(600, 6_000))
    privacy: PrivacySettings = field(default_factory=PrivacySettings)
    oidc: OidcClient | None = None
    sends_mail: bool = False
    recent_findings: RecentFindings = field(default_factory=RecentFindings)
    part_states: PartStatesFile | None = None
    """How the parts stand; None where no supervisor watches over them."""
