"""The whole web application over a real registry and a store that does not answer.

What the pages say of readings is shown in the browser, over the whole product; here is the rest.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from litestar import Litestar

from tests.api.apps import site
from tests.api.conftest import (  # noqa: F401  # the same world as the interface's tests
    LiveFeed,
    clock,
    live_feed,
    nowhere,
    province,
    registry,
    services_of,
    template,
)
from tests.api.province import Client, Province, log_in, open_client
from tram.fleet.store.serving.client import StoreClient
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock
from tram.web.app import DeviceAddresses

OPS_KEY = "ops-key-of-the-tests"
ADDRESSES = DeviceAddresses(mqtt_port=18830, http_port=18081, host="iot.example")


@pytest.fixture
def app(
    registry: Registry,  # noqa: F811
    nowhere: StoreClient,  # noqa: F811
    live_feed: LiveFeed,  # noqa: F811
    clock: ManualClock,  # noqa: F811
    tmp_path: Path,
) -> Litestar:
    return site(
        services_of(registry, nowhere, live_feed, clock, tmp_path / "files"), OPS_KEY, ADDRESSES
    )


@pytest_asyncio.fixture
async def guest(app: Litestar) -> AsyncIterator[Client]:
    async with open_client(app) as client:
        client.follow_redirects = False
        client.headers["accept"] = "text/html"
        yield client


@pytest_asyncio.fixture
async def person(guest: Client, province: Province) -> Client:  # noqa: F811
    """Somebody of party A who may add devices and see their tokens."""
    await log_in(guest, await province.person("enterprise", province.a.org))
    return guest
