"""What of a session is stored, and in which form."""

from collections.abc import Mapping

import msgspec

from tram.fleet.gateway.mqtt.mailbox import Mail, Mailbox, Subscription
from tram.fleet.gateway.mqtt.properties import Properties
from tram.runtime.errors import Broken

__all__ = ("KeptMail", "KeptSession", "decode_mail", "decode_session", "encode")


class KeptSession(msgspec.Struct, frozen=True):
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


class KeptMail(msgspec.Struct, frozen=True):
    """A queued or retained message; ``sender`` is the client that published it."""

    topic: str
    payload: bytes
    qos: int
    retain: bool = False
    expires_ms: int = 0
    properties: Properties = {}
    sender: str = ""

    def mail(self, qos: int, *, retain: bool, identifiers: list[int], stored: int = 0) -> Mail:
        """Return the message as one session receives it."""
        properties = dict(self.properties)
        if identifiers:
            properties[11] = identifiers
        return Mail(
            self.topic,
            self.payload,
            min(self.qos, qos),
            retain,
            properties,
            self.expires_ms,
            stored=stored,
        )


_session_decoder = msgspec.msgpack.Decoder(KeptSession)
_mail_decoder = msgspec.msgpack.Decoder(KeptMail)
encode = msgspec.msgpack.Encoder().encode


def decode_session(content: bytes) -> KeptSession:
    """Return a stored session.

    Raises:
        Broken: ``session.damaged`` if the content is not one.
    """
    try:
        session: KeptSession = _session_decoder.decode(content)
    except msgspec.DecodeError as error:
        raise Broken("session.damaged", f"A stored session cannot be read ({error}).") from error
    return session


def decode_mail(content: bytes) -> KeptMail:
    """Return a stored message.

    Raises:
        Broken: ``session.damaged`` if the content is not one.
    """
    try:
        mail: KeptMail = _mail_decoder.decode(content)
    except msgspec.DecodeError as error:
        raise Broken("session.damaged", f"A stored message cannot be read ({error}).") from error
    return mail
