"""The library in the event loop: reads many connections, gives each what Python must do itself."""

import asyncio
import secrets
from abc import abstractmethod
from collections.abc import Callable
from time import monotonic
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from tram.fleet.block.limits import BLOCK_BYTES_MAX
from tram.fleet.block.open_block import OpenBlock
from tram.fleet.block.reader_columns import ReaderColumns
from tram.fleet.device.decoders.device_json import is_plain_name
from tram.fleet.device.limits import AHEAD_MS_MAX, BEHIND_MS_MAX
from tram.fleet.device_api.isolation import alone
from tram.fleet.gateway.backpressure import (
    BATCH_SHARE,
    BURST_S,
    QUANTUM_BYTES,
    READ_CHARGE,
    Seat,
    Sender,
    Turn,
)
from tram.fleet.gateway.batch_reader.library import (
    ARENA_BYTES,
    ENDED,
    LOOK,
    READS_MAX,
    TURN,
    Library,
    Pubacks,
    ReadSet,
    ReadTerms,
)
from tram.fleet.gateway.block_writer import OLD_MS
from tram.fleet.gateway.context import GatewayContext
from tram.fleet.gateway.stream_transport import NO_SLOT

__all__ = ("NAP_S", "BatchRead", "BatchReader")

NAP_S: Final = 0.002
"""Pause between batches while devices send: what comes meanwhile is read together. A block takes ten
times as long, so nobody waits noticeably longer for an answer."""
ENDS_MAX: Final = 50
"""Connections that end in one batch: some milliseconds of work when thousands die at once."""
_SEED_BITS: Final = 32
_PUBACK_HEAD: Final = b"\x40\x02"
_PUBACK_BYTES: Final = 4


class BatchRead(Sender, Protocol):
    """A connection that is read here."""

    @abstractmethod
    def take_answers(self, packet_ids: list[int], batch: OpenBlock) -> None:
        """Acknowledge these messages when the batch is on disk."""

    @abstractmethod
    def look_again(self) -> None:
        """Tell the batch reader whether what comes is Python's, now that something was taken."""

    @abstractmethod
    def hand_back(self) -> None:
        """Read by the transport again, which finds out how the connection ended."""


