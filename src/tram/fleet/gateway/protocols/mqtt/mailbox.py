"""The outgoing half of a session: subscriptions, what waits, what is under way and unanswered."""

from collections import deque
from collections.abc import Iterator
from typing import Final, NamedTuple

import msgspec

from tram.fleet.device.topics import matches
from tram.fleet.gateway.protocols.mqtt.limits import (
    ALIASES_MAX,
    INFLIGHT_MAX,
    QUEUE_BYTES_MAX,
    QUEUE_MAX,
)
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.fleet.gateway.protocols.mqtt.packets import properties as props
from tram.fleet.gateway.protocols.mqtt.packets.properties import Properties
from tram.runtime.errors import Refused

__all__ = (
    "Grant",
    "Mailbox",
    "OutgoingMessage",
    "SessionTerms",
    "Subscription",
    "too_much_waits",
)

_IDS: Final = 65_535


class SessionTerms(NamedTuple):
    """What the client said that it can take; the defaults are those of MQTT 3.1.1."""

    five: bool = False
    receive_max: int = _IDS
    packet_bytes_max: int = 0
    aliases_max: int = 0
    tells_problems: bool = True
    expiry_s: int = 0


class Subscription(msgspec.Struct, frozen=True, array_like=True):
    """What one filter asks for; ``options`` are those of SUBSCRIBE."""

    options: int
    identifier: int = 0

    @property
    def qos(self) -> int:
        """Return the highest QoS of what is sent: 0 or 1."""
        return min(self.options & 3, 1)


class Grant(NamedTuple):
    """How a topic reaches a session: the best QoS of its matching subscriptions."""

    qos: int
    keeps_retain: bool
    identifiers: list[int]


