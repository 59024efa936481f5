"""The session of one device over MQTT 3.1.1, from its CONNECT to its end.

What this release does not do yet, and how it behaves: a will is accepted with CONNECT and never
published; a session is not kept beyond its connection (session present is always 0); retain is
ignored; subscriptions within the device's own topics are granted, and nothing is sent to them.
"""

import asyncio
from hashlib import blake2b
from math import ceil
from typing import Final

from tram.domain.ids import DeviceId, OrgId
from tram.fleet.device.payload import decode_attributes, decode_telemetry
from tram.fleet.gateway.block import EventKind, Message, Protocol
from tram.fleet.gateway.connections import HELD_BUSY, HELD_FULL, Connection
from tram.fleet.gateway.deadlines import TICK_S
from tram.fleet.gateway.hall import Hall
from tram.fleet.gateway.intake import Batch
from tram.fleet.gateway.mqtt import codec
from tram.fleet.gateway.mqtt.codec import Malformed, split_publish
from tram.fleet.gateway.ports import Device, Knock
from tram.fleet.gateway.tls import peer_certificate
from tram.runtime.errors import Refused, Unavailable

__all__ = ("CONNECT_S", "QOS2_IDS_MAX", "Session", "Sessions")

CONNECT_S: Final = 10
"""A connection must begin with CONNECT within this time."""
CLIENT_ID_CHARS_MAX: Final = 256
TOKEN_CHARS_MAX: Final = 256
QOS2_IDS_MAX: Final = 1024
"""Most QoS 2 messages of one connection whose PUBREL has not come."""
TOPIC_CHARS_SHOWN: Final = 100
KEEP_ALIVE_TIMES: Final = 1.5

_TELEMETRY: Final = b"v1/devices/me/telemetry"
_ATTRIBUTES: Final = b"v1/devices/me/attributes"
_OWN_TOPICS: Final = "v1/devices/me/"
_MQTT: Final = int(Protocol.MQTT)
_PUBLISH: Final = codec.PUBLISH
_PUBACK_HEAD: Final = bytes((codec.PUBACK, 2))
_PUBREC_HEAD: Final = bytes((codec.PUBREC, 2))
_PINGRESP: Final = codec.build_packet(codec.PINGRESP)
_HEAD_BYTES_MIN: Final = 2
_ANSWERS_OF_CLIENT: Final = {codec.PUBACK, codec.PUBREC, codec.PUBCOMP}

_new_message = tuple.__new__


class Sessions:
    """The sessions of one gateway: makes them, and lets the newest of a client win."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.payload_bytes_max = hall.settings.payload_bytes_max
        self.packet_bytes_max = self.payload_bytes_max + codec.TEXT_BYTES_MAX + 4
        self.too_large = Refused(
            "payload.too_large",
            f"The payload is larger than {self.payload_bytes_max} bytes.",
            "Send smaller messages.",
        )
        self._by_client: dict[tuple[DeviceId, str], Session] = {}

    def make(self) -> "Session":
        """Return the protocol of a new connection."""
        return Session(self)

    def take_over(self, session: "Session", device: Device, client_id: str) -> None:
        """Make this the only session of the device's client; an older one ends first."""
        older = self._by_client.get((device.device, client_id))
        if older is not None:
            older.end("session.taken_over")
        self._by_client[device.device, client_id] = session

    def leave(self, session: "Session", device: Device, client_id: str) -> None:
        """Forget a session, unless a newer one took its place."""
        if self._by_client.get((device.device, client_id)) is session:
            del self._by_client[device.device, client_id]


