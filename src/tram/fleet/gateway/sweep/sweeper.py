"""The sweep in the event loop: reads many connections, then gives each what Python must do itself."""

import asyncio
import secrets
from abc import abstractmethod
from collections.abc import Callable
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from tram.fleet.device.payload import AHEAD_MS_MAX, BEHIND_MS_MAX, is_plain_name
from tram.fleet.gateway.hall import Hall
from tram.fleet.gateway.intake import BLOCK_BYTES_MAX, OLD_MS, Batch
from tram.fleet.gateway.pressure import (
    NO_SLOT,
    READ_CHARGE,
    SWEPT_SHARE,
    Seat,
    Sender,
    Turn,
)
from tram.fleet.gateway.sweep.library import (
    ANSWERED_BY_PYTHON,
    ARENA_BYTES,
    BY_PYTHON,
    READS_MAX,
    Library,
    Sweep,
)
from tram.fleet.gateway.swept_columns import SweptColumns

__all__ = ("NAP_S", "Sweeper", "Swept")

NAP_S: Final = 0.002
"""Pause between sweeps while devices send: what comes meanwhile is read together. A block takes ten
times as long, so nobody waits noticeably longer for an answer."""
_SPAN_MS: Final = (BEHIND_MS_MAX, AHEAD_MS_MAX)
_SEED_BITS: Final = 32
_PUBACK_HEAD: Final = b"\x40\x02"
_PUBACK_BYTES: Final = 4


class Swept(Sender, Protocol):
    """A connection that is read here."""

    seen: int

    @abstractmethod
    def way(self, batch: int, size: int) -> int:
        """Return how its read of so many bytes is to be taken while this batch is open."""

    @abstractmethod
    def take_answers(self, packet_ids: list[int], batch: Batch) -> None:
        """Acknowledge these messages when the batch is on disk."""

    @abstractmethod
    def hand_back(self) -> None:
        """Read by the transport again, which finds out how the connection ended."""

    @property
    @abstractmethod
    def has_unsent(self) -> bool:
        """Whether something written earlier has not left yet."""

    @abstractmethod
    def write(self, data: bytes | bytearray) -> None:
        """Write after what was written before."""


