"""The interface over a real registry, with two unrelated organisations in it."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
import pytest_asyncio
from litestar import Litestar

from tests.api.apps import interface
from tests.api.province import Client, Province, found_province, open_client
from tests.api.store_process import KEY, LOOPBACK, until_ready
from tests.provinces import QUANG_NGAI
from tram.api.http.rate_limits import Rates
from tram.api.http.services import Services
from tram.api.http.settings import WebSettings
from tram.api.plugin import PlatformApi
from tram.fleet.alarms.alarms import Alarms
from tram.fleet.exports.export_job import ExportFolder
from tram.fleet.store.serving.client import StoreClient
from tram.registry.registry import Registry
from tram.report.drafts import Drafts
from tram.report.gathering import Gatherer
from tram.report.platform_counts import PlatformCounts
from tram.report.reports import LetterService
from tram.rollout.coverage.coverage_runs import CoverageRuns
from tram.rollout.directives.directives import Directives
from tram.rollout.inventory.imports.imports import StationImports
from tram.rollout.inventory.inventory import Inventory
from tram.runtime.clock import ManualClock, SystemClock
from tram.runtime.processes.process import free_port


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take ``--whole-walk``: every role, table form and direction of the leak walk."""
    parser.addoption("--whole-walk", action="store_true", help="walk every combination")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the whole walk the time that it takes."""
    if config.getoption("--whole-walk"):
        for item in items:
            item.add_marker(pytest.mark.timeout(WHOLE_WALK_S), append=False)


WHOLE_WALK_S = 7_200
NOW_MS = SystemClock().now_ms()
HMAC_KEY = b"k" * 32


class LiveFeed:
    """A live source that a test speaks through."""

    def __init__(self) -> None:
        self._receivers: list[Callable[[bytes], Awaitable[None]]] = []
        self.looks = 0

    async def subscribe(self, receive: Callable[[bytes], Awaitable[None]]) -> None:
        self._receivers.append(receive)

    async def look(self) -> None:
        self.looks += 1

    async def send(self, payload: bytes) -> None:
        for receive in self._receivers:
            await receive(payload)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW_MS)


@dataclass(frozen=True)
class Template:
    """A database with the two parties in it, copied for every test."""

    file: Path
    province: Province


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return _template_in(tmp_path_factory.getbasetemp() / "template")


@cache
def _template_in(folder: Path) -> Template:
    """Make it once, for the tests of the pages as well, which take this fixture to their own."""
    folder.mkdir()
    file = folder / "registry.db"

    async def build() -> Province:
        built = await Registry.open(
            f"sqlite+aiosqlite:///{file}", ManualClock(NOW_MS), HMAC_KEY, QUANG_NGAI
        )
        try:
            return await found_province(built, NOW_MS)
        finally:
            await built.close()

    return Template(file, asyncio.run(build()))


@pytest_asyncio.fixture
async def registry(
    template: Template, tmp_path: Path, clock: ManualClock
) -> AsyncIterator[Registry]:
    for part in template.file.parent.iterdir():
        shutil.copy(part, tmp_path / part.name)
    opened = await Registry.open(
        f"sqlite+aiosqlite:///{tmp_path}/registry.db", clock, HMAC_KEY, QUANG_NGAI
    )
    yield opened
    await opened.close()


@pytest.fixture
def province(template: Template, registry: Registry) -> Province:
    return replace(template.province, registry=registry)


@pytest.fixture(scope="session")
def store_port(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real store that knows the template's devices and one block of each."""
    port = free_port()
    folder = tmp_path_factory.mktemp("store")
    arguments = [template.file, folder, port, NOW_MS, os.getpid()]
    log = (folder.parent / "store.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.api.store_process", *map(str, arguments)], stderr=log
    )
    try:
        asyncio.run(until_ready(port))
        yield port
    finally:
        process.terminate()
        process.wait()
        log.close()


@pytest_asyncio.fixture
async def store(store_port: int) -> AsyncIterator[StoreClient]:
    client = StoreClient(f"http://{LOOPBACK}:{store_port}", KEY)
    yield client
    await client.close()


@pytest_asyncio.fixture
async def nowhere() -> AsyncIterator[StoreClient]:
    """A client of a store that does not run."""
    client = StoreClient(f"http://{LOOPBACK}:{free_port()}", KEY)
    yield client
    await client.close()


@pytest.fixture
def live_feed() -> LiveFeed:
    return LiveFeed()


def services_of(
    registry: Registry, store: StoreClient, live_feed: LiveFeed, clock: ManualClock, files: Path
) -> Services:
    """Put the doors together as the web process does."""
    database = registry.database
    inventory, directives = Inventory(database, clock, QUANG_NGAI), Directives(database, clock)
    gatherer = Gatherer(inventory, directives, PlatformCounts(database, store), QUANG_NGAI)
    return Services(
        registry=registry,
        store=store,
        live=live_feed,
        settings=WebSettings(),
        clock=clock,
        province=QUANG_NGAI,
        inventory=inventory,
        directives=directives,
        reports=LetterService(Drafts(database, clock, QUANG_NGAI), gatherer, files),
        alarms=Alarms(database, clock, b"a key of thirty-two bytes, really"),
        rates=Rates(10**9, 10**9, 10**9),
        imports=StationImports(database, clock, files / "imports"),
        coverage=CoverageRuns(
            database, files.parent / "runs", files.parent / "terrain", files.parent / "antennas"
        ),
        exports=ExportFolder(files.parent / "exports"),
    )


@pytest.fixture
def services(
    registry: Registry,
    store: StoreClient,
    live_feed: LiveFeed,
    clock: ManualClock,
    tmp_path: Path,
) -> Services:
    return services_of(registry, store, live_feed, clock, tmp_path / "reports")


@pytest.fixture
def app(services: Services) -> Litestar:
    return interface(services)


@pytest_asyncio.fixture
async def client(app: Litestar) -> AsyncIterator[Client]:
    async with open_client(app) as opened:
        yield opened


@pytest_asyncio.fixture
async def desk(
    registry: Registry,
    nowhere: StoreClient,
    live_feed: LiveFeed,
    clock: ManualClock,
    tmp_path: Path,
) -> AsyncIterator[Client]:
    """The interface to somebody who asks for no readings: no store has to start."""
    services = services_of(registry, nowhere, live_feed, clock, tmp_path / "reports")
    async with open_client(interface(services)) as opened:
        yield opened


@pytest_asyncio.fixture
async def client_without_store(services: Services, nowhere: StoreClient) -> AsyncIterator[Client]:
    cut_off = replace(services, store=nowhere)
    async with open_client(Litestar(plugins=[PlatformApi(cut_off)])) as opened:
        yield opened
