"""A reader sees every block in order, from its own place, through outages."""

import asyncio

from tests.fleet.log.test_publisher import BOOT, block, put_numbers
from tests.nats_process import NatsProcess
from tram.domain.ids import DeviceId
from tram.fleet.block.block import decode_header
from tram.fleet.device_api.downlinks import Downlink
from tram.fleet.log.nats_connection import NatsConnection, open_link
from tram.fleet.log.publisher import LogPublisher
from tram.fleet.log.reader import LogReader
from tram.fleet.log.streams import BLOCKS
from tram.fleet.sync.downlinks import DownlinkFollower, DownlinkLog
from tram.fleet.sync.live_frames import LiveBus
from tram.runtime.clock import SystemClock


async def read_numbers(reader: LogReader, after_seq: int, count: int) -> list[int]:
    numbers: list[int] = []
    async with asyncio.timeout(30):
        async for entry in reader.read(after_seq):
            numbers.append(decode_header(entry.payload).number)
            if len(numbers) == count:
                break
    return numbers


async def test_reading_starts_above_the_given_place(ops_link: NatsConnection) -> None:
    await put_numbers(LogPublisher(ops_link, BOOT, SystemClock()), 10)

    assert await read_numbers(LogReader(ops_link), 7, 3) == [8, 9, 10]


async def test_reading_goes_on_through_kills_of_the_server(
    ops_link: NatsConnection, nats: NatsProcess
) -> None:
    store_link = await open_link(nats.access("store"), "store")
    publisher = LogPublisher(ops_link, BOOT, SystemClock())
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        reading = group.create_task(read_numbers(LogReader(store_link), 0, 1500))
        writing = group.create_task(put_numbers(publisher, 1500))
        while not writing.done():
            await asyncio.sleep(0.4)
            nats.kill()
            nats.start()

    assert reading.result() == list(range(1, 1501))
    await store_link.close()


async def test_a_used_up_request_is_followed_by_the_next_of_the_same_consumer(
    ops_link: NatsConnection,
) -> None:
    """The server ends it by "409 Batch Completed", which is no failure of the consumer."""
    await put_numbers(LogPublisher(ops_link, BOOT, SystemClock()), 1_100)
    numbers = await read_numbers(LogReader(ops_link), 0, 1_100)
    state = (await ops_link.jetstream.stream_info(BLOCKS)).state

    assert numbers == list(range(1, 1_101))
    assert state.consumer_count == 1


async def test_reading_goes_on_over_places_that_were_emptied(ops_link: NatsConnection) -> None:
    """A downlink that is taken back leaves its place in the stream empty; those around it stay."""
    downlinks = DownlinkLog(ops_link)
    for number, is_gone in [(1, False), (2, False), (3, False), (2, True), (4, False)]:
        await downlinks.put(Downlink(number, 7, 7, "rpc", b"{}", gone=is_gone))
    follower, stop = DownlinkFollower(ops_link), asyncio.Event()

    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        following = group.create_task(follower.run(stop))
        await waiting_for(follower, [1, 3, 4])
        await downlinks.put(Downlink(5, 7, 7, "rpc", b"{}"))
        await waiting_for(follower, [1, 3, 4, 5])
        stop.set()
        await following


async def waiting_for(follower: DownlinkFollower, numbers: list[int]) -> None:
    while [one.number for one in follower.pending.of(DeviceId(7), 0)] != numbers:
        await asyncio.sleep(0.02)


async def test_a_new_block_is_read_at_once(ops_link: NatsConnection) -> None:
    publisher = LogPublisher(ops_link, BOOT, SystemClock())
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        reading = group.create_task(read_numbers(LogReader(ops_link), 0, 1))
        await asyncio.sleep(1.5)
        await publisher.put(1, block(1))
        async with asyncio.timeout(1):
            assert await reading == [1]


async def test_the_epoch_stays_over_restarts(ops_link: NatsConnection, nats: NatsProcess) -> None:
    before = await LogReader(ops_link).epoch()
    nats.kill()
    nats.start()

    assert await LogReader(ops_link).epoch() == before > 1_600_000_000


async def test_live_frames_reach_every_listener(
    ops_link: NatsConnection, nats: NatsProcess
) -> None:
    store, web = [await open_link(nats.access(role), role) for role in ("store", "web")]
    seen: list[bytes] = []

    async def receive(frame: bytes) -> None:
        seen.append(frame)

    source, viewer = LiveBus(store, SystemClock()), LiveBus(web, SystemClock())
    await source.listen()
    await viewer.subscribe(receive)
    assert not source.is_watched()
    await viewer.look()
    async with asyncio.timeout(10):
        while not seen:
            if source.is_watched():
                await source.publish(b"changed")
            await asyncio.sleep(0.05)

    assert seen[0] == b"changed"
    await store.close()
    await web.close()
