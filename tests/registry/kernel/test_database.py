"""The way to the database: whole transactions, one picture to a reader, and errors in our words."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import OperationalError

from tests.registry.world import World, refused
from tram.registry.kernel.database import Database, take_ids, take_numbers
from tram.registry.kernel.tables import audit, counters, organisations
from tram.runtime.errors import Broken, Unavailable

pytestmark = pytest.mark.parametrize("template", ["sqlite"], indirect=True)


async def value(database: Database, counter: str) -> int:
    async with database.read() as connection:
        kept = select(counters.c.value).where(counters.c.name == counter)
        return (await connection.execute(kept)).scalar_one()


async def test_a_writer_that_fails_half_way_leaves_nothing(world: World) -> None:
    database = world.registry.database
    before = await value(database, "device")

    async def half_way() -> None:
        async with database.write() as connection:
            assert await take_numbers(connection, "device", 3) == before + 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await half_way()

    assert await value(database, "device") == before
    async with database.write() as connection:
        assert await take_numbers(connection, "device", 2) == before + 1
    assert await value(database, "device") == before + 2


async def test_a_reader_sees_one_moment_while_others_write(world: World) -> None:
    database, registry = world.registry.database, world.registry
    many = select(organisations.c.id)

    async with database.read() as connection:
        before = len((await connection.execute(many)).all())
        await world.org(world.red.org)
        assert len((await connection.execute(many)).all()) == before

    async with database.read() as connection:
        assert len((await connection.execute(many)).all()) == before + 1
    assert (await registry.organisations.tree(world.system))[0].depth == 0


async def test_writers_of_two_processes_wait_for_each_other(world: World, url: str) -> None:
    other = Database(url)
    before = await value(other, "device")

    async def take(database: Database) -> None:
        async with database.write() as connection:
            await take_numbers(connection, "device", 1)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for _ in range(10):
            group.create_task(take(other))
            group.create_task(take(world.registry.database))

    assert await value(other, "device") == before + 20
    await other.close()


async def test_numbers_for_new_rows_follow_those_that_are_there(world: World) -> None:
    async with world.registry.database.write() as connection:
        found = await connection.execute(select(organisations.c.id))
        newest = max(found.scalars())
        numbers = await take_ids(connection, organisations, 3)
        row = {"parent_id": world.root, "kind": "unit", "name": "Tổ", "folded": "to"}
        await connection.execute(
            insert(organisations), [row | {"id": n, "code": f"T{n}"} for n in numbers]
        )

    assert numbers == [newest + 1, newest + 2, newest + 3]
    assert await world.org(world.root) == newest + 4


async def test_a_row_that_belongs_to_nothing_is_not_kept(world: World) -> None:
    orphan = update(organisations).where(organisations.c.id == world.red.child)

    with pytest.raises(Exception, match="FOREIGN KEY"):
        async with world.registry.database.write() as connection:
            await connection.execute(orphan.values(parent_id=999_999))

    assert (await world.registry.organisations.one(world.system, world.red.child)).parent == (
        world.red.org
    )


async def test_a_number_beyond_every_column_is_the_callers_fault(world: World) -> None:
    with refused("request.out_of_range"):
        async with world.registry.database.read() as connection:
            await connection.execute(select(audit.c.id).where(audit.c.id == 2**70))


@pytest.mark.parametrize(
    ("failure", "family", "code"),
    [
        ("SQLITE_BUSY", Unavailable, "registry.unavailable"),
        ("SQLITE_FULL", Unavailable, "registry.unavailable"),
        ("SQLITE_IOERR_WRITE", Unavailable, "registry.unavailable"),
        ("SQLITE_CORRUPT", Broken, "registry.damaged"),
        ("SQLITE_NOTADB", Broken, "registry.damaged"),
    ],
)
async def test_what_the_database_says_is_put_in_our_words(
    world: World, failure: str, family: type[Exception], code: str
) -> None:
    raised = sqlite3.OperationalError(failure)
    raised.sqlite_errorname = failure

    with pytest.raises(family) as caught:
        async with world.registry.database.write():
            raise OperationalError("UPDATE", {}, raised)

    assert caught.value.code == code
    assert failure not in str(caught.value)
    assert caught.value.hint


async def test_a_fault_in_our_own_question_is_not_hidden(world: World) -> None:
    with pytest.raises(OperationalError, match="no such table"):
        async with world.registry.database.read() as connection:
            await connection.execute(text("SELECT 1 FROM nowhere"))


async def test_a_folder_in_the_place_of_the_file_is_unavailable(
    world: World, tmp_path: Path
) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}")

    with refused("registry.unavailable") as caught:
        async with database.read() as connection:
            await connection.execute(text("SELECT 1"))

    assert caught.value.retry_after_s >= 1
    await database.close()
    await world.registry.check()
