"""Official dated counts: append-only, corrected by new entries, read as of any day."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.days import local_day
from tram.domain.permissions import Permission
from tram.domain.province import Commune
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database, as_view
from tram.registry.kernel.repository import found_row
from tram.registry.kernel.tables import zones
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.count_tables import points_of, table_of
from tram.rollout.inventory.geography.borders import commune_names
from tram.rollout.inventory.operators import Operators, lock_operator, must_write_counts
from tram.rollout.inventory.sources import check_source, source_of, source_values
from tram.rollout.inventory.tables import official_counts, operators
from tram.rollout.inventory.views import CountEntry, CountPoint, CountTable, NewCount, Operator
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("AS_OF_MARKS", "PROVINCE", "TECHNOLOGIES", "Counts", "forces")

TECHNOLOGIES = ("4G", "5G")
AS_OF_MARKS = ("stated", "as reported on")
PROVINCE = "province"
STATIONS_MAX = 1_000_000
NOTE_CHARACTERS_MAX = 500
SCOPE_CHARACTERS_MAX = 40
_correctors = official_counts.alias("correctors")
_IN_FORCE = (official_counts.c.count.is_not(None), _correctors.c.id.is_(None))


class Counts:
    """The operators' official counts; what was entered once stays readable for ever."""

    def __init__(
        self, database: Database, clock: Clock, operators: Operators, communes: Sequence[Commune]
    ) -> None:
        self._database = database
        self._clock = clock
        self._operators = operators
        self._communes = communes

    async def operators(self, viewer: Viewer, *, writable: bool = False) -> list[Operator]:
        """Return all operators, or those only whose counts the viewer may enter."""
        return await self._operators.list(viewer, writable=writable)

    async def as_of(self, viewer: Viewer, day: date, *, scope: str = PROVINCE) -> CountTable:
        """Return the last counts until the end of ``day``, one row for each operator."""
        listed = await self._operators.list(viewer)
        async with self._database.read() as connection:
            entries = await forces(connection, scope=scope, until=day)
        return table_of(listed, entries, day, scope)

    async def scopes(self, viewer: Viewer, until: date) -> list[str]:
        """Return every scope that has counts in force until a day, the province first."""
        viewer.needs(Permission.INVENTORY_READ)
        statement = select(official_counts.c.scope).where(official_counts.c.as_of <= until)
        async with self._database.read() as connection:
            found = set((await connection.execute(statement.distinct())).scalars())
        return [PROVINCE, *sorted(found - {PROVINCE})]

    async def series(
        self,
        viewer: Viewer,
        *,
        until: date | None = None,
        operator: int | None = None,
        scope: str = PROVINCE,
    ) -> list[CountPoint]:
        """Return totals over time: of one operator, or of all that have both counts at the end.

        An operator without a count on a date stands with its last one before.
        """
        viewer.needs(Permission.INVENTORY_READ)
        async with self._database.read() as connection:
            entries = await forces(connection, scope=scope, until=until)
        return points_of([e for e in entries if operator in {None, e.operator}])

    async def entries(
        self, viewer: Viewer, *, operator: int | None = None, technology: str | None = None
    ) -> list[CountEntry]:
        """Return every entry, newest date first; corrected and withdrawn ones too."""
        viewer.needs(Permission.INVENTORY_READ)
        statement = _rows().order_by(official_counts.c.as_of.desc(), official_counts.c.id.desc())
        if operator is not None:
            statement = statement.where(official_counts.c.operator_id == operator)
        if technology is not None:
            statement = statement.where(official_counts.c.technology == technology)
        async with self._database.read() as connection:
            return [_view(row) for row in await connection.execute(statement)]

    async def enter(self, viewer: Viewer, new: NewCount) -> CountEntry:
        """Enter a count of a date that has none yet."""
        viewer.needs(Permission.INVENTORY_WRITE)
        values = self._checked(new)
        async with self._database.write() as connection:
            await _check_scope(connection, values["scope"], self._communes)
            row = await lock_operator(connection, new.operator)
            await _refuse_second(connection, values, besides=None)
            return await self._add(connection, viewer, row, {**values, "corrects": None})

    async def correct(self, viewer: Viewer, entry: int, new: NewCount) -> CountEntry:
        """Put another entry in the place of one; the old one stays, marked as corrected."""
        viewer.needs(Permission.INVENTORY_WRITE)
        values = self._checked(new)
        async with self._database.write() as connection:
            old, row = await _correctable(connection, entry)
            checked = Checked()
            for field in ("operator", "technology", "scope"):
                is_same = getattr(new, field) == getattr(old, field)
                checked.unless(is_same, field, "correction.differs")
            checked.done(_wrong())
            await _refuse_second(connection, values, besides=entry)
            return await self._add(connection, viewer, row, {**values, "corrects": entry}, old)

    async def withdraw(self, viewer: Viewer, entry: int, note: str) -> CountEntry:
        """Take an entry out of every table and series; the note says why."""
        viewer.needs(Permission.INVENTORY_WRITE)
        checked = Checked()
        note = checked.lines("note", note, NOTE_CHARACTERS_MAX)
        checked.done(_wrong())
        async with self._database.write() as connection:
            old, row = await _correctable(connection, entry)
            values = {
                "operator_id": old.operator,
                "technology": old.technology,
                "scope": old.scope,
                "count": None,
                "as_of": old.as_of,
                "as_of_mark": old.as_of_mark,
                **source_values(old.source),
                "note": note,
                "corrects": entry,
            }
            return await self._add(connection, viewer, row, values, old)

    async def _add(
        self,
        connection: AsyncConnection,
        viewer: Viewer,
        operator: AnyRow,
        values: dict[str, Any],
        old: CountEntry | None = None,
    ) -> CountEntry:
        now_ms = self._clock.now_ms()
        org = await must_write_counts(connection, viewer, operator)
        who = {"entered_ms": now_ms, "person_id": viewer.person, "person_name": viewer.name}
        inserted = await connection.execute(
            insert(official_counts).values({**values, **who}).returning(official_counts.c.id)
        )
        entry = await _found(connection, inserted.scalar_one())
        action = "count.enter" if old is None else "count.correct"
        if entry.count is None:
            action = "count.withdraw"
        await record(connection, viewer, now_ms, AuditEntry(action, entry.id, org, old, entry))
        return entry

    def _checked(self, new: NewCount) -> dict[str, Any]:
        checked = Checked()
        checked.bounded(new)
        checked.choice("technology", new.technology, TECHNOLOGIES)
        checked.choice("as_of_mark", new.as_of_mark, AS_OF_MARKS)
        checked.unless(
            0 <= new.count <= STATIONS_MAX, "count", "number.range", least=0, most=STATIONS_MAX
        )
        today = local_day(self._clock.now_ms())
        checked.unless(new.as_of <= today, "as_of", "day.future")
        source = check_source(checked, new.source)
        values = {
            "operator_id": new.operator,
            "technology": new.technology,
            "scope": checked.text("scope", new.scope, SCOPE_CHARACTERS_MAX),
            "count": new.count,
            "as_of": new.as_of,
            "as_of_mark": new.as_of_mark,
            **source,
            "note": checked.lines("note", new.note, NOTE_CHARACTERS_MAX, shortest=0),
        }
        checked.done(_wrong())
        return values


