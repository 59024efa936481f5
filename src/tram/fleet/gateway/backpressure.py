"""Pressure: whoever sends too much is slowed, and nobody else notices.

Three limits, all of them by not reading; nothing is dropped and nobody is cut off:

- *Turns* between organisations (deficit round robin, Shreedhar and Varghese 1995). What a read
  brings is taken at once while its organisation has credit left in this round; beyond, it waits and
  the connection is not read. A round gives every organisation the same credit. While the log is
  slow, rounds wait for it.
- The *pace* of a device: messages per second with ten seconds' worth of burst.
- The *backlog lane*: who sends old readings (files of weeks, a flash memory after an outage) shares
  a bounded rate of rows, so that live readings stay fast.
"""

import asyncio
from array import array
from collections import deque
from collections.abc import Callable
from time import monotonic as _now_s  # the loop's own clock; asking for the loop is a system call
from typing import Final, Protocol

from tram.domain.ids import DeviceId, OrgId
from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device_api.interfaces import Device
from tram.fleet.device_api.isolation import alone
from tram.fleet.gateway.block_writer import BlockWriter
from tram.fleet.gateway.metrics import GatewayMetrics
from tram.fleet.gateway.settings import GatewaySettings
from tram.fleet.gateway.stream_transport import StreamTransport

__all__ = (
    "BATCH_SHARE",
    "BURST_S",
    "HELD_BACKLOG",
    "HELD_PACE",
    "HELD_TURN",
    "QUANTUM_BYTES",
    "READ_CHARGE",
    "Backpressure",
    "Seat",
    "Sender",
    "Turn",
)

HELD_TURN: Final = 8
"""Not read because its organisation has had its turn."""
HELD_PACE: Final = 16
"""Not read because the device sends faster than it may."""
HELD_BACKLOG: Final = 32
"""Not read because old readings wait for their turn."""
QUANTUM_BYTES: Final = 65_536
"""Credit of an organisation in one round: some milliseconds of work."""
READ_CHARGE: Final = 256
"""Charged for each read beside its bytes."""
BATCH_SHARE: Final = 8
"""Where the batch reader takes a read, it is charged an eighth: about so much less work it is."""
SMALL_BYTES: Final = 1_024
"""One read of at most this size waits for its turn without a pause of its connection: stopping and
beginning to read are two system calls, more than the turn itself takes."""
BURST_S: Final = 10.0
"""A device may be ahead of its rate by this much."""

VISIT_S: Final = 60.0
"""A device that sends datagrams counts as a connection for so long."""


class Sender(Protocol):
    """What is slowed: an open connection."""

    held: int
    seat: "Seat | None"

    @property
    def transport(self) -> StreamTransport:
        """Return the way in and out."""
        ...

    def hold(self, why: int) -> None:
        """Stop reading for one more reason."""
        ...

    def release(self, why: int) -> None:
        """Drop a reason."""
        ...

    def received(self, data: bytes) -> None:
        """Take what one read brought."""
        ...

    def end(self, reason: str) -> None:
        """Close the connection for a reason of ours (an error code)."""
        ...

    def fail(self, error: Exception) -> None:
        """End for this fault alone."""
        ...


class FairShare:
    """One organisation's turn: its credit in this round, and the reads that wait for the next."""

    __slots__ = ("backlog_s", "numbers", "seats", "waiting")

    def __init__(self) -> None:
        self.numbers = array("q", (QUANTUM_BYTES, 0))
        """Credit and its round, where the batch reader reaches them too."""
        self.seats = 0
        self.waiting: deque[tuple[Sender, bytes]] = deque()
        self.backlog_s = 0.0

    @property
    def credit(self) -> int:
        """Return what is left of this round."""
        return self.numbers[0]

    @credit.setter
    def credit(self, credit: int) -> None:
        self.numbers[0] = credit


class DeviceRate:
    """When a device will have been given the time that its messages need (loop's time)."""

    __slots__ = ("numbers", "seats")

    def __init__(self) -> None:
        self.numbers = array("d", (0.0,))
        """The time, where the batch reader reaches it too."""
        self.seats = 0

    @property
    def due_s(self) -> float:
        """Return that time."""
        return self.numbers[0]

    @due_s.setter
    def due_s(self, due_s: float) -> None:
        self.numbers[0] = due_s


class Seat:
    """What one admitted connection is measured by; ``queued`` counts its reads that wait."""

    __slots__ = ("device", "org", "pace", "queued", "share")

    def __init__(self, device: Device, share: FairShare, pace: DeviceRate) -> None:
        self.device = device.device
        self.org = device.org
        self.share = share
        self.pace = pace
        self.queued = 0


