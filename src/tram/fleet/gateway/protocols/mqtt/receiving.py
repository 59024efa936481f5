"""The half of a connection that receives: each PUBLISH, where it goes, and when it is answered."""

import asyncio
from abc import abstractmethod
from typing import Final

from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.block.block import Message, Protocol, fingerprint
from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device_api.interfaces import Device
from tram.fleet.gateway.connections import HELD_BUSY, Connection
from tram.fleet.gateway.protocols.mqtt import codec, reasons
from tram.fleet.gateway.protocols.mqtt import properties as props
from tram.fleet.gateway.protocols.mqtt.codec import split_publish
from tram.fleet.gateway.protocols.mqtt.connecting import ALIASES_MAX, RECEIVE_MAX
from tram.fleet.gateway.protocols.mqtt.mailbox import SessionTerms
from tram.fleet.gateway.protocols.mqtt.outgoing import Outgoing
from tram.fleet.gateway.protocols.mqtt.properties import OF_PUBLISH, Properties, read_properties
from tram.fleet.gateway.protocols.mqtt.sessions import MqttSessions
from tram.fleet.gateway.protocols.mqtt.topic_router import (
    TELEMETRY,
    IncomingMessage,
    PendingWork,
    Statement,
    TopicRouter,
)
from tram.fleet.gateway.protocols.mqtt.wire import Malformed, Reader
from tram.runtime.errors import Refused, TramError, Unavailable

__all__ = ("NOBODY", "QOS2_IDS_MAX", "Acks", "Receiving")

QOS2_IDS_MAX: Final = 1024
"""Most QoS 2 messages of one connection whose PUBREL has not come."""
REASON_CHARS_MAX: Final = 200
NOBODY: Final = Device(DeviceId(0), OrgId(0), ProfileId(0), b"")
"""Who asks for credentials and has none yet."""

_MQTT: Final = int(Protocol.MQTT)
_PUBACK_HEAD: Final = bytes((codec.PUBACK, 2))
_PUBREC_HEAD: Final = bytes((codec.PUBREC, 2))
_NO_PROPERTIES: Final[Properties] = {}

_new_message = tuple.__new__


