"""A registry on SQLite and on a real PostgreSQL, each with two unrelated organisations."""

import asyncio
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg
import pytest

import tram.fleet.alarms.tables
import tram.report.tables
import tram.rollout.directives.tables
import tram.rollout.inventory.geography.tables
import tram.rollout.inventory.stations.tables
import tram.rollout.inventory.surveys.tables
import tram.rollout.inventory.tables  # noqa: F401  # completes the metadata, as the product does
from tests.provinces import QUANG_NGAI
from tests.registry.world import World, make_world
from tram.registry.kernel.tables import metadata
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock

START_MS = 1_795_000_000_000
HMAC_KEY = b"a key of thirty-two bytes, really"


def _postgres_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        pytest.fail("PostgreSQL is missing: run 'apt-get install postgresql'.")
    return found[-1].parent if found else Path(on_path).parent


def _as_postgres(*command: object) -> None:
    """PostgreSQL refuses to run as root: become its user when we are."""
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["runuser", "-u", "postgres", "--", *words]
    subprocess.run(words, check=True, capture_output=True, cwd="/")


@pytest.fixture(scope="session")
def postgres_port() -> Iterator[int]:
    programs = _postgres_programs()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="tram-pg-"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "d"
    _as_postgres(
        programs / "initdb", "-D", data, "-A", "trust", "-U", "u", "-E", "UTF8",
        "--no-locale", "--no-sync",
    )  # fmt: skip
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
    control = (programs / "pg_ctl", "-D", data, "-w", "-s")
    _as_postgres(*control, "-l", folder / "log", "-o", options, "start")
    try:
        yield port
    finally:
        _as_postgres(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@dataclass(frozen=True)
class Template:
    """A world in a database; ``fresh`` gives the address of one that is as at the beginning."""

    fresh: Callable[[], str]
    world: World


Filling = Callable[[World], Awaitable[None]]


@pytest.fixture(scope="session")
def filling() -> Filling:
    """What a folder of tests adds to the world of its databases: here nothing."""

    async def nothing(_: World) -> None:
        pass

    return nothing


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory, filling: Filling) -> Template:
    folder = tmp_path_factory.mktemp("sqlite")
    world = _filled(f"sqlite+aiosqlite:///{folder}/world.db", filling)
    numbers = itertools.count()

    def fresh() -> str:
        copy = folder / f"copy{next(numbers)}.db"
        shutil.copyfile(folder / "world.db", copy)
        return f"sqlite+aiosqlite:///{copy}"

    return Template(fresh, world)


@pytest.fixture(scope="session")
def postgresql_template(postgres_port: int, filling: Filling) -> Template:
    """Copying a database takes a second here: keep the rows aside and put them back instead."""
    url = f"postgresql+asyncpg://u@127.0.0.1:{postgres_port}/postgres"
    world = _filled(url, filling)
    tables = [table.name for table in metadata.sorted_tables]
    keep = [f"CREATE TABLE kept.{name} AS TABLE public.{name};" for name in tables]
    empty = [f"DELETE FROM public.{name};" for name in reversed(tables)]
    refill = [f"INSERT INTO public.{name} SELECT * FROM kept.{name};" for name in tables]
    _run_sql(postgres_port, "CREATE SCHEMA kept;" + "".join(keep))
    # Without triggers: foreign keys are whole again when all rows are back.
    reset = "SET session_replication_role = replica;" + "".join(empty + refill)

    def fresh() -> str:
        _run_sql(postgres_port, reset)
        return url

    return Template(fresh, world)


def _run_sql(port: int, script: str) -> None:
    async def send() -> None:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=port, user="u", database="postgres"
        )
        await connection.execute(script)
        await connection.close()

    asyncio.run(send())


def _filled(url: str, filling: Filling) -> World:
    async def fill() -> World:
        clock = ManualClock(START_MS)
        registry = await Registry.open(url, clock, HMAC_KEY, QUANG_NGAI)
        world = await make_world(registry, clock)
        await filling(world)
        await registry.close()
        return world

    return asyncio.run(fill())


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START_MS)


@pytest.fixture(params=["sqlite", "postgresql"])
def template(request: pytest.FixtureRequest) -> Template:
    return request.getfixturevalue(f"{request.param}_template")


@pytest.fixture
def url(template: Template) -> str:
    """The address of a database of this test's own, with the world in it."""
    return template.fresh()


@pytest.fixture
async def registry(url: str, clock: ManualClock) -> AsyncIterator[Registry]:
    opened = await Registry.open(url, clock, HMAC_KEY, QUANG_NGAI)
    yield opened
    await opened.close()


@pytest.fixture
def world(template: Template, registry: Registry, clock: ManualClock) -> World:
    return replace(template.world, registry=registry, clock=clock, numbers=itertools.count())
