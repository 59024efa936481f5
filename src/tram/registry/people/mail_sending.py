"""Mail leaves: the queue of the registry through the mail server of the settings."""

import asyncio
import contextlib
from collections import Counter

from tram.registry.kernel.set_aside import SetAside, SetAsideEntry
from tram.registry.people.mail_server import MailMessage, MailRefused, MailServer, mail_server_of
from tram.registry.people.mails import Mails, QueuedMail
from tram.registry.people.settings import MailSettings
from tram.runtime.errors import Unavailable, is_of_the_entry, reason_of
from tram.runtime.logging import get_logger
from tram.runtime.watch.loops import LOOPS

__all__ = ("send_letters",)

LOOK_EVERY_S = 2.0
QUIET_S = 300.0
"""One mail takes less, whatever its server does; a loop that says nothing for longer hangs."""
AT_ONCE = 8
AT_ONCE_PER_DOMAIN = 2
"""A mail domain that answers slowly holds up its own letters only."""

log = get_logger()


async def send_letters(mails: Mails, set_aside: SetAside, settings: MailSettings) -> None:
    """Send what is due, for ever; without a mail server nothing leaves and nothing is lost.

    Raises:
        Refused: ``settings.wrong`` when letters could not name their sender.
    """
    if not settings.host:
        return
    post = _Post(mails, set_aside, mail_server_of(settings))
    heartbeat = LOOPS.begin("letters", QUIET_S)
    async with asyncio.TaskGroup() as group:
        while True:
            heartbeat.heartbeat()
            try:
                await post.fill(group)
            except Unavailable as error:
                log.warning("mail put off: the registry does not answer")
                heartbeat.wait(error.sentence)
            await post.wait()


class _Post:
    """The letters that are under way."""

    def __init__(self, mails: Mails, set_aside: SetAside, server: MailServer) -> None:
        self._mails = mails
        self._set_aside = set_aside
        self._server = server
        self._under_way: Counter[str] = Counter()
        self._has_room = asyncio.Event()

    async def fill(self, group: asyncio.TaskGroup) -> None:
        """Begin to send what is due, as far as there is room."""
        self._has_room.clear()
        room = AT_ONCE - self._under_way.total()
        if room <= 0:
            return
        due = await self._mails.due(room, self._under_way, AT_ONCE_PER_DOMAIN)
        for mail in due:
            self._under_way[mail.domain] += 1
            group.create_task(self._send(mail))

    async def wait(self) -> None:
        """Wait until a letter is done, two seconds at most."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._has_room.wait()

    async def _send(self, mail: QueuedMail) -> None:
        try:
            await self._deliver(mail)
            self._has_room.set()
        except Unavailable:
            log.warning("what became of a mail is not noted: the registry does not answer")
        finally:
            self._under_way[mail.domain] -= 1
            self._under_way += Counter()  # forgets the domains that nothing is under way to

    async def _deliver(self, mail: QueuedMail) -> None:
        key = f"tram-letter-{mail.id}-{mail.created_ms}"
        letter = MailMessage(key=key, to=mail.to, subject=mail.subject, text=mail.body)
        try:
            await self._server.send(letter, mail.domain)
        except MailRefused as error:
            log.warning("mail not sent", mail=mail.id, error=str(error), is_final=error.is_final)
            await self._mails.failed(mail.id, str(error), finally_=error.is_final)
        except Exception as error:
            if not is_of_the_entry(error):
                raise
            await self._set_aside.note(SetAsideEntry("work", "mail", str(mail.id)), error)
            await self._mails.failed(mail.id, reason_of(error), finally_=True)
        else:
            await self._mails.sent(mail.id)
