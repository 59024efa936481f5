"""Mail leaves: the queue of the registry through the mail server of the settings."""

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from tram.registry.mails import Mail
from tram.registry.registry import Registry
from tram.runtime.clock import Clock
from tram.runtime.errors import Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.pools import MAIL
from tram.runtime.progress import LOOPS
from tram.runtime.settings import MailSettings

__all__ = ("send_letters",)

LOOK_EVERY_S = 2.0
TIMEOUT_S = 20.0
QUIET_S = 300.0
"""One mail takes less, whatever its server does; a loop that says nothing for longer hangs."""


async def send_letters(registry: Registry, settings: MailSettings, clock: Clock) -> None:
    """Send what is due, for ever; without a mail server nothing leaves and nothing is lost."""
    if not settings.host:
        return
    beat = LOOPS.begin("letters", QUIET_S)
    while True:
        beat.beat()
        try:
            for mail in await registry.mails.due():
                beat.work(f"mail {mail.id}")
                await _deliver(registry, settings, mail)
        except Unavailable as error:
            get_logger().warning("mail put off: the registry does not answer")
            beat.wait(error.sentence)
        await clock.sleep(LOOK_EVERY_S)


async def _deliver(registry: Registry, settings: MailSettings, mail: Mail) -> None:
    try:
        await MAIL.run(_send, settings, mail)
    except smtplib.SMTPRecipientsRefused as error:
        await registry.mails.failed(mail.id, str(error), finally_=True)
        get_logger().warning("mail refused by the server", mail=mail.id)
    except (OSError, smtplib.SMTPException) as error:
        await registry.mails.failed(mail.id, str(error))
        get_logger().warning("mail not sent, tried again later", mail=mail.id, error=str(error))
    else:
        await registry.mails.sent(mail.id)


def _send(settings: MailSettings, mail: Mail) -> None:
    message = EmailMessage()
    message["From"] = settings.sender or f"tram@{settings.host}"
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain="tram")
    message.set_content(mail.body)
    if settings.security == "tls":
        with smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=TIMEOUT_S, context=ssl.create_default_context()
        ) as server:
            _speak(server, settings, message)
        return
    with smtplib.SMTP(settings.host, settings.port, timeout=TIMEOUT_S) as server:
        if settings.security != "none":
            server.starttls(context=ssl.create_default_context())
        _speak(server, settings, message)


def _speak(server: smtplib.SMTP, settings: MailSettings, message: EmailMessage) -> None:
    if settings.user:
        server.login(settings.user, settings.password)
    server.send_message(message)
