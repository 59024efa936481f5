"""A block that no part can bear, in the running product: out of the way, listed, tried again."""

import asyncio
from collections.abc import Iterator

import httpx
import pytest

from tests.poison import crashing, raising
from tests.product import Product, wait_until
from tram.app.installation.installation import open_installation
from tram.fleet.log.nats_connection import open_link
from tram.fleet.log.publisher import give_back
from tram.runtime.watch.footprint import DEATHS_MAX
from tram.runtime.watch.quarantine import KEPT, TRIED, Quarantine, Quarantined

RAISING_BOOT = "0123456789abcdef"
CRASHING_BOOT = "fedcba9876543210"


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product of its own: its store dies more often than others would call well."""
    with Product(tmp_path_factory.mktemp("poisoned")) as product:
        yield product


def publish(product: Product, boot: str, block: bytes) -> None:
    """Put a poisonous block into the log, as a gateway that has gone mad would."""
    installation = open_installation(product.data)

    async def put() -> None:
        link = await open_link(installation.log_access("ops"), "ops")
        await give_back(link, boot, block)
        await link.close()

    asyncio.run(put())


def taken_out(product: Product, boot: str, block: bytes) -> Quarantined:
    """Publish a block and a reading after it; return the block's record once it is out of the way."""
    number, token = product.seed_devices(1)[0]
    quarantine = Quarantine(product.data / "quarantine", open_installation(product.data).clock)
    known = {record.name for record in quarantine.list()}

    publish(product, boot, block)
    httpx.post(f"{product.http_url}/api/v1/{token}/telemetry", json={"t": 7.5}, timeout=20)

    wait_until(lambda: len(quarantine.list()) > len(known), "the block lies in quarantine", 90)
    with product.log_in() as person:
        wait_until(
            lambda: product.latest(person, number).get("t") == 7.5, "the reading after it is there"
        )
    (record,) = [record for record in quarantine.list() if record.name not in known]
    return record


def test_a_poisonous_block_goes_into_quarantine_and_readings_go_on(poisoned: Product) -> None:
    before = poisoned.state["restarts"]
    quarantine = Quarantine(poisoned.data / "quarantine", open_installation(poisoned.data).clock)

    record = taken_out(poisoned, RAISING_BOOT, raising(RAISING_BOOT))

    assert poisoned.state["restarts"] == before
    listed = poisoned.tram("quarantine", "list").splitlines()
    (line,) = [line for line in listed if line.startswith(record.name)]
    assert line.split("\t")[3:] == [KEPT, record.reason]
    told, _ = poisoned.spawn("doctor", "--data", str(poisoned.data)).communicate(timeout=60)
    assert f"{quarantine.count()} records lie in quarantine" in told  # whatever else it finds

    many = len(quarantine.list())
    assert "given back" in poisoned.tram("quarantine", "retry", record.name)

    wait_until(lambda: len(quarantine.list()) > many, "it is no better the second time", 60)
    assert {r.name: r.state for r in quarantine.list()}[record.name] == TRIED


def test_a_block_at_which_the_store_dies_three_times_is_taken_out(poisoned: Product) -> None:
    before = poisoned.state["restarts"]

    record = taken_out(poisoned, CRASHING_BOOT, crashing(CRASHING_BOOT))

    assert (record.part, record.reason) == ("store", "ends its process by SIGSEGV")
    assert poisoned.state["restarts"] == before | {"store": before["store"] + DEATHS_MAX}