async def forces(
    connection: AsyncConnection, *, scope: str, until: date | None
) -> list[CountEntry]:
    """Return the entries in force by date: neither corrected nor withdrawn."""
    statement = _rows().where(
        *_IN_FORCE,
        official_counts.c.scope == scope,
    )
    if until is not None:
        statement = statement.where(official_counts.c.as_of <= until)
    ordered = statement.order_by(official_counts.c.as_of, official_counts.c.id)
    return [_view(row) for row in await connection.execute(ordered)]


async def _check_scope(
    connection: AsyncConnection, scope: str, communes: Sequence[Commune]
) -> None:
    """Refuse a scope that is neither the province, nor ``zone:CODE`` or ``commune:CODE`` of one."""
    kind, _, code = scope.partition(":")
    checked = Checked()
    if kind == "zone":
        found = await connection.execute(select(zones.c.id).where(zones.c.code == code))
        checked.unless(found.first() is not None, "scope", "zone.not_found")
    elif kind == "commune":
        listed = {commune.code for commune in communes}
        there = code in listed or code in await commune_names(connection, communes)
        checked.unless(there, "scope", "commune.not_found")
    else:
        checked.choice("scope", scope, (PROVINCE, "zone:CODE", "commune:CODE"))
    checked.done(_wrong())


async def _correctable(connection: AsyncConnection, entry: int) -> tuple[CountEntry, AnyRow]:
    """Return an entry in force or withdrawn, and its operator, held until the transaction ends."""
    row = await lock_operator(connection, (await _found(connection, entry)).operator)
    # Read again: somebody may have corrected it while we waited for the operator.
    old = await _found(connection, entry)
    if old.corrected_by is not None:
        raise Refused(
            "correction.taken",
            "This entry has been corrected already.",
            "Correct the entry that replaced it.",
        )
    return old, row


async def _refuse_second(
    connection: AsyncConnection, values: dict[str, Any], *, besides: int | None
) -> None:
    """Refuse a second count in force of the same operator, technology, scope and date."""
    statement = _rows().where(
        official_counts.c.operator_id == values["operator_id"],
        official_counts.c.technology == values["technology"],
        official_counts.c.scope == values["scope"],
        official_counts.c.as_of == values["as_of"],
        *_IN_FORCE,
        official_counts.c.id != (besides or 0),
    )
    if (await connection.execute(statement)).first() is not None:
        raise Refused(
            "count.taken",
            "There is a count of this operator, technology and date already.",
            "Correct that entry instead.",
        )


async def _found(connection: AsyncConnection, entry: int) -> CountEntry:
    missing = Refused("count.unknown", "There is no such count.", "Look at the list of counts.")
    question = _rows().where(official_counts.c.id == entry)
    return _view(await found_row(connection, question, missing))


def _wrong() -> Refused:
    return Refused("count.wrong", "The count cannot be kept like this.")


def _rows() -> Select[Any]:
    return (
        select(
            official_counts,
            operators.c.code.label("operator_code"),
            operators.c.name.label("operator_name"),
            _correctors.c.id.label("corrected_by"),
        )
        .join(operators, operators.c.id == official_counts.c.operator_id)
        .outerjoin(_correctors, _correctors.c.corrects == official_counts.c.id)
    )


def _view(row: AnyRow) -> CountEntry:
    return as_view(
        CountEntry,
        row,
        operator=row.operator_id,
        source=source_of(row),
        entered_by=row.person_name,
    )
