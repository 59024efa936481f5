"""What of a session is stored, and in which form."""

from collections.abc import Mapping
from typing import Final

import msgspec

from tram.fleet.gateway.protocols.mqtt.mailbox import Mailbox, OutgoingMessage, Subscription
from tram.fleet.gateway.protocols.mqtt.packets import properties as props
from tram.fleet.gateway.protocols.mqtt.packets.properties import Properties
from tram.runtime.errors import Broken

__all__ = ("StoredMessage", "StoredSession", "decode_mail", "decode_session", "encode", "lasting")

_PASSED_ON: Final = (
    props.PAYLOAD_FORMAT,
    props.CONTENT_TYPE,
    props.RESPONSE_TOPIC,
    props.CORRELATION_DATA,
    props.USER_PROPERTY,
)


class StoredSession(msgspec.Struct, frozen=True):
    """A session that outlives its connection, until ``until_ms`` (0 while it is connected)."""

    client: str
    expiry_s: int
    until_ms: int
    subscriptions: Mapping[str, Subscription]

    def mailbox(self) -> Mailbox:
        """Return a mailbox with these subscriptions."""
        mailbox = Mailbox()
        mailbox.subscriptions.update(self.subscriptions)
        return mailbox


class StoredMessage(msgspec.Struct, frozen=True):
    """A queued or retained message; ``sender`` is the client that published it."""

    topic: str
    payload: bytes
    qos: int
    retain: bool = False
    expires_ms: int = 0
    properties: Properties = {}
    sender: str = ""

    def mail(
        self, qos: int, *, retain: bool, identifiers: list[int], stored: int = 0
    ) -> OutgoingMessage:
        """Return the message as one session receives it."""
        properties = dict(self.properties)
        if identifiers:
            properties[11] = identifiers
        return OutgoingMessage(
            self.topic,
            self.payload,
            min(self.qos, qos),
            retain,
            properties,
            self.expires_ms,
            stored=stored,
        )


def lasting(said: Properties, now_ms: int) -> tuple[int, Properties]:
    """Return when a published message expires (0: never), and what of its properties stays."""
    lasts_s = said.get(props.MESSAGE_EXPIRY, 0)
    expires_ms = now_ms + lasts_s * 1000 if lasts_s else 0
    return expires_ms, {key: said[key] for key in _PASSED_ON if key in said}


_session_decoder = msgspec.msgpack.Decoder(StoredSession)
_mail_decoder = msgspec.msgpack.Decoder(StoredMessage)
encode = msgspec.msgpack.Encoder().encode


def decode_session(content: bytes) -> StoredSession:
    """Return a stored session.

    Raises:
        Broken: ``session.damaged`` if the content is not one.
    """
    try:
        session: StoredSession = _session_decoder.decode(content)
    except msgspec.DecodeError as error:
        raise Broken("session.damaged", f"A stored session cannot be read ({error}).") from error
    return session


def decode_mail(content: bytes) -> StoredMessage:
    """Return a stored message.

    Raises:
        Broken: ``session.damaged`` if the content is not one.
    """
    try:
        mail: StoredMessage = _mail_decoder.decode(content)
    except msgspec.DecodeError as error:
        raise Broken("session.damaged", f"A stored message cannot be read ({error}).") from error
    return mail
