"""The half of a connection that receives: each PUBLISH, where it goes, and when it is answered."""

from typing import Final, Protocol

from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.block.block import Message, fingerprint
from tram.fleet.block.block import Protocol as BlockProtocol
from tram.fleet.block.open_block import OpenBlock
from tram.fleet.device_api.interfaces import Device
from tram.fleet.gateway.protocols.mqtt.acknowledgements import (
    AcknowledgedSession,
    Acknowledgements,
)
from tram.fleet.gateway.protocols.mqtt.limits import ALIASES_MAX
from tram.fleet.gateway.protocols.mqtt.packets import codec, reasons
from tram.fleet.gateway.protocols.mqtt.packets import properties as props
from tram.fleet.gateway.protocols.mqtt.packets.codec import split_publish
from tram.fleet.gateway.protocols.mqtt.packets.properties import (
    OF_PUBLISH,
    Properties,
    read_properties,
)
from tram.fleet.gateway.protocols.mqtt.packets.wire import Malformed, Reader
from tram.fleet.gateway.protocols.mqtt.sessions import MqttSessions
from tram.fleet.gateway.protocols.mqtt.topic_router import (
    TELEMETRY,
    IncomingMessage,
    PendingWork,
    Publisher,
    Statement,
    TopicRouter,
)
from tram.runtime.errors import Refused

__all__ = ("NOBODY", "QOS2_IDS_MAX", "PublishingSession", "Receiving")

QOS2_IDS_MAX: Final = 1024
"""Most QoS 2 messages of one connection whose PUBREL has not come."""
NOBODY: Final = Device(DeviceId(0), OrgId(0), ProfileId(0), b"")
"""Who asks for credentials and has none yet."""

_MQTT: Final = int(BlockProtocol.MQTT)
_NO_PROPERTIES: Final[Properties] = {}

_new_message = tuple.__new__


class PublishingSession(Publisher, AcknowledgedSession, Protocol):
    """The session that messages come from."""

    def break_off(self, error: Refused, payload: bytes, code: int) -> None:
        """Close because of what came."""
        ...

    def run(self, work: PendingWork, message: Message | None = None, payload: bytes = b"") -> None:
        """Do something first; nothing is read before it is done."""
        ...


class Receiving:
    """What a connected device publishes."""

    __slots__ = (
        "_aliases",
        "_context",
        "_device_id",
        "_five",
        "_org",
        "_own",
        "_payload_bytes_max",
        "_router",
        "_session",
        "_sessions",
        "_telemetry",
        "acknowledgements",
    )

    def __init__(
        self, sessions: MqttSessions, router: TopicRouter, session: PublishingSession
    ) -> None:
        self._session = session
        self._sessions = sessions
        self._context = sessions.context
        self._router = router
        self._own = router.own
        self._telemetry: Statement | None = router.own[TELEMETRY]
        self._payload_bytes_max = sessions.payload_bytes_max
        self._device_id = DeviceId(0)
        self._org = OrgId(0)
        self._five = False
        self._aliases: dict[int, bytes] | None = None
        self.acknowledgements = Acknowledgements(session)

    def begin(self, device: Device, *, five: bool) -> None:
        """Take what this device publishes; of NOBODY nothing but a question for credentials."""
        self._device_id, self._org, self._five = device.device, device.org, five
        if device is NOBODY:
            self._own, self._telemetry = {}, None

    def publish(self, first: int, data: bytes, start: int, stop: int, now_ms: int) -> None:
        """Take a PUBLISH whose body is ``data[start:stop]``; ``first`` is its first byte."""
        topic, packet_id, payload_at = split_publish(first, data, start, stop)
        properties = _NO_PROPERTIES
        qos = first >> 1 & 3
        if self._five:
            topic, payload_at, properties = self._read_five(
                topic, data[payload_at:stop], payload_at
            )
            self.acknowledgements.count(qos)
        if stop - payload_at > self._payload_bytes_max:
            self._session.break_off(self._sessions.too_large, data[payload_at:stop], 0x95)
            return
        if qos == codec.QOS_MAX and not self._is_new(packet_id):
            self.acknowledgements.add(qos, packet_id, self._context.block_writer.current())
            return
        # Device and packet id take part in the comparison anyway, so the whole body may.
        print_ = fingerprint(data[start:stop]) if qos else 0
        message = _new_message(
            Message,
            (self._device_id, self._org, packet_id, first & 8 != 0, qos, _MQTT, print_, ""),
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
            self.refuse(error, message, payload)
            return
        if qos and batch is not None:
            self.acknowledgements.add(qos, packet_id, batch)

    def _take_rarer(self, incoming: IncomingMessage) -> OpenBlock | None:
        """Take a message of another topic; None means that pending work answers it."""
        done = self._router.take(self._session, incoming)
        if isinstance(done, OpenBlock):
            return done
        self._session.run(done, incoming.message, incoming.payload)
        return None

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

    def refuse(self, error: Refused, message: Message, payload: bytes) -> None:
        """Note a refusal with the device, and acknowledge: sending it again would not help."""
        device = self._session.device
        if device is NOBODY:
            self._context.metrics.refused[error.code] += 1
            batch = self._context.block_writer.current()
        else:
            batch = self._context.api.refuse(device, error, payload)
        if message.qos:
            self.acknowledgements.add(message.qos, message.packet_id, batch, error)

    def _is_new(self, packet_id: int) -> bool:
        """Tell whether this QoS 2 packet id is not yet in use, and note it (4.3.3)."""
        ids = self._session.qos2_ids
        if ids is None:
            ids = self._session.qos2_ids = set()
        if packet_id in ids:
            return False
        if len(ids) >= QOS2_IDS_MAX:
            raise Malformed(
                f"More than {QOS2_IDS_MAX} messages of QoS 2 wait for PUBREL.",
                reasons.RECEIVE_MAXIMUM_EXCEEDED,
            )
        ids.add(packet_id)
        return True
