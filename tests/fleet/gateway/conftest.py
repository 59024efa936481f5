"""Every test of a real gateway runs on uvloop, as the product does."""

from collections.abc import AsyncIterator

import pytest
import uvloop

from tests.fleet.gateway.rig import Rig, running
from tram.fleet.gateway.protocols.mqtt import protocol as mqtt_module


def pytest_asyncio_loop_factories(config: pytest.Config, item: pytest.Item) -> dict:
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(params=["compiled", "plain"])
def each_form(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Start gateways that read by the compiled batch reader, then such that read in Python alone."""
    if request.param == "plain":
        monkeypatch.setattr(mqtt_module, "load_library", lambda: None)
    else:
        assert mqtt_module.load_library() is not None, "make setup-dev compiles it (needs gcc)"
    return request.param


@pytest.fixture
async def rig() -> AsyncIterator[Rig]:
    async with running() as started:
        yield started
