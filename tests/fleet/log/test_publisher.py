"""A block is confirmed when it is on disk, once, whatever happens to the server meanwhile."""

import asyncio

import pytest

from tests.nats_process import NatsProcess
from tram.fleet.block.block import BlockBuilder, BlockHeader, decode_header
from tram.fleet.log import publisher as publisher_module
from tram.fleet.log.nats_connection import NatsConnection, open_link
from tram.fleet.log.publisher import LogPublisher
from tram.fleet.log.reader import LogReader
from tram.fleet.log.streams import BLOCKS, ensure_streams
from tram.runtime.clock import SystemClock
from tram.runtime.errors import Unavailable

BOOT = "0123456789abcdef"


def block(number: int, boot: str = BOOT) -> bytes:
    return BlockBuilder().encode(BlockHeader(boot, number, 1_000 + number))


async def stored(link: NatsConnection, count: int) -> list[int]:
    """Return the numbers of all blocks in the log, which must be ``count``."""
    numbers: list[int] = []
    async with asyncio.timeout(10):
        async for entry in LogReader(link).read(0):
            numbers.append(decode_header(entry.payload).number)
            if len(numbers) >= count:
                break
    assert (await LogReader(link).state()).messages == count
    return numbers


async def test_blocks_are_stored_in_order(ops_link: NatsConnection, nats: NatsProcess) -> None:
    link = await open_link(nats.access("gateway"), "gateway")
    publisher = LogPublisher(link, BOOT, SystemClock())
    for number in range(1, 21):
        await publisher.put(number, block(number))

    assert await stored(ops_link, 20) == list(range(1, 21))
    await link.close()


async def test_a_killed_server_neither_loses_nor_doubles(
    ops_link: NatsConnection, nats: NatsProcess
) -> None:
    link = await open_link(nats.access("gateway"), "gateway")
    publisher = LogPublisher(link, BOOT, SystemClock())

    async def put_all() -> None:
        for number in range(1, 401):
            await publisher.put(number, block(number))

    async def kill_often() -> None:
        for _ in range(3):
            await asyncio.sleep(0.05)
            nats.kill()
            await asyncio.sleep(0.1)
            nats.start()
            await asyncio.sleep(0.3)

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(put_all())
        group.create_task(kill_often())

    assert await stored(ops_link, 400) == list(range(1, 401))
    await link.close()


async def test_nothing_is_confirmed_while_the_server_stands_still(
    ops_link: NatsConnection, nats: NatsProcess
) -> None:
    link = await open_link(nats.access("gateway"), "gateway")
    publisher = LogPublisher(link, BOOT, SystemClock())
    await publisher.put(1, block(1))
    nats.freeze()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        waiting = group.create_task(publisher.put(2, block(2)))
        await asyncio.sleep(1)

        assert not waiting.done()
        nats.thaw()

    assert await stored(ops_link, 2) == [1, 2]
    await link.close()


async def test_a_block_stored_before_its_answer_was_lost_is_not_stored_again(
    ops_link: NatsConnection, nats: NatsProcess
) -> None:
    link = await open_link(nats.access("gateway"), "gateway")
    first = LogPublisher(link, BOOT, SystemClock())
    await first.put(1, block(1))
    ignorant = LogPublisher(link, BOOT, SystemClock())  # believes that nothing was stored

    await ignorant.put(1, block(1))
    await ignorant.put(2, block(2))

    assert await stored(ops_link, 2) == [1, 2]
    await link.close()


async def test_a_full_log_makes_the_sender_wait_and_takes_the_block_once_there_is_room(
    ops_link: NatsConnection, nats: NatsProcess
) -> None:
    size = len(block(1))
    await ensure_streams(ops_link, 3 * (size + 200), SystemClock())
    link = await open_link(nats.access("gateway"), "gateway")
    publisher = LogPublisher(link, BOOT, SystemClock())
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        waiting = group.create_task(put_numbers(publisher, 6))
        while not publisher.full:
            await asyncio.sleep(0.05)

        assert not waiting.done()
        await ensure_streams(ops_link, 100 * size, SystemClock())

    assert await stored(ops_link, 6) == [1, 2, 3, 4, 5, 6]
    await link.close()


async def put_numbers(publisher: LogPublisher, last: int) -> None:
    for number in range(1, last + 1):
        await publisher.put(number, block(number))


async def test_a_boot_ends_when_its_doubt_lasts_too_long(
    ops_link: NatsConnection, nats: NatsProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher_module, "DOUBT_S_MAX", 1.0)
    link = await open_link(nats.access("gateway"), "gateway")
    publisher = LogPublisher(link, BOOT, SystemClock())
    await publisher.put(1, block(1))
    nats.kill()

    with pytest.raises(Unavailable) as caught:
        async with asyncio.timeout(30):
            await publisher.put(2, block(2))

    assert caught.value.code == "log.boot_ended"
    await link.close()


async def test_after_a_purge_of_its_subject_a_boot_goes_on(
    ops_link: NatsConnection, nats: NatsProcess
) -> None:
    link = await open_link(nats.access("gateway"), "gateway")
    publisher = LogPublisher(link, BOOT, SystemClock())
    await put_numbers(publisher, 3)
    await LogReader(ops_link).purge_below(4)

    await publisher.put(4, block(4))

    assert await stored(ops_link, 1) == [4]
    await link.close()


async def test_a_role_can_do_only_its_own_work(
    ops_link: NatsConnection, nats: NatsProcess
) -> None:
    web = await open_link(nats.access("web"), "web")
    publisher = LogPublisher(web, BOOT, SystemClock())

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2):
            await publisher.put(1, block(1))

    assert (await ops_link.jetstream.stream_info(BLOCKS)).state.messages == 0
    await web.close()


async def test_a_wrong_key_is_refused(
    ops_link: NatsConnection, nats: NatsProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tram.fleet.log import nats_connection as link_module
    from tram.fleet.log.keys import new_user

    monkeypatch.setattr(link_module, "_CONNECT_TRIES_S", 1.0)
    stranger = link_module.NatsAccess(nats.access("web").url, new_user()[0])

    with pytest.raises(Unavailable) as caught:
        await open_link(stranger, "web")

    assert caught.value.code == "log.unreachable"
