"""A device that must ask gets its next downlink: the first there is, reported, once for each request."""

import asyncio

import pytest

from tests.fleet.device_api.station import NOW_MS, Station
from tests.fleet.gateway.rig import FIRST, SECOND
from tram.fleet.device_api.downlinks import Downlink
from tram.fleet.device_api.long_polls import POLLS_PER_DEVICE_MAX
from tram.runtime.errors import Refused

BODY = b'{"method": "on"}'
LONG_S = 30.0


def call(number: int, device: int = FIRST.device, **given: object) -> Downlink:
    return Downlink(number, device, device, **{"kind": "rpc", "body": BODY} | given)


async def until_asked(*tasks: asyncio.Task) -> None:
    """Let requests begin to wait."""
    for _ in range(5):
        await asyncio.sleep(0)
    assert not any(task.done() for task in tasks)


async def test_what_waits_already_is_answered_with_at_once_the_oldest_first() -> None:
    station = Station()
    for number in (9, 4, 6):
        station.world.downlinks.put(call(number))

    found = [(await station.api.polls.next(FIRST, "rpc", LONG_S)).number for _ in range(3)]

    assert found == [4, 6, 9]
    assert [(r.number, r.state) for r in station.world.reports.reports] == [
        (number, "delivered") for number in found
    ]


async def test_a_request_that_waits_is_answered_when_something_comes_for_it() -> None:
    station = Station()
    mine = asyncio.create_task(station.api.polls.next(FIRST, "rpc", LONG_S))
    others = asyncio.create_task(station.api.polls.next(SECOND, "rpc", LONG_S))
    await until_asked(mine, others)
    station.world.downlinks.put(call(1, kind="attributes"))
    station.world.downlinks.put(call(2, name="Bơm"))  # for one that lies behind it
    await until_asked(mine, others)
    station.world.downlinks.put(call(3))

    assert (await mine).number == 3
    await until_asked(others)
    station.world.downlinks.put(call(4, SECOND.device))
    assert (await others).number == 4


async def test_what_is_over_is_not_answered_with() -> None:
    station = Station()
    station.world.downlinks.put(call(1, expires_ms=NOW_MS))
    station.world.downlinks.put(call(2, expires_ms=NOW_MS + 1))

    assert (await station.api.polls.next(FIRST, "rpc", LONG_S)).number == 2


async def test_nothing_in_time_is_said_and_what_comes_after_waits_for_the_next_request() -> None:
    station = Station()

    with pytest.raises(Refused) as refused:
        await station.api.polls.next(FIRST, "rpc", 0.0)
    station.world.downlinks.put(call(1))

    assert refused.value.code == "poll.empty"
    assert station.world.reports.reports == []
    assert (await station.api.polls.next(FIRST, "rpc", LONG_S)).number == 1


async def test_a_device_may_hold_four_requests_open_and_ends_free_their_places() -> None:
    station = Station()
    polls = station.api.polls
    tasks = [
        asyncio.create_task(polls.next(FIRST, "rpc", LONG_S)) for _ in range(POLLS_PER_DEVICE_MAX)
    ]
    await until_asked(*tasks)

    with pytest.raises(Refused) as refused:
        await polls.next(FIRST, "rpc", LONG_S)
    with pytest.raises(Refused) as empty:
        await polls.next(SECOND, "rpc", 0.0)
    tasks[0].cancel()
    await asyncio.gather(tasks[0], return_exceptions=True)
    freed = asyncio.create_task(polls.next(FIRST, "rpc", LONG_S))
    await until_asked(freed)

    assert (refused.value.code, empty.value.code) == ("poll.too_many", "poll.empty")
    for task in (*tasks[1:], freed):
        task.cancel()
    await asyncio.gather(*tasks, freed, return_exceptions=True)


async def test_a_downlink_is_answered_with_only_once_its_report_is_on_disk() -> None:
    station = Station()
    is_on_disk = asyncio.Event()
    put = station.world.reports.put

    async def slow(report) -> None:
        await is_on_disk.wait()
        await put(report)

    station.world.reports.put = slow
    station.world.downlinks.put(call(1))
    request = asyncio.create_task(station.api.polls.next(FIRST, "rpc", LONG_S))

    await until_asked(request)
    is_on_disk.set()

    assert (await request).number == 1
    assert [r.number for r in station.world.reports.reports] == [1]