class OutgoingMessage(NamedTuple):
    """One message to a client; ``stored`` is its place in the stored queue, 0 if it has none."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    properties: Properties | None = None
    expires_ms: int = 0
    downlink: int = 0
    stored: int = 0


class Mailbox:
    """Subscriptions and outgoing messages of one session, in order."""

    __slots__ = (
        "_aliases",
        "_next_id",
        "bytes",
        "downlinks",
        "inflight",
        "is_behind",
        "queue",
        "subscriptions",
    )

    def __init__(self) -> None:
        self.subscriptions: dict[str, Subscription] = {}
        self.queue: deque[OutgoingMessage] = deque()
        self.inflight: dict[int, OutgoingMessage] = {}
        self.downlinks: set[int] = set()
        """Numbers of the downlinks that wait here or are under way."""
        self.bytes = 0
        """Of the payloads that wait."""
        self.is_behind = False
        """Whether a stored message found no room: the stored queue is looked into again."""
        self._next_id = 0
        self._aliases: dict[str, int] | None = None

    def match(self, topic: str, *, from_itself: bool = False) -> Grant | None:
        """Return how a topic reaches this session, None if it did not ask for it."""
        found = [
            subscription
            for topic_filter, subscription in self.subscriptions.items()
            if matches(topic_filter, topic) and not (from_itself and subscription.options & 4)
        ]
        if not found:
            return None
        return Grant(
            max(subscription.qos for subscription in found),
            any(subscription.options & 8 for subscription in found),
            [subscription.identifier for subscription in found if subscription.identifier],
        )

    def put(self, mail: OutgoingMessage) -> bool:
        """Append a message; False when too many wait already."""
        size = len(mail.payload)
        if len(self.queue) >= QUEUE_MAX or (self.queue and self.bytes + size > QUEUE_BYTES_MAX):
            self.is_behind = self.is_behind or mail.stored > 0
            return False
        self.queue.append(mail)
        self.bytes += size
        if mail.downlink:
            self.downlinks.add(mail.downlink)
        return True

    def must_have_room(self, mails: list[OutgoingMessage]) -> None:
        """Check that these fit, which come at once: retained messages may double what waits.

        Raises:
            Refused: ``session.too_many``.
        """
        size = sum(len(mail.payload) for mail in mails)
        if mails and (
            len(self.queue) + len(mails) > 2 * QUEUE_MAX or self.bytes + size > 2 * QUEUE_BYTES_MAX
        ):
            raise too_much_waits()

    def put_all(self, mails: list[OutgoingMessage]) -> None:
        """Append messages for which there is room."""
        self.queue.extend(mails)
        self.bytes += sum(len(mail.payload) for mail in mails)

    def reconnect(self) -> None:
        """Begin a new connection of the same session: its aliases are forgotten."""
        self._aliases = None

    def resend(self, terms: SessionTerms, now_ms: int) -> Iterator[bytes]:
        """Yield what was under way when the connection ended, in order (4.4)."""
        for packet_id, mail in self.inflight.items():
            yield self._packet(mail, packet_id, terms, now_ms, duplicate=True)

    def send(self, terms: SessionTerms, now_ms: int) -> Iterator[tuple[OutgoingMessage, bytes]]:
        """Yield what may leave now; a packet without bytes is too large for the client or expired."""
        limit = min(terms.receive_max, INFLIGHT_MAX)
        queue = self.queue
        while queue and (not queue[0].qos or len(self.inflight) < limit):
            mail = queue.popleft()
            self.bytes -= len(mail.payload)
            if 0 < mail.expires_ms <= now_ms:
                yield mail, b""
                continue
            packet_id = self._take_id() if mail.qos else 0
            had_alias = self._aliases is not None and mail.topic in self._aliases
            packet = self._packet(mail, packet_id, terms, now_ms)
            if 0 < terms.packet_bytes_max < len(packet):
                if self._aliases is not None and not had_alias:
                    self._aliases.pop(mail.topic, None)  # it was never told
                yield mail, b""
                continue
            if mail.qos:
                self.inflight[packet_id] = mail
            yield mail, packet

    def answered(self, packet_id: int) -> OutgoingMessage | None:
        """Return the message that a PUBACK is about, None if it is about none."""
        return self.inflight.pop(packet_id, None)

    def _take_id(self) -> int:
        while True:
            self._next_id = self._next_id % _IDS + 1
            if self._next_id not in self.inflight:
                return self._next_id

    def _packet(
        self,
        mail: OutgoingMessage,
        packet_id: int,
        terms: SessionTerms,
        now_ms: int,
        *,
        duplicate: bool = False,
    ) -> bytes:
        topic, properties = mail.topic, None
        if terms.five:
            properties = dict(mail.properties or {})
            if mail.expires_ms:
                properties[props.MESSAGE_EXPIRY] = max(1, (mail.expires_ms - now_ms) // 1000)
            topic = self._shorten(mail.topic, terms, properties)
        return codec.build_publish(
            topic,
            mail.payload,
            mail.qos,
            packet_id,
            duplicate=duplicate,
            retain=mail.retain,
            properties=properties,
        )

    def _shorten(self, topic: str, terms: SessionTerms, properties: Properties) -> str:
        """Return the topic, or nothing where an alias says it (5: 3.3.2.3.4)."""
        most = min(terms.aliases_max, ALIASES_MAX)
        if not most:
            return topic
        aliases = self._aliases
        if aliases is None:
            aliases = self._aliases = {}
        known = aliases.get(topic)
        if known is None and len(aliases) < most:
            aliases[topic] = properties[props.TOPIC_ALIAS] = len(aliases) + 1
        elif known is not None:
            properties[props.TOPIC_ALIAS] = known
            return ""
        return topic


def too_much_waits() -> Refused:
    """Return what a client is told that does not take its messages."""
    return Refused(
        "session.too_many",
        f"More than {QUEUE_MAX} messages or {QUEUE_BYTES_MAX} bytes wait for this client.",
        "Let it acknowledge what it gets, or ask for less.",
    )
