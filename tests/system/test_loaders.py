"""The loaders tell the truth about a server that breaks connections and repeats nothing."""

import asyncio
import random
import time
from pathlib import Path

import pytest
from benchmarks.acknowledged import Acknowledged
from benchmarks.load.devices import Fleet
from benchmarks.load.generator import Generator, GeneratorPlan

from tests.system.acker import Acker

DEVICES = [(number, f"token-{number}") for number in range(1, 21)]


async def test_the_fleet_notes_only_what_was_acknowledged_and_marks_what_it_repeats() -> None:
    acker = Acker(random.Random(1), break_every=50, refuse_first=3)
    async with await acker.serve() as server:
        port = server.sockets[0].getsockname()[1]

        left, acknowledged = await asyncio.to_thread(_run_fleet, port)

    assert left == 0
    assert _keys(acknowledged) == acker.acknowledged
    assert acker.repeats > 0
    assert acker.marked_repeats == acker.repeats


@pytest.mark.parametrize("qos", [1, 2])
@pytest.mark.parametrize("rate", [0, 2000])
async def test_the_generator_notes_only_what_was_acknowledged_and_marks_what_it_repeats(
    tmp_path: Path, rate: float, qos: int
) -> None:
    acker = Acker(random.Random(1), break_every=200, refuse_first=3)
    async with await acker.serve() as server:
        plan = GeneratorPlan(
            server.sockets[0].getsockname()[1], seconds=1, window=5, rate=rate, qos=qos
        )

        generator = Generator(plan, DEVICES, tmp_path)
        ready = await asyncio.to_thread(generator.wait_ready)
        generator.go()
        figures, acknowledged = await asyncio.to_thread(generator.result)

    assert ready == len(DEVICES)
    assert figures.connack_refused == {"3": 3}
    assert figures.unacked == 0
    assert figures.acked == len(acknowledged) == figures.sent > 500
    assert {(seq, ts) for seq, ts in _keys(acknowledged)} == acker.acknowledged
    assert acker.repeats > 0
    assert acker.marked_repeats == acker.repeats


def _run_fleet(port: int) -> tuple[int, Acknowledged]:
    with Fleet(port, DEVICES, pause_s=0.005) as fleet:
        time.sleep(1)
        return fleet.stop(), fleet.acknowledged()


def _keys(acknowledged: Acknowledged) -> set[tuple[int, int]]:
    return set(zip(acknowledged["seq"].tolist(), acknowledged["ts"].tolist(), strict=True))
