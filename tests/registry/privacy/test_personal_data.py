"""Personal data: every column is declared, and nothing of an erased person is left undeclared."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    Float,
    LargeBinary,
    String,
    Table,
    Text,
    cast,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.registry.world import PASSWORD, World
from tests.repository import ROOT
from tram.domain.ids import PersonId
from tram.registry.kernel.audit import AuditFilter
from tram.registry.kernel.personal_data import KEEP, NOBODY, Declared, declared, must_be_declared
from tram.registry.kernel.tables import audit, metadata
from tram.registry.kernel.views import NewPerson
from tram.registry.people.views import NewInvitation

NAME = "Zzyx Quýnh Khổng-Lồ"
LOGIN = "zzyxquynh"
MAIL = "Zzyx.Quynh@mat.example"
NUMBER = 9_000_000
AUTHORED = ("drill", "maintenance", "zone")


@pytest.mark.parametrize("table", sorted(metadata.tables))
def test_every_column_that_can_name_somebody_is_declared(table: str) -> None:
    declaration = declared().get(table)
    assert declaration is not None, f"{table}: declare it beside its definition (personal_data.py)"
    columns = metadata.tables[table].columns
    named = {*declaration.free, *declaration.plain, *declaration.persons}
    for place in declaration.places:
        named |= {*place.data, *place.secret}

    must = {column.name for column in columns if must_be_declared(column)}

    assert must - named == set(), "personal, free, plain or a person's number?"
    assert named - {column.name for column in columns} == set()
    assert not set(declaration.plain) & {c for p in declaration.places for c in p.data}


def test_a_new_column_without_a_declaration_is_found() -> None:
    column = metadata.tables["people"].c.name
    assert must_be_declared(column)
    assert not must_be_declared(metadata.tables["people"].c.erased_ms)
    assert must_be_declared(metadata.tables["alarms"].c.assignee_id)


OF_TYPE = (
    (LargeBinary, b"x" * 32),
    (Boolean, False),
    (Date, date(2026, 1, 1)),
    (Float, 1.0),
    (JSON, {}),
)


def value_of(column: Any, declaration: Declared, person: PersonId) -> Any:
    """Return something for a column of a row of everything that names this person."""
    links = {key.target_fullname for key in column.foreign_keys}
    if column.name == "person_id" or "people.id" in links:
        return person
    if column.name in {*declaration.free, *(c for p in declaration.places for c in p.data)}:
        return naming(column, is_free=column.name in declaration.free)
    if isinstance(column.type, String):
        return f"x{column.name}"[: column.type.length or 20]
    return next((value for kind, value in OF_TYPE if isinstance(column.type, kind)), NUMBER)


def naming(column: Any, *, is_free: bool) -> Any:
    if isinstance(column.type, JSON):
        return {"said": f"gọi {NAME} ({LOGIN})", "to": [MAIL, {NAME: 1}]}
    if column.name in {"to", "email", "target"}:
        return MAIL.lower()
    return f"{NAME}, {LOGIN}, {MAIL}"[: column.type.length or 200] if is_free else NAME


REFERRED = ("operators", "alarm_webhooks", "incidents")
"""Tables that hold nobody, whose rows others refer to."""
# Rows that refer to nothing: SQLite changes that only between transactions.
LOOSE = {
    True: ("ROLLBACK", "PRAGMA foreign_keys=OFF", "BEGIN IMMEDIATE"),
    False: ("SET session_replication_role = replica",),
}
TIGHT = {
    True: ("COMMIT", "PRAGMA foreign_keys=ON", "BEGIN"),
    False: ("SET session_replication_role = DEFAULT", "COMMIT"),
}


async def name_everywhere(world: World, person: PersonId) -> None:
    """Write a row that names the person into every table that can, without regard to references."""
    async with world.registry.database.engine.connect() as connection:
        is_sqlite = world.registry.database.is_sqlite
        for step in LOOSE[is_sqlite]:
            await connection.exec_driver_sql(step)
        first = await first_rows(connection)
        for number, noun in enumerate(AUTHORED):
            row = row_of(declared()["audit"], person, first)
            row |= {"id": NUMBER + number, "noun": noun}
            row["noun_id"] = first["zones"] if noun == "zone" else NUMBER
            await connection.execute(audit.insert().values(row))
        for name, declaration in declared().items():
            says_something = declaration.places or declaration.free or name in REFERRED
            if name in {"audit", "people"} or not says_something:
                continue
            row = row_of(declaration, person, first)
            await connection.execute(declaration.table.insert().values(row))
            if name == "notices":
                waiting = row | {"id": NUMBER + 1, "key": "other", "state": "waiting"}
                await connection.execute(declaration.table.insert().values(waiting))
        for step in TIGHT[is_sqlite]:
            await connection.exec_driver_sql(step)


def row_of(declaration: Declared, person: PersonId, first: dict[str, int]) -> dict[str, Any]:
    row = {}
    for column in declaration.table.columns:
        targets = {key.column.table.name for key in column.foreign_keys} - {"people", "roles"}
        number = next((first.get(target, NUMBER) for target in targets), None)
        row[column.name] = number or value_of(column, declaration, person)
    if "role" in row:
        row["role"] = "enterprise"
    return row


async def first_rows(connection: AsyncConnection) -> dict[str, int]:
    """Return the number of some row of every table that has any."""
    found = {}
    for table in metadata.sorted_tables:
        if "id" in table.c:
            number = (await connection.execute(select(func.min(table.c.id)))).scalar()
            found |= {} if number is None else {table.name: number}
    return found


async def left(connection: AsyncConnection) -> set[tuple[str, str]]:
    """Return table and column of everything in the database that still names the person."""
    found = set()
    for table in metadata.sorted_tables:
        rows = await connection.execute(select(*(cast(c, Text) for c in _readable(table))))
        for row in rows:
            for column, value in zip(_readable(table), row, strict=True):
                if any(word in str(value).casefold() for word in _words()):
                    found.add((table.name, column.name))
    return found


def _readable(table: Table) -> list[Any]:
    return [column for column in table.columns if not isinstance(column.type, LargeBinary)]


def _words() -> Iterator[str]:
    for word in (NAME, LOGIN, MAIL):
        yield word.casefold()
        yield json.dumps(word)[1:-1].casefold()


async def a_person(world: World) -> PersonId:
    new = NewPerson(org=world.red.org, login=LOGIN, name=NAME, password=PASSWORD, email=MAIL)
    return (await world.registry.people.create(world.system, new)).id


async def test_nothing_is_left_of_an_erased_person_but_what_is_declared(world: World) -> None:
    person = await a_person(world)
    invited = NewInvitation(org=world.red.org, email=MAIL.upper(), name=NAME, role="enterprise")
    await world.registry.invitations.create(world.system, invited, site="http://x")
    await name_everywhere(world, person)
    async with world.registry.database.read() as connection:
        before = await left(connection)

    await world.registry.personal.erase(world.system, person)

    async with world.registry.database.read() as connection:
        after = await left(connection)
    kept = {
        (name, column)
        for name, declaration in declared().items()
        for place in declaration.places
        if place.erase == KEEP
        for column in place.data
    }
    wanted = {
        (name, column)
        for name, declaration in declared().items()
        for column in (*declaration.free, *(c for p in declaration.places for c in p.data))
    }
    assert before >= wanted - {("audit", "address"), ("people", "folded")}
    assert after <= kept
    assert {table for table, _ in after} == {"audit"}


async def test_the_journal_shows_an_erased_person_without_the_name(world: World) -> None:
    person = await a_person(world)
    await world.registry.sessions.log_in(LOGIN, PASSWORD, "203.0.113.44")

    await world.registry.personal.erase(world.system, person)

    page = await world.registry.audit.page(world.red.viewer)
    told = json.dumps([(r.person_name, r.before, r.after, r.address) for r in page.items])
    acts = [row for row in page.items if row.person == person]
    assert {row.person_name for row in acts} == {NOBODY}
    assert not any(word in told.casefold() for word in (*_words(), "203.0.113.44"))

    named = await world.registry.audit.page(world.red.viewer, wanted=AuditFilter(search="Quýnh"))
    assert person not in {row.person for row in named.items}
    assert (await world.registry.audit.verify()).broken is None
    others = {person, world.red.person}
    assert await world.registry.personal.erased(others) == {person}


async def test_who_is_called_alike_keeps_their_name(world: World) -> None:
    person = await a_person(world)
    twin = NewPerson(org=world.red.org, login="zzyx2", name=NAME, password=PASSWORD, email=MAIL)
    other = (await world.registry.people.create(world.system, twin)).id
    again = NewInvitation(org=world.red.org, email=MAIL, name=f"{NAME}h", role="enterprise")
    await world.registry.invitations.create(world.system, again, site="http://x")

    await world.registry.personal.erase(world.system, person)

    assert (await world.registry.people.one(world.system, other)).name == NAME
    (waiting,) = await world.registry.mails.due()
    assert f"{NAME}h" in waiting.body


async def test_my_data_shows_every_place_with_its_purpose_and_ground(world: World) -> None:
    await world.registry.sessions.log_in(world.red.login, PASSWORD, "203.0.113.44")

    data = await world.registry.personal.export(world.red.viewer)
    listed = await world.registry.personal.kept(world.red.viewer)

    declared_places = [(n, p.purpose, p.ground) for n, d in declared().items() for p in d.places]
    assert [(p.table, p.purpose, p.ground) for p in data.places] == declared_places
    assert [(p.table, p.count) for p in listed] == [(p.table, p.count) for p in data.places]
    sessions = next(place for place in data.places if place.table == "sessions")
    assert sessions.rows[0]["address"] == "203.0.113.44"
    assert "csrf" not in sessions.rows[0]
    assert b'"table":"audit"' in msgspec.json.encode(data)
    assert all(p.purpose and p.ground and p.kept for p in data.places)


def test_the_handbook_lists_every_place() -> None:
    told = (ROOT / "docs/access.md").read_text(encoding="utf-8")
    effects = {"delete": "removed", "keep": "kept", "blank": "record kept without the person"}
    for name, declaration in declared().items():
        for place in declaration.places:
            effect = effects[place.erase if isinstance(place.erase, str) else "blank"]
            columns = f": {', '.join(place.data)}" if place.data else ""
            row = f"| `{name}`{columns} | {place.purpose} | {place.ground} | {place.kept} | {effect} |"
            assert row in told
    free = {f"`{name}`" for name, declaration in declared().items() if declaration.free}
    (line,) = [line for line in told.splitlines() if line.startswith("Free texts (")]
    assert all(name in line for name in free)
