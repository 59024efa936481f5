"""A connection over plain TCP whose reads and acknowledgements come by the batch reader."""

from typing import Final, Protocol

from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device_api.interfaces import Device
from tram.fleet.gateway.backpressure import NO_SLOT
from tram.fleet.gateway.batch_reader.batch_reader import BatchReader
from tram.fleet.gateway.protocols.mqtt.acknowledgements import (
    AcknowledgedSession,
    Acknowledgements,
    Acks,
)
from tram.fleet.gateway.protocols.mqtt.codec import Connect
from tram.fleet.gateway.protocols.mqtt.connecting import RECEIVE_MAX
from tram.fleet.gateway.protocols.mqtt.session import MqttSession
from tram.fleet.gateway.protocols.mqtt.sessions import MqttSessions
from tram.fleet.gateway.protocols.mqtt.topic_router import TopicRouter
from tram.runtime.errors import Refused

__all__ = ("UNANSWERED_BATCH_MAX", "BatchedSession")

UNANSWERED_BATCH_MAX: Final = RECEIVE_MAX // 2
"""So many messages of MQTT 5 may be under way of those that the library acknowledges, and as many of
those that Python does, without counting exactly: both together are what the client was told."""


class ReadSession(AcknowledgedSession, Protocol):
    """A session whose reads and acknowledgements come by the batch reader while it has a slot."""

    slot: int

    def look_again(self) -> None:
        """Tell the batch reader whether what comes is Python's, now that something was taken."""
        ...


class BatchedAcknowledgements(Acknowledgements):
    """The answers that Python gives of a connection whose others the library gives."""

    __slots__ = ("_batch_reader", "_read_session")

    def __init__(self, session: ReadSession, batch_reader: BatchReader) -> None:
        super().__init__(session)
        self._read_session = session
        self._batch_reader = batch_reader

    def count(self, qos: int) -> None:
        """Keep a client of MQTT 5 to the number of unanswered messages that it was told."""
        slot = self._read_session.slot
        by_library = self._batch_reader.unanswered(slot) if slot != NO_SLOT else 0
        self.unanswered += by_library
        try:
            super().count(qos)
        finally:
            self.unanswered -= by_library

    def add(
        self, qos: int, packet_id: int, block: OpenBlock, error: Refused | None = None
    ) -> None:
        """Answer a message when its block is on disk; the rest of the block is Python's too."""
        if block.number != self.block and self._read_session.slot != NO_SLOT:
            self._batch_reader.answers_of(self._read_session.slot, block.number)
        super().add(qos, packet_id, block, error)

    def durable_five(self, acks: Acks) -> None:
        """Send what waited for one block, and count it as answered."""
        super().durable_five(acks)
        self._read_session.look_again()


class BatchedSession(MqttSession):
    """Read by its transport until CONNECT is answered, by the batch reader from then on.

    The transport stays: it writes what is not a plain PUBACK, it notices the end, and it reads again
    when the batch reader hands the connection back.
    """

    __slots__ = ("_batch_reader", "_by_python", "slot")

    def __init__(
        self,
        sessions: MqttSessions,
        router: TopicRouter,
        spare: MqttSession,
        batch_reader: BatchReader,
    ) -> None:
        super().__init__(sessions, router, spare)
        self._batch_reader = batch_reader
        self.receiving.acknowledgements = BatchedAcknowledgements(self, batch_reader)
        self._by_python = False
        self.slot = NO_SLOT

    def _enter(self, connect: Connect, device: Device) -> None:
        """Become the connection of a known device; nothing is read until CONNACK is written."""
        super()._enter(connect, device)
        fd = self._transport.get_extra_info("socket").fileno()
        assert self.seat is not None  # a known device has one
        self.slot = self._batch_reader.enter(self, fd, self.seat, five=connect.five)

    def _gone(self) -> None:
        self._leave()
        super()._gone()

    def _leave(self) -> None:
        slot, self.slot = self.slot, NO_SLOT
        if slot != NO_SLOT:
            self._batch_reader.leave(slot)

    def listen(self, *, wanted: bool) -> None:
        """Read by the batch reader, or stop; by the transport if the kernel watches no more sockets."""
        if self.slot == NO_SLOT:
            super().listen(wanted=wanted)
        elif not self._batch_reader.listen(self.slot, wanted=wanted):
            self._leave()
            super().listen(wanted=wanted)

    def write(self, data: bytes | bytearray) -> None:
        """Write after what was written before; acknowledgements keep behind it."""
        if self.slot != NO_SLOT:
            self._batch_reader.writes(self.slot)
        super().write(data)

    def overdue(self) -> None:
        """Act on a deadline, knowing what the library has taken meanwhile."""
        if self.slot != NO_SLOT:
            self.seen = max(self.seen, self._batch_reader.seen(self.slot))
        super().overdue()

    def go_on(self) -> None:
        """Read what came meanwhile, then listen again."""
        super().go_on()
        self.look_again()

    # What the batch reader asks

    def take_answers(self, packet_ids: list[int], batch: OpenBlock) -> None:
        """Acknowledge these messages when the batch is on disk, if the library does not."""
        if self.receiving.acknowledgements.block == batch.number:
            for packet_id in packet_ids:
                self.receiving.acknowledgements.add(1, packet_id, batch)

    def look_again(self) -> None:
        """Tell the batch reader whether what comes is Python's, now that something was taken."""
        seat = self.seat
        by_python = (
            self._rest is not None  # it goes on with a packet that was cut
            or self._task is not None  # pending work goes first
            or (seat is not None and seat.queued > 0)  # something came before it
            or self.receiving.acknowledgements.unanswered
            > UNANSWERED_BATCH_MAX  # from here on, it is counted
        )
        if by_python is not self._by_python and self.slot != NO_SLOT:
            self._by_python = by_python
            self._batch_reader.by_python(self.slot, wanted=by_python)

    def hand_back(self) -> None:
        """Read by the transport again, which finds out how the connection ended."""
        self._leave()
        if self._transport is not None and not self.held and not self._transport.is_closing():
            self._transport.resume_reading()

    @property
    def has_unsent(self) -> bool:
        """Whether something written earlier has not left yet."""
        return bool(self._transport.get_write_buffer_size())
