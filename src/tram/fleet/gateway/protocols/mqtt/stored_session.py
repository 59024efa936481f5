"""What of a session is stored, and in which form."""

from collections.abc import Mapping

import msgspec

from tram.fleet.gateway.protocols.mqtt.mailbox import Mailbox, OutgoingMessage, Subscription
from tram.fleet.gateway.protocols.mqtt.properties import Properties
from tram.runtime.errors import Broken

__all__ = ("StoredMessage", "StoredSession", "decode_mail", "decode_session", "encode")


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
