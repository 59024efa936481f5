"""Every test here runs on uvloop, as the product does."""

from collections.abc import AsyncIterator

import pytest
import uvloop

from tests.gateway.rig import Rig, running


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with running() as started:
        yield started