class BatchReader:
    """All session connections of one gateway.

    ``unanswered_max``: how many messages of MQTT 5 may be under way before Python counts them.
    ``accepted`` counts messages by QoS.
    """

    def __init__(
        self,
        library: Library,
        context: GatewayContext,
        unanswered_max: int,
        accepted: dict[int, int],
    ) -> None:
        self._context = context
        self._accepted = accepted
        self._backpressure = context.connections.backpressure
        self._reads = ReadSet(library, context.settings.connections_max, _seed())
        self._terms = ReadTerms(
            quantum=QUANTUM_BYTES,
            read_charge=READ_CHARGE,
            batch_share=BATCH_SHARE,
            message_s=self._backpressure.message_s,
            burst_s=BURST_S,
            unanswered_max=unanswered_max,
            payload_bytes_max=context.settings.payload_bytes_max,
        )
        self._sessions: list[BatchRead | None] = []
        self._free: list[int] = []
        self._names: list[str] = []
        self._writing: set[int] = set()
        self._backpressure.take_turns = self.take_turns
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        self._is_closed = False
        self._loop.add_reader(self._reads.epoll, self._woken)

    def close(self) -> None:
        """Read nothing more."""
        if self._is_closed:
            return
        self._is_closed = True
        self._loop.remove_reader(self._reads.epoll)
        if self._timer is not None:
            self._timer.cancel()
        self._reads.close()

    # Connections

    def enter(self, session: BatchRead, fd: int, seat: Seat, *, five: bool) -> int:
        """Take a connection in, which is not read yet; return its slot, or NO_SLOT at the end."""
        if self._is_closed:
            return NO_SLOT
        slot = self._free.pop() if self._free else len(self._sessions)
        if slot == len(self._sessions):
            self._sessions.append(session)
        else:
            self._sessions[slot] = session
        self._reads.slots.enter(slot, fd, seat, five=five)
        return slot

    def leave(self, slot: int) -> None:
        """Forget a connection."""
        self._sessions[slot] = None
        self._free.append(slot)
        self._writing.discard(slot)
        if not self._is_closed:
            self._reads.slots.leave(slot)

    def listen(self, slot: int, *, wanted: bool) -> bool:
        """Read a connection or stop reading; False if the kernel does not take one more."""
        return self._is_closed or self._reads.slots.listen(slot, wanted=wanted)

    def by_python(self, slot: int, *, wanted: bool) -> None:
        """Give everything that comes to Python, or nothing more than it must."""
        if not self._is_closed:
            self._reads.slots.by_python(slot, wanted=wanted)

    def answers_of(self, slot: int, batch: int) -> None:
        """Leave the answers of this batch to Python, which has given one of them."""
        if not self._is_closed:
            self._reads.slots.answers_of(slot, batch)

    def seen(self, slot: int) -> int:
        """Return the tick when the library last took something of a connection."""
        return 0 if self._is_closed else self._reads.slots.seen(slot)

    def unanswered(self, slot: int) -> int:
        """Return how many of its messages the library has not acknowledged yet."""
        return 0 if self._is_closed else self._reads.slots.unanswered(slot)

    def writes(self, slot: int) -> None:
        """Note that a transport was given something: acknowledgements wait until it has left."""
        self._writing.add(slot)

    # Reading

    def _woken(self) -> None:
        """Begin to read; the loop need not watch while batches follow each other."""
        self._loop.remove_reader(self._reads.epoll)
        self._turn()

    def _turn(self) -> None:
        """Read one batch; go on soon while there is something, else wait to be woken."""
        self._timer = None
        count = self._reads.read()
        try:
            if count:
                self._take(count)
        finally:
            self._go_on(count)

    def _go_on(self, count: int) -> None:
        if self._is_closed:
            return
        if not count:
            self._loop.add_reader(self._reads.epoll, self._woken)
        elif self._reads.is_full:
            self._timer = self._loop.call_soon(self._turn)
        else:
            self._timer = self._loop.call_later(NAP_S, self._turn)

    def _take(self, count: int) -> None:
        """Take what the library understands; give the rest to Python, each in its turn."""
        self._take_common(count, admits=True)
        if not self._reads.turns:
            return
        status = self._reads.columns["status"][:count]
        slots = self._reads.columns["slot"]
        # The rest is told of again in the next batch: between two, everybody else is served.
        ended = [
            self._sessions[slot] for slot in slots[:count][status == ENDED][:ENDS_MAX].tolist()
        ]
        for read in np.flatnonzero(status == TURN).tolist():
            one = self._sessions[slots[read]]
            if one is not None and one.seat is not None:  # another's read may have ended it
                self._give(self._backpressure.read, (one, one.seat, self._reads.data(read)))
        for one in ended:
            if one is not None:
                alone(one, one.hand_back)
        self._learn()

    def take_turns(self, turns: list[Turn]) -> None:
        """Take reads that have waited, as many at once as one batch holds."""
        mine: dict[int, Turn] = {}
        room = ARENA_BYTES
        for turn in turns:
            one, seat, data = turn
            if one.seat is not seat:
                continue
            # One read of each connection at a time, so that its order stays.
            if len(mine) == READS_MAX or len(data) > room or one.transport.slot in mine:
                self._take_waited(mine)
                mine, room = {}, ARENA_BYTES
            if one.transport.slot == NO_SLOT or len(data) > room:
                self._give(self._backpressure.take, turn)
            else:
                mine[one.transport.slot] = turn
                room -= len(data)
        self._take_waited(mine)

    def _take_waited(self, waited: dict[int, Turn]) -> None:
        if not waited or self._is_closed:
            return
        turns = list(waited.values())
        self._reads.put(list(waited), [data for _, _, data in turns])
        for slot in waited:
            one = self._sessions[slot]
            if one is not None:
                alone(one, one.look_again)
        self._take_common(len(turns), admits=False)
        status = self._reads.columns["status"][: len(turns)]
        for read in np.flatnonzero(status == TURN).tolist():
            _, seat, data = turns[read]
            charge = len(data) + READ_CHARGE
            seat.share.credit -= charge - charge // BATCH_SHARE
            self._give(self._backpressure.take, turns[read])
        self._learn()

    def _give(self, take: Callable[[Sender, Seat, bytes], None], turn: Turn) -> None:
        """Give a read to Python, unless its connection has ended meanwhile."""
        one, seat, data = turn
        if one.seat is not seat:
            return
        alone(one, take, one, seat, data)  # a fault of one must not cost others their bytes
        session = self._sessions[one.transport.slot] if one.transport.slot != NO_SLOT else None
        if session is not None:
            alone(session, session.look_again)

    def _take_common(self, count: int, *, admits: bool) -> None:
        """Take what the library understands into open blocks."""
        context, reads, terms = self._context, self._reads, self._terms
        block_writer = context.block_writer
        terms.now_ms = now_ms = context.clock.now_ms()
        terms.from_ms, terms.to_ms = now_ms - BEHIND_MS_MAX, now_ms + AHEAD_MS_MAX
        terms.old_before_ms = now_ms - OLD_MS
        terms.round, terms.now_s = self._backpressure.round, monotonic()
        terms.tick, terms.admits = context.connections.deadlines.tick, admits
        reads.begin()
        stop = 0
        while stop < count:
            start = stop
            batch, columns = self._open()
            terms.batch = batch.number
            had = columns.messages
            columns.begin(batch.builder.messages, BLOCK_BYTES_MAX - batch.bytes)
            stop = reads.take(terms, columns, start)
            if columns.messages > had:
                block_writer.took(batch, columns.messages - had, columns.charge, reads.old_rows)
            if reads.looks:
                self._look(range(start, stop), batch, columns)
            if stop < count and not block_writer.seal():
                reads.give_up(stop)  # too large for any block: Python knows what to say
                stop += 1
        by_qos = self._accepted
        for qos, many in enumerate(reads.columns["by_qos"].tolist()):
            by_qos[qos] += many

    def _look(self, places: range, batch: OpenBlock, columns: ReaderColumns) -> None:
        """Slow senders that are to be slowed; acknowledge where that is Python's."""
        reads = self._reads
        status = reads.columns["status"][places.start : places.stop]
        for place in np.flatnonzero(status == LOOK).tolist():
            read = places.start + place
            one = self._sessions[reads.columns["slot"][read]]
            if one is None or one.seat is None:
                continue
            alone(
                one, self._backpressure.slow, one, one.seat, int(reads.columns["old_rows"][read])
            )
            first, messages = int(reads.columns["first"][read]), int(reads.columns["taken"][read])
            alone(one, one.take_answers, columns.packet_ids(first, messages), batch)

    def _open(self) -> tuple[OpenBlock, ReaderColumns]:
        """Return the open batch and the batch reader's columns in it, whose keys are those of today."""
        block_writer = self._context.block_writer
        columns = block_writer.batch.builder.batch_columns
        if columns is not None and columns.names is self._names:
            return block_writer.batch, columns
        if columns is not None:
            block_writer.seal()
        batch = block_writer.batch
        columns = batch.builder.batch_columns = ReaderColumns(self._names)
        # First of all: what Python acknowledges of this batch came after what is acknowledged here.
        batch.waiters.insert(0, (self.acknowledge, columns))
        return batch, columns

    def _learn(self) -> None:
        """Tell the library the keys that Python has found good since."""
        for raw in self._reads.missed():
            key = raw.decode("utf-8", "replace")
            if not is_plain_name(key):
                continue
            code = self._reads.keys.learn(raw)
            if code == len(self._names):
                self._names.append(key)
            elif code < 0:  # no room: begin anew; blocks that are open keep the names they have
                self._names = []
                self._reads.keys.forget_all(_seed())

    # Answering

    def acknowledge(self, columns: ReaderColumns) -> None:
        """Send PUBACK for all that the library took into a block, which is on disk now."""
        if self._is_closed or not columns.acks:
            return
        slots = columns.column("ack_slot")
        order = np.argsort(slots, kind="stable")  # one write for each connection
        slots = slots[order]
        ids = columns.column("ack_id")[order]
        acks = Pubacks(slots, columns.column("ack_ticket")[order], ids)
        left = self._reads.acknowledge(acks, self._blocked(slots))
        if left is None:
            return
        for place in np.flatnonzero(left).tolist():
            one = self._sessions[slots[place]]
            if one is not None:
                packet = _PUBACK_HEAD + int(ids[place]).to_bytes(2, "big")
                alone(one, one.transport.write, packet[_PUBACK_BYTES - int(left[place]) :])

    def _blocked(self, slots: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
        """Return, for each slot, whether what was written earlier has not left yet."""
        for slot in tuple(self._writing):
            one = self._sessions[slot]
            if one is None or not one.transport.has_unsent:
                self._writing.discard(slot)
        if not self._writing:
            return np.zeros(len(slots), np.uint8)
        return np.isin(slots, list(self._writing)).astype(np.uint8)


def _seed() -> int:
    return secrets.randbits(_SEED_BITS)
