"""The mail server that letters and notices leave by: one message at a time, each within a deadline.

A server that sends a byte now and then would hold a thread for ever: reads that each end in time
are no deadline. So the connection is cut when the whole conversation has lasted too long.
"""

import smtplib
import socket
import ssl
import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate

import msgspec

from tram.domain.destinations import AddressError, mail_address
from tram.domain.text import one_line, visible
from tram.registry.people.settings import MailSettings
from tram.runtime.errors import Refused, Unavailable
from tram.runtime.processes.thread_pools import MAIL

__all__ = ("MailMessage", "MailRefused", "MailServer", "mail_server_of")

TOTAL_S = 30.0
"""Longest conversation about one message, from the connection to the server's last word."""
SILENCE_S = 15.0
"""Longest wait for one answer."""
SUBJECT_CHARACTERS_MAX = 200
REASON_CHARACTERS_MAX = 300
_FINAL = range(500, 600)


class MailRefused(Exception):
    """A message did not leave; the text says why, ``is_final`` that it never will."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason[:REASON_CHARACTERS_MAX])
        self.is_final = is_final


class MailMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message; ``key`` is the same whenever it is sent again."""

    key: str
    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class MailServer:
    """A mail server; without a host nothing is sent."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    security: str = "none"
    """starttls, tls, or none (only on this machine)."""
    total_s: float = TOTAL_S

    async def send(self, letter: MailMessage, owner: Hashable = None) -> None:
        """Hand one message to the server, in the turn of its owner.

        Raises:
            MailRefused: if it cannot be written, the server refuses it, or does not answer in time.
        """
        if not self.host:
            raise MailRefused("no mail server is set (mail.host)")
        message = self._message(letter)
        try:
            await MAIL.run_for(owner, self._speak, message)
        except Unavailable as error:
            raise MailRefused(error.sentence) from error
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            is_final = bool(codes) and all(code in _FINAL for code in codes)
            raise MailRefused(str(error), is_final=is_final) from error
        except (OSError, smtplib.SMTPException) as error:
            raise MailRefused(str(error) or type(error).__name__) from error

    def _message(self, letter: MailMessage) -> EmailMessage:
        """Write a message whose every line a mail server takes, whatever names stand in it."""
        message = EmailMessage()
        try:
            message["From"] = mail_address(self.sender)
            message["To"] = mail_address(letter.to)
            message["Subject"] = one_line(letter.subject)[:SUBJECT_CHARACTERS_MAX]
            message["Date"] = formatdate()
            message["Message-ID"] = f"<{letter.key}@tram>"
            message["X-Idempotency-Key"] = letter.key
            message["Auto-Submitted"] = "auto-generated"
            # Quoted-printable whatever it holds: no line is longer than the wire takes (RFC 5322).
            text = visible(letter.text, "\n")
            message.set_content(text, charset="utf-8", cte="quoted-printable")
        except AddressError as error:
            raise MailRefused(str(error), is_final=True) from error
        except (ValueError, LookupError, IndexError, UnicodeError) as error:
            reason = f"the message cannot be written: {type(error).__name__}"
            raise MailRefused(reason, is_final=True) from error
        return message

    def _speak(self, message: EmailMessage) -> None:
        """Hold the whole conversation; blocks, at most ``total_s`` once the host is known."""
        connection = socket.create_connection(
            (self.host, self.port), timeout=min(SILENCE_S, self.total_s)
        )
        with connection, _cut_after(self.total_s, connection):
            if self.security == "tls":
                connection = _trust().wrap_socket(connection, server_hostname=self.host)
            with _Conversation(connection, self.host, self.port) as server:
                if self.security not in ("tls", "none"):
                    server.starttls(context=_trust())
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)


def mail_server_of(settings: MailSettings) -> MailServer:
    """Return the mail server of the settings.

    Raises:
        Refused: ``settings.wrong`` when letters could not name their sender.
    """
    sender = settings.sender or f"tram@{settings.host}"
    if settings.host:
        try:
            mail_address(sender)
        except AddressError as error:
            raise Refused(
                "settings.wrong",
                f"mail.sender is wrong: {error}",
                "Write one address, for example tram@so.example.",
            ) from error
    return MailServer(
        settings.host, settings.port, sender, settings.user, settings.password, settings.security
    )


class _Conversation(smtplib.SMTP):
    """SMTP over a connection that is there already."""

    def __init__(self, connection: socket.socket, host: str, port: int) -> None:
        self._connection = connection
        super().__init__(host, port, timeout=SILENCE_S)

    def _get_socket(self, _host: str, _port: int, _timeout: float) -> socket.socket:
        return self._connection


@contextmanager
def _cut_after(seconds: float, connection: socket.socket) -> Iterator[None]:
    """Shut a connection down after a while, under whatever TLS lies over it by then."""
    handle = connection.dup()

    def cut() -> None:
        # The other side may have been quicker.
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        handle.close()


def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()
