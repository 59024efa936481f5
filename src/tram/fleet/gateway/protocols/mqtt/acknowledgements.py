"""What a connection is told of its messages, once their block is on disk."""

from typing import Final, Protocol

from tram.fleet.block.open_block import OpenBlock
from tram.fleet.gateway.protocols.mqtt.limits import RECEIVE_MAX
from tram.fleet.gateway.protocols.mqtt.mailbox import SessionTerms
from tram.fleet.gateway.protocols.mqtt.packets import codec, reasons
from tram.fleet.gateway.protocols.mqtt.packets import properties as props
from tram.fleet.gateway.protocols.mqtt.packets.wire import Malformed
from tram.runtime.errors import Refused

__all__ = ("AcknowledgedSession", "Acknowledgements", "Acks")

REASON_CHARS_MAX: Final = 200
_PUBACK_HEAD: Final = bytes((codec.PUBACK, 2))
_PUBREC_HEAD: Final = bytes((codec.PUBREC, 2))


class AcknowledgedSession(Protocol):
    """Whose messages are answered."""

    terms: SessionTerms
    qos2_ids: set[int] | None

    def durable(self, acks: bytearray) -> None:
        """Send the acknowledgements that waited for one block."""
        ...

    def fail(self, error: Exception) -> None:
        """End for this fault alone."""
        ...


class Acks:
    """Acknowledgements of MQTT 5 that leave together, and how many they are."""

    __slots__ = ("count", "packets")

    def __init__(self, packets: bytearray) -> None:
        self.packets = packets
        self.count = 0


class Acknowledgements:
    """The answers of one connection: those that wait for one block leave in one write.

    ``block`` is the number of the block that collects them, ``unanswered`` how many messages of a
    client of MQTT 5 wait for theirs.
    """

    __slots__ = ("_acks", "_counted", "_session", "block", "unanswered")

    def __init__(self, session: AcknowledgedSession) -> None:
        self._session = session
        self._acks = bytearray()
        self._counted: Acks | None = None
        self.block = 0
        self.unanswered = 0

    def fail(self, error: Exception) -> None:
        """End the connection for this fault alone."""
        self._session.fail(error)

    def count(self, qos: int) -> None:
        """Keep a client of MQTT 5 to the number of unanswered messages that it was told."""
        if qos:
            self.unanswered += 1
            if self.unanswered > RECEIVE_MAX:
                raise Malformed(
                    "Too many messages are unanswered.", reasons.RECEIVE_MAXIMUM_EXCEEDED
                )

    def add(
        self, qos: int, packet_id: int, block: OpenBlock, error: Refused | None = None
    ) -> None:
        """Answer a message when its block is on disk."""
        if block.number != self.block:
            self.block = block.number
            self._acks = bytearray()
            if self._session.terms.five:
                self._counted = Acks(self._acks)
                block.waiters.append((self.durable_five, self._counted))
            else:
                block.waiters.append((self._session.durable, self._acks))
        if self._counted is not None:
            self._counted.count += 1
            if error is not None:
                self._acks += self._bad_ack(qos, packet_id, error)
                return
        self._acks += (_PUBACK_HEAD if qos == 1 else _PUBREC_HEAD) + packet_id.to_bytes(2, "big")

    def durable_five(self, acks: Acks) -> None:
        """Send what waited for one block, and count it as answered."""
        self.unanswered -= acks.count
        self._session.durable(acks.packets)

    def _bad_ack(self, qos: int, packet_id: int, error: Refused) -> bytes:
        """Return the acknowledgement of MQTT 5 that says why a message was refused."""
        session, reason = self._session, reasons.reason_of_refusal(error.code)
        if qos == codec.QOS_MAX and session.qos2_ids is not None:
            session.qos2_ids.discard(packet_id)  # an error ends the exchange (5: 4.3.3)
        told = (
            {props.REASON_STRING: error.sentence[:REASON_CHARS_MAX]}
            if session.terms.tells_problems
            else None
        )
        first = codec.PUBACK if qos == 1 else codec.PUBREC
        packet = codec.build_with_id(first, packet_id, reason, told)
        if 0 < session.terms.packet_bytes_max < len(packet):
            return codec.build_with_id(first, packet_id, reason)
        return packet
