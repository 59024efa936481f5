"""The connection of one device over MQTT 3.1.1 or 5, from its CONNECT to its end."""

import asyncio
import secrets
from math import ceil
from typing import Any, Final

from tram.domain.ids import DeviceId
from tram.fleet.block.block import EventKind, Message
from tram.fleet.device_api.excerpts import shown
from tram.fleet.device_api.interfaces import Device, ShownCredentials
from tram.fleet.gateway.connections import CROWDED, HELD_BACKPRESSURE, HELD_BUSY, Connection
from tram.fleet.gateway.deadlines import TICK_S
from tram.fleet.gateway.protocols.mqtt.connecting import (
    granted_keep_alive,
    granted_properties,
    refusal_of,
    terms_of,
)
from tram.fleet.gateway.protocols.mqtt.limits import CONNECT_S, EXPIRY_S_MAX, KEEP_ALIVE_TIMES
from tram.fleet.gateway.protocols.mqtt.mailbox import SessionTerms
from tram.fleet.gateway.protocols.mqtt.outgoing import Outgoing
from tram.fleet.gateway.protocols.mqtt.packets import codec, reasons
from tram.fleet.gateway.protocols.mqtt.packets import properties as props
from tram.fleet.gateway.protocols.mqtt.packets.codec import Malformed
from tram.fleet.gateway.protocols.mqtt.packets.properties import Properties
from tram.fleet.gateway.protocols.mqtt.receiving import NOBODY, Receiving
from tram.fleet.gateway.protocols.mqtt.sessions import DetachedSession, MqttSessions
from tram.fleet.gateway.protocols.mqtt.topic_router import PROVISIONER, PendingWork, TopicRouter
from tram.fleet.gateway.protocols.mqtt.will import LastWill
from tram.fleet.gateway.tls import peer_certificate
from tram.runtime.errors import Refused, TramError, Unavailable

__all__ = ("MqttSession",)

ASSIGNED_ID_BYTES: Final = 12

_PUBLISH: Final = codec.PUBLISH
_PINGRESP: Final = codec.build_packet(codec.PINGRESP)
_HEAD_BYTES_MIN: Final = 2


