"""The interface over a real registry, with two unrelated organisations in it."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio
from litestar import Litestar
from litestar.testing import AsyncTestClient

from tests.api.province import Province, found_province
from tests.api.telemetry import NOW_MS, Telemetry
from tram.api.plugin import PlatformApi
from tram.api.services import Services
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock
from tram.runtime.settings import WebSettings

HMAC_KEY = b"k" * 32


class LiveFeed:
    """A live source that a test speaks through."""

    def __init__(self) -> None:
        self._receivers: list[Callable[[bytes], Awaitable[None]]] = []

    async def subscribe(self, receive: Callable[[bytes], Awaitable[None]]) -> None:
        self._receivers.append(receive)

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
    file = tmp_path_factory.mktemp("template") / "registry.db"

    async def build() -> Province:
        built = await Registry.open(f"sqlite+aiosqlite:///{file}", ManualClock(NOW_MS), HMAC_KEY)
        try:
            return await found_province(built)
        finally:
            await built.close()

    return Template(file, asyncio.run(build()))


@pytest_asyncio.fixture
async def registry(
    template: Template, tmp_path: Path, clock: ManualClock
) -> AsyncIterator[Registry]:
    for part in template.file.parent.iterdir():
        shutil.copy(part, tmp_path / part.name)
    opened = await Registry.open(f"sqlite+aiosqlite:///{tmp_path}/registry.db", clock, HMAC_KEY)
    yield opened
    await opened.close()


@pytest.fixture
def province(template: Template, registry: Registry) -> Province:
    return replace(template.province, registry=registry)


@pytest.fixture
def telemetry(province: Province) -> Telemetry:
    return Telemetry(province)


@pytest.fixture
def live_feed() -> LiveFeed:
    return LiveFeed()


@pytest.fixture
def services(
    registry: Registry, telemetry: Telemetry, live_feed: LiveFeed, clock: ManualClock
) -> Services:
    return Services(registry, telemetry, live_feed, WebSettings(), clock)


@pytest.fixture
def app(services: Services) -> Litestar:
    return Litestar(plugins=[PlatformApi(services)])


@pytest_asyncio.fixture
async def client(app: Litestar) -> AsyncIterator[AsyncTestClient[Litestar]]:
    async with AsyncTestClient(app) as opened:
        yield opened
