"""Old databases open in the new product with their data; newer ones are refused."""

import asyncio
import sqlite3
from datetime import date
from pathlib import Path

import asyncpg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from tests.provinces import QUANG_NGAI
from tests.registry.conftest import HMAC_KEY
from tests.registry.world import PASSWORD, World, refused
from tram.registry.kernel import migrations
from tram.registry.kernel.tables import metadata
from tram.registry.kernel.viewer import PERMISSIONS, system_viewer
from tram.registry.registry import Registry
from tram.rollout.inventory.inventory import Inventory
from tram.runtime.clock import ManualClock

SCHEMAS = Path(__file__).parent / "schemas"
MIGRATIONS = Path(migrations.__file__).parent


async def test_migrations_end_at_the_tables_of_the_code(url: str, registry: Registry) -> None:
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"include_name": _is_ours}), metadata
            )
        )
    await engine.dispose()

    assert differences == []


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the index of parts of words: each kind of database has its own."""
    return kind not in {"table", "index"} or "search" not in str(name)


@pytest.mark.parametrize("schema", sorted(SCHEMAS.glob("*.sql")), ids=lambda path: path.stem)
async def test_every_old_schema_upgrades_with_its_data(
    schema: Path, tmp_path: Path, clock: ManualClock
) -> None:
    file = tmp_path / "old.db"
    with sqlite3.connect(file) as old:
        old.executescript(schema.read_text(encoding="utf-8"))
    old.close()

    registry = await Registry.open(f"sqlite+aiosqlite:///{file}", clock, HMAC_KEY, QUANG_NGAI)

    viewer = system_viewer(await registry.seed_base())
    found = await registry.devices.page(viewer, search="may bom")
    assert {row.name for row in found.items} == {"Máy bơm Xanh", "Máy bơm Đỏ"}
    assert found.total == 4
    person = (await registry.people.page(viewer, search="nguoi do")).items[0]
    new = await registry.sessions.log_in(person.login, PASSWORD, "")
    session = await registry.sessions.viewer(new.secret)
    assert (await registry.devices.page(session.viewer, search="do")).total == 2
    admin = next(r for r in await registry.people.roles(viewer) if r.name == "system-admin")
    assert set(admin.permissions) == PERMISSIONS
    inventory = Inventory(registry.database, clock, QUANG_NGAI)
    await inventory.seed(viewer)
    assert (await inventory.counts.as_of(viewer, date(2025, 7, 30))).total_5g == 115
    changes = await registry.outbox.read(0, 1_000)
    assert [change.number for change in changes] == list(range(1, len(changes) + 1))
    await registry.close()


def test_a_revision_is_told_by_the_name_of_its_file() -> None:
    scripts = sorted((MIGRATIONS / "versions").glob("v*.py"))
    revisions = [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]

    assert [script.name[1:5] for script in scripts] == sorted(revisions)


async def test_database_of_a_newer_product_is_refused(url: str, clock: ManualClock) -> None:
    await run(url, "UPDATE alembic_version SET version_num = '9' || version_num")

    with refused("registry.newer"):
        await Registry.open(url, clock, HMAC_KEY, QUANG_NGAI)
    await run(url, "UPDATE alembic_version SET version_num = substr(version_num, 2)")


async def test_many_processes_may_open_a_new_database_at_once(
    tmp_path: Path, clock: ManualClock
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"

    opened = await asyncio.gather(
        *(Registry.open(url, clock, HMAC_KEY, QUANG_NGAI) for _ in range(12))
    )

    roots = {await registry.seed_base() for registry in opened}
    assert len(roots) == 1
    for registry in opened:
        await registry.close()


async def test_reference_data_that_was_lost_comes_back(url: str, clock: ManualClock) -> None:
    await run(url, "DELETE FROM roles WHERE name = 'auditor'")

    registry = await Registry.open(url, clock, HMAC_KEY, QUANG_NGAI)

    roles = await registry.people.roles(system_viewer(await registry.seed_base()))
    assert "auditor" in {role.name for role in roles}
    await registry.close()


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("mysql://localhost/x", "registry.url_wrong"),
        ("postgresql+asyncpg://u@127.0.0.1:1/x", "registry.unavailable"),
        ("sqlite+aiosqlite:////nowhere/at/all.db", "registry.unavailable"),
    ],
)
async def test_wrong_address_is_one_clear_error(
    address: str, code: str, clock: ManualClock
) -> None:
    with refused(code):
        await Registry.open(address, clock, HMAC_KEY, QUANG_NGAI)


async def test_damaged_file_is_named_as_such(tmp_path: Path, clock: ManualClock) -> None:
    file = tmp_path / "registry.db"
    file.write_bytes(b"this is not a database, however long it may be" * 100)

    with refused("registry.damaged"):
        await Registry.open(f"sqlite+aiosqlite:///{file}", clock, HMAC_KEY, QUANG_NGAI)


async def test_check_answers_while_the_database_does(world: World) -> None:
    await world.registry.check()


async def run(url: str, statement: str) -> None:
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite+aiosqlite:///")) as database:
            database.execute(statement)
        database.close()
        return
    database = await asyncpg.connect(url.replace("+asyncpg", ""))
    await database.execute(statement)
    await database.close()