Turn = tuple[Sender, Seat, bytes]
"""A read whose turn has come."""


class Backpressure:
    """All limits of one gateway; ``read`` is the way of everything that an admitted device sends."""

    def __init__(
        self, settings: GatewaySettings, block_writer: BlockWriter, metrics: GatewayMetrics
    ) -> None:
        self._block_writer = block_writer
        self._metrics = metrics
        self._tight_bytes = settings.pending_bytes_max // 2
        self.message_s = 1 / settings.device_messages_per_s
        """The time that a device is given for a message."""
        self._row_s = 1 / settings.backlog_rows_per_s
        self._shares: dict[OrgId, FairShare] = {}
        self._paces: dict[DeviceId, DeviceRate] = {}
        self._visitors: dict[DeviceId, Seat] = {}
        """The seats of devices that send datagrams."""
        self._busy: deque[FairShare] = deque()
        self.round = 0
        """How many rounds have begun."""
        self._is_due = False
        self._waits_for_log = False
        self.take_turns: Callable[[list[Turn]], None] = self._take_turns
        """Take what has waited for its turn; the batch reader sets this."""
        block_writer.on_written = self._log_moved

    def seat(self, device: Device) -> Seat:
        """Admit a connection of a device."""
        share = self._shares.get(device.org) or self._shares.setdefault(device.org, FairShare())
        pace = self._paces.get(device.device) or self._paces.setdefault(
            device.device, DeviceRate()
        )
        share.seats += 1
        pace.seats += 1
        return Seat(device, share, pace)

    def seats_of(self, device: Device) -> tuple[int, int]:
        """Return how many connections a device and its organisation have."""
        pace, share = self._paces.get(device.device), self._shares.get(device.org)
        return (pace.seats if pace else 0), (share.seats if share else 0)

    def leave(self, seat: Seat) -> None:
        """Forget a connection; who is ahead of its rate stays so while it comes back at once."""
        seat.share.seats -= 1
        seat.pace.seats -= 1
        if not seat.share.seats and not seat.share.waiting:
            self._shares.pop(seat.org, None)
        if not seat.pace.seats:
            if seat.pace.due_s <= _now_s():
                self._paces.pop(seat.device, None)
            else:
                self._later(seat.pace.due_s - _now_s(), lambda: self._forget(seat))

    def read(self, connection: Sender, seat: Seat, data: bytes) -> None:
        """Take what a read brought, now or in its organisation's next turn."""
        if self.admits(seat, len(data) + READ_CHARGE):
            self.take(connection, seat, data)
            return
        share = seat.share
        if not share.waiting:
            self._busy.append(share)
        share.waiting.append((connection, data))
        seat.queued += 1
        self._metrics.turns_waited += 1
        if seat.queued > 1 or len(data) > SMALL_BYTES:
            connection.hold(HELD_TURN)
        self._schedule()

    def admits(self, seat: Seat, charge: int) -> bool:
        """Tell whether a read may be taken now; charge it if so."""
        credit, turn = seat.share.numbers
        if turn != self.round:
            credit = min(QUANTUM_BYTES, credit + (self.round - turn) * QUANTUM_BYTES)
            seat.share.numbers[1] = self.round
        admitted = credit > 0 and not seat.queued
        seat.share.numbers[0] = credit - charge if admitted else credit
        return admitted

    def drain(self, connection: Sender, seat: Seat) -> None:
        """Take at once what waits of a connection that is going."""
        if not seat.queued:
            return
        waiting = seat.share.waiting
        mine = [data for other, data in waiting if other is connection]
        kept = [item for item in waiting if item[0] is not connection]
        waiting.clear()
        waiting.extend(kept)
        seat.queued = 0
        for data in mine:
            if connection.seat is seat:
                self.take(connection, seat, data)

    def take(self, connection: Sender, seat: Seat, data: bytes) -> None:
        """Take an admitted read, and slow its device if it sends too much."""
        block_writer = self._block_writer
        messages, old_rows = block_writer.accepted, block_writer.old_rows
        connection.received(data)
        messages = block_writer.accepted - messages
        if messages:
            self.took(connection, seat, messages, block_writer.old_rows - old_rows)

    def take_datagram(
        self, device: Device, size: int, take: Callable[[], OpenBlock]
    ) -> OpenBlock | None:
        """Take a datagram now, or return None: it cannot be held back, so it is to come again."""
        seat = self._visit(device)
        share, pace = seat.share, seat.pace
        now_s = _now_s()
        if pace.due_s - now_s > BURST_S:
            self._metrics.paced += 1
            return None
        if share.backlog_s > now_s:
            return None
        if not self.admits(seat, size + READ_CHARGE):
            self._metrics.turns_waited += 1
            self._schedule()  # a round gives its organisation credit again
            return None
        old_rows = self._block_writer.old_rows
        block = take()
        pace.due_s = max(pace.due_s, now_s) + self.message_s
        self._charge_backlog(share, self._block_writer.old_rows - old_rows, now_s)
        return block

    def _visit(self, device: Device) -> Seat:
        """Return the seat of a device without a connection, kept for a while."""
        seat = self._visitors.get(device.device)
        if seat is None or seat.org != device.org:
            seat = self._visitors[device.device] = self.seat(device)
            self._later(VISIT_S, lambda: self._end_visit(seat))
        return seat

    def _end_visit(self, seat: Seat) -> None:
        if self._visitors.get(seat.device) is seat:
            del self._visitors[seat.device]
        self.leave(seat)

    def charge(self, connection: Sender, messages: int) -> None:
        """Give a device the time that so many messages need: reading what is stored is work too."""
        if connection.seat is not None:
            self.took(connection, connection.seat, messages, 0)

    def took(self, connection: Sender, seat: Seat, messages: int, old_rows: int) -> None:
        """Give a device the time that its messages need; slow it if it is ahead of its rate."""
        pace = seat.pace
        pace.due_s = max(pace.due_s, _now_s()) + messages * self.message_s
        self.slow(connection, seat, old_rows)

    def slow(self, connection: Sender, seat: Seat, old_rows: int) -> None:
        """Slow a device that is ahead of its rate, or that sends old readings."""
        now_s = _now_s()
        wait_s = seat.pace.due_s - now_s - BURST_S
        if wait_s > 0:
            self._hold(connection, HELD_PACE, wait_s)
            self._metrics.paced += 1
        if old_rows:
            self._slow_backlog(connection, seat.share, old_rows, now_s)

    def _slow_backlog(self, connection: Sender, share: FairShare, rows: int, now_s: float) -> None:
        """Let old readings wait as long as their rows take at the lane's rate."""
        self._charge_backlog(share, rows, now_s)
        self._hold(connection, HELD_BACKLOG, share.backlog_s - now_s)

    def _charge_backlog(self, share: FairShare, rows: int, now_s: float) -> None:
        if rows:
            lanes = sum(other.backlog_s > now_s for other in self._shares.values()) or 1
            share.backlog_s = max(share.backlog_s, now_s) + rows * self._row_s * lanes
            self._metrics.backlog_rows += rows

    def _hold(self, connection: Sender, why: int, seconds: float) -> None:
        if not connection.held & why:
            connection.hold(why)
            self._later(seconds, lambda: alone(connection, connection.release, why))

    def _schedule(self) -> None:
        if not self._is_due and not self._waits_for_log:
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._give_turns)

    def _log_moved(self) -> None:
        if self._waits_for_log:
            self._waits_for_log = False
            self._schedule()

    def _give_turns(self) -> None:
        """Begin a round: every organisation that waits gets one credit's worth of turns."""
        self._is_due = False
        if self._block_writer.pending_bytes > self._tight_bytes:
            self._waits_for_log = True
            return
        self.round += 1
        turns: list[Turn] = []
        for _ in range(len(self._busy)):
            share = self._busy.popleft()
            share.credit = min(QUANTUM_BYTES, share.credit + QUANTUM_BYTES)
            share.numbers[1] = self.round
            self._serve(share, turns)
            if share.waiting:
                self._busy.append(share)
        self.take_turns(turns)
        for connection, seat, _ in turns:
            if connection.seat is seat and not seat.queued:
                alone(connection, connection.release, HELD_TURN)
        if self._busy:
            self._schedule()

    def _serve(self, share: FairShare, turns: list[Turn]) -> None:
        while share.waiting and share.credit > 0:
            connection, data = share.waiting.popleft()
            seat = connection.seat
            if seat is None:
                continue  # it has gone; what it had sent was taken then
            seat.queued -= 1
            charge = len(data) + READ_CHARGE
            share.credit -= charge // BATCH_SHARE if connection.transport.slot >= 0 else charge
            turns.append((connection, seat, data))

    def _take_turns(self, turns: list[Turn]) -> None:
        for connection, seat, data in turns:
            if connection.seat is seat:
                alone(connection, self.take, connection, seat, data)

    def _forget(self, seat: Seat) -> None:
        if not seat.pace.seats and self._paces.get(seat.device) is seat.pace:
            del self._paces[seat.device]

    @staticmethod
    def _later(seconds: float, call: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(seconds, call)
