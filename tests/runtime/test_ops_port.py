"""The keepers' port: health for all, metrics with the key only."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from tram.runtime.ops_port import OpsPort
from tram.runtime.processes.process import free_port

PORT = free_port()


class State:
    problem: str | None = None


@pytest_asyncio.fixture
async def state() -> AsyncIterator[State]:
    state = State()
    port = OpsPort(PORT, "key", lambda: state.problem)
    await port.start()
    yield state
    await port.close()


async def get(path: str, key: str | None = None) -> httpx.Response:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient() as client:
        return await client.get(f"http://127.0.0.1:{PORT}{path}", headers=headers)


async def test_health_tells_the_problem(state: State) -> None:
    assert (await get("/health")).status_code == 200
    state.problem = "the log is away"

    answer = await get("/health")

    assert (answer.status_code, answer.text) == (503, "the log is away")


async def test_metrics_need_the_key(state: State) -> None:
    assert (await get("/metrics")).status_code == 401
    assert (await get("/metrics", "wrong")).status_code == 401
    assert "python_info" in (await get("/metrics", "key")).text


async def test_nothing_else_is_there(state: State) -> None:
    assert (await get("/")).status_code == 404
