"""Turns and pools: nobody's work takes the threads, the turn or the patience of another's."""

import asyncio
import os
import threading

import pytest

from tram.runtime.errors import Unavailable
from tram.runtime.processes.thread_pools import Pool
from tram.runtime.turns import Turns


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_owners_take_turns_however_much_one_asks_for() -> None:
    turns = Turns("things", 1, waiting_max=100)
    served = []

    async def ask(owner: str) -> None:
        async with turns.turn(owner):
            served.append(owner)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for owner in "AAAAAB":
            group.create_task(ask(owner))

    assert served.index("B") == 2


async def test_one_owner_leaves_turns_for_others() -> None:
    turns = Turns("things", 2, waiting_max=10, each_at_once=1)
    await turns.take("A")
    second = asyncio.ensure_future(turns.take("A"))
    await settled()

    await turns.take("B")

    assert not second.done()
    turns.give_back("A")
    await second


async def test_too_many_waiting_are_told_to_come_again() -> None:
    turns = Turns("things", 1, waiting_max=3, each_waiting_max=2)
    await turns.take("A")
    waiting = [asyncio.ensure_future(turns.take("A")) for _ in range(2)]
    await settled()

    with pytest.raises(Unavailable) as own:
        await turns.take("A")
    waiting.append(asyncio.ensure_future(turns.take("B")))
    await settled()
    with pytest.raises(Unavailable) as whole:
        await turns.take("C")

    assert own.value.code == whole.value.code == "queue.full"
    assert own.value.retry_after_s > 0
    for item in waiting:
        item.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    turns.give_back("A")
    await turns.take("C")


async def test_who_gives_up_waiting_leaves_the_turn_to_the_next() -> None:
    turns = Turns("things", 1, waiting_max=3)
    await turns.take("A")
    first, second = (asyncio.ensure_future(turns.take("A")) for _ in range(2))
    await settled()

    first.cancel()
    turns.give_back("A")

    await asyncio.wait_for(second, 1)


async def test_threads_that_hang_in_one_pool_leave_the_other_free() -> None:
    hanging, other = (Pool(n, 2, waiting_max=1, deadline_s=0.05) for n in ("a", "b"))
    end = threading.Event()
    stuck = [asyncio.ensure_future(hanging.run(end.wait)) for _ in range(3)]

    assert await other.run(lambda: 7) == 7
    ended = await asyncio.gather(*stuck, return_exceptions=True)

    assert [error.code for error in ended] == ["pool.late"] * 3
    # The threads are still taken, and counted so: the next one waits and is answered too.
    with pytest.raises(Unavailable, match="took longer"):
        await hanging.run(lambda: 1)
    end.set()
    while True:
        try:
            assert await hanging.run(lambda: 1) == 1
            break
        except Unavailable:
            await asyncio.sleep(0.01)


async def test_what_a_call_raises_comes_back() -> None:
    def broken() -> None:
        raise TimeoutError("its own")

    pool = Pool("things", 1, waiting_max=1, deadline_s=5)

    with pytest.raises(TimeoutError, match="its own"):
        await pool.run(broken)
    assert await pool.run_for("A", int, "5") == 5


async def test_threads_that_give_way_leave_the_processor_to_who_answers() -> None:
    polite = Pool("tests", 1, waiting_max=1, deadline_s=5, gives_way=True)
    usual = Pool("tests", 1, waiting_max=1, deadline_s=5)

    niceness = await polite.run(os.nice, 0)

    assert niceness == os.nice(0) + 10
    assert await usual.run(os.nice, 0) == os.nice(0)
