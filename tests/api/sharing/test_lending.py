"""Lending where the store cannot say that it has heard of it."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from tests.api.apps import interface
from tests.api.province import API, Client, Province, log_in, open_client
from tests.api.store_process import LOOPBACK
from tram.api.http.services import Services
from tram.fleet.store.serving.client import StoreClient

DAY_MS = 86_400_000


@pytest_asyncio.fixture
async def stranger(store_port: int) -> AsyncIterator[StoreClient]:
    """A client that the store turns away."""
    client = StoreClient(f"http://{LOOPBACK}:{store_port}", "another key")
    yield client
    await client.close()


@pytest.mark.parametrize("is_away", [True, False], ids=["away", "refuses"])
async def test_a_loan_is_made_and_ended_once_whatever_the_store_says(
    services: Services,
    province: Province,
    nowhere: StoreClient,
    stranger: StoreClient,
    *,
    is_away: bool,
) -> None:
    cut_off = replace(services, store=nowhere if is_away else stranger)
    loan = {
        "to_org": province.b.org,
        "devices": [province.a.devices[0].id],
        "purpose": "Đo",
        "until_ms": services.clock.now_ms() + DAY_MS,
    }
    async with open_client(interface(cut_off)) as client:
        await log_in(client, await province.person("enterprise", province.a.org))
        before = await _loans(client)
        made = await client.post(f"{API}/loans", json=loan)
        assert made.status_code == 201, made.text
        assert await _loans(client) == [made.json()["id"], *before]

        gone = await client.delete(f"{API}/loans/{made.json()['id']}")
        assert gone.status_code == 204, gone.text
        assert await _loans(client) == before


async def _loans(client: Client) -> list[int]:
    return [row["id"] for row in (await client.get(f"{API}/loans")).json()["items"]]
