"""The half of a connection that sends: subscriptions, downlinks, the own space, answers."""

from typing import Protocol

from tram.domain.ids import DeviceId
from tram.fleet.device_api.downlinks import RPC, Downlink
from tram.fleet.device_api.interfaces import Device
from tram.fleet.gateway.backpressure import Sender
from tram.fleet.gateway.connections import HELD_SLOW_PEER
from tram.fleet.gateway.protocols.mqtt.limits import SUBSCRIPTIONS_MAX
from tram.fleet.gateway.protocols.mqtt.mailbox import (
    Mailbox,
    OutgoingMessage,
    SessionTerms,
    Subscription,
    too_much_waits,
)
from tram.fleet.gateway.protocols.mqtt.packets import codec, reasons
from tram.fleet.gateway.protocols.mqtt.packets.codec import Subscribe
from tram.fleet.gateway.protocols.mqtt.packets.topics import (
    is_own_filter,
    is_shared,
    may_meet_own_space,
)
from tram.fleet.gateway.protocols.mqtt.sessions import MqttSessions
from tram.fleet.gateway.protocols.mqtt.stored_session import StoredMessage, decode_mail
from tram.runtime.errors import Broken, Refused

__all__ = ("Outgoing", "SessionLink")

_PROVISION_ANSWER = "/provision/response"


class SessionLink(Sender, Protocol):
    """The connection of a session: who it is, and the way out."""

    client_id: str
    device_id: DeviceId
    is_provisioning: bool
    terms: SessionTerms

    @property
    def device(self) -> Device:
        """Return the device, which is known once CONNECT was answered."""
        ...

    @property
    def owner(self) -> Device | None:
        """Return the device, None before CONNECT was answered and after the end."""
        ...

    def reply(self, packet: bytes) -> None:
        """Answer what was read, before whatever is written after it."""
        ...

    def send_replies(self) -> None:
        """Send the answers that were given so far."""
        ...