class Receiving(Connection):
    """What a connected device publishes."""

    __slots__ = (
        "_acks",
        "_acks_of",
        "_aliases",
        "_context",
        "_counted",
        "_device",
        "_org",
        "_own",
        "_router",
        "_sessions",
        "_task",
        "_telemetry",
        "_unanswered",
        "client_id",
        "device_id",
        "is_provisioning",
        "outgoing",
        "qos2_ids",
        "terms",
    )

    def __init__(self, sessions: MqttSessions, router: TopicRouter) -> None:
        super().__init__(sessions.context.connections)
        self._sessions = sessions
        self._context = sessions.context
        self._device: Device | None = None
        self._org = OrgId(0)
        self.device_id = DeviceId(0)
        self.client_id = ""
        self.is_provisioning = False
        self.qos2_ids: set[int] | None = None
        self.terms = SessionTerms()
        self.outgoing = Outgoing(sessions, self)
        self._router = router
        self._own = router.own
        self._telemetry: Statement | None = router.own[TELEMETRY]
        self._task: asyncio.Task[None] | None = None
        self._acks_of = 0
        self._acks = bytearray()
        self._counted: Acks | None = None
        self._unanswered = 0
        self._aliases: dict[int, bytes] | None = None

    @property
    def device(self) -> Device:
        """Return the device, which is known once CONNECT was answered."""
        assert self._device is not None
        return self._device

    @property
    def owner(self) -> Device | None:
        """Return the device, None before CONNECT was answered and after the end."""
        return self._device

    @abstractmethod
    def reply(self, packet: bytes) -> None:
        """Answer what was read, before whatever is written after it."""

    @abstractmethod
    def send_replies(self) -> None:
        """Send what one read asked for in one write."""

    @abstractmethod
    def go_on(self) -> None:
        """Read what came meanwhile, then listen again."""

    @abstractmethod
    def end_with(self, reason: str, code: int | None) -> None:
        """Close for a reason of ours; MQTT 5 is told the code."""

    def durable(self, acks: bytearray) -> None:
        """Send the acknowledgements that waited for one block."""
        if self._transport is not None:
            self.write(acks)

    def _durable_five(self, acks: "Acks") -> None:
        self._unanswered -= acks.count
        self.durable(acks.packets)

    def publish(self, first: int, data: bytes, start: int, stop: int, now_ms: int) -> None:
        """Take a PUBLISH whose body is ``data[start:stop]``; ``first`` is its first byte."""
        topic, packet_id, payload_at = split_publish(first, data, start, stop)
        properties = _NO_PROPERTIES
        qos = first >> 1 & 3
        if self.terms.five:
            topic, payload_at, properties = self._read_five(
                topic, data[payload_at:stop], payload_at
            )
            self._count(qos)
        if stop - payload_at > self._sessions.payload_bytes_max:
            self.break_off(self._sessions.too_large, data[payload_at:stop], 0x95)
            return
        if qos == codec.QOS_MAX and not self._is_new(packet_id):
            self._acknowledge(qos, packet_id, self._context.block_writer.current())
            return
        # Device and packet id take part in the comparison anyway, so the whole body may.
        print_ = fingerprint(data[start:stop]) if qos else 0
        message = _new_message(
            Message,
            (self.device_id, self._org, packet_id, first & 8 != 0, qos, _MQTT, print_, ""),
        )
        payload = data[payload_at:stop]
        batch: OpenBlock | None
        verb = self._telemetry if topic == TELEMETRY else self._own.get(topic)
        try:
            if verb is not None:
                batch = verb(message, payload, now_ms)
            else:
                incoming = IncomingMessage(
                    message,
                    codec.decode_text(topic),
                    payload,
                    now_ms,
                    first & 1 != 0,
                    properties,
                )
                batch = self._take_rarer(incoming)
        except Refused as error:
            self._refuse(error, message, payload)
            return
        if qos and batch is not None:
            self._acknowledge(qos, packet_id, batch)

    def _take_rarer(self, incoming: IncomingMessage) -> OpenBlock | None:
        """Take a message of another topic; None means that pending work answers it."""
        done = self._router.take(self, incoming)
        if isinstance(done, OpenBlock):
            return done
        self.run(done, incoming.message, incoming.payload)
        return None

    def _count(self, qos: int) -> None:
        """Keep a client of MQTT 5 to the number of unanswered messages that it was told."""
        if qos:
            self._unanswered += 1
            if self._unanswered > RECEIVE_MAX:
                raise Malformed(
                    "Too many messages are unanswered.", reasons.RECEIVE_MAXIMUM_EXCEEDED
                )

    def _read_five(self, topic: bytes, tail: bytes, at: int) -> tuple[bytes, int, Properties]:
        """Return topic, start of the payload and properties of an MQTT 5 PUBLISH."""
        if tail[:1] == b"\0" and topic:
            return topic, at + 1, _NO_PROPERTIES
        reader = Reader(tail)
        properties = read_properties(reader, OF_PUBLISH)
        if props.SUBSCRIPTION_ID in properties:
            raise Malformed("A client sends no subscription identifier.", reasons.PROTOCOL_ERROR)
        alias = properties.get(props.TOPIC_ALIAS)
        if alias is not None:
            topic = self._aliased(topic, alias)
        elif not topic:
            raise Malformed("PUBLISH has neither topic nor alias.", reasons.PROTOCOL_ERROR)
        return topic, at + reader.at, properties

    def _aliased(self, topic: bytes, alias: int) -> bytes:
        if not 0 < alias <= ALIASES_MAX:
            raise Malformed("The topic alias was not offered.", reasons.TOPIC_ALIAS_INVALID)
        aliases = self._aliases
        if aliases is None:
            aliases = self._aliases = {}
        if topic:
            aliases[alias] = topic
        elif alias not in aliases:
            raise Malformed("The topic alias is not known.", reasons.PROTOCOL_ERROR)
        return aliases[alias]

    def _refuse(self, error: Refused, message: Message, payload: bytes) -> None:
        """Note a refusal with the device, and acknowledge: sending it again would not help."""
        device = self._device
        assert device is not None
        if device is NOBODY:
            self._context.metrics.refused[error.code] += 1
            batch = self._context.block_writer.current()
        else:
            batch = self._context.api.refuse(device, error, payload)
        if message.qos:
            self._acknowledge(message.qos, message.packet_id, batch, error)

    def _acknowledge(
        self, qos: int, packet_id: int, batch: OpenBlock, error: Refused | None = None
    ) -> None:
        """Answer a message when its batch is on disk."""
        if batch.number != self._acks_of:
            self._acks_of = batch.number
            self._acks = bytearray()
            if self.terms.five:
                self._counted = Acks(self._acks)
                batch.waiters.append((self._durable_five, self._counted))
            else:
                batch.waiters.append((self.durable, self._acks))
        if self._counted is not None:
            self._counted.count += 1
            if error is not None:
                self._acks += self._bad_ack(qos, packet_id, error)
                return
        self._acks += (_PUBACK_HEAD if qos == 1 else _PUBREC_HEAD) + packet_id.to_bytes(2, "big")

    def _bad_ack(self, qos: int, packet_id: int, error: Refused) -> bytes:
        """Return the acknowledgement of MQTT 5 that says why a message was refused."""
        if qos == codec.QOS_MAX and self.qos2_ids is not None:
            self.qos2_ids.discard(packet_id)  # an error ends the exchange (5: 4.3.3)
        told = (
            {props.REASON_STRING: error.sentence[:REASON_CHARS_MAX]}
            if self.terms.tells_problems
            else None
        )
        first = codec.PUBACK if qos == 1 else codec.PUBREC
        packet = codec.build_with_id(first, packet_id, reasons.reason_of_refusal(error.code), told)
        if 0 < self.terms.packet_bytes_max < len(packet):
            return codec.build_with_id(first, packet_id, reasons.reason_of_refusal(error.code))
        return packet

    def _is_new(self, packet_id: int) -> bool:
        """Tell whether this QoS 2 packet id is not yet in use, and note it (4.3.3)."""
        ids = self.qos2_ids
        if ids is None:
            ids = self.qos2_ids = set()
        if packet_id in ids:
            return False
        if len(ids) >= QOS2_IDS_MAX:
            raise Malformed(
                f"More than {QOS2_IDS_MAX} messages of QoS 2 wait for PUBREL.",
                reasons.RECEIVE_MAXIMUM_EXCEEDED,
            )
        ids.add(packet_id)
        return True

    def break_off(self, error: Refused, payload: bytes, code: int) -> None:
        """Close because of what came: an event of the device if it is known, a count anyway."""
        device = self._device
        if device is not None and device is not NOBODY:
            self._context.api.refuse(device, error, payload)
        else:
            self._context.metrics.refused[error.code] += 1
        self.end_with(error.code, code)

    # Errands: nothing is read until one is done

    def run(self, work: PendingWork, message: Message | None = None, payload: bytes = b"") -> None:
        """Do something first; nothing is read before it is done."""
        self.hold(HELD_BUSY)
        self._task = self._context.start(self._finish(work, message, payload), self)
        self._task.add_done_callback(lambda _: work.close())

    async def _finish(self, work: PendingWork, message: Message | None, payload: bytes) -> None:
        refused: Refused | None = None
        failed: TramError | None = None
        try:
            await work
        except Refused as error:
            refused = error
        except TramError as error:
            failed = error
        self._task = None
        if self._transport is None:
            return
        if failed is not None and (message is None or message.qos):
            self._context.metrics.refused[failed.code] += 1
            self.end("desk.silent" if isinstance(failed, Unavailable) else failed.code)
            return
        if refused is not None and message is not None:
            self._refuse(refused, message, payload)
        elif message is not None and message.qos:
            self._acknowledge(message.qos, message.packet_id, self._context.block_writer.current())
        self.go_on()


class Acks:
    """Acknowledgements of MQTT 5 that leave together, and how many they are."""

    __slots__ = ("count", "packets")

    def __init__(self, packets: bytearray) -> None:
        self.packets = packets
        self.count = 0
