"""What the rollout begins with: the province's operators, counts and targets, and counting rules."""

from importlib import resources
from typing import Any

import msgspec
from sqlalchemy import insert, select

from tram.domain.province import Province
from tram.registry.kernel.database import Database
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.counts import Counts
from tram.rollout.inventory.operators import Operators
from tram.rollout.inventory.sources import source_values
from tram.rollout.inventory.tables import counting_rules
from tram.rollout.inventory.targets import Targets
from tram.rollout.inventory.views import CountingRule, NewCount, NewOperator, NewTarget

__all__ = ("seed_counts", "seed_operators", "seed_rules", "seed_targets")

_RULES = resources.files("tram.rollout.inventory.seed").joinpath("counting_rules.json")


async def seed_operators(operators: Operators, viewer: Viewer, province: Province) -> None:
    """Register the operators of the province that are missing."""
    there = {operator.code for operator in await operators.list(viewer)}
    for new in province.read("operators.json", list[NewOperator]):
        if new.code not in there:
            await operators.create(viewer, new)


async def seed_counts(counts: Counts, viewer: Viewer, province: Province) -> None:
    """Enter the counts of the province that nobody ever entered; what was corrected stays corrected."""
    numbers = {operator.code: operator.id for operator in await counts.operators(viewer)}
    there = {(e.operator, e.technology, e.as_of) for e in await counts.entries(viewer)}
    for raw in province.read("counts.json", list[dict[str, Any]]):
        new = msgspec.convert({**raw, "operator": numbers[raw["operator"]]}, NewCount)
        if (new.operator, new.technology, new.as_of) not in there:
            await counts.enter(viewer, new)


async def seed_rules(database: Database) -> None:
    """Add the shipped counting rules that are missing."""
    async with database.write() as connection:
        there = set((await connection.execute(select(counting_rules.c.key))).scalars())
        for rule in msgspec.json.decode(_RULES.read_bytes(), type=list[CountingRule]):
            if rule.key not in there:
                values = {**msgspec.structs.asdict(rule), **source_values(rule.source)}
                await connection.execute(insert(counting_rules).values(values))


async def seed_targets(targets: Targets, viewer: Viewer, province: Province) -> None:
    """Keep the targets of the province that are missing."""
    there = {target.key for target in await targets.list(viewer, retired=True)}
    for new in province.read("targets.json", list[NewTarget]):
        if new.key not in there:
            await targets.create(viewer, new)
