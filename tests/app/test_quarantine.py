"""A block that no part can bear, in the running product: out of the way, listed, tried again."""

import asyncio

import httpx

from tests.poison import crashing, raising
from tests.product import Product, wait_until
from tram.app.installation import open_installation
from tram.fleet.log.link import open_link
from tram.fleet.log.publisher import give_back
from tram.runtime.footprint import DEATHS_MAX
from tram.runtime.quarantine import KEPT, TRIED, Quarantine

BOOT = "0123456789abcdef"
OTHER_BOOT = "fedcba9876543210"


def publish(product: Product, boot: str, block: bytes) -> None:
    """Put a poisonous block into the log, as a gateway that has gone mad would."""
    installation = open_installation(product.data)

    async def put() -> None:
        link = await open_link(installation.log_access("ops"), "ops")
        await give_back(link, boot, block)
        await link.close()

    asyncio.run(put())


def test_a_poisonous_block_goes_into_quarantine_and_readings_go_on(product: Product) -> None:
    number, token = product.seed_devices(1)[0]
    quarantine = Quarantine(product.data / "quarantine", open_installation(product.data).clock)
    before = product.state["restarts"]["store"]

    publish(product, BOOT, raising(BOOT))
    httpx.post(f"{product.http_url}/api/v1/{token}/telemetry", json={"t": 7.5}, timeout=20)

    wait_until(quarantine.list, "the block lies in quarantine", 60)
    with product.log_in() as person:
        wait_until(
            lambda: product.latest(person, number).get("t") == 7.5, "the reading after it is there"
        )
    (record,) = quarantine.list()
    assert product.state["restarts"]["store"] == before
    assert product.tram("quarantine", "list").split("\t")[3:] == [KEPT, f"{record.reason}\n"]
    assert "1 records lie in quarantine" in product.tram("doctor")

    assert "given back" in product.tram("quarantine", "retry", record.name)

    wait_until(lambda: len(quarantine.list()) == 2, "it is no better the second time", 60)
    assert {r.name: r.state for r in quarantine.list()}[record.name] == TRIED


def test_a_block_at_which_the_store_dies_three_times_is_taken_out_and_readings_go_on(
    product: Product,
) -> None:
    number, token = product.seed_devices(1)[0]
    quarantine = Quarantine(product.data / "quarantine", open_installation(product.data).clock)
    known = {record.name for record in quarantine.list()}
    before = product.state["restarts"]

    publish(product, OTHER_BOOT, crashing(OTHER_BOOT))
    httpx.post(f"{product.http_url}/api/v1/{token}/telemetry", json={"t": 8.5}, timeout=20)

    wait_until(lambda: len(quarantine.list()) > len(known), "the block lies in quarantine", 120)
    (record,) = [record for record in quarantine.list() if record.name not in known]
    assert (record.part, record.reason) == ("store", "ends its process by SIGSEGV")
    with product.log_in() as person:
        wait_until(
            lambda: product.latest(person, number).get("t") == 8.5, "the reading after it is there"
        )
    after = product.state["restarts"]
    assert after == before | {"store": before["store"] + DEATHS_MAX}
