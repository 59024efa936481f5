"""What the product ships about the rollout: operators, the letter's counts, targets, their sources."""

from importlib import resources
from typing import Any, TypeVar

import msgspec
from sqlalchemy import insert, select

from tram.registry.kernel.database import Database
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.counts import Counts
from tram.rollout.inventory.operators import Operators
from tram.rollout.inventory.sources import source_values
from tram.rollout.inventory.tables import counting_rules
from tram.rollout.inventory.targets import Targets
from tram.rollout.inventory.views import CountingRule, NewCount, NewOperator, NewTarget

__all__ = ("seed_counts", "seed_operators", "seed_rules", "seed_targets")

T = TypeVar("T")


async def seed_operators(operators: Operators, viewer: Viewer) -> None:
    """Register the shipped operators that are missing."""
    there = {operator.code for operator in await operators.list(viewer)}
    for new in _read("operators.json", list[NewOperator]):
        if new.code not in there:
            await operators.create(viewer, new)


async def seed_counts(counts: Counts, viewer: Viewer) -> None:
    """Enter the shipped counts that nobody ever entered; what was corrected stays corrected."""
    numbers = {operator.code: operator.id for operator in await counts.operators(viewer)}
    there = {(e.operator, e.technology, e.as_of) for e in await counts.entries(viewer)}
    for raw in _read("counts.json", list[dict[str, Any]]):
        new = msgspec.convert({**raw, "operator": numbers[raw["operator"]]}, NewCount)
        if (new.operator, new.technology, new.as_of) not in there:
            await counts.enter(viewer, new)


async def seed_rules(database: Database) -> None:
    """Add the shipped counting rules that are missing."""
    async with database.write() as connection:
        there = set((await connection.execute(select(counting_rules.c.key))).scalars())
        for rule in _read("counting_rules.json", list[CountingRule]):
            if rule.key not in there:
                values = {**msgspec.structs.asdict(rule), **source_values(rule.source)}
                await connection.execute(insert(counting_rules).values(values))


async def seed_targets(targets: Targets, viewer: Viewer) -> None:
    """Keep the shipped targets that are missing."""
    there = {target.key for target in await targets.list(viewer, retired=True)}
    for new in _read("targets.json", list[NewTarget]):
        if new.key not in there:
            await targets.create(viewer, new)


def _read(name: str, kind: type[T]) -> T:
    file = resources.files("tram.rollout.inventory.seed").joinpath(name)
    return msgspec.json.decode(file.read_bytes(), type=kind)
