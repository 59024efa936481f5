"""Mail to send: rows written with the change that causes them, sent later by the work role."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec
from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.text import one_line, visible
from tram.registry.kernel.database import AnyRow, as_view
from tram.registry.kernel.repository import Repository, change_row
from tram.registry.people.tables import mails

__all__ = ("Mails", "QueuedMail", "queue_mail")

TRIES_MAX = 8
_FIRST_WAIT_MS = 30_000
AT_ONCE = 20
_LOOKED_AT = 500
"""Mails looked at when some are chosen in turn of their domains."""
NOTE_CHARACTERS_MAX = 300
SUBJECT_CHARACTERS_MAX = 300
KEPT_MS = 30 * 86_400_000


class QueuedMail(msgspec.Struct, frozen=True, kw_only=True):
    """One mail that is due."""

    id: int
    to: str
    subject: str
    body: str
    created_ms: int

    @property
    def domain(self) -> str:
        """What stands behind the last @."""
        return _domain(self.to)


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


class Mails(Repository):
    """The queue, as the sender sees it; runs as the system, on behalf of nobody."""

    async def due(
        self,
        most: int = AT_ONCE,
        under_way: Mapping[str, int] = MappingProxyType({}),
        each: int = AT_ONCE,
    ) -> list[QueuedMail]:
        """Return mails whose time has come; each is put off before it is tried.

        Domains take turns: one that less is under way to comes first, and none gets more than
        ``each``. An address gets one at a time.
        """
        now_ms = self._clock.now_ms()
        waiting = [mails.c.state == "waiting", mails.c.next_ms <= now_ms]
        async with self._database.read() as connection:
            found = select(mails.c.id).where(*waiting).limit(1)
            if (await connection.execute(found)).first() is None:
                return []
        waiting += [
            mails.c.to.not_ilike(f"%@{_escaped(domain)}", escape="!")
            for domain, count in under_way.items()
            if count >= each
        ]
        async with self._database.write() as connection:
            found = (
                select(mails).where(*waiting).order_by(mails.c.id).limit(_LOOKED_AT)
            ).with_for_update(skip_locked=True)
            rows = _in_turns((await connection.execute(found)).all(), under_way, each)[:most]
            for row in rows:
                put_off = now_ms + (_FIRST_WAIT_MS << min(row.tries, TRIES_MAX))
                await change_row(connection, mails, row.id, tries=row.tries + 1, next_ms=put_off)
        return [as_view(QueuedMail, row) for row in rows]

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
            await change_row(connection, mails, mail, note=note[:NOTE_CHARACTERS_MAX])

    async def tidy(self) -> None:
        """Forget mails older than 30 days that are no longer waiting."""
        limit = self._clock.now_ms() - KEPT_MS
        async with self._database.write() as connection:
            await connection.execute(
                delete(mails).where(mails.c.created_ms < limit, mails.c.state != "waiting")
            )

    async def _end(self, mail: int, state: str, note: str) -> None:
        async with self._database.write() as connection:
            kept = note[:NOTE_CHARACTERS_MAX]
            await change_row(connection, mails, mail, state=state, body="", note=kept)


def _domain(address: str) -> str:
    return address.rpartition("@")[2].casefold()


def _escaped(domain: str) -> str:
    return "".join(f"!{c}" if c in "!%_" else c for c in domain)


def _in_turns(rows: Sequence[AnyRow], under_way: Mapping[str, int], each: int) -> list[AnyRow]:
    """Return one mail for each address, in rounds: the next of every domain that may have one."""
    by_domain: dict[str, dict[str, AnyRow]] = {}
    for row in rows:
        by_domain.setdefault(_domain(row.to), {}).setdefault(row.to.casefold(), row)
    turns: list[tuple[int, AnyRow]] = []
    for domain, some in by_domain.items():
        begun = under_way.get(domain, 0)
        turns += list(zip(range(begun, each), some.values(), strict=False))
    return [row for _, row in sorted(turns, key=lambda turn: turn[0])]
