"""A loop that goes on, waits, stands before a record or hangs: told apart by what it says itself."""

import asyncio

from tram.runtime.clock import ManualClock
from tram.runtime.watch.loops import (
    HUNG,
    STUCK,
    STUCK_S,
    WAITS,
    WELL,
    Heartbeat,
    Loops,
    problem_of,
)

SECOND = 1_000
MINUTE = 60 * SECOND


def a_beat(clock: ManualClock) -> Heartbeat:
    return Heartbeat("readings stored", 120, clock)


def test_a_loop_that_beats_is_well_however_long_it_runs() -> None:
    clock = ManualClock(0)
    heartbeat = a_beat(clock)

    for _ in range(10):
        clock.advance(MINUTE)
        heartbeat.heartbeat()
        clock.advance(MINUTE)

    assert heartbeat.judged().state == WELL
    assert heartbeat.judged().age_s == 60


def test_a_loop_that_says_nothing_hangs_and_the_entry_is_named() -> None:
    clock = ManualClock(0)
    heartbeat = a_beat(clock)
    heartbeat.work("block 7")

    clock.advance(119 * SECOND)
    assert heartbeat.judged().state == WELL
    clock.advance(2 * SECOND)

    assert heartbeat.judged().state == HUNG
    assert heartbeat.judged().sentence == (
        "hung: readings stored has said nothing for 121 s, at block 7"
    )


def test_a_loop_that_rests_or_waits_for_a_disk_does_not_hang() -> None:
    clock = ManualClock(0)
    resting, waiting = a_beat(clock), a_beat(clock)
    waiting.work("block 7")
    resting.rest()
    waiting.wait("Readings wait in the log: the disk is full")

    clock.advance(600 * MINUTE)

    assert resting.judged().state == WELL
    assert waiting.judged().state == WAITS
    assert waiting.judged().sentence == "Readings wait in the log: the disk is full"
    waiting.heartbeat()
    assert waiting.judged().state == WELL


def test_a_position_that_stands_with_something_after_it_is_stuck() -> None:
    clock = ManualClock(0)
    heartbeat = a_beat(clock)
    heartbeat.reach(41)
    heartbeat.know(41)
    clock.advance(600 * MINUTE)
    heartbeat.heartbeat()
    assert heartbeat.judged().state == WELL  # there was nothing to do

    heartbeat.know(50)
    clock.advance(int(STUCK_S) * SECOND)
    heartbeat.heartbeat()
    assert heartbeat.judged().state == WELL
    heartbeat.know(60)
    clock.advance(SECOND)

    assert heartbeat.judged().state == STUCK
    assert heartbeat.judged().sentence == "stuck: readings stored stands behind record 42 for 61 s"
    heartbeat.reach(42)
    assert heartbeat.judged().state == WELL


async def test_a_beat_ends_with_its_task_and_the_worst_loop_speaks() -> None:
    clock = ManualClock(0)
    loops = Loops(clock)

    async def work(name: str, why: str) -> None:
        heartbeat = loops.begin(name, 10)
        if why:
            heartbeat.wait(why)
        await asyncio.sleep(1000)

    tasks = [asyncio.create_task(work(*one)) for one in (("a", "the log is away"), ("b", ""))]
    await asyncio.sleep(0)
    clock.advance(11 * SECOND)

    assert problem_of(loops.judged()) == "hung: b has said nothing for 11 s"
    tasks[1].cancel()
    await asyncio.wait(tasks[1:])
    assert loops.problem() == "the log is away"
    tasks[0].cancel()
    await asyncio.wait(tasks)
    assert loops.problem() is None
