"""E-mail: one message per notice, its ``Message-ID`` made of the notice's key."""

import smtplib
from dataclasses import dataclass
from email.message import EmailMessage

from tram.domain.text import one_line, visible

__all__ = ("Mail", "MailRefused", "Mailer")

_SECONDS = 15


class MailRefused(Exception):
    """The server will not take this message, now or ever; the text says why."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One message; ``key`` is the same whenever the same notice is sent again."""

    key: str
    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Mailer:
    """A mail server; without a host nothing is sent."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    security: str = "none"
    """starttls, tls, or none (only on this machine)."""

    def send(self, mail: Mail) -> None:
        """Hand one message to the server; blocks.

        Raises:
            MailRefused: if the server refuses it or does not answer.
        """
        if not self.host:
            raise MailRefused("no mail server is set (mail.host)")
        message = EmailMessage()
        message["From"], message["To"] = self.sender, mail.to
        message["Subject"] = one_line(mail.subject)
        message["Message-ID"] = f"<{mail.key}@tram>"
        message["X-Idempotency-Key"] = mail.key
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(visible(mail.text, "\n"))
        try:
            kind = smtplib.SMTP_SSL if self.security == "tls" else smtplib.SMTP
            with kind(self.host, self.port, timeout=_SECONDS) as server:
                if self.security == "starttls":
                    server.starttls()
                if self.user:
                    server.login(self.user, self.password)
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise MailRefused(str(error) or type(error).__name__) from error
