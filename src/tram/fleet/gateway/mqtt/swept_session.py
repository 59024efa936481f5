"""A connection over plain TCP whose reads and acknowledgements come by the sweep."""

from typing import Final

from tram.fleet.gateway.intake import Batch
from tram.fleet.gateway.mqtt.codec import Connect
from tram.fleet.gateway.mqtt.connecting import RECEIVE_MAX
from tram.fleet.gateway.mqtt.inlets import TELEMETRY, Inlets
from tram.fleet.gateway.mqtt.session import Session
from tram.fleet.gateway.mqtt.sessions import Sessions
from tram.fleet.gateway.ports import Device
from tram.fleet.gateway.pressure import NO_SLOT
from tram.fleet.gateway.sweep.library import ANSWERED_BY_PYTHON, ANSWERED_HERE, BY_PYTHON
from tram.fleet.gateway.sweep.sweeper import Sweeper

__all__ = ("SweptSession",)

_PUBLISH_BYTES_MIN: Final = 4 + len(TELEMETRY)
"""No PUBLISH of telemetry is shorter, so a read holds so many at most."""


class SweptSession(Session):
    """Read by its transport until CONNECT is answered, by the sweep from then on.

    The transport stays: it writes what is not a plain PUBACK, it notices the end, and it reads again
    when the sweep hands the connection back.
    """

    _slots__ = ("slot", "_sweeper")

    def __init__(self, sessions: Sessions, inlets: Inlets, sweeper: Sweeper) -> None:
        super().__init__(sessions, inlets)
        self._sweeper = sweeper
        self.slot = NO_SLOT

    def _enter(self, connect: Connect, device: Device) -> None:
        """Become the connection of a known device; nothing is read until CONNACK is written."""
        super()._enter(connect, device)
        fd = self._transport.get_extra_info("socket").fileno()
        numbers = (device.device, device.org)
        self.slot = self._sweeper.enter(self, fd, numbers, five=connect.five)

    def _gone(self) -> None:
        self._leave()
        super()._gone()

    def _leave(self) -> None:
        slot, self.slot = self.slot, NO_SLOT
        if slot != NO_SLOT:
            self._sweeper.leave(slot)

    def listen(self, *, wanted: bool) -> None:
        """Read by the sweep, or stop; by the transport if the kernel watches no more sockets."""
        if self.slot == NO_SLOT:
            super().listen(wanted=wanted)
        elif not self._sweeper.listen(self.slot, wanted=wanted):
            self._leave()
            super().listen(wanted=wanted)

    def write(self, data: bytes | bytearray) -> None:
        """Write after what was written before; acknowledgements keep behind it."""
        if self.slot != NO_SLOT:
            self._sweeper.writes(self.slot)
        super().write(data)

    # What the sweep asks

    def way(self, batch: int, size: int) -> int:
        """Return how a read of so many bytes is to be taken while this batch is open."""
        if self._rest is not None:
            return BY_PYTHON  # it goes on with a packet that was cut
        if not self.terms.five:
            # Answers must keep their order: after one of Python's in a block, all are Python's.
            return ANSWERED_BY_PYTHON if self._acks_of == batch else ANSWERED_HERE
        if self._unanswered + size // _PUBLISH_BYTES_MIN >= RECEIVE_MAX:
            return BY_PYTHON  # it may be more than the client was told
        return ANSWERED_BY_PYTHON

    def take_answers(self, packet_ids: list[int], batch: Batch) -> None:
        """Acknowledge these messages when the batch is on disk."""
        for packet_id in packet_ids:
            if self.terms.five:
                self._unanswered += 1
            self._acknowledge(1, packet_id, batch)

    def hand_back(self) -> None:
        """Read by the transport again, which finds out how the connection ended."""
        self._leave()
        if self._transport is not None and not self.held and not self._transport.is_closing():
            self._transport.resume_reading()

    @property
    def has_unsent(self) -> bool:
        """Whether something written earlier has not left yet."""
        return bool(self._transport.get_write_buffer_size())