class Outgoing:
    """What a connected device is sent; ``mailbox`` is there once it subscribed to anything."""

    __slots__ = ("_context", "_link", "_sessions", "mailbox")

    def __init__(self, sessions: MqttSessions, link: SessionLink) -> None:
        self._sessions = sessions
        self._context = sessions.context
        self._link = link
        self.mailbox: Mailbox | None = None

    def fail(self, error: Exception) -> None:
        """End the connection for this fault alone."""
        self._link.fail(error)

    # Subscriptions

    async def subscribe(self, asked: Subscribe) -> None:
        """Grant filters, each by itself; answer when a kept session has them on disk."""
        mailbox = self.mailbox
        if mailbox is None:
            mailbox = Mailbox()
            self._receive_into(mailbox)
        codes: list[int] = []
        fresh: list[str] = []
        before = dict(mailbox.subscriptions)
        for topic_filter, options in asked.filters:
            code = self._grant(mailbox, topic_filter, options)
            codes.append(code)
            if code < codec.SUBSCRIPTION_REFUSED:
                mailbox.subscriptions[topic_filter] = Subscription(options, asked.identifier)
                if options >> 4 & 3 == 0 or (options >> 4 & 3 == 1 and topic_filter not in before):
                    fresh.append(topic_filter)
        retained = await self._retained(mailbox, fresh)
        try:
            mailbox.must_have_room(retained)
            await self._store_subscriptions(mailbox)
        except Refused as error:
            mailbox.subscriptions = before
            retained = []
            codes = [self._refusal_code(reasons.QUOTA_EXCEEDED)] * len(codes)
            self._context.api.refuse(self._link.device, error, b"")
        self._link.reply(codec.build_suback(asked.packet_id, codes, five=self._link.terms.five))
        mailbox.put_all(retained)
        self.flow()
        self.send_downlinks()

    async def unsubscribe(self, packet_id: int, filters: list[str]) -> None:
        """Drop filters; answer when a kept session has forgotten them on disk."""
        codes = []
        mailbox = self.mailbox
        for topic_filter in filters:
            known = mailbox is not None and topic_filter in mailbox.subscriptions
            codes.append(0 if known else reasons.NO_SUBSCRIPTION)
            if known and mailbox is not None:
                del mailbox.subscriptions[topic_filter]
        if mailbox is not None:
            await self._store_subscriptions(mailbox)
        self._link.reply(codec.build_unsuback(packet_id, codes, five=self._link.terms.five))

    def _grant(self, mailbox: Mailbox, topic_filter: str, options: int) -> int:
        """Return the QoS granted, or the code of the refusal."""
        refusal = 0
        own = (
            topic_filter == _PROVISION_ANSWER
            if self._link.is_provisioning
            else is_own_filter(topic_filter)
        )
        if is_shared(topic_filter):
            refusal = reasons.SHARED_UNAVAILABLE
        elif not own:
            refusal = reasons.NOT_AUTHORIZED
        elif len(mailbox.subscriptions) >= SUBSCRIPTIONS_MAX:
            refusal = reasons.QUOTA_EXCEEDED
        return self._refusal_code(refusal) if refusal else min(options & 3, 1)

    def _refusal_code(self, reason: int) -> int:
        return reason if self._link.terms.five else codec.SUBSCRIPTION_REFUSED

    async def _store_subscriptions(self, mailbox: Mailbox) -> None:
        if self.is_kept:
            await self._sessions.save(
                self._link.device_id, self._link.client_id, self._link.terms.expiry_s, mailbox
            )

    async def _retained(self, mailbox: Mailbox, fresh: list[str]) -> list[OutgoingMessage]:
        """Return the kept messages for filters that ask for them (5: 3.3.1.3)."""
        filters = [name for name in fresh if may_meet_own_space(name)]
        if not filters:
            return []
        only = Mailbox()
        only.subscriptions = {name: mailbox.subscriptions[name] for name in filters}
        found: list[OutgoingMessage] = []
        contents = await self._context.neighbours.sessions.retained(self._link.device_id)
        self._context.connections.backpressure.charge(self._link, len(contents))
        for content in contents:
            try:
                mail = decode_mail(content)
            except Broken as error:  # one damaged message; the others come
                self._context.connections.faults.note(self._link.owner, error)
                continue
            grant = only.match(mail.topic)
            if grant is not None:
                found.append(mail.mail(grant.qos, retain=True, identifiers=grant.identifiers))
        return found

    # Receiving

    @property
    def is_kept(self) -> bool:
        """Whether the session outlives its connection."""
        return (
            self._link.terms.expiry_s > 0
            and bool(self._link.client_id)
            and not self._link.is_provisioning
        )

    def resume(self, mailbox: Mailbox) -> None:
        """Go on with a session: first what was under way, then what waits."""
        mailbox.reconnect()
        self._receive_into(mailbox)
        for packet in mailbox.resend(self._link.terms, self._context.clock.now_ms()):
            self._link.transport.write(packet)
        self.send_downlinks()

    def takes_stored(self, mail: StoredMessage) -> bool:
        """Tell whether this message reaches the session through its stored queue."""
        if not self.is_kept or not mail.qos or self.mailbox is None:
            return False
        grant = self.mailbox.match(mail.topic, from_itself=mail.sender == self._link.client_id)
        return grant is not None and grant.qos > 0

    def receive(self, mail: StoredMessage, stored: int = 0) -> None:
        """Take a message of the own space, if the session asked for it."""
        mailbox = self.mailbox
        if mailbox is None or not self._link.transport.is_open:
            return
        grant = mailbox.match(mail.topic, from_itself=mail.sender == self._link.client_id)
        if grant is not None:
            retain = mail.retain and grant.keeps_retain
            self._post(
                mail.mail(grant.qos, retain=retain, identifiers=grant.identifiers, stored=stored)
            )

    def look_for_mail(self) -> None:
        """Look into the stored queue: another gateway has put something there."""
        if self.mailbox is not None and self._link.owner is not None:
            self._context.start_quietly(self._fetch(self.mailbox))

    async def _fetch(self, mailbox: Mailbox) -> None:
        await self._sessions.fetch(self._link.device_id, self._link.client_id, mailbox)
        self.flow()

    def tell(self, topic: str, payload: bytes) -> None:
        """Send the answer to a question, if the device listens for it."""
        grant = None if self.mailbox is None else self.mailbox.match(topic)
        if grant is not None and self._link.transport.is_open:
            self._post(OutgoingMessage(topic, payload, grant.qos))

    # Downlinks

    def downlink(self, downlink: Downlink) -> None:
        """Take a downlink, if the device listens for its kind and there is room."""
        mailbox = self.mailbox
        if (
            mailbox is None
            or downlink.number in mailbox.downlinks
            or not self._link.transport.is_open
        ):
            return
        topic, payload = _as_message(downlink)
        grant = mailbox.match(topic)
        if grant is not None:
            self._post(
                OutgoingMessage(
                    topic,
                    payload,
                    grant.qos,
                    expires_ms=downlink.expires_ms,
                    downlink=downlink.number,
                )
            )

    def send_downlinks(self) -> None:
        """Send every downlink that waits for the device."""
        now_ms = self._context.clock.now_ms()
        for downlink in self._context.neighbours.downlinks.of(self._link.device_id, now_ms):
            self.downlink(downlink)
        self.flow()

    def answered(self, packet_id: int, reason: int) -> None:
        """Take a PUBACK: the message was delivered, or the client refused it."""
        mailbox = self.mailbox
        mail = mailbox.answered(packet_id) if mailbox is not None else None
        if mailbox is None or mail is None:
            return
        if mail.stored:
            self._context.start_quietly(
                self._context.neighbours.sessions.drop(
                    self._link.device_id, self._link.client_id, mail.stored
                )
            )
        self._delivered(mailbox, mail, failed=reason >= codec.SUBSCRIPTION_REFUSED)
        if mailbox.is_behind and not mailbox.queue:
            mailbox.is_behind = False
            self.look_for_mail()
        if not mailbox.queue:
            self.send_downlinks()
        else:
            self.flow()

    def stop_receiving(self) -> None:
        """Receive nothing more: the connection has ended."""
        if self.mailbox is not None:
            self._sessions.receives(self, self._link.device_id, wants=False)
            self._context.neighbours.downlinks.unwatch(self._link.device_id, self)

    def _receive_into(self, mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        if not self._link.is_provisioning:
            self._sessions.receives(self, self._link.device_id, wants=True)
            self._context.neighbours.downlinks.watch(self._link.device_id, self)

    def _post(self, mail: OutgoingMessage) -> None:
        """Append a message and send what may leave."""
        if self.mailbox is None:
            return
        if not self.mailbox.put(mail):
            self._sessions.metrics.skipped += 1
            if mail.qos and not mail.stored and not mail.downlink:
                self._overflow()
                return
        self.flow()

    def _overflow(self) -> None:
        """End a client that does not take what it asked for: nothing of QoS 1 is lost unsaid."""
        device = self._link.owner
        if device is not None and not self._link.is_provisioning:
            self._context.api.refuse(device, too_much_waits(), b"")
        self._link.end("session.too_many")

    def flow(self) -> None:
        """Send what may leave, unless the other side does not read."""
        mailbox = self.mailbox
        if mailbox is None or not self._link.transport.is_open or self._link.held & HELD_SLOW_PEER:
            return
        self._link.send_replies()  # an answer that was given before stays before
        for mail, packet in mailbox.send(self._link.terms, self._context.clock.now_ms()):
            if packet:
                self._link.transport.write(packet)
            if not packet or not mail.qos:
                self._delivered(mailbox, mail, failed=not packet)

    def _delivered(self, mailbox: Mailbox, mail: OutgoingMessage, *, failed: bool) -> None:
        """Report what became of a downlink."""
        number = mail.downlink
        if not number:
            return
        mailbox.downlinks.discard(number)
        state = "failed" if failed else "delivered"
        report = self._context.api.report(self._link.device_id, number, state)
        self._context.start_quietly(report)


def _as_message(downlink: Downlink) -> tuple[str, bytes]:
    """Return topic and payload of a downlink in the device API."""
    if downlink.name:
        topic = f"v1/gateway/{'rpc' if downlink.kind == RPC else 'attributes'}"
        return topic, downlink.named()
    if downlink.kind == RPC:
        return f"v1/devices/me/rpc/request/{downlink.number}", downlink.body
    return "v1/devices/me/attributes", downlink.body
