"""Kept sessions, downlinks, reports and the talk of gateways over a real server."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest_asyncio

from tests.nats_process import NatsProcess
from tram.domain.ids import DeviceId
from tram.fleet.gateway.downlinks import RPC, Downlink, Report
from tram.fleet.log.downlinks import (
    DownlinkFollower,
    DownlinkLog,
    ReportLog,
    decode_reports,
    read_reports,
)
from tram.fleet.log.link import Link, open_link
from tram.fleet.log.peers import CLIENTS_MAX, PeerLink
from tram.fleet.log.sessions import SessionLog
from tram.fleet.log.streams import ensure_streams
from tram.runtime.clock import SystemClock

ONE, TWO = DeviceId(1), DeviceId(2)


@pytest_asyncio.fixture
async def links(nats: NatsProcess) -> AsyncIterator[tuple[Link, Link, Link]]:
    ops = await open_link(nats.access("ops"), "ops")
    await ensure_streams(ops, 100_000_000, SystemClock())
    await ops.close()
    opened = (
        await open_link(nats.access("gateway"), "gateway"),
        await open_link(nats.access("gateway"), "gateway"),
        await open_link(nats.access("work"), "work"),
    )
    yield opened
    for link in opened:
        await link.close()


async def until(condition) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


async def test_sessions_queues_and_retained_messages_are_found_by_another_gateway(links) -> None:
    first, second, _ = links
    here, there = SessionLog(first), SessionLog(second)
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        await here.save(ONE, "c", b"session")
        places = [await here.push(ONE, "c", b"%d" % n) for n in range(3)]
        await here.retain(ONE, "me/a", b"kept")
        await here.retain(TWO, "me/a", b"other")
        group.create_task(there.run(stop))
        await until(lambda: not there.may_have(TWO))

        assert there.may_have(ONE)
        assert there.may_have(ONE, "c")
        assert not there.may_have(ONE, "d")
        assert await there.load(ONE, "c") == b"session"
        assert await there.load(ONE, "d") is None
        assert await there.sessions(ONE) == [b"session"]
        assert await there.pull(ONE, "c") == [(p, b"%d" % n) for n, p in enumerate(places)]
        assert await there.retained(ONE) == [b"kept"]

        await there.drop(ONE, "c", places[1])
        assert [content for _, content in await here.pull(ONE, "c")] == [b"0", b"2"]
        await here.retain(ONE, "me/a", b"")
        assert await there.retained(ONE) == []
        await here.forget(ONE, "c")
        assert await there.load(ONE, "c") is None
        assert await there.pull(ONE, "c") == []
        await until(lambda: not there.may_have(ONE))
        stop.set()


async def test_downlinks_reach_every_gateway_and_reports_come_back(links) -> None:
    first, second, work = links
    followers = [DownlinkFollower(first), DownlinkFollower(second)]
    reports, out = ReportLog(first), DownlinkLog(work)
    stop = asyncio.Event()
    one = Downlink(number=7, device=1, target=1, kind=RPC, body=b"{}")
    async with asyncio.TaskGroup() as group:
        await out.put(one)
        for part in (*followers, reports):
            group.create_task(part.run(stop))
        await until(lambda: all(f.pending.of(ONE, 0) for f in followers))

        told = [Report(7, 1, "delivered", 5), Report(7, 1, "answered", 6, b"1")]
        await asyncio.gather(*(reports.put(report) for report in told))
        async for _, batch in read_reports(work):
            assert decode_reports(batch) == told
            break
        await out.put(Downlink(number=7, device=1, target=1, kind=RPC, body=b"", gone=True))
        await until(lambda: not any(f.pending.of(ONE, 0) for f in followers))
        stop.set()


async def test_gateway_takes_a_client_only_when_the_other_has_let_it_go(links) -> None:
    clock = SystemClock()
    ours, theirs = PeerLink(links[0], "ours", clock), PeerLink(links[1], "theirs", clock)
    taken: list[list[tuple[int, str]]] = []
    told: list[tuple[int, bytes]] = []

    async def let_go(clients: Sequence[tuple[DeviceId, str]]) -> None:
        await asyncio.sleep(0.1)
        taken.append(list(clients))

    async def keep(_clients: Sequence[tuple[DeviceId, str]]) -> None:
        raise AssertionError("nobody took from us")

    ours.listen(keep, lambda _device, _content: None)
    theirs.listen(let_go, lambda device, content: told.append((device, content)))
    stop = asyncio.Event()
    await ours.take(ONE, "alone")
    async with asyncio.TaskGroup() as group:
        group.create_task(ours.run(stop))
        group.create_task(theirs.run(stop))
        await until(lambda: ours._others() and theirs._others())

        await ours.take(ONE, "c")
        assert taken == [[(1, "c")]]
        await asyncio.gather(*(ours.take(TWO, f"c{number}") for number in range(CLIENTS_MAX + 2)))
        assert [len(clients) for clients in taken[1:]] == [CLIENTS_MAX, 2]
        await ours.tell(ONE, b"hello")
        await until(lambda: told == [(1, b"hello")])
        stop.set()


async def test_wills_are_kept_by_gateway_also_more_than_the_server_gives_at_once(
    links: tuple[Link, Link, Link],
) -> None:
    log = SessionLog(links[0])
    many = 1_100
    async with asyncio.TaskGroup() as group:
        for number in range(many):
            group.create_task(log.keep_will("here", ONE, f"c{number}", b"%d" % number))
    await log.keep_will("there", TWO, "c", b"other")

    assert sorted(map(int, await log.wills("here"))) == list(range(many))
    assert await log.wills("there") == [b"other"]
    await log.keep_will("there", TWO, "c", b"")
    assert await log.wills("there") == []
