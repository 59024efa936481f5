"""Mail to send: rows written with the change that causes them, sent later by the work role."""

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.text import one_line, visible
from tram.registry.database import Database
from tram.registry.people_tables import mails
from tram.runtime.clock import Clock

__all__ = ("Mail", "Mails", "queue_mail")

TRIES_MAX = 8
_FIRST_WAIT_MS = 30_000
_AT_ONCE = 20
NOTE_CHARACTERS_MAX = 300
SUBJECT_CHARACTERS_MAX = 300
KEPT_MS = 30 * 86_400_000


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """One mail that is due."""

    id: int
    to: str
    subject: str
    body: str


async def queue_mail(
    connection: AsyncConnection, now_ms: int, to: str, subject: str, body: str
) -> None:
    """Write a mail inside the transaction that causes it.

    Names stand in its subject: it becomes one line that fits, and signs that nobody sees are named.
    """
    await connection.execute(
        insert(mails).values(
            to=to,
            subject=one_line(subject)[:SUBJECT_CHARACTERS_MAX],
            body=visible(body, "\n"),
            state="waiting",
            tries=0,
            next_ms=now_ms,
            created_ms=now_ms,
            note="",
        )
    )


class Mails:
    """The queue, as the sender sees it; runs as the system, on behalf of nobody."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def due(self) -> list[Mail]:
        """Return mails whose time has come, oldest first; each is put off before it is tried."""
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            waiting = select(mails.c.id).where(
                mails.c.state == "waiting", mails.c.next_ms <= now_ms
            )
            if (await connection.execute(waiting.limit(1))).first() is None:
                return []
        async with self._database.write() as connection:
            rows = (
                await connection.execute(
                    select(mails)
                    .where(mails.c.state == "waiting", mails.c.next_ms <= now_ms)
                    .order_by(mails.c.id)
                    .limit(_AT_ONCE)
                    .with_for_update(skip_locked=True)
                )
            ).all()
            for row in rows:
                put_off = now_ms + (_FIRST_WAIT_MS << row.tries)
                await connection.execute(
                    update(mails)
                    .where(mails.c.id == row.id)
                    .values(tries=row.tries + 1, next_ms=put_off)
                )
        return [Mail(id=row.id, to=row.to, subject=row.subject, body=row.body) for row in rows]

    async def sent(self, mail: int) -> None:
        """Note that a mail has left; its text is kept no longer."""
        await self._end(mail, "sent", "")

    async def failed(self, mail: int, note: str, *, finally_: bool = False) -> None:
        """Note why a mail did not leave; after eight tries, or ``finally_``, it is given up."""
        async with self._database.read() as connection:
            tries = await connection.execute(select(mails.c.tries).where(mails.c.id == mail))
            given_up = finally_ or tries.scalar_one() >= TRIES_MAX
        if given_up:
            await self._end(mail, "failed", note)
            return
        async with self._database.write() as connection:
            await connection.execute(
                update(mails).where(mails.c.id == mail).values(note=note[:NOTE_CHARACTERS_MAX])
            )

    async def tidy(self) -> None:
        """Forget mails older than 30 days that are no longer waiting."""
        limit = self._clock.now_ms() - KEPT_MS
        async with self._database.write() as connection:
            await connection.execute(
                delete(mails).where(mails.c.created_ms < limit, mails.c.state != "waiting")
            )

    async def _end(self, mail: int, state: str, note: str) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(mails)
                .where(mails.c.id == mail)
                .values(state=state, body="", note=note[:NOTE_CHARACTERS_MAX])
            )
