"""The inventory: one object with a repository for each of its nouns."""

from tram.registry.database import Database
from tram.registry.viewer import Viewer
from tram.rollout.inventory.areas.areas import Areas
from tram.rollout.inventory.counting import CountingRules
from tram.rollout.inventory.counts import Counts
from tram.rollout.inventory.operators import Operators
from tram.rollout.inventory.seeding import (
    seed_counts,
    seed_operators,
    seed_rules,
    seed_targets,
)
from tram.rollout.inventory.stations.keeping import StationKeeping
from tram.rollout.inventory.stations.stations import Stations
from tram.rollout.inventory.targets import Targets
from tram.runtime.clock import Clock

__all__ = ("Inventory",)


class Inventory:
    """Operators, official counts, targets, counting rules and stations, in the registry's database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self.operators = Operators(database, clock)
        self.counts = Counts(database, clock, self.operators)
        self.targets = Targets(database, clock, self.counts)
        self.rules = CountingRules(database)
        self.stations = Stations(database)
        self.areas = Areas(database, clock, self.stations)
        self.keeping = StationKeeping(database, clock)

    async def seed(self, viewer: Viewer) -> None:
        """Add what the product ships and is missing; call it after the first organisations."""
        await seed_operators(self.operators, viewer)
        await seed_rules(self._database)
        await seed_counts(self.counts, viewer)
        await seed_targets(self.targets, viewer)
        await self.areas.seed()
