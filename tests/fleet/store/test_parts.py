"""The small parts that need no engine: states over time, live frames, splicing, purging."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from tests.fleet.store.conftest import NORTH, NOW_MS, Blocks, MemoryDims, MemoryLive, MemoryLog
from tram.fleet.block.block import EventKind
from tram.fleet.store.columns import gather, read_block
from tram.fleet.store.engine.checkpoint import Boot, Checkpoint, read_checkpoint, write_checkpoint
from tram.fleet.store.engine.splice import spliced
from tram.fleet.store.interfaces import StorePorts
from tram.fleet.store.serving.log_purge import LogPurge
from tram.fleet.store.state.devices import STATES, DeviceBoard
from tram.runtime.clock import ManualClock
from tram.runtime.errors import Broken

MINUTE_MS = 60_000


class Board:
    """A device board fed by blocks of two boots."""

    def __init__(self) -> None:
        self.board = DeviceBoard()
        self.log = MemoryLog()
        self.boots = {name: Blocks(self.log, name * 16) for name in "ab"}
        self.seq = 0

    def apply(self, *names: str, at_ms: int = NOW_MS, now_s: float = 0) -> None:
        blocks = []
        for name in names:
            self.seq += 1
            blocks.append(read_block(self.seq, self.boots[name].payload(at_ms)))
        block_columns = gather(blocks)
        self.board.hear({block.header.boot for _, block in blocks}, now_s)
        self.board.apply(block_columns.messages, block_columns.events)

    def state(self, device: int = 10, now_ms: int = NOW_MS, now_s: float = 0) -> str:
        return STATES[self.board.states(now_ms, now_s)[device]]


def test_message_keeps_a_device_online_for_five_minutes() -> None:
    board = Board()
    assert board.state() == "never"
    board.boots["a"].message(10)
    board.apply("a")

    assert board.state(now_ms=NOW_MS + 5 * MINUTE_MS) == "online"
    assert board.state(now_ms=NOW_MS + 5 * MINUTE_MS + 1) == "silent"


def test_device_that_reports_hourly_is_given_three_hours() -> None:
    board = Board()
    for hour in (0, 60, 120):
        board.boots["a"].message(10)
        board.apply("a", at_ms=NOW_MS + hour * MINUTE_MS)

    assert board.state(now_ms=NOW_MS + 290 * MINUTE_MS) == "online"
    assert board.state(now_ms=NOW_MS + 310 * MINUTE_MS) == "silent"


def test_connected_device_is_unknown_when_its_boot_falls_silent() -> None:
    board = Board()
    board.boots["a"].event(10, EventKind.CONNECTED)
    board.apply("a", now_s=100)
    hour_later_ms = NOW_MS + 60 * MINUTE_MS

    assert board.state(now_ms=hour_later_ms, now_s=130) == "online"
    assert board.state(now_ms=hour_later_ms, now_s=131) == "unknown"
    board.apply("a", now_s=140)
    assert board.state(now_ms=hour_later_ms, now_s=141) == "online"


def test_only_the_boot_that_has_the_device_can_end_its_connection() -> None:
    board = Board()
    later_ms = NOW_MS + 60 * MINUTE_MS
    board.boots["a"].event(10, EventKind.CONNECTED)
    board.apply("a")
    board.boots["b"].event(10, EventKind.CONNECTED)
    board.boots["a"].event(10, EventKind.DISCONNECTED)
    board.apply("b", "a")
    assert board.state(now_ms=later_ms) == "online"
    board.boots["b"].event(10, EventKind.DISCONNECTED)
    board.apply("b")

    assert board.state(now_ms=later_ms) == "silent"


def test_spliced_chunks_are_one_stream_with_every_row() -> None:
    schema = pa.schema([("a", pa.int64())])
    chunks = []
    for start in range(3):
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, schema) as writer:
            writer.write_table(pa.table({"a": [start, start + 10]}, schema=schema))
        chunks.append(sink.getvalue().to_pybytes())

    joined = b"".join(spliced(chunks))

    assert pa.ipc.open_stream(joined).read_all()["a"].to_pylist() == [0, 10, 1, 11, 2, 12]
    assert list(spliced([])) == []
    with pytest.raises(Broken):
        list(spliced([chunks[0][:-1]]))


def test_checkpoint_is_read_as_written_and_damage_is_told(tmp_path: Path) -> None:
    checkpoint = Checkpoint(1, 2, 3, {"b": Boot(4, 5)})
    assert read_checkpoint(tmp_path) is None
    write_checkpoint(tmp_path, checkpoint)
    assert read_checkpoint(tmp_path) == checkpoint
    for content in (b"{", b'{"epoch": 1, "format": 2}'):
        (tmp_path / "checkpoint.json").write_bytes(content)
        with pytest.raises(Broken):
            read_checkpoint(tmp_path)


async def test_only_old_blocks_that_are_in_the_tables_may_be_purged(tmp_path: Path) -> None:
    clock = ManualClock(NOW_MS)
    ports = StorePorts(MemoryLog(), MemoryDims([]), MemoryLive())
    purge = LogPurge(ports, clock, keep_minutes=10)
    for seq, received_at_ms in [
        (5, NOW_MS),
        (9, NOW_MS + MINUTE_MS),
        (12, NOW_MS + 2 * MINUTE_MS),
    ]:
        purge.note(seq, received_at_ms)

    clock.advance(10 * MINUTE_MS)
    assert purge.purgeable(100) is None
    clock.advance(MINUTE_MS + 1)
    assert purge.purgeable(100) == 10
    assert purge.purgeable(100) is None


async def test_blocks_that_the_rules_have_not_judged_stay(tmp_path: Path) -> None:
    class Rules:
        mark: int | None = None

        def needed_from(self, epoch: int) -> int | None:
            return self.mark if epoch == 100 else None

    clock, rules = ManualClock(NOW_MS), Rules()
    ports = StorePorts(MemoryLog(), MemoryDims([]), MemoryLive(), others=rules)
    purge = LogPurge(ports, clock, keep_minutes=10)
    for seq, received_at_ms in [(5, NOW_MS), (9, NOW_MS), (12, NOW_MS)]:
        purge.note(seq, received_at_ms)
    clock.advance(11 * MINUTE_MS)

    assert purge.purgeable(100) is None
    rules.mark = 9
    assert purge.purgeable(100) == 6
    assert purge.purgeable(101) is None
    rules.mark = 13
    assert purge.purgeable(100) == 13


def test_gathered_rows_keep_their_places() -> None:
    log = MemoryLog()
    blocks = Blocks(log)
    from tests.fleet.store.conftest import timed

    blocks.message(10, timed("a", 1.0), timed("b", 2))
    blocks.message(11, org=NORTH)
    first = read_block(1, blocks.payload())
    blocks.message(12, timed("b", "x"))
    second = read_block(2, blocks.payload())

    block_columns = gather([first, second])

    assert block_columns.words == ["a", "b"]
    assert block_columns.rows.seq.tolist() == [1, 1, 2]
    assert block_columns.rows.row_no.tolist() == [0, 1, 0]
    assert block_columns.rows.device.tolist() == [10, 10, 12]
    assert block_columns.rows.word.tolist() == [0, 1, 1]
    assert block_columns.messages.rows.tolist() == [2, 0, 1]
    assert len(block_columns.rows.where(np.array([False, True, True]))) == 2
