"""Between devices and the log: each message in one block, in order, and none acknowledged before it is there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fleet.gateway.rig import BOOT, MemorySink
from tram.fleet.block.block import Event, EventKind, Message
from tram.fleet.device.rows import Row
from tram.fleet.gateway.block_writer import BLOCK_BYTES_MAX, OLD_MS, BlockWriter
from tram.fleet.gateway.metrics import GatewayMetrics
from tram.fleet.gateway.settings import GatewaySettings
from tram.runtime.clock import ManualClock
from tram.runtime.errors import Unavailable

NOW_MS = 1_795_000_000_000
LONG_MS = 100_000
NOISE = Random(1).randbytes(300_000).hex()  # nothing makes it shorter


class Intake:
    """A writer with its sink, and the numbers of messages in the order of their acknowledgement."""

    def __init__(self, **given: int) -> None:
        self.sink = MemorySink()
        self.metrics = GatewayMetrics()
        self.writer = BlockWriter(
            GatewaySettings(**{"flush_ms": LONG_MS} | given),
            self.sink, ManualClock(NOW_MS), BOOT, self.metrics,
        )  # fmt: skip
        self.faults: list[tuple[object, Exception]] = []
        self.writer.on_fault = lambda one, error: self.faults.append((one, error))
        self.told: list[str] = []
        self.writer.on_full = lambda: self.told.append("full")
        self.writer.on_room = lambda: self.told.append("room")
        self.sent = 0
        self.acknowledged: list[int] = []

    def send(self, size: int = 10, *, in_short: bool = False) -> int:
        """Take one message with a text of so many bytes; return its number."""
        number = self.sent = self.sent + 1
        message = Message(number, 1, 0, False, 1, 1, number)
        if in_short:
            block = self.writer.add_values(message, {"v": NOISE[:size]}, NOW_MS, 0, size)
        else:
            block = self.writer.add(message, [Row("v", NOW_MS, NOISE[:size])], size)
        block.waiters.append((self._acknowledge, number))
        return number

    def _acknowledge(self, number: int) -> None:
        assert number in self.stored, "acknowledged before it was on disk"
        self.acknowledged.append(number)

    @property
    def stored(self) -> list[int]:
        return [line["device"] for line in self.sink.messages]


@asynccontextmanager
async def writing(intake: Intake) -> AsyncIterator[None]:
    task = asyncio.create_task(intake.writer.run())
    yield
    intake.writer.close()
    await task


steps = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["rows", "values"]), st.sampled_from([1, 1_000, 250_000, 600_000])
        ),
        st.tuples(st.sampled_from(["note", "hurry", "seal", "wait"]), st.just(0)),
    ),
    max_size=14,
)


@given(steps)
@settings(max_examples=40)
def test_each_message_is_once_in_the_log_in_order_whenever_blocks_close(
    done: list[tuple[str, int]],
) -> None:
    async def send_all() -> Intake:
        intake = Intake()
        async with writing(intake):
            for what, size in done:
                if what == "note":
                    intake.writer.note(Event(9, 1, NOW_MS, EventKind.CONNECTED))
                elif what == "wait":
                    await asyncio.sleep(0)
                elif what in ("hurry", "seal"):
                    getattr(intake.writer, what)()
                else:
                    intake.send(size, in_short=what == "values")
        return intake

    intake = asyncio.run(send_all())

    numbers = list(range(1, intake.sent + 1))
    assert intake.stored == intake.acknowledged == numbers
    assert len(intake.sink.events) == sum(what == "note" for what, _ in done)
    assert intake.sink.numbers == list(range(1, len(intake.sink.numbers) + 1))
    assert intake.writer.pending_bytes == 0
    assert intake.faults == []


async def test_while_the_disk_is_full_senders_are_stopped_and_nothing_is_dropped() -> None:
    intake = Intake(pending_bytes_max=2 * BLOCK_BYTES_MAX)
    async with writing(intake):
        intake.sink.open.clear()
        for _ in range(8):
            intake.send(400_000)
            await asyncio.sleep(0)
        assert intake.told == ["full"]
        assert (intake.acknowledged, intake.writer.is_full) == ([], True)

        intake.sink.open.set()
        intake.writer.hurry()
        while len(intake.acknowledged) < 8:
            await asyncio.sleep(0)

        assert (intake.told, intake.writer.is_full) == (["full", "room"], False)
    assert intake.stored == intake.acknowledged == list(range(1, 9))


async def test_senders_go_on_only_when_half_of_the_room_is_free() -> None:
    intake = Intake(pending_bytes_max=1_000_000)
    pending_at_room = []
    intake.writer.on_room = lambda: pending_at_room.append(intake.writer.pending_bytes)
    async with writing(intake):
        intake.sink.open.clear()
        for _ in range(6):
            intake.send(350_000)
        intake.sink.open.set()

    assert len(pending_at_room) == 1
    assert pending_at_room[0] < 500_000


async def test_a_boot_that_ended_acknowledges_nothing_more() -> None:
    intake = Intake()
    intake.sink.error = Unavailable("log.boot_ended", "The boot has ended.")
    intake.send()
    intake.writer.close()

    with pytest.raises(Unavailable):
        await intake.writer.run()

    assert intake.acknowledged == []


async def test_whoever_fails_over_its_acknowledgement_costs_no_other_its_own() -> None:
    intake = Intake()

    class Broken:
        def acknowledge(self, _argument: object) -> None:
            raise ConnectionResetError("this one is gone")

    broken = Broken()
    async with writing(intake):
        intake.send()
        intake.writer.batch.waiters.append((broken.acknowledge, None))
        intake.send()

    assert intake.acknowledged == [1, 2]
    assert [(one, type(error)) for one, error in intake.faults] == [(broken, ConnectionResetError)]


async def test_a_value_that_no_column_takes_is_refused_and_the_rest_of_the_block_is_kept() -> None:
    intake = Intake()
    async with writing(intake):
        intake.send()
        odd = Message(99, 7, 0, False, 1, 1, 0)
        intake.writer.add(odd, [Row("v", NOW_MS, "\ud800"), Row("w", NOW_MS, 1.5)], 10)
        intake.send()

    assert intake.stored == [1, 99, 2]
    assert intake.acknowledged == [1, 2]
    assert [(line["device"], line["metric"]) for line in intake.sink.readings] == [
        (1, "v"), (99, "w"), (2, "v"),
    ]  # fmt: skip
    (refusal,) = intake.sink.events
    assert (refusal["device"], refusal["org"], refusal["code"]) == (99, 7, "payload.wrong")


async def test_who_waits_for_an_empty_block_is_answered_after_all_before_it() -> None:
    intake = Intake()
    async with writing(intake):
        intake.send()
        intake.writer.seal()
        intake.writer.current().waiters.append((intake.told.append, "all is on disk"))
        intake.writer.hurry()
        while not intake.told:
            await asyncio.sleep(0)
        assert intake.acknowledged == [1]

    assert intake.sink.numbers == [1]


async def test_rows_of_a_backlog_are_counted_apart() -> None:
    intake = Intake()
    async with writing(intake):
        intake.send()
        for behind_ms, rows in ((OLD_MS, 2), (OLD_MS + 1, 3)):
            at_ms = NOW_MS - behind_ms
            message = Message(1, 1, 0, False, 1, 1, 0)
            intake.writer.add(message, [Row(f"m{n}", at_ms, 1.0) for n in range(rows)], 10)
            intake.writer.add_values(message, {f"m{n}": 1.0 for n in range(rows)}, at_ms, 0, 10)

    assert intake.writer.old_rows == 6
    assert intake.writer.accepted == 5
