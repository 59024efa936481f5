"""Turns: never more at once than may be, nobody forgotten, whatever comes, goes and gives up."""

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tram.runtime.errors import Unavailable
from tram.runtime.turns import Turns

AT_ONCE, EACH, WAITING, EACH_WAITING = 3, 2, 6, 4
OWNERS = ("a", "b", "c", None)

steps = st.lists(
    st.one_of(
        st.tuples(st.just("come"), st.sampled_from(OWNERS)),
        st.tuples(st.sampled_from(["end", "give up", "give up at once"]), st.integers(0, 30)),
    ),
    max_size=40,
)


class Bench:
    """Tasks that hold a turn until they are told to end."""

    def __init__(self) -> None:
        self.turns = Turns(
            "seats", AT_ONCE, each_at_once=EACH,
            waiting_max=WAITING, each_waiting_max=EACH_WAITING,
        )  # fmt: skip
        self.holding: list[tuple[object, asyncio.Event]] = []
        self.tasks: list[asyncio.Task] = []
        self.refused = 0

    async def hold(self, owner: object) -> None:
        try:
            async with self.turns.turn(owner):
                held = (owner, asyncio.Event())
                self.holding.append(held)
                try:
                    await held[1].wait()
                finally:
                    self.holding.remove(held)
        except Unavailable:
            self.refused += 1

    async def rest(self) -> None:
        for _ in range(4):
            await asyncio.sleep(0)
        self.tasks = [task for task in self.tasks if not task.done()]
        running = Counter(owner for owner, _ in self.holding)
        assert running.total() <= AT_ONCE
        assert all(count <= EACH for owner, count in running.items() if owner is not None)
        assert len(self.tasks) - len(self.holding) <= WAITING

    async def step(self, what: str, given_) -> None:
        if what == "come":
            self.tasks.append(asyncio.create_task(self.hold(given_)))
        elif what == "end" and self.holding:
            self.holding[given_ % len(self.holding)][1].set()
        elif what == "give up" and self.tasks:
            self.tasks[given_ % len(self.tasks)].cancel()
        elif what == "give up at once" and self.holding:
            self.holding[given_ % len(self.holding)][1].set()
            await asyncio.sleep(0)  # the turn is given on, and nobody has noticed yet
            for task in self.tasks[given_ % 4 :]:
                task.cancel()
        await self.rest()


@given(steps)
@settings(max_examples=80)
def test_bounds_hold_and_everybody_who_waits_has_a_turn_in_the_end(done: list[tuple]) -> None:
    async def run() -> None:
        bench = Bench()
        for what, given_ in done:
            await bench.step(what, given_)
        for _ in range(100):
            if not bench.tasks:
                break
            assert bench.holding, "somebody waits although nobody has a turn"
            bench.holding[0][1].set()
            await bench.rest()
        assert bench.tasks == []
        async with asyncio.timeout(1):
            for _ in range(AT_ONCE):
                await bench.turns.take()  # nothing was kept by those who gave up

    asyncio.run(run())


async def test_owners_are_served_in_rotation_whatever_one_of_them_asks_for() -> None:
    turns = Turns("seats", 1, waiting_max=None)
    order: list[str] = []

    async def ask(owner: str) -> None:
        async with turns.turn(owner):
            order.append(owner)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for owner in "aaaaaabbc":
            group.create_task(ask(owner))

    assert "".join(order) == "aabcabaaa"


async def test_who_may_not_wait_is_told_when_to_come_again() -> None:
    turns = Turns("seats", 1, waiting_max=10, each_waiting_max=0)
    async with turns.turn("a"):
        with pytest.raises(Unavailable, match="seats") as full:
            await turns.take("a")
    async with turns.turn("a"):
        pass

    assert (full.value.code, full.value.retry_after_s) == ("queue.full", 5)
