"""What a work loop could not do: set aside with its reason, while the loop goes on for everybody.

A loop that serves all organisations does each entry (a rule, a notice, a mail, a round, a report)
under ``guarded``. What the entry raises is kept and counted here, shown to its owner and to the
administrator; the loop leaves out what ``keys`` names until somebody asks for another try.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import ColumnElement, String, and_, cast, delete, exists, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import org_is_visible
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.database import columns_of, translated
from tram.registry.kernel.repository import Repository, change_row, found_row
from tram.registry.kernel.tables import organisations, set_aside
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Refused, is_of_the_entry, reason_of
from tram.runtime.logging import get_logger

__all__ = ("SetAside", "SetAsideEntry", "SetAsideRow", "apart", "is_aside", "note_aside")

LISTED_MAX: Final = 200
KEPT_MAX: Final = 10_000
"""Rows kept over all organisations; beyond them the oldest go."""
KEPT_MS: Final = 90 * 86_400_000
_KEY_CHARACTERS_MAX: Final = 200
_ASIDE: Final = "aside"
_AGAIN: Final = "again"

log = get_logger()


class SetAsideEntry(NamedTuple):
    """One piece of a loop's work: of which part and kind, which one, and whose (None: the product's)."""

    part: str
    kind: str
    key: str
    org: OrgId | None = None


class SetAsideRow(msgspec.Struct, frozen=True, kw_only=True):
    """One entry set aside; ``state`` is ``aside``, or ``again`` once another try was asked for."""

    id: int
    part: str
    kind: str
    key: str
    org: OrgId | None
    org_name: str
    reason: str
    state: str
    times: int
    first_ms: int
    last_ms: int


class SetAside(Repository):
    """Entries set aside; the loops write as the system, people read what their scopes reach."""

    @asynccontextmanager
    async def guarded(self, entry: SetAsideEntry) -> AsyncIterator[None]:
        """Do an entry inside: what it raises sets it aside and goes no further.

        What is temporary (``Unavailable``), a full disk, lack of memory and cancellation pass through.
        """
        try:
            yield
        except Exception as error:
            if not is_of_the_entry(error):
                raise
            await self.note(entry, error)

    async def note(self, entry: SetAsideEntry, error: BaseException) -> None:
        """Keep an entry that raised, or count it once more."""
        log.error(
            "entry set aside", part=entry.part, kind=entry.kind, key=entry.key, exc_info=error
        )
        async with self._database.write() as connection:
            await note_aside(connection, self._clock.now_ms(), entry, reason_of(error))

    async def keys(self, part: str, kind: str) -> frozenset[str]:
        """Return the keys of what a loop is to leave out."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(set_aside.c.key).where(
                    set_aside.c.part == part,
                    set_aside.c.kind == kind,
                    set_aside.c.state == _ASIDE,
                )
            )
            return frozenset(found.scalars())

    async def count(self) -> int:
        """Return how many entries of the whole installation are aside now."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(set_aside.c.id).where(set_aside.c.state == _ASIDE).limit(KEPT_MAX)
            )
            return len(found.all())

    async def count_for(self, viewer: Viewer) -> int:
        """Return how many of what the viewer reaches are aside now, at most 200."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(set_aside.c.id)
                .where(set_aside.c.state == _ASIDE, _is_reached(viewer))
                .limit(LISTED_MAX)
            )
            return len(found.all())

    async def list(self, viewer: Viewer) -> list[SetAsideRow]:
        """Return the newest 200 that the viewer reaches."""
        named = func.coalesce(organisations.c.name, "")
        return await self._views(
            SetAsideRow,
            select(*columns_of(SetAsideRow, set_aside, org_name=named))
            .outerjoin(organisations, organisations.c.id == set_aside.c.org_id)
            .where(_is_reached(viewer))
            .order_by(set_aside.c.last_ms.desc(), set_aside.c.id.desc())
            .limit(LISTED_MAX),
        )

    async def try_again(self, viewer: Viewer, number: int) -> None:
        """Let the loop try an entry again; that needs the right to change jobs.

        Raises:
            Refused: ``aside.unknown`` when there is none that the viewer reaches.
        """
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            reached = _is_reached(viewer, Permission.JOB_WRITE)
            row = await found_row(
                connection,
                select(set_aside).where(set_aside.c.id == number, reached),
                Refused("aside.unknown", "Nothing with this number is set aside."),
            )
            await change_row(connection, set_aside, number, state=_AGAIN)
            org = OrgId(row.org_id or viewer.org)
            after = {"part": row.part, "kind": row.kind, "key": row.key}
            entry = AuditEntry("aside.again", number, org, after=after)
            await record(connection, viewer, now_ms, entry)

    async def tidy(self) -> None:
        """Forget what is old, and the oldest beyond the bound."""
        before_ms = self._clock.now_ms() - KEPT_MS
        newest = (
            select(set_aside.c.id)
            .order_by(set_aside.c.last_ms.desc(), set_aside.c.id.desc())
            .limit(KEPT_MAX)
        )
        async with self._database.write() as connection:
            await connection.execute(
                delete(set_aside).where(
                    or_(set_aside.c.last_ms < before_ms, set_aside.c.id.not_in(newest))
                )
            )


@asynccontextmanager
async def apart(
    connection: AsyncConnection, now_ms: int, entry: SetAsideEntry
) -> AsyncIterator[None]:
    """Do an entry inside a transaction that does others too: what it raises undoes it alone.

    It is set aside in the same transaction; what is no entry's fault passes through and undoes all.
    """
    try:
        with translated():
            async with connection.begin_nested():
                yield
    except Exception as error:
        if not is_of_the_entry(error):
            raise
        log.exception("entry set aside", part=entry.part, kind=entry.kind, key=entry.key)
        await note_aside(connection, now_ms, entry, reason_of(error))


def is_aside(part: str, kind: str, number: ColumnElement[int]) -> ColumnElement[bool]:
    """Match rows whose number is the key of an entry that is aside now."""
    return exists().where(
        set_aside.c.part == part,
        set_aside.c.kind == kind,
        set_aside.c.key == cast(number, String),
        set_aside.c.state == _ASIDE,
    )


async def note_aside(
    connection: AsyncConnection, now_ms: int, entry: SetAsideEntry, reason: str
) -> None:
    """Write an entry down inside a transaction, or count it once more."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    added = dialect.insert(set_aside).values(
        part=entry.part,
        kind=entry.kind,
        key=entry.key[:_KEY_CHARACTERS_MAX],
        org_id=entry.org,
        reason=reason,
        state=_ASIDE,
        times=1,
        first_ms=now_ms,
        last_ms=now_ms,
    )
    await connection.execute(
        added.on_conflict_do_update(
            index_elements=[set_aside.c.part, set_aside.c.kind, set_aside.c.key],
            set_={
                "times": set_aside.c.times + 1,
                "last_ms": now_ms,
                "reason": reason,
                "state": _ASIDE,
            },
        )
    )


def _is_reached(viewer: Viewer, permission: str = Permission.JOB_READ) -> ColumnElement[bool]:
    """Match what belongs to an organisation whose jobs the viewer sees.

    The product's own belongs to who keeps the whole province's machinery.
    """
    keeps_all = exists().where(
        organisations.c.parent_id.is_(None),
        org_is_visible(viewer, Permission.OPS_READ, organisations.c.id),
    )
    owned = org_is_visible(viewer, permission, set_aside.c.org_id)
    return or_(owned, and_(set_aside.c.org_id.is_(None), keeps_all))
