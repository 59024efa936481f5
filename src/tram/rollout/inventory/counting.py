"""Counting rules: what one station is, in the words of a document."""

from sqlalchemy import select

from tram.domain.permissions import Permission
from tram.registry.kernel.database import Database, as_view
from tram.registry.kernel.repository import found_row
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.sources import source_of
from tram.rollout.inventory.tables import counting_rules
from tram.rollout.inventory.views import CountingRule
from tram.runtime.errors import Refused

__all__ = ("ShippedCountingRules",)


class ShippedCountingRules:
    """The rules that the product ships; they are texts with sources, not programs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, viewer: Viewer) -> list[CountingRule]:
        """Return all rules by key."""
        viewer.needs(Permission.INVENTORY_READ)
        async with self._database.read() as connection:
            rows = await connection.execute(select(counting_rules).order_by(counting_rules.c.key))
            return [as_view(CountingRule, row, source=source_of(row)) for row in rows]

    async def one(self, viewer: Viewer, key: str) -> CountingRule:
        """Return one rule; ``rule.unknown`` when there is none."""
        viewer.needs(Permission.INVENTORY_READ)
        missing = Refused(
            "rule.unknown", "There is no such counting rule.", "Look at the list of rules."
        )
        async with self._database.read() as connection:
            question = select(counting_rules).where(counting_rules.c.key == key)
            row = await found_row(connection, question, missing)
        return as_view(CountingRule, row, source=source_of(row))
