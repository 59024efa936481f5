"""Kept sessions, downlinks, reports and the talk of gateways over a real server."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest
import pytest_asyncio

from tests.nats_process import NatsProcess
from tram.domain.ids import DeviceId, OrgId
from tram.fleet.device_api.downlinks import RPC, Downlink, DownlinkReport
from tram.fleet.log import session_quota as quota
from tram.fleet.log import sessions
from tram.fleet.log.nats_connection import NatsConnection, open_link
from tram.fleet.log.reader import StreamReader
from tram.fleet.log.sessions import SessionLog
from tram.fleet.log.streams import REPORTS, ensure_streams
from tram.fleet.sync.downlinks import (
    DownlinkFollower,
    DownlinkLog,
    ReportLog,
    decode_reports,
)
from tram.fleet.sync.gateway_peers import CLIENTS_MAX, PeerLink
from tram.runtime.clock import SystemClock
from tram.runtime.errors import Refused

ONE, TWO = DeviceId(1), DeviceId(2)


@pytest_asyncio.fixture
async def links(
    nats: NatsProcess,
) -> AsyncIterator[tuple[NatsConnection, NatsConnection, NatsConnection]]:
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

        told = [DownlinkReport(7, 1, "delivered", 5), DownlinkReport(7, 1, "answered", 6, b"1")]
        await asyncio.gather(*(reports.put(report) for report in told))
        async for _, batch in StreamReader(work, REPORTS).read(0):
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
    links: tuple[NatsConnection, NatsConnection, NatsConnection],
) -> None:
    log = SessionLog(links[0])
    many = 1_100
    async with asyncio.TaskGroup() as group:
        for number in range(many):
            device = DeviceId(10 + number // 100)
            group.create_task(log.keep_will("here", device, f"c{number}", b"%d" % number))
    await log.keep_will("there", TWO, "c", b"other")

    assert sorted(map(int, await log.wills("here"))) == list(range(many))
    assert await log.wills("there") == [b"other"]
    await log.keep_will("there", TWO, "c", b"")
    assert await log.wills("there") == []


async def test_what_is_more_than_one_page_comes_page_by_page(
    links: tuple[NatsConnection, NatsConnection, NatsConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_PAGE", {"batch": 30})
    log, many = SessionLog(links[0]), 70
    async with asyncio.TaskGroup() as group:
        for number in range(many):
            group.create_task(log.retain(ONE, f"me/{number}", b"%d" % number))
            group.create_task(log.save(ONE, f"c{number}", b"%d" % number))
            group.create_task(log.push(ONE, "c", b"%d" % number))
    found = [await log.retained(ONE), await log.sessions(ONE)]
    found.append([content for _, content in await log.pull(ONE, "c")])

    for contents in found:
        assert sorted(map(int, contents)) == list(range(many))
    assert await log.retained(TWO) == []


async def test_a_device_keeps_what_it_may_and_others_go_on(
    links: tuple[NatsConnection, NatsConnection, NatsConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "_LOOK_AGAIN_S", 0)
    monkeypatch.setattr(quota, "_MOST", dict.fromkeys("srqw", 3))
    log = SessionLog(links[0])
    keeping = {
        "r": lambda log, device, name: log.retain(device, name, b"x"),
        "s": lambda log, device, name: log.save(device, name, b"x"),
        "q": lambda log, device, _name: log.push(device, "c", b"x"),
        "w": lambda log, device, name: log.keep_will("here", device, name, b"x"),
    }
    for keep in keeping.values():
        for number in range(3):
            await keep(log, ONE, f"n{number}")
        with pytest.raises(Refused) as refused:
            await keep(log, ONE, "one more")
        assert refused.value.code == "session.too_many"
        with pytest.raises(Refused):  # another gateway sees it too
            await keep(SessionLog(links[1]), ONE, "one more")
        await keep(log, TWO, "n")
    for name in ("r", "s", "w"):
        await keeping[name](log, ONE, "n1")  # in place of what is there

    other = SessionLog(links[1])
    await other.drop(ONE, "c", (await other.pull(ONE, "c"))[0][0])
    await other.retain(ONE, "n0", b"")
    await other.forget(ONE, "n0")
    for name in ("r", "s", "q"):
        await keeping[name](log, ONE, "one more")


async def test_the_bytes_of_a_device_are_bounded_and_fewer_while_the_store_is_crowded(
    links: tuple[NatsConnection, NatsConnection, NatsConnection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "DEVICE_BYTES_MAX", 1_000)
    monkeypatch.setattr(sessions, "_LOOK_AGAIN_S", 0)
    log = SessionLog(links[0])
    await log.retain(ONE, "a", b"x" * 600)
    await log.retain(ONE, "a", b"x" * 700)
    with pytest.raises(Refused):
        await log.push(ONE, "c", b"x" * 600)
    await log.retain(ONE, "a", b"")
    await log.push(ONE, "c", b"x" * 600)

    log._bytes_max = 100
    with pytest.raises(Refused):
        await log.save(ONE, "c", b"x")
    await log.save(TWO, "c", b"x" * 90)
    await log.save(TWO, "c", b"x" * 110)  # a session that ends notes its time


async def test_an_organisation_fills_its_part_of_a_crowded_store_and_others_theirs(
    links: tuple[NatsConnection, NatsConnection, NatsConnection],
) -> None:
    log = SessionLog(links[0])
    for device, org in ((ONE, 1), (TWO, 1), (DeviceId(3), 2)):
        log.belongs(device, OrgId(org))
    await log.retain(ONE, "a", b"x" * 600)
    await log.retain(TWO, "a", b"x" * 600)

    log._shelves.weigh(1_000)  # as now and then while more than half of the store is full
    for device in (ONE, TWO):
        with pytest.raises(Refused, match="of the organisation keep 1200 bytes"):
            await log.save(device, "c", b"x")

    await log.retain(TWO, "a", b"y" * 600)  # in place of what is there
    await log.retain(DeviceId(3), "a", b"x" * 600)
    await log.retain(ONE, "a", b"")
    log._shelves.weigh(1_000)
    await log.save(TWO, "c", b"x")
