"""The inventory: one object with a repository for each of its nouns."""

from datetime import date

from tram.domain.province import Province
from tram.registry.kernel.database import Database
from tram.registry.kernel.viewer import Viewer
from tram.registry.organisations.zones import Zones
from tram.rollout.inventory.areas.areas import Areas
from tram.rollout.inventory.counting import ShippedCountingRules
from tram.rollout.inventory.counts import Counts
from tram.rollout.inventory.operators import Operators
from tram.rollout.inventory.seeding import seed_counts, seed_operators, seed_rules, seed_targets
from tram.rollout.inventory.stations.keeping import StationKeeping
from tram.rollout.inventory.stations.stations import Stations
from tram.rollout.inventory.stations.views import StationCount
from tram.rollout.inventory.surveys.reconciling import Difference, reconcile
from tram.rollout.inventory.surveys.surveys import Surveys
from tram.rollout.inventory.targets import Targets
from tram.runtime.clock import Clock

__all__ = ("Inventory",)


class Inventory:
    """Operators, official counts, targets, counting rules and stations, in the registry's database."""

    def __init__(
        self, database: Database, clock: Clock, province: Province, site: str = ""
    ) -> None:
        self._database = database
        self._province = province
        self.operators = Operators(database, clock)
        self.counts = Counts(database, clock, self.operators, province.communes)
        self.targets = Targets(database, clock, self.counts)
        self.rules = ShippedCountingRules(database)
        self._zones = Zones(database, clock)
        self.stations = Stations(database)
        self.areas = Areas(database, clock, self.stations, province)
        self.surveys = Surveys(database, clock, self.counts, self.stations, site)
        self.keeping = StationKeeping(database, clock)

    async def seed(self, viewer: Viewer) -> None:
        """Add what the province begins with and is missing; call it after the first organisations."""
        await seed_operators(self.operators, viewer, self._province)
        await seed_rules(self._database)
        await seed_counts(self.counts, viewer, self._province)
        await seed_targets(self.targets, viewer, self._province)
        await self.areas.seed()

    async def differences(self, viewer: Viewer, day: date) -> list[Difference]:
        """Return where official counts and the list of stations differ, as of a day.

        Each official count meets the list as it was on the count's own day: of the whole province,
        of a zone (scope ``zone:CODE``) or of a commune (scope ``commune:CODE``).
        """
        zones = {f"zone:{row.code}": str(row.id) for row in await self._zones.list(viewer)}
        scopes = await self.counts.scopes(viewer, day)
        tables = [await self.counts.as_of(viewer, day, scope=scope) for scope in scopes]
        tallies: dict[tuple[str, str], list[StationCount]] = {}
        for table in tables:
            kind, _, code = table.scope.partition(":")
            by = kind if kind in {"zone", "commune"} else ""
            key = zones.get(table.scope, code)
            days = {on for row in table.rows for on in (row.as_of_4g, row.as_of_5g)}
            for on in days:
                tally = await self.stations.count_by(viewer, on or day, by=by)
                kept = [item for item in tally if not by or item.key == key]
                tallies[table.scope, on.isoformat() if on else ""] = kept
        return reconcile(tables, tallies)
