"""When a part of the way is stopped or full, devices wait; what they were promised stays true."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from benchmarks.acknowledged import check, open_store
from benchmarks.crash import Devices, judge
from benchmarks.load.devices import Fleet

from tests.product import Product, wait_until
from tests.small_disk import fill, make_room, small_disk

BITS_OF_A_SECOND = 0.5
STILL_S = 2.0


def test_no_puback_leaves_while_the_log_is_stopped(
    product: Product, take: Callable[[int], Devices]
) -> None:
    with Fleet(product.ports["mqtt"], take(5)) as fleet:
        wait_until(lambda: fleet.acked, "devices are served")
        with _stopped(product, "nats"):
            time.sleep(BITS_OF_A_SECOND)  # what was on its way before the stop has arrived
            acked = len(fleet.acked)
            time.sleep(STILL_S)
            acked_meanwhile = len(fleet.acked) - acked
            waiting = fleet.unacked
        wait_until(lambda: len(fleet.acked) >= acked + waiting, "the PUBACKs come after all")

        assert fleet.stop() == 0
    assert acked_meanwhile == 0
    assert waiting > 0
    assert judge(product, fleet.acknowledged()).is_kept


def test_devices_are_served_while_the_store_is_away(
    product: Product, take: Callable[[int], Devices]
) -> None:
    with Fleet(product.ports["mqtt"], take(5)) as fleet:
        wait_until(lambda: fleet.acked, "devices are served")
        with _stopped(product, "store"):
            acked = len(fleet.acked)
            wait_until(lambda: len(fleet.acked) > acked + 100, "PUBACKs go on")
            acked_meanwhile = len(fleet.acked) - acked

        assert fleet.stop() == 0
    assert acked_meanwhile > 100
    assert judge(product, fleet.acknowledged()).is_kept


def test_a_full_log_makes_devices_wait_and_loses_nothing(tmp_path: Path) -> None:
    product = Product(tmp_path / "data", settings={"TRAM_LOG_MAX_BYTES": "1048576"}).start()
    try:
        devices = product.seed_devices(10)
        with Fleet(product.ports["mqtt"], devices, pause_s=0.005, window=20) as fleet:
            with _stopped(product, "store"):
                _wait_until_nobody_is_served(fleet)
                acked, waiting = len(fleet.acked), fleet.unacked
                time.sleep(STILL_S)
                acked_meanwhile = len(fleet.acked) - acked
            product.stop()
            product.environment["TRAM_LOG_MAX_BYTES"] = "268435456"
            product.start()
            wait_until(lambda: len(fleet.acked) >= acked + waiting, "devices are served again")

            assert fleet.stop() == 0
        verdict = judge(product, fleet.acknowledged())
    finally:
        product.stop()
    assert acked > 1000
    assert acked_meanwhile == 0
    assert waiting > 0
    assert verdict.is_kept, verdict


def test_a_full_disk_makes_devices_wait_and_room_lets_them_go_on(tmp_path: Path) -> None:
    product = Product(tmp_path / "data")
    tokens = tmp_path / "tokens.csv"
    product.tram("devices", "seed", "--n", "8", "--tokens", str(tokens))  # makes the folder
    devices = product.seeded(tokens)
    with small_disk(tmp_path / "data" / "nats", 48) as disk:
        try:
            product.start()
            with Fleet(product.ports["mqtt"], devices, pause_s=0.005, window=20) as fleet:
                wait_until(lambda: fleet.acked, "devices are served")
                fill(disk)
                _wait_until_nobody_is_served(fleet)
                acked, waiting = len(fleet.acked), fleet.unacked
                time.sleep(STILL_S)
                acked_meanwhile = len(fleet.acked) - acked
                make_room(disk)
                wait_until(lambda: len(fleet.acked) >= acked + waiting, "devices are served again")

                assert fleet.stop() == 0
            verdict = judge(product, fleet.acknowledged())
        finally:
            product.stop()
    assert acked_meanwhile == 0
    assert waiting > 0
    assert verdict.is_kept, verdict


def test_the_check_itself_notices_what_is_missing(
    product: Product, take: Callable[[int], Devices]
) -> None:
    with Fleet(product.ports["mqtt"], take(2)) as fleet:
        wait_until(lambda: len(fleet.acked) > 10, "devices are served")

        assert fleet.stop() == 0
    claimed = fleet.acknowledged()
    assert judge(product, claimed).is_kept
    claimed["ts"][0] += 1
    claimed["seq"][1] += 1_000_000

    assert asyncio.run(_lost(product, claimed)) == 2


async def _lost(product: Product, claimed: object) -> int:
    async with open_store(product.data, product.ports["store"]) as store:
        return (await check(store, claimed)).lost


def _wait_until_nobody_is_served(fleet: Fleet) -> None:
    """Return when every device has its window full and no PUBACK came for a while."""
    for _ in range(120):
        before = len(fleet.acked)
        time.sleep(BITS_OF_A_SECOND)
        if len(fleet.acked) == before and fleet.unacked:
            return
    pytest.fail("the log of 1 MiB never became full")


@contextmanager
def _stopped(product: Product, part: str) -> Iterator[None]:
    pid = product.pids[part]
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