class MqttSession(Connection):
    """One device's connection.

    Until CONNECT was answered ``_device`` is None, and nothing but CONNECT is understood. At the end
    it takes the parts of ``spare``, which was never opened: its own know it, and what knows each
    other would wait for the collector, which looks seldom.
    """

    __slots__ = (
        "_context",
        "_device",
        "_idle_ticks_max",
        "_is_in_contest",
        "_needed",
        "_replies",
        "_rest",
        "_sessions",
        "_spare",
        "_task",
        "_why",
        "_will",
        "client_id",
        "device_id",
        "is_provisioning",
        "outgoing",
        "qos2_ids",
        "receiving",
        "terms",
    )

    def __init__(
        self, sessions: MqttSessions, router: TopicRouter, spare: "MqttSession | None" = None
    ) -> None:
        super().__init__(sessions.context.connections)
        self._spare = spare
        self._sessions = sessions
        self._context = sessions.context
        self._device: Device | None = None
        self.device_id = DeviceId(0)
        self.client_id = ""
        self.is_provisioning = False
        self.qos2_ids: set[int] | None = None
        self.terms = SessionTerms()
        self.outgoing = Outgoing(sessions, self)
        self.receiving = Receiving(sessions, router, self)
        self._task: asyncio.Task[None] | None = None
        self._rest: bytearray | None = None
        self._needed = 0
        self._replies = bytearray()
        self._idle_ticks_max = 0
        self._is_in_contest = False
        self._why = "connection.lost"
        self._will: LastWill | None = None

    @property
    def device(self) -> Device:
        """Return the device, which is known once CONNECT was answered."""
        assert self._device is not None
        return self._device

    @property
    def owner(self) -> Device | None:
        """Return the device, None before CONNECT was answered and after the end."""
        return self._device

    # The connection's course

    def opened(self) -> None:
        """Wait for CONNECT."""
        self._all.deadlines.watch(self, CONNECT_S)

    def closed(self) -> None:
        """Say that the device has gone; what it sent unacknowledged stays accepted."""
        if self._task is not None:
            self._task.cancel()
        self._rest = None
        device = self._device
        if device is None:
            return
        self.outgoing.stop_receiving()
        self._device = None
        if device is NOBODY:
            return
        self._all.unbind(self, device)
        self._sessions.leave(self, device, self.client_id)
        if self.terms.expiry_s and self.client_id and self._why != "session.taken_over":
            self._sessions.keep(self, device.device, self.client_id)
        if self._will is not None:
            self._will.publish_after(self._sessions, device, self.client_id, self.terms.expiry_s)
        else:
            self._sessions.wills.gone(device, self.client_id)
        key = device.device, self.client_id
        is_taken = self._why == "session.taken_over" and self._sessions.takeovers.is_contested(key)
        if not is_taken:
            self._context.api.happened(device, EventKind.DISCONNECTED, self._why)

    def _gone(self) -> Any:  # noqa: ANN401  # asyncio's transport
        stream = super()._gone()
        if self._spare is not None:
            self.outgoing, self.receiving = self._spare.outgoing, self._spare.receiving
        return stream

    def end(self, reason: str) -> None:
        """Close the connection for a reason of ours (an error code)."""
        code = reasons.reason_of_end(reason)
        self.end_with(reason, code)

    def end_with(self, reason: str, code: int | None) -> None:
        """Close for a reason of ours; MQTT 5 is told the code."""
        if not self.transport.is_open:
            return
        self._why = reason
        self._context.metrics.closed[reason] += 1
        if code is not None and self.terms.five and self._device is not None:
            self.transport.write(codec.build_disconnect(code))
        self._shut()

    def overdue(self) -> None:
        """End a connection without CONNECT, or one that was silent for 1.5 times its keep-alive."""
        if self._device is None:
            if self._task is None:
                self.end("connect.late")
            return
        if self.held & (HELD_BACKPRESSURE | HELD_BUSY):  # not listened to, so it cannot be late
            self.seen = self._all.deadlines.tick
        silent = self._all.deadlines.tick - self.seen
        if silent > self._idle_ticks_max:
            self.end("keep_alive.expired")
        else:
            self._all.deadlines.watch(self, (self._idle_ticks_max - silent) * TICK_S)

    def received(self, data: bytes) -> None:
        """Take what one read brought: any number of packets, the last perhaps cut."""
        self.seen = self._all.deadlines.tick
        rest = self._rest
        if rest is not None:
            rest += data
            if len(rest) < self._needed or self._task is not None:
                return
            data = bytes(rest)
            self._rest = None
        elif self._task is not None:  # it had come before reading stopped, and waited for its turn
            self._rest = bytearray(data)
            return
        try:
            self._read_packets(data)
        except Malformed as error:
            self.break_off(Refused("packet.malformed", str(error)), b"", error.reason)

    # Reading

    def _read_packets(self, data: bytes) -> None:  # noqa: C901, PLR0912  # the hot path: a call costs more
        now_ms = self._context.clock.now_ms()
        position, end = 0, len(data)
        self._needed = 0
        while end - position >= _HEAD_BYTES_MIN:
            first = data[position]
            length = data[position + 1]
            start = position + 2
            if length > 0x7F:  # noqa: PLR2004  # more bytes of length follow, mostly one
                if start < end and data[start] < 0x80:  # noqa: PLR2004
                    length = length & 0x7F | data[start] << 7
                    start += 1
                else:
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
                self.receiving.publish(first, data, start, stop, now_ms)
            else:
                self._control(first, data[start:stop])
            position = stop
            if (
                self._task is not None or self._device is None
            ):  # pending work goes first, or the end
                break
        if self._replies:
            self.send_replies()
        if position < end and self.transport.is_open:
            self._rest = bytearray(memoryview(data)[position:])

    def _expect(self, first: int, length: int, packet_bytes: int) -> None:
        """Note how much the cut packet needs, unless it cannot become a good one."""
        if self._device is None and first != codec.CONNECT:
            raise Malformed("The first packet is not CONNECT.")  # 3.1.0-1
        if length > self._sessions.packet_bytes_max:
            raise Malformed(f"A packet of {length} bytes is larger than any that is taken.", 0x95)
        self._needed = packet_bytes

    def _control(self, first: int, body: bytes) -> None:
        """Act on a packet other than PUBLISH; one list for all of them (chapter 3)."""
        five = self.terms.five
        if first == codec.PINGREQ and not body:
            self._replies += _PINGRESP
        elif first == codec.PUBACK:
            self.outgoing.answered(*codec.parse_ack(body, five=five))
        elif first == codec.PUBREL | 2:
            packet_id, _ = codec.parse_ack(body, five=five)
            self._replies += self._release_id(packet_id)
        elif first == codec.SUBSCRIBE | 2:
            self.run(self.outgoing.subscribe(codec.parse_subscribe(body, five=five)))
        elif first == codec.UNSUBSCRIBE | 2:
            self.run(self.outgoing.unsubscribe(*codec.parse_unsubscribe(body, five=five)))
        elif first == codec.DISCONNECT and (five or not body):
            self._disconnect(body)
        elif first in (codec.PUBREC, codec.PUBCOMP):
            codec.parse_ack(body, five=five)  # nothing is sent with QoS 2
        else:
            raise Malformed(
                f"A packet beginning with {first:#04x} has no place here.", reasons.PROTOCOL_ERROR
            )

    def _disconnect(self, body: bytes) -> None:
        """End as the client wishes: with or without its will, its session kept or not."""
        reason, properties = codec.parse_disconnect(body) if self.terms.five else (0, {})
        expiry_s = properties.get(props.SESSION_EXPIRY)
        if expiry_s is not None:
            if expiry_s and not self.terms.expiry_s:
                raise Malformed("The session was not to be kept.", reasons.PROTOCOL_ERROR)
            self.terms = self.terms._replace(expiry_s=min(expiry_s, EXPIRY_S_MAX))
        self._why = "" if not reason else "connection.left"
        if reason != reasons.WITH_WILL:
            self._will = None
        self.send_replies()
        self._shut()

    def _release_id(self, packet_id: int) -> bytes:
        ids = self.qos2_ids
        known = ids is not None and packet_id in ids
        if ids is not None:
            ids.discard(packet_id)
        reason = 0 if known or not self.terms.five else reasons.PACKET_ID_UNKNOWN
        return codec.build_with_id(codec.PUBCOMP, packet_id, reason)

    def reply(self, packet: bytes) -> None:
        """Answer what was read, before whatever is written after it."""
        self._replies += packet

    def send_replies(self) -> None:
        """Send what one read asked for in one write; a write per packet stalls under a flood."""
        if self._replies:
            replies, self._replies = self._replies, bytearray()
            if self.transport.is_open:
                self.transport.write(replies)

    def resume_writing(self) -> None:
        """Send and read again (asyncio)."""
        super().resume_writing()
        self.outgoing.flow()

    def durable(self, acks: bytearray) -> None:
        """Send the acknowledgements that waited for one block."""
        if self.transport.is_open:
            self.transport.write(acks)

    def break_off(self, error: Refused, payload: bytes, code: int) -> None:
        """Close because of what came: an event of the device if it is known, a count anyway."""
        device = self._device
        if device is not None and device is not NOBODY:
            self._context.api.refuse(device, error, payload)
        else:
            self._context.metrics.refused[error.code] += 1
        self.end_with(error.code, code)

    # Pending work: nothing is read until it is done

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
        if not self.transport.is_open:
            return
        if failed is not None and (message is None or message.qos):
            self._context.metrics.refused[failed.code] += 1
            self.end("desk.silent" if isinstance(failed, Unavailable) else failed.code)
            return
        if refused is not None and message is not None:
            self.receiving.refuse(refused, message, payload)
        elif message is not None and message.qos:
            self.receiving.acknowledgements.add(
                message.qos, message.packet_id, self._context.block_writer.current()
            )
        self.go_on()

    # Connecting

    def _begin(self, first: int, body: bytes) -> None:
        """Answer CONNECT, or look up who it is first; nothing is read meanwhile."""
        if first != codec.CONNECT:
            raise Malformed("The first packet is not CONNECT.")  # 3.1.0-1
        connect = codec.parse_connect(body)
        presented = ShownCredentials(
            connect.user_name,
            connect.password,
            connect.client_id,
            peer_certificate(self.transport),
        )
        code = refusal_of(connect, presented)
        if code:
            self._turn_away(connect, code)
            return
        self.hold(HELD_BUSY)
        self._task = self._context.start(self._admit(connect, presented), self)

    async def _admit(self, connect: codec.Connect, presented: ShownCredentials) -> None:
        code, kept = codec.ACCEPTED, None
        device = NOBODY
        await self._sessions.admission.enter()
        try:
            if connect.user_name != PROVISIONER:
                device = await self._context.neighbours.identity.identify(presented)
                if not self._sessions.is_here(device.device, connect.client_id):
                    self._all.must_have_room(device)
                kept = await self._take_client(connect, device)
        except Refused as error:
            code = codec.CROWDED if error.code == CROWDED else codec.WRONG_TOKEN
        except TramError:
            code = codec.UNAVAILABLE
        self._task = None
        if not self.transport.is_open:
            return
        if code:
            self._turn_away(connect, reasons.connack_code(code, five=connect.five))
        else:
            self._welcome(connect, device, kept)

    async def _take_client(self, connect: codec.Connect, device: Device) -> DetachedSession | None:
        """End the client's other connections wherever they are; return the session they left."""
        client = connect.client_id
        if not client:
            return None
        await self._sessions.await_name(self, device, client)
        ended = self._sessions.end_older(device.device, client)
        key = device.device, client
        self._is_in_contest = ended and self._sessions.takeovers.is_contested(key)
        await self._context.neighbours.peers.take(device.device, client)
        return await self._sessions.resume(device.device, client, clean=connect.clean)

    def _turn_away(self, connect: codec.Connect, code: int) -> None:
        self._sessions.metrics.connack[code] += 1
        properties: Properties | None = {} if connect.five else None
        self.transport.write(codec.build_connack(code, properties=properties))
        self.end("connect.refused")

    def _welcome(
        self, connect: codec.Connect, device: Device, kept: DetachedSession | None
    ) -> None:
        context = self._context
        self.terms = terms_of(connect)
        assigned = (
            "" if connect.client_id or not connect.five else secrets.token_hex(ASSIGNED_ID_BYTES)
        )
        self.client_id = connect.client_id or assigned
        self._device, self.device_id = device, device.device
        self.is_provisioning = device is NOBODY
        self.receiving.begin(device, five=connect.five)
        self._all.deadlines.forget(self)
        if not self.is_provisioning:
            self._enter(connect, device)
        keep_alive_s = granted_keep_alive(connect, context.settings.keep_alive_s_max)
        if keep_alive_s:
            patience_s = keep_alive_s * KEEP_ALIVE_TIMES
            self._idle_ticks_max = ceil(patience_s / TICK_S)
            self._all.deadlines.watch(self, patience_s)
        self._sessions.metrics.connack[codec.ACCEPTED] += 1
        properties = (
            granted_properties(connect, keep_alive_s, assigned, self._sessions.packet_bytes_max)
            if connect.five
            else None
        )
        self.transport.write(
            codec.build_connack(0, present=kept is not None, properties=properties)
        )
        if kept is not None:
            self.qos2_ids = kept.qos2_ids
            self.outgoing.resume(kept.mailbox)
        self.go_on()

    def _enter(self, connect: codec.Connect, device: Device) -> None:
        """Become the connection of a known device."""
        if self.client_id:
            self._sessions.enter(self, device, self.client_id)
        self._all.bind(self, device)
        self._context.api.behind.forget(device)
        if connect.will is not None:
            self._will = LastWill(connect.will)
            self._sessions.wills.keep(device, self.client_id, connect.will, self.terms.expiry_s)
        else:
            self._sessions.wills.gone(device, self.client_id)
        if not self._is_in_contest:  # thousands of both would bury all other events
            self._context.api.happened(device, EventKind.CONNECTED, detail=shown(self.client_id))

    def go_on(self) -> None:
        """Read what came meanwhile, then listen again."""
        if self._replies:
            self.send_replies()
        self.release(HELD_BUSY)
        rest, self._rest = self._rest, None
        if rest:
            self.received(bytes(rest))
