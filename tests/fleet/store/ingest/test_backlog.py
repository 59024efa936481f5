"""What waits for the tables keeps its order and its bound: the reader waits, nothing is dropped."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fleet.store.conftest import Entry
from tram.fleet.store.ingest import backlog
from tram.fleet.store.ingest.backlog import LARGE_RUNS, Backlog

ROWS, RUN_BYTES, BOUND = 10, 80, 400


@given(st.lists(st.integers(0, 300), max_size=30), st.lists(st.booleans(), max_size=30))
@settings(max_examples=60)
def test_every_entry_is_taken_once_in_order_and_no_more_waits_than_may(
    sizes: list[int], pauses: list[bool]
) -> None:
    sent = [Entry(seq, bytes(size)) for seq, size in enumerate(sizes, 1)]
    taken: list[list[Entry]] = []

    async def run() -> None:
        waiting = Backlog(ROWS)
        added = 0

        async def read() -> None:
            nonlocal added
            for entry in sent:
                added += 1
                await waiting.add(entry)

        reader = asyncio.create_task(read())
        pausing = iter(pauses)
        while sum(map(len, taken)) < len(sent):
            await waiting.arrived()
            if next(pausing, False):
                for _ in range(40):
                    await asyncio.sleep(0)
            there = sum(len(entry.payload) for entry in sent[sum(map(len, taken)) : added])
            assert there <= BOUND + 300, "one entry more than may wait at most"
            taken.append(waiting.take())
        await reader

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backlog, "PENDING_BYTES_MAX", BOUND)
        asyncio.run(run())

    assert [entry for run_ in taken for entry in run_] == sent
    for run_ in taken:
        assert sum(len(entry.payload) for entry in run_[:-1]) < RUN_BYTES * LARGE_RUNS


async def test_runs_grow_while_much_waits_and_not_beyond_a_bound() -> None:
    waiting = Backlog(ROWS)
    for seq in range(100):
        await waiting.add(Entry(seq, bytes(20)))

    assert await waiting.arrived()
    first = [len(waiting.take()) for _ in range(6)]

    assert first == [32, 32, 18, 9, 5, 4]
