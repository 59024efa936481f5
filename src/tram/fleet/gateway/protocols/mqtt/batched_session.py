"""A connection over plain TCP whose reads and acknowledgements come by the batch reader."""

from typing import Any, Final, Protocol

from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device_api.interfaces import Device
from tram.fleet.gateway.batch_reader.batch_reader import BatchReader
from tram.fleet.gateway.protocols.mqtt.acknowledgements import (
    AcknowledgedSession,
    Acknowledgements,
    Acks,
)
from tram.fleet.gateway.protocols.mqtt.limits import RECEIVE_MAX
from tram.fleet.gateway.protocols.mqtt.packets.codec import Connect
from tram.fleet.gateway.protocols.mqtt.session import MqttSession
from tram.fleet.gateway.protocols.mqtt.sessions import MqttSessions
from tram.fleet.gateway.protocols.mqtt.topic_router import TopicRouter
from tram.fleet.gateway.stream_transport import NO_SLOT, StreamTransport
from tram.runtime.errors import Refused

__all__ = ("UNANSWERED_BATCH_MAX", "BatchedSession")

UNANSWERED_BATCH_MAX: Final = RECEIVE_MAX // 2
"""So many messages of MQTT 5 may be under way of those that the library acknowledges, and as many of
those that Python does, without counting exactly: both together are what the client was told."""


class ReadSession(AcknowledgedSession, Protocol):
    """A session whose reads and acknowledgements come by the batch reader while it has a slot."""

    @property
    def transport(self) -> StreamTransport:
        """Return the way in and out."""
        ...

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
        slot = self._read_session.transport.slot
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
        if block.number != self.block and self._read_session.transport.slot != NO_SLOT:
            self._batch_reader.answers_of(self._read_session.transport.slot, block.number)
        super().add(qos, packet_id, block, error)

    def durable_five(self, acks: Acks) -> None:
        """Send what waited for one block, and count it as answered."""
        super().durable_five(acks)
        self._read_session.look_again()


class BatchedTransport(StreamTransport):
    """Read by the batch reader while it has a slot.

    asyncio's transport stays: it writes what is not a plain PUBACK, it notices the end, and it reads
    again when the batch reader hands the connection back.
    """

    __slots__ = ("_batch_reader",)

    def __init__(self, batch_reader: BatchReader) -> None:
        super().__init__()
        self._batch_reader = batch_reader

    def end(self) -> Any:  # noqa: ANN401  # asyncio's transport
        """Give the slot back, and asyncio's transport."""
        self.leave()
        return super().end()

    def leave(self) -> None:
        """Give the slot back; asyncio reads from now on."""
        slot, self.slot = self.slot, NO_SLOT
        if slot != NO_SLOT:
            self._batch_reader.leave(slot)

    def listen(self, *, wanted: bool) -> None:
        """Read by the batch reader, or stop; by asyncio if the kernel watches no more sockets."""
        if self.slot == NO_SLOT:
            super().listen(wanted=wanted)
        elif not self._batch_reader.listen(self.slot, wanted=wanted):
            self.leave()
            super().listen(wanted=wanted)

    def write(self, data: bytes | bytearray) -> None:
        """Write after what was written before; acknowledgements keep behind it."""
        if self.slot != NO_SLOT:
            self._batch_reader.writes(self.slot)
        super().write(data)


class BatchedSession(MqttSession):
    """Read by asyncio until CONNECT is answered, by the batch reader from then on."""

    __slots__ = ("_batch_reader", "_by_python")

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
        self.transport = BatchedTransport(batch_reader)

    def _enter(self, connect: Connect, device: Device) -> None:
        """Become the connection of a known device; nothing is read until CONNACK is written."""
        super()._enter(connect, device)
        assert self.seat is not None  # a known device has one
        descriptor = self.transport.detail("socket").fileno()
        self.transport.slot = self._batch_reader.enter(
            self, descriptor, self.seat, five=connect.five
        )

    def overdue(self) -> None:
        """Act on a deadline, knowing what the library has taken meanwhile."""
        slot = self.transport.slot
        if slot != NO_SLOT:
            self.seen = max(self.seen, self._batch_reader.seen(slot))
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
        slot = self.transport.slot
        if by_python is not self._by_python and slot != NO_SLOT:
            self._by_python = by_python
            self._batch_reader.by_python(slot, wanted=by_python)

    def hand_back(self) -> None:
        """Read by the transport again, which finds out how the connection ended."""
        self.transport.leave()
        if not self.held and not self.transport.is_closing:
            self.transport.listen(wanted=True)
