"""The intake: collects messages into the open block and answers when the block is on disk.

No message costs a task or a future: whoever waits for an answer leaves a call in the block's list.
One block is on its way at a time; further full blocks queue, and beyond ``pending_bytes_max`` the
writer tells the listeners to stop reading, which slows the senders and drops nothing.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from itertools import count
from typing import Final

from tram.domain.reading import Value
from tram.fleet.block.block import BlockBuilder, BlockHeader, Event, EventKind, Message
from tram.fleet.block.limits import BLOCK_BYTES_MAX, MESSAGE_CHARGE, ROW_CHARGE
from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device.rows import Row
from tram.fleet.device_api.interfaces import BlockSink
from tram.fleet.gateway.metrics import GatewayMetrics
from tram.fleet.gateway.settings import GatewaySettings
from tram.runtime.clock import Clock
from tram.runtime.watch.loops import LOOPS

__all__ = ("HEARTBEAT_S", "OLD_MS", "BlockWriter")

HEARTBEAT_S: Final = 10.0
QUIET_S: Final = 60.0
"""A writer that says nothing for longer, not even by a heartbeat, hangs."""
SLOW_PUT_S: Final = 5.0
"""A block on its way for longer than this makes the gateway report a problem."""
OLD_MS: Final = 900_000
"""A message whose first reading is older than this belongs to a backlog."""


class BlockWriter:
    """Takes messages and events, writes blocks, calls back when they are durable.

    ``on_full`` and ``on_room`` are called when senders must wait and when they may go on,
    ``on_written`` after each block.
    """

    def __init__(
        self, settings: GatewaySettings, sink: BlockSink, clock: Clock, boot: str, metrics: GatewayMetrics
    ) -> None:  # fmt: skip
        self._batches = count(1)
        self.batch = OpenBlock(next(self._batches))
        self.is_full = False
        self.on_full: Callable[[], None] = _nothing
        self.on_room: Callable[[], None] = _nothing
        self.on_written: Callable[[], None] = _nothing
        self.on_fault: Callable[[object, Exception], None] = _pass_on
        """Told for whom a call was that raised, and what."""
        self.accepted = 0
        """Messages and events so far."""
        self.old_rows = 0
        """Rows so far of messages that belong to a backlog."""
        self._old_before_ms = 0
        self._flush_s = settings.flush_ms / 1000
        self._pending_max = settings.pending_bytes_max
        self._sink = sink
        self._clock = clock
        self._boot = boot
        self._metrics = metrics
        self._number = 0
        self._pending = 0
        self._sealed: deque[OpenBlock] = deque()
        self._due = False
        self._closing = False
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._put_since_s: float | None = None

    def add(self, message: Message, rows: list[Row], payload_bytes: int) -> OpenBlock:
        """Append an accepted message and return its batch, to wait on."""
        charge = payload_bytes + MESSAGE_CHARGE + ROW_CHARGE * len(rows)
        batch = self.batch
        if batch.bytes == 0 or batch.bytes + charge > BLOCK_BYTES_MAX:
            batch = self._fresh(batch)
        self.accepted += 1
        if rows and rows[0].observed_at_ms < self._old_before_ms:
            self.old_rows += len(rows)
        batch.builder.add_message(message, rows)
        batch.bytes += charge
        self._pending += charge
        if self._pending > self._pending_max and not self.is_full:
            self._stop_senders()
        return batch

    def add_values(
        self,
        message: Message,
        values: Mapping[str, Value],
        at_ms: int,
        quality: int,
        payload_bytes: int,
    ) -> OpenBlock:
        """Append an accepted message whose values share their time; return its batch."""
        charge = payload_bytes + MESSAGE_CHARGE + ROW_CHARGE * len(values)
        batch = self.batch
        if batch.bytes == 0 or batch.bytes + charge > BLOCK_BYTES_MAX:
            batch = self._fresh(batch)
        self.accepted += 1
        if at_ms < self._old_before_ms:
            self.old_rows += len(values)
        batch.builder.add_values(message, values, at_ms, quality)
        batch.bytes += charge
        self._pending += charge
        if self._pending > self._pending_max and not self.is_full:
            self._stop_senders()
        return batch

    def took(self, batch: OpenBlock, messages: int, charge: int, old_rows: int) -> None:
        """Note what the batch reader has put into the columns of the open batch."""
        if batch.bytes == 0:
            self._fresh(batch)
        batch.builder.join_batch()
        self.accepted += messages
        self.old_rows += old_rows
        batch.bytes += charge
        self._pending += charge
        if self._pending > self._pending_max and not self.is_full:
            self._stop_senders()

    def seal(self) -> bool:
        """Close the open batch, so that the next message begins another; False if it is empty."""
        if not self.batch.bytes:
            return False
        self._fresh(self.batch)
        return True

    def note(self, event: Event) -> OpenBlock:
        """Append an event and return its batch, to wait on."""
        charge = MESSAGE_CHARGE + 4 * (len(event.code) + len(event.detail))
        batch = self.batch
        if batch.bytes == 0 or batch.bytes + charge > BLOCK_BYTES_MAX:
            batch = self._fresh(batch)
        self.accepted += 1
        batch.builder.add_event(event)
        batch.bytes += charge
        self._pending += charge
        if self._pending > self._pending_max and not self.is_full:
            self._stop_senders()
        return batch

    @property
    def pending_bytes(self) -> int:
        """Return the bytes accepted and not yet durable."""
        return self._pending

    def current(self) -> OpenBlock:
        """Return the batch after which everything accepted so far is durable."""
        batch = self.batch
        if batch.bytes == 0:
            batch = self._fresh(batch)
            batch.bytes = 1  # nothing to write, but its turn must come
            self._pending += 1
        return batch

    async def run(self) -> None:
        """Write blocks until ``close``; everything accepted before is written.

        Raises:
            Unavailable: ``log.boot_ended``; nothing more is acknowledged then.
        """
        heartbeat = LOOPS.begin("blocks written", QUIET_S)
        while True:
            heartbeat.heartbeat()
            batch = await self._next()
            if batch is None:
                return
            heartbeat.rest()  # the log may take its time: ``problem`` tells of that
            await self._write(batch)
            heartbeat.reach(self._number)

    def hurry(self) -> None:
        """Write the open batch without waiting for more."""
        self._fall_due()

    def close(self) -> None:
        """Write out what is there; ``run`` returns when that is durable."""
        self._closing = True
        self._wake.set()

    def problem(self) -> str | None:
        """Return None, or one sentence while the log does not take blocks."""
        since_s = self._put_since_s
        if since_s is None or self._now_s() - since_s < SLOW_PUT_S:
            return None
        return f"The log has not confirmed a block for {self._now_s() - since_s:.0f} s."

    def _fresh(self, batch: OpenBlock) -> OpenBlock:
        """Return an open batch with room; start its timer."""
        if batch.bytes:
            self._sealed.append(batch)
            self._wake.set()
            batch = self.batch = OpenBlock(next(self._batches))
        batch.opened_s = self._now_s()
        self._old_before_ms = self._clock.now_ms() - OLD_MS
        if self._timer is not None:
            self._timer.cancel()
        self._due = False
        self._timer = asyncio.get_running_loop().call_later(self._flush_s, self._fall_due)
        return batch

    def _fall_due(self) -> None:
        self._due = True
        self._wake.set()

    async def _next(self) -> OpenBlock | None:
        """Return the next batch to write, an empty one as heartbeat, or None at the end."""
        while True:
            if self._sealed:
                return self._sealed.popleft()
            if self.batch.bytes and (self._due or self._closing):
                batch, self.batch = self.batch, OpenBlock(next(self._batches))
                self._due = False
                return batch
            if self._closing:
                return None
            self._wake.clear()
            try:
                async with asyncio.timeout(HEARTBEAT_S):
                    await self._wake.wait()
            except TimeoutError:
                return OpenBlock(0)

    async def _write(self, batch: OpenBlock) -> None:
        builder = batch.builder
        if batch.bytes != 1 or not builder.is_empty:
            self._number += 1
            header = BlockHeader(self._boot, self._number, self._clock.now_ms())
            payload = self._encoded(builder, header)
            self._put_since_s = self._now_s()
            await self._sink.put(self._number, payload)
            self._put_since_s = None
            self._metrics.blocks += 1
            self._metrics.observe_acknowledged(builder.messages, self._now_s() - batch.opened_s)
        self._pending -= batch.bytes
        self._metrics.pending_bytes = self._pending
        for call, argument in batch.waiters:
            try:
                call(argument)
            except Exception as error:  # noqa: BLE001  # the others of this block are answered too
                self.on_fault(getattr(call, "__self__", None), error)
        self.on_written()
        if self.is_full and self._pending < self._pending_max // 2:
            self.is_full = False
            self.on_room()

    def _encoded(self, builder: BlockBuilder, header: BlockHeader) -> bytes:
        """Return the block's bytes; what cannot be written becomes a refusal of who sent it."""
        try:
            return builder.encode(header)
        except Exception as error:  # noqa: BLE001  # a block holds what many have sent
            self.on_fault(None, error)
        for message in builder.drop_odd():
            builder.add_event(
                Event(
                    message.device,
                    message.org,
                    header.received_at_ms,
                    int(EventKind.REFUSED),
                    "payload.wrong",
                    "Values of this message cannot be kept; the platform's log says why.",
                )
            )
        return builder.encode(header)

    def _stop_senders(self) -> None:
        self.is_full = True
        self._metrics.pending_bytes = self._pending
        self.on_full()

    @staticmethod
    def _now_s() -> float:
        return asyncio.get_running_loop().time()


def _nothing() -> None:
    """Do nothing, until the listeners are connected."""


def _pass_on(_one: object, error: Exception) -> None:
    """Raise, until the listeners are connected."""
    raise error
