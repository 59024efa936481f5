"""Targets as data: what is wanted of what, by when, who says so, and how it stands."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.permissions import Permission
from tram.registry.kernel.audit import province_change
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database, as_view
from tram.registry.kernel.repository import found_row
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.counts import Counts
from tram.rollout.inventory.sources import check_source, source_of
from tram.rollout.inventory.tables import counting_rules, targets
from tram.rollout.inventory.target_progress import (
    STATION_RATIO,
    progress_of_number,
    progress_of_stations,
)
from tram.rollout.inventory.views import NewTarget, Target, TargetEdit, TargetProgress
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("BASE_RULES", "INDICATORS", "UNITS", "Targets")

WRITE = Permission.INVENTORY_WRITE
INDICATORS = (STATION_RATIO, "share_with_5g", "population_with_5g", "iot_per_inhabitant")
UNITS = ("percent", "ratio")
BASE_RULES = ("moving", "fixed", "given")
KEY_CHARACTERS_MAX = 60
NAME_CHARACTERS_MAX = 300
NOTE_CHARACTERS_MAX = 500
QUOTE_CHARACTERS_MAX = 1_000
SCOPE_CHARACTERS_MAX = 40
BASE_MAX = 1_000_000_000
VALUE_MAX = Decimal(10_000)
VALUE_DECIMALS_MAX = 4
_NOT_COLUMNS = {"source", "value"}


class Targets:
    """The province's targets; a target is retired, never removed."""

    def __init__(self, database: Database, clock: Clock, counts: Counts) -> None:
        self._database = database
        self._clock = clock
        self._counts = counts

    async def list(self, viewer: Viewer, *, retired: bool = False) -> list[Target]:
        """Return the targets by deadline; retired ones too if asked for."""
        viewer.needs(Permission.INVENTORY_READ)
        statement = select(targets).order_by(targets.c.deadline, targets.c.id)
        if not retired:
            statement = statement.where(targets.c.retired_ms.is_(None))
        async with self._database.read() as connection:
            return [_view(row) for row in await connection.execute(statement)]

    async def one(self, viewer: Viewer, target: int) -> Target:
        """Return one target, also a retired one; ``target.unknown`` when there is none."""
        viewer.needs(Permission.INVENTORY_READ)
        async with self._database.read() as connection:
            return await _found(connection, targets.c.id == target)

    async def progress(
        self, viewer: Viewer, target: int, day: date, *, measured: int | None = None
    ) -> TargetProgress:
        """Return how a target stands on a day by the counts until then.

        ``measured`` is the number of that day for an indicator that no official count measures.
        """
        wanted = await self.one(viewer, target)
        if wanted.indicator != STATION_RATIO:
            return progress_of_number(wanted, day, measured)
        now = await self._counts.as_of(viewer, day, scope=wanted.scope)
        base_table = now
        if wanted.base_rule == "fixed" and wanted.base_date is not None:
            base_table = await self._counts.as_of(viewer, wanted.base_date, scope=wanted.scope)
        points = await self._counts.series(viewer, until=day, scope=wanted.scope)
        return progress_of_stations(wanted, day, points, now, base_table)

    async def create(self, viewer: Viewer, new: NewTarget) -> Target:
        """Keep another target; its key is unique."""
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            values = await _checked(change.connection, new)
            try:
                inserted = await change.connection.execute(
                    insert(targets).values(values).returning(*targets.c)
                )
            except IntegrityError:
                raise Refused(
                    "target.taken", "There is a target of this key already.", "Choose another key."
                ) from None
            made = _view(inserted.one())
            await change.note("target.create", made.id, after=made)
            return made

    async def change(self, viewer: Viewer, target: int, edit: TargetEdit) -> Target:
        """Replace all that may change about a target."""
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            old = await _found(change.connection, targets.c.id == target)
            new = NewTarget(
                **msgspec.structs.asdict(edit),
                key=old.key,
                indicator=old.indicator,
                unit=old.unit,
                scope=old.scope,
            )
            values = await _checked(change.connection, new)
            changed = await change.connection.execute(
                update(targets).where(targets.c.id == target).values(values).returning(*targets.c)
            )
            made = _view(changed.one())
            await change.note("target.change", target, old, made)
            return made

    async def retire(self, viewer: Viewer, target: int) -> Target:
        """Take a target out of the list; what was said about it stays readable."""
        async with province_change(self._database, self._clock, viewer, WRITE) as change:
            old = await _found(change.connection, targets.c.id == target)
            if old.retired_ms is not None:
                return old
            await change.connection.execute(
                update(targets).where(targets.c.id == target).values(retired_ms=change.at_ms)
            )
            made = msgspec.structs.replace(old, retired_ms=change.at_ms)
            await change.note("target.retire", target, old, made)
            return made


async def _checked(connection: AsyncConnection, new: NewTarget) -> dict[str, Any]:
    """Return the columns of a target, or refuse it with every fault."""
    checked = Checked()
    checked.bounded(new)
    if new.counting_rule:
        known = select(counting_rules.c.key).where(counting_rules.c.key == new.counting_rule)
        found = (await connection.execute(known)).first()
        checked.unless(found, "counting_rule", "counting_rule.not_found")
    values = {
        name: value
        for name, value in msgspec.structs.asdict(new).items()
        if name not in _NOT_COLUMNS
    }
    for field, longest, shortest in (
        ("key", KEY_CHARACTERS_MAX, 1),
        ("name_vi", NAME_CHARACTERS_MAX, 1),
        ("name_en", NAME_CHARACTERS_MAX, 1),
        ("scope", SCOPE_CHARACTERS_MAX, 1),
        ("base_note", NOTE_CHARACTERS_MAX, 0),
        ("quote", QUOTE_CHARACTERS_MAX, 0),
        ("note", NOTE_CHARACTERS_MAX, 0),
    ):
        values[field] = checked.text(field, values[field], longest, shortest)
    checked.choice("indicator", new.indicator, INDICATORS)
    checked.choice("unit", new.unit, UNITS)
    _check_base(checked, new)
    values |= check_source(checked, new.source)
    is_value = new.value.is_finite() and 0 < new.value <= VALUE_MAX
    checked.unless(is_value, "value", "number.positive", most=str(VALUE_MAX))
    if is_value:
        is_short = new.value == round(new.value, VALUE_DECIMALS_MAX)
        checked.unless(is_short, "value", "number.decimals", most=VALUE_DECIMALS_MAX)
        values["value"] = f"{new.value.normalize():f}"
    checked.done(Refused("target.wrong", "The target cannot be kept like this."))
    return values


def _check_base(checked: Checked, new: NewTarget) -> None:
    checked.choice("base_rule", new.base_rule, BASE_RULES)
    checked.unless(new.base_rule != "fixed" or new.base_date, "base_date", "base_date.missing")
    is_counted = new.base_rule == "given" or new.indicator == STATION_RATIO
    checked.unless(is_counted, "base_rule", "base_rule.not_given")
    is_fine = new.base_value is None or 0 < new.base_value <= BASE_MAX
    checked.unless(is_fine, "base_value", "number.range", least=1, most=BASE_MAX)


async def _found(connection: AsyncConnection, condition: ColumnElement[bool]) -> Target:
    missing = Refused("target.unknown", "There is no such target.", "Look at the list of targets.")
    return _view(await found_row(connection, select(targets).where(condition), missing))


def _view(row: AnyRow) -> Target:
    return as_view(Target, row, value=Decimal(row.value), source=source_of(row))
