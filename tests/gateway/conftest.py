"""Every test of a real gateway runs on uvloop, as the product does."""

from collections.abc import AsyncIterator

import hypothesis
import pytest
import uvloop

from tests.gateway.rig import Rig, running

# A shared machine may be slow at any moment; no test asserts a time.
hypothesis.settings.register_profile("no_deadline", deadline=None, max_examples=60)
hypothesis.settings.load_profile("no_deadline")


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with running() as started:
        yield started