class Sweeper:
    """All swept connections of one gateway."""

    def __init__(self, library: Library, hall: Hall) -> None:
        self._hall = hall
        self._pressure = hall.connections.pressure
        self._sweep = Sweep(library, hall.settings.connections_max, _seed())
        self._swept: list[Swept | None] = []
        self._free: list[int] = []
        self._names: list[str] = []
        self._writing: set[int] = set()
        self._pressure.take_turns = self.take_turns
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.Handle | None = None
        self._is_closed = False
        self._loop.add_reader(self._sweep.epoll, self._woken)

    def close(self) -> None:
        """Read nothing more."""
        if self._is_closed:
            return
        self._is_closed = True
        self._loop.remove_reader(self._sweep.epoll)
        if self._timer is not None:
            self._timer.cancel()
        self._sweep.close()

    # Connections

    def enter(self, swept: Swept, fd: int, device: tuple[int, int], *, five: bool) -> int:
        """Take a connection in, which is not read yet; return its slot, or NO_SLOT at the end."""
        if self._is_closed:
            return NO_SLOT
        slot = self._free.pop() if self._free else len(self._swept)
        if slot == len(self._swept):
            self._swept.append(swept)
        else:
            self._swept[slot] = swept
        self._sweep.enter(slot, fd, device, five=five)
        return slot

    def leave(self, slot: int) -> None:
        """Forget a connection."""
        self._swept[slot] = None
        self._free.append(slot)
        self._writing.discard(slot)
        if not self._is_closed:
            self._sweep.leave(slot)

    def listen(self, slot: int, *, wanted: bool) -> bool:
        """Read a connection or stop reading; False if the kernel does not take one more."""
        return self._is_closed or self._sweep.listen(slot, wanted=wanted)

    def writes(self, slot: int) -> None:
        """Note that a transport was given something: acknowledgements wait until it has left."""
        self._writing.add(slot)

    # Reading

    def _woken(self) -> None:
        """Begin to sweep; the loop need not watch while sweeps follow each other."""
        self._loop.remove_reader(self._sweep.epoll)
        self._turn()

    def _turn(self) -> None:
        """Sweep once; go on soon while there is something, else wait to be woken."""
        self._timer = None
        count = self._sweep.read()
        try:
            if count:
                self._take(count)
        finally:
            self._go_on(count)

    def _go_on(self, count: int) -> None:
        if self._is_closed:
            return
        if not count:
            self._loop.add_reader(self._sweep.epoll, self._woken)
        elif self._sweep.is_full:
            self._timer = self._loop.call_soon(self._turn)
        else:
            self._timer = self._loop.call_later(NAP_S, self._turn)

    def _take(self, count: int) -> None:
        """Give every read its way: the block, Python, or its organisation's next turn."""
        reads = self._sweep.reads
        slots = reads["slot"][:count].tolist()
        sizes = reads["length"][:count].tolist()
        batch = self._hall.intake.batch.number
        tick = self._hall.connections.deadlines.tick
        admits, connections = self._pressure.admits, self._swept
        modes = bytearray(count)
        swept: list[tuple[Swept, Seat]] = []
        by_turn: list[int] = []
        ended: list[Swept] = []
        for place, (slot, size) in enumerate(zip(slots, sizes, strict=True)):
            one = connections[slot]
            assert one is not None
            seat = one.seat
            assert seat is not None  # who gives up its seat has left the sweep
            swept.append((one, seat))
            if not size:
                ended.append(one)
                continue
            mode = one.way(batch, size)
            if mode and admits(seat, (size + READ_CHARGE) // SWEPT_SHARE):
                one.seen = tick
                modes[place] = mode
            else:
                by_turn.append(place)
        for place in self._take_common(modes, swept):
            seat = swept[place][1]
            seat.share.credit += (sizes[place] + READ_CHARGE) // SWEPT_SHARE
            by_turn.append(place)
        for place in by_turn:
            self._give(self._pressure.read, (*swept[place], self._sweep.data(place)))
        for one in ended:
            one.hand_back()
        self._learn()

    def take_turns(self, turns: list[Turn]) -> None:
        """Take reads that have waited, as many at once as one sweep holds."""
        mine: dict[int, Turn] = {}
        room = ARENA_BYTES
        for turn in turns:
            one, seat, data = turn
            if one.seat is not seat:
                continue
            # One read of each connection at a time, so that its order stays.
            if len(mine) == READS_MAX or len(data) > room or one.slot in mine:
                self._take_waited(mine)
                mine, room = {}, ARENA_BYTES
            if one.slot == NO_SLOT or len(data) > room:
                self._give(self._pressure.take, turn)
            else:
                mine[one.slot] = turn
                room -= len(data)
        self._take_waited(mine)

    def _take_waited(self, waited: dict[int, Turn]) -> None:
        if not waited:
            return
        turns = list(waited.values())
        self._sweep.put(list(waited), [data for _, _, data in turns])
        batch = self._hall.intake.batch.number
        tick = self._hall.connections.deadlines.tick
        modes = bytearray(len(turns))
        swept: list[tuple[Swept, Seat]] = []
        odd: list[int] = []
        for place, (slot, (_, seat, data)) in enumerate(waited.items()):
            one = self._swept[slot]
            assert one is not None
            one.seen = tick
            swept.append((one, seat))
            modes[place] = one.way(batch, len(data))
            if not modes[place]:
                odd.append(place)
        odd += self._take_common(modes, swept)
        for place in odd:
            _, seat, data = turns[place]
            charge = len(data) + READ_CHARGE
            seat.share.credit -= charge - charge // SWEPT_SHARE
            self._give(self._pressure.take, turns[place])
        self._learn()

    def _give(self, take: Callable[[Sender, Seat, bytes], None], turn: Turn) -> None:
        """Give a read to Python, unless its connection has ended meanwhile."""
        one, seat, data = turn
        if one.seat is not seat:
            return
        try:
            take(one, seat, data)
        except Exception as error:  # noqa: BLE001  # a fault of one must not cost others their bytes
            context = {"message": "a read could not be taken", "exception": error}
            self._loop.call_exception_handler(context)
            one.end("connection.lost")

    def _take_common(self, modes: bytearray, swept: list[tuple[Swept, Seat]]) -> list[int]:
        """Take what the library understands into open blocks; return the places of the rest."""
        hall, sweep = self._hall, self._sweep
        intake = hall.intake
        sweep.reads["mode"][: len(modes)] = modes
        sweep.begin(hall.clock.now_ms(), _SPAN_MS, OLD_MS, hall.settings.payload_bytes_max)
        odd: list[int] = []
        stop, count = 0, len(swept)
        while stop < count:
            start = stop
            batch, columns = self._open()
            had = columns.messages
            columns.begin(batch.builder.messages, BLOCK_BYTES_MAX - batch.bytes)
            stop = sweep.take(columns, start)
            old_rows = int(sweep.reads["old_rows"][start:stop].sum())
            if columns.messages > had:
                intake.took(batch, columns.messages - had, columns.charge, old_rows)
            odd += self._account(range(start, stop), modes, swept, (batch, columns))
            if stop < count and not intake.seal():
                odd.append(stop)  # too large for any block: Python knows what to say
                stop += 1
        by_qos = hall.tally.mqtt_by_qos
        for qos, many in enumerate(sweep.reads["by_qos"].tolist()):
            by_qos[qos] += many
        return odd

    def _open(self) -> tuple[Batch, SweptColumns]:
        """Return the open batch and the sweep's columns in it, whose keys are those of today."""
        intake = self._hall.intake
        columns = intake.batch.builder.swept
        if columns is not None and columns.names is self._names:
            return intake.batch, columns
        if columns is not None:
            intake.seal()
        batch = intake.batch
        columns = batch.builder.swept = SweptColumns(self._names)
        # First of all: what Python acknowledges of this batch came after what is acknowledged here.
        batch.waiters.insert(0, (self.acknowledge, columns))
        return batch, columns

    def _account(
        self,
        places: range,
        modes: bytearray,
        swept: list[tuple[Swept, Seat]],
        into: tuple[Batch, SweptColumns],
    ) -> list[int]:
        """Measure the senders of what was taken; return the places of what was not."""
        reads = self._sweep.reads
        taken = reads["taken"][places.start : places.stop].tolist()
        old_rows = reads["old_rows"][places.start : places.stop].tolist()
        took = self._pressure.took
        odd: list[int] = []
        for place, messages, old in zip(places, taken, old_rows, strict=True):
            mode = modes[place]
            if mode == BY_PYTHON:
                continue
            if messages < 0:
                odd.append(place)
                continue
            one, seat = swept[place]
            took(one, seat, messages, old)
            if mode == ANSWERED_BY_PYTHON:
                ids = into[1].packet_ids(int(reads["first"][place]), messages)
                one.take_answers(ids, into[0])
        return odd

    def _learn(self) -> None:
        """Tell the library the keys that Python has found good since."""
        for raw in self._sweep.missed():
            key = raw.decode("utf-8", "replace")
            if not is_plain_name(key):
                continue
            code = self._sweep.learn(raw)
            if code == len(self._names):
                self._names.append(key)
            elif code < 0:  # no room: begin anew; blocks that are open keep the names they have
                self._names = []
                self._sweep.forget_keys(_seed())

    # Answering

    def acknowledge(self, columns: SweptColumns) -> None:
        """Send PUBACK for all that the library took into a block, which is on disk now."""
        if self._is_closed or not columns.acks:
            return
        slots = columns.column("ack_slot")
        order = np.argsort(slots, kind="stable")  # one write for each connection
        slots = slots[order]
        ids = columns.column("ack_id")[order]
        acks = slots, columns.column("ack_ticket")[order], ids
        left = self._sweep.acknowledge(acks, self._blocked(slots))
        if left is None:
            return
        for place in np.flatnonzero(left).tolist():
            one = self._swept[slots[place]]
            if one is not None:
                packet = _PUBACK_HEAD + int(ids[place]).to_bytes(2, "big")
                one.write(packet[_PUBACK_BYTES - int(left[place]) :])

    def _blocked(self, slots: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
        """Return, for each slot, whether what was written earlier has not left yet."""
        for slot in tuple(self._writing):
            one = self._swept[slot]
            if one is None or not one.has_unsent:
                self._writing.discard(slot)
        if not self._writing:
            return np.zeros(len(slots), np.uint8)
        return np.isin(slots, list(self._writing)).astype(np.uint8)


def _seed() -> int:
    return secrets.randbits(_SEED_BITS)