class Session(Connection):
    """One device's connection.

    Until CONNECT was answered ``_device`` is None, and nothing but CONNECT is understood.
    """

    __slots__ = (
        "_acks",
        "_acks_of",
        "_client_id",
        "_device",
        "_device_id",
        "_hall",
        "_idle_ticks_max",
        "_look_up",
        "_needed",
        "_org",
        "_qos2_ids",
        "_replies",
        "_rest",
        "_sessions",
        "_why",
    )

    def __init__(self, sessions: Sessions) -> None:
        super().__init__(sessions.hall.connections)
        self._sessions = sessions
        self._hall = sessions.hall
        self._device: Device | None = None
        self._device_id = DeviceId(0)
        self._org = OrgId(0)
        self._client_id = ""
        self._look_up: asyncio.Task[None] | None = None
        self._replies = bytearray()
        self._rest: bytearray | None = None
        self._needed = 0
        self._idle_ticks_max = 0
        self._qos2_ids: set[int] | None = None
        self._acks_of = 0
        self._acks = bytearray()
        self._why = "connection.lost"

    # The connection's course

    def opened(self) -> None:
        """Wait for CONNECT."""
        self._all.deadlines.watch(self, CONNECT_S)

    def closed(self) -> None:
        """Say that the device has gone; what it sent unacknowledged stays accepted."""
        if self._look_up is not None:
            self._look_up.cancel()
        self._rest = None
        device = self._device
        if device is not None:
            self._device = None
            self._all.unbind(self, device.credential)
            self._sessions.leave(self, device, self._client_id)
            self._hall.happened(device, EventKind.DISCONNECTED, self._why)

    def end(self, reason: str) -> None:
        """Close the connection for a reason of ours (an error code)."""
        if self._transport is not None:
            self._why = reason
            self._hall.tally.closed[reason] += 1
            self._shut()

    def overdue(self) -> None:
        """End a connection without CONNECT, or one that was silent for 1.5 times its keep-alive."""
        if self._device is None:
            if self._look_up is None:
                self.end("connect.late")
            return
        if self.held & HELD_FULL:  # not listened to, so it cannot be late
            self.seen = self._all.deadlines.tick
        silent = self._all.deadlines.tick - self.seen
        if silent > self._idle_ticks_max:
            self.end("keep_alive.expired")
        else:
            self._all.deadlines.watch(self, (self._idle_ticks_max - silent) * TICK_S)

    def data_received(self, data: bytes) -> None:
        """Take what one read brought (asyncio): any number of packets, the last perhaps cut."""
        self.seen = self._all.deadlines.tick
        rest = self._rest
        if rest is not None:
            rest += data
            if len(rest) < self._needed or self._look_up is not None:
                return
            data = bytes(rest)
            self._rest = None
        try:
            self._read_packets(data)
        except Malformed as error:
            self._break_off(Refused("packet.malformed", str(error)))

    def durable(self, acks: bytearray) -> None:
        """Send the acknowledgements that waited for one block."""
        transport = self._transport
        if transport is not None:
            transport.write(acks)

    # Reading

    def _read_packets(self, data: bytes) -> None:  # noqa: C901  # the hot path: a call costs more
        now_ms = self._hall.clock.now_ms()
        position, end = 0, len(data)
        self._needed = 0
        while end - position >= _HEAD_BYTES_MIN:
            first = data[position]
            length = data[position + 1]
            start = position + 2
            if length > 0x7F:  # noqa: PLR2004  # more bytes of length follow
                length, start = codec.read_length(data, position + 1)
                if length < 0:
                    break
            stop = start + length
            if stop > end:
                self._expect(first, length, stop - position)
                break
            if self._device is None:
                self._begin(first, data[start:stop])
            elif first & 0xF0 == _PUBLISH:
                self._publish(first, data, start, stop, now_ms)
            else:
                self._control(first, data[start:stop])
            position = stop
            if self._device is None:  # the connection ended, or its look-up is on its way
                break
        if self._replies:
            self._send_replies()
        if position < end and self._transport is not None:
            self._rest = bytearray(memoryview(data)[position:])

    def _expect(self, first: int, length: int, packet_bytes: int) -> None:
        """Note how much the cut packet needs, unless it cannot become a good one."""
        if self._device is None and first != codec.CONNECT:
            raise Malformed("The first packet is not CONNECT.")  # 3.1.0-1
        if length > self._sessions.packet_bytes_max:
            raise Malformed(f"A packet of {length} bytes is larger than any that is taken.")
        self._needed = packet_bytes

    def _publish(self, first: int, data: bytes, start: int, stop: int, now_ms: int) -> None:
        topic, packet_id, payload_at = split_publish(first, data, start, stop)
        if stop - payload_at > self._sessions.payload_bytes_max:
            self._break_off(self._sessions.too_large, data[payload_at:stop])
            return
        qos = first >> 1 & 3
        if qos == codec.QOS_MAX and not self._is_new(packet_id):
            batch = self._hall.intake.current()
        else:
            # Device and packet id take part in the comparison anyway, so the whole body may.
            print_ = (
                int.from_bytes(blake2b(data[start:stop], digest_size=8).digest(), "little")
                if qos
                else 0
            )
            message = _new_message(
                Message,
                (self._device_id, self._org, packet_id, first & 8 != 0, qos, _MQTT, print_, ""),
            )
            batch = self._take(message, topic, data[payload_at:stop], now_ms)
        if qos and self._device is not None:
            if batch.number != self._acks_of:
                self._acks_of = batch.number
                self._acks = bytearray()
                batch.waiters.append((self.durable, self._acks))
            head = _PUBACK_HEAD if qos == 1 else _PUBREC_HEAD
            self._acks += head + data[payload_at - 2 : payload_at]

    def _take(self, message: Message, topic: bytes, payload: bytes, now_ms: int) -> Batch:
        """Put a message into the block, as what it is or as refused."""
        hall = self._hall
        try:
            if topic == _TELEMETRY:
                rows = decode_telemetry(payload, now_ms)
                hall.tally.mqtt_by_qos[message.qos] += 1
                return hall.intake.add(message, rows, len(payload))
            if topic == _ATTRIBUTES:
                attributes = decode_attributes(payload)
                hall.tally.mqtt_by_qos[message.qos] += 1
                return hall.take_attributes(message, attributes, now_ms)
            codec.check_topic_name(name := codec.decode_text(topic))
            raise Refused(  # noqa: TRY301  # one place turns every refusal into an event
                "topic.unknown",
                f"Nothing is published to {name[:TOPIC_CHARS_SHOWN]!r}.",
                f"Publish to {_TELEMETRY.decode()} or {_ATTRIBUTES.decode()}.",
            )
        except Refused as error:
            assert self._device is not None
            return hall.refuse(self._device, error, payload)

    def _is_new(self, packet_id: int) -> bool:
        """Tell whether this QoS 2 packet id is not yet in use, and note it (4.3.3)."""
        ids = self._qos2_ids
        if ids is None:
            ids = self._qos2_ids = set()
        if packet_id in ids:
            return False
        if len(ids) >= QOS2_IDS_MAX:
            raise Malformed(f"More than {QOS2_IDS_MAX} messages of QoS 2 wait for PUBREL.")
        ids.add(packet_id)
        return True

    def _control(self, first: int, body: bytes) -> None:
        """Act on a packet other than PUBLISH; one list for all of them (chapter 3)."""
        if first == codec.PINGREQ and not body:
            self._replies += _PINGRESP
        elif first == codec.PUBREL | 2:
            self._release_id(codec.parse_packet_id(body))
        elif first == codec.SUBSCRIBE | 2:
            packet_id, filters = codec.parse_subscribe(body)
            self._replies += codec.build_suback(packet_id, [granted(*f) for f in filters])
        elif first == codec.UNSUBSCRIBE | 2:
            packet_id, _ = codec.parse_unsubscribe(body)
            self._replies += codec.build_with_id(codec.UNSUBACK, packet_id)
        elif first == codec.DISCONNECT and not body:
            self._why = ""
            self._send_replies()
            self._shut()
        elif first in _ANSWERS_OF_CLIENT:
            codec.parse_packet_id(body)  # we publish nothing yet, so it answers nothing
        else:
            raise Malformed(f"A packet beginning with {first:#04x} has no place here.")

    def _release_id(self, packet_id: int) -> None:
        if self._qos2_ids is not None:
            self._qos2_ids.discard(packet_id)
        self._replies += codec.build_with_id(codec.PUBCOMP, packet_id)

    def _send_replies(self) -> None:
        """Send what one read asked for in one write; a write per packet stalls under a flood."""
        replies, self._replies = self._replies, bytearray()
        if self._transport is not None:
            self._transport.write(replies)

    def _break_off(self, error: Refused, payload: bytes = b"") -> None:
        """Close because of what came: an event of the device if it is known, a count anyway."""
        if self._device is not None:
            self._hall.refuse(self._device, error, payload)
        else:
            self._hall.tally.refused[error.code] += 1
        self.end(error.code)

    # Connecting

    def _begin(self, first: int, body: bytes) -> None:
        """Answer CONNECT, or look its token up first; nothing is read meanwhile."""
        if first != codec.CONNECT:
            raise Malformed("The first packet is not CONNECT.")  # 3.1.0-1
        connect = codec.parse_connect(body)
        code = connack_of(connect)
        if code:
            self._turn_away(code)
            return
        self.hold(HELD_BUSY)
        self._look_up = self._hall.start(self._admit(connect))

    async def _admit(self, connect: codec.Connect) -> None:
        device, code = None, codec.WRONG_TOKEN
        try:
            device = await self._hall.identity.identify(
                Knock(
                    connect.user_name,
                    connect.password,
                    connect.client_id,
                    peer_certificate(self._transport),
                )
            )
        except Refused:
            code = codec.WRONG_TOKEN
        except Unavailable:
            code = codec.UNAVAILABLE
        self._look_up = None
        if self._transport is None:
            return
        if device is None:
            self._turn_away(code)
        else:
            self._welcome(connect, device)

    def _turn_away(self, code: int) -> None:
        self._hall.tally.connack[code] += 1
        self._transport.write(codec.build_connack(code))
        self.end("connect.refused")

    def _welcome(self, connect: codec.Connect, device: Device) -> None:
        self._device = device
        self._device_id, self._org = device.device, device.org
        self._client_id = connect.client_id
        if connect.client_id:
            self._sessions.take_over(self, device, connect.client_id)
        self._all.bind(self, device.credential)
        self._all.deadlines.forget(self)
        if connect.keep_alive_s:
            patience_s = connect.keep_alive_s * KEEP_ALIVE_TIMES
            self._idle_ticks_max = ceil(patience_s / TICK_S)
            self._all.deadlines.watch(self, patience_s)
        self._hall.happened(device, EventKind.CONNECTED, detail=connect.client_id)
        self._hall.tally.connack[codec.ACCEPTED] += 1
        self._transport.write(codec.build_connack(codec.ACCEPTED))
        self.release(HELD_BUSY)
        rest, self._rest = self._rest, None
        if rest:
            self.data_received(bytes(rest))


def connack_of(connect: codec.Connect) -> int:
    """Return the code that refuses a CONNECT before any look-up, or ACCEPTED."""
    if connect.level != codec.LEVEL_3_1_1:
        return codec.WRONG_LEVEL
    if len(connect.client_id) > CLIENT_ID_CHARS_MAX:
        return codec.WRONG_CLIENT_ID
    if not connect.client_id and not connect.clean:
        return codec.WRONG_CLIENT_ID  # 3.1.3-8
    if connect.user_name is None:
        return codec.NOT_AUTHORISED
    return codec.ACCEPTED if len(connect.user_name) <= TOKEN_CHARS_MAX else codec.WRONG_TOKEN


def granted(topic_filter: str, qos: int) -> int:
    """Return the QoS granted to a subscription, or that it lies outside the own topics."""
    return min(qos, 1) if topic_filter.startswith(_OWN_TOPICS) else codec.SUBSCRIPTION_REFUSED
