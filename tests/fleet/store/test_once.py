"""Exactly once, whatever fails: replay, crash, failed inserts, bad rows, full devices."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from tests.fleet.store.conftest import (
    NORTH,
    NOW_MS,
    Blocks,
    MemoryLog,
    OpenWorld,
    World,
    timed,
    untimed,
    viewer,
)
from tests.fleet.store.full_disk import BLOCKS, ROWS_PER_BLOCK
from tests.repository import ROOT
from tram.fleet.block.block import EventKind
from tram.fleet.store.engine.engine import ChdbEngine, EngineError
from tram.fleet.store.queries.questions import (
    DeviceStates,
    LatestValues,
    RecentEvents,
    SeriesRange,
    TimeSpan,
)
from tram.fleet.store.state.snapshot import write_snapshot


class FaultyEngine(ChdbEngine):
    """Fails inserts as told: before or after they happened, by table, or by value."""

    failures: list[tuple[str, str]]
    poison: float | None = None
    is_full = False

    def insert(self, table: str, rows: pa.Table) -> None:
        if self.is_full:
            raise EngineError("store.engine", "No space left on device")
        if table == "tram.readings" and self.poison in rows["f"].to_pylist():
            raise EngineError("store.engine", "this row is bad")
        if self.failures and self.failures[0][0] == table:
            _, when = self.failures.pop(0)
            if when == "after":
                super().insert(table, rows)
            elif when == "half":
                super().insert(table, rows.slice(0, rows.num_rows // 2))
            raise EngineError("store.engine", "the disk hiccuped")
        super().insert(table, rows)


def faulty(failures: list[tuple[str, str]] | None = None, poison: float | None = None):
    engines: list[FaultyEngine] = []

    def make(folder: Path, seconds: int) -> FaultyEngine:
        engine = FaultyEngine(folder, seconds)
        engine.failures = list(failures or [])
        engine.poison = poison
        engines.append(engine)
        return engine

    make.engines = engines
    return make


def send_some(blocks: Blocks, count: int = 20, start: int = 0) -> None:
    for k in range(start, start + count):
        blocks.message(10, timed("t", float(k), NOW_MS + k), untimed("u", k))
        blocks.event(10, EventKind.ATTRIBUTE, "k", str(k))
        blocks.send()


async def totals(world: World) -> tuple[int, ...]:
    return tuple(
        [len(await world.rows(table, "log_seq")) for table in ("readings", "messages", "events")]
    )


async def test_block_that_comes_again_is_skipped(world: World) -> None:
    world.blocks.message(10, untimed("t", 1.0))
    payload = world.blocks.payload()
    for _ in range(3):
        world.log.append(payload)
    await world.settled()

    status = await world.client.status()

    assert (status.rows, status.blocks_skipped) == (1, 2)
    assert len(await world.rows()) == 1


async def test_block_that_comes_again_is_skipped_after_a_restart_and_in_a_new_log(
    open_world: OpenWorld,
) -> None:
    log = MemoryLog(epoch=100)
    blocks = Blocks(log)
    blocks.message(10, untimed("t", 1.0))
    payload = blocks.payload()
    log.append(payload)
    async with open_world(log) as world:
        await world.settled()
    new_log = MemoryLog(epoch=200)
    new_log.append(payload)
    async with open_world(new_log) as again:
        await again.settled()

        assert (await again.client.status()).blocks_skipped == 1
        assert len(await again.rows()) == 1


async def test_failed_inserts_double_nothing_and_lose_nothing(open_world: OpenWorld) -> None:
    tables = ("series", "messages", "events", "readings")
    failures = [
        (f"tram.{table}", when) for table in tables for when in ("before", "half", "after")
    ]
    make = faulty()
    async with open_world(make_engine=make) as world:
        for k, failure in enumerate(failures):
            make.engines[0].failures = [failure]
            world.blocks.message(10, timed(f"t{k}", 1.0), untimed(f"u{k}", k))
            world.blocks.message(11, timed("t", float(k), NOW_MS + k))
            world.blocks.event(10, EventKind.ATTRIBUTE, "k", str(k))
            world.blocks.event(10, EventKind.ATTRIBUTE, "l", str(k))
            world.blocks.send()
            await world.settled()
            assert not make.engines[0].failures

        count = len(failures)
        assert await totals(world) == (3 * count, 2 * count, 2 * count)
        status = await world.client.status()
        assert (status.quarantined, status.series) == (0, 2 * count + 1)


async def test_crash_between_insert_and_checkpoint_doubles_nothing(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    """The checkpoint is put back to every earlier state, as a crash would leave it."""
    kept: list[bytes] = []
    log = MemoryLog()
    async with open_world(log) as world:
        for part in range(4):
            send_some(world.blocks, 5, 5 * part)
            await world.settled()
            kept.append((tmp_path / "checkpoint.json").read_bytes())
        expected, latest = (
            await totals(world),
            await world.client.ask(viewer(NORTH), LatestValues(10)),
        )
        counters = await world.client.status()
    for content in (*kept, None):
        if content is None:
            (tmp_path / "checkpoint.json").unlink()
        else:
            (tmp_path / "checkpoint.json").write_bytes(content)
        async with open_world(log) as again:
            await again.settled()

            assert await totals(again) == expected == (40, 20, 20)
            assert await again.client.ask(viewer(NORTH), LatestValues(10)) == latest
            status = await again.client.status()
            assert (status.rows, status.messages) == (counters.rows, counters.messages)
            assert status.doubled_dropped == 0


async def test_doubles_and_repeats_are_decided_alike_on_replay(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    log = MemoryLog()
    async with open_world(log) as world:
        for value in (1.0, 2.0, 1.0, 3.0):
            world.blocks.message(10, timed("t", value))
            world.blocks.message(10, untimed("u", 1.0), packet_id=5, duplicate=True)
            world.blocks.message(10, untimed("v", 1.0), idempotency_key="k")
            world.blocks.send()
            await world.settled()
        expected = await world.rows()
        before = await world.client.status()
    (tmp_path / "checkpoint.json").unlink()
    async with open_world(log) as again:
        await again.settled()

        assert await again.rows() == expected
        after = await again.client.status()
        assert (after.doubled_dropped, after.conflicting, after.messages_dropped) == (
            before.doubled_dropped,
            before.conflicting,
            before.messages_dropped,
        )


async def test_killed_process_neither_loses_nor_doubles(
    open_world: OpenWorld, tmp_path: Path
) -> None:
    log = MemoryLog()
    blocks = Blocks(log)
    send_some(blocks, 60)
    log_file = tmp_path / "log.bin"
    log_file.write_bytes(
        b"".join(len(e.payload).to_bytes(4, "big") + e.payload for e in log.entries)
    )
    folder = tmp_path / "store"
    folder.mkdir()
    for kills in range(3):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.fleet.store.victim",
            str(folder),
            str(log_file),
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        for _ in range(3 + 5 * kills):
            await process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        await process.communicate()
    async with open_world(log, folder=folder) as world:
        await world.settled()

        assert await totals(world) == (120, 60, 60)
        status = await world.client.status()
        assert (status.rows, status.doubled_dropped, status.series) == (120, 0, 2)


async def test_bad_rows_go_to_quarantine_and_nothing_else_is_lost(open_world: OpenWorld) -> None:
    async with open_world(make_engine=faulty(poison=13.0)) as world:
        send_some(world.blocks)
        await world.settled()

        aside = await world.rows("quarantine")
        status = await world.client.status()
        latest = await world.client.ask(
            viewer(NORTH), SeriesRange(10, "t", TimeSpan(NOW_MS, NOW_MS + 20), 50)
        )

        assert [(q["device"], q["metric"], q["value"], q["reason"]) for q in aside] == [
            (10, "t", "13.0", "reading")
        ]
        assert "this row is bad" in aside[0]["detail"]
        assert (status.rows, status.quarantined) == (39, 1)
        assert latest.values == [float(k) for k in range(20) if k != 13]


async def test_full_disk_makes_readings_wait_and_quarantines_nothing(
    open_world: OpenWorld,
) -> None:
    make = faulty()
    async with open_world(make_engine=make) as world:
        await world.settled()
        make.engines[0].is_full = True
        send_some(world.blocks)
        async with asyncio.timeout(10):
            while world.store.problem() is None:
                await asyncio.sleep(0.01)
        assert "wait in the log" in world.store.problem()
        make.engines[0].is_full = False
        await world.settled()

        assert await totals(world) == (40, 20, 20)
        assert (await world.client.status()).quarantined == 0
        assert world.store.problem() is None


def test_disk_that_is_really_full_makes_readings_wait_and_loses_none(tmp_path: Path) -> None:
    """In a namespace of its own, where anybody may mount a small file system."""
    command = ["unshare", "--user", "--map-root-user", "--mount", sys.executable, "-m"]
    command += ["tests.fleet.store.full_disk", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    seen = json.loads(done.stdout.splitlines()[-1])

    assert "Readings wait in the log" in seen["problem"]
    assert "is there space left on the disk?" in seen["problem"]
    rows = (BLOCKS + 1) * ROWS_PER_BLOCK
    assert (seen["rows"], seen["different"], seen["quarantined"]) == (rows, rows, 0)
    assert seen["problem_after"] is None


async def test_device_with_too_many_metrics_loses_only_the_new_ones_and_is_told(
    open_world: OpenWorld,
) -> None:
    async with open_world(keys_per_device=2) as world:
        world.blocks.message(10, *(untimed(key, 1) for key in ("a", "b", "c", "d", "a")))
        world.blocks.message(11, untimed("c", 1))
        world.blocks.event(11, EventKind.CONNECTED)  # of a gateway's boot, the refusal is of none
        world.blocks.send()
        await world.settled()
        world.blocks.message(10, untimed("b", 2), untimed("e", 2))
        world.blocks.send()
        await world.settled()

        aside = await world.rows("quarantine")
        events = await world.client.ask(viewer(NORTH), RecentEvents(10, EventKind.REFUSED))
        states = await world.client.ask(viewer(NORTH), DeviceStates([10]))

        assert len(await world.rows()) == 5
        assert [q["metric"] for q in aside] == ["c", "d", "e"]
        assert [event.code for event in events] == ["metric.too_many"] * 2
        assert states[0].refused == 2


async def test_block_that_nobody_can_read_is_set_aside(world: World, tmp_path: Path) -> None:
    world.log.append(b"not a block")
    world.blocks.message(10, untimed("t", 1.0))
    world.blocks.send()
    await world.settled()

    assert (await world.client.status()).blocks_unreadable == 1
    assert (tmp_path / "quarantine" / "store-100-1.record").read_bytes() == b"not a block"
    assert len(await world.rows()) == 1


async def test_series_numbers_are_dense_and_stay_over_restarts(open_world: OpenWorld) -> None:
    log = MemoryLog()
    async with open_world(log) as world:
        world.blocks.message(11, untimed("b", 1), untimed("a", 1))
        world.blocks.message(10, untimed("a", 1))
        world.blocks.send()
        await world.settled()
    async with open_world(log) as again:
        world.blocks.message(10, untimed("z", 1), untimed("a", 1))
        world.blocks.send()
        await again.settled()
        series = await again.client.sql("SELECT * FROM tram.series ORDER BY series")

        assert series.to_pylist() == [
            {"series": 0, "device": 11, "metric": "b"},
            {"series": 1, "device": 11, "metric": "a"},
            {"series": 2, "device": 10, "metric": "a"},
            {"series": 3, "device": 10, "metric": "z"},
        ]


@pytest.mark.parametrize("left", ["whole", "older", "damaged"])
async def test_arrays_after_a_restart_equal_those_before(
    open_world: OpenWorld, tmp_path: Path, left: str
) -> None:
    snapshot = tmp_path / "series.arrow"
    async with open_world() as world:
        world.blocks.event(10, EventKind.CONNECTED)
        world.blocks.event(11, EventKind.CONNECTED)
        world.blocks.message(
            10, timed("t", 1.0), timed("s", "x"), timed("on", False), untimed("n", 3)
        )
        world.blocks.send()
        await world.settled()
        (tmp_path / "older").mkdir()  # as after a crash, it knows of the first block only
        write_snapshot(tmp_path / "older", world.store._follower.snapshot())
        world.blocks.message(10, timed("t", 0.5, NOW_MS - 5), timed("s", "y", NOW_MS + 1))
        world.blocks.message(10, timed("on", True))
        world.blocks.event(11, EventKind.DISCONNECTED)
        world.blocks.event(10, EventKind.REFUSED, "payload.not_json")
        world.blocks.send()
        await world.settled()
        latest = await world.client.ask(viewer(NORTH), LatestValues(10))
        states = await world.client.ask(viewer(NORTH), DeviceStates())
        newest = [world.store._opened.history._parts.ledger.pulse(n)[1] for n in range(4)]
    if left == "older":
        (tmp_path / "older" / snapshot.name).replace(snapshot)
    if left == "damaged":
        snapshot.write_bytes(snapshot.read_bytes()[:-9])
    async with open_world(world.log) as again:
        await again.settled()
        ledger = again.store._opened.history._parts.ledger
        assert [ledger.pulse(n)[1] for n in range(4)] == newest

        assert await again.client.ask(viewer(NORTH), LatestValues(10)) == latest
        assert await again.client.ask(viewer(NORTH), DeviceStates()) == states
