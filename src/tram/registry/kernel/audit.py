"""The audit log: one row for each change, written in the change's own transaction."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import must_keep_province_data, org_is_visible
from tram.registry.kernel.chain import GENESIS, digest_of
from tram.registry.kernel.database import AnyRow, Database, as_view, fields_of, take_numbers
from tram.registry.kernel.paging import bounded, next_after, number_after
from tram.registry.kernel.personal_data import NOBODY
from tram.registry.kernel.repository import Repository
from tram.registry.kernel.tables import audit, counters, people
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import AuditRow, Page
from tram.runtime.clock import Clock

__all__ = (
    "ADDRESS_CHARACTERS_MAX",
    "Audit",
    "AuditEntry",
    "AuditFilter",
    "ChainVerdict",
    "ProvinceChange",
    "name_shown",
    "province_change",
    "record",
    "shown",
)

ADDRESS_CHARACTERS_MAX = 64
COUNTED_MAX = 10_000
SEARCH_WORDS_MAX = 8
VERIFY_ROWS = 5_000


class AuditEntry(msgspec.Struct, frozen=True):
    """What was done: ``action`` is ``noun.verb``; before and after hold no secrets."""

    action: str
    noun_id: int
    org: OrgId
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True)
class ProvinceChange:
    """A write transaction on the province's data, of somebody who may keep them."""

    connection: AsyncConnection
    viewer: Viewer
    at_ms: int
    owner: OrgId

    async def note(
        self, action: str, noun_id: int, before: object = None, after: object = None
    ) -> None:
        """Write one audit row."""
        audit_entry = AuditEntry(action, noun_id, self.owner, before, after)
        await record(self.connection, self.viewer, self.at_ms, audit_entry)


@asynccontextmanager
async def province_change(
    database: Database, clock: Clock, viewer: Viewer, permission: str
) -> AsyncIterator[ProvinceChange]:
    """Open a write transaction on the province's data.

    Raises:
        Refused: ``access.denied`` unless the viewer reaches the keeper of the data.
    """
    async with database.write() as connection:
        owner = await must_keep_province_data(connection, viewer, permission)
        yield ProvinceChange(connection, viewer, clock.now_ms(), owner)


async def record(
    connection: AsyncConnection, viewer: Viewer, at_ms: int, audit_entry: AuditEntry
) -> None:
    """Write one audit row, chained to the one before; call it inside the change's transaction.

    The counter's row stays locked until the end: one writer at a time extends the chain.
    """
    number = await take_numbers(connection, "audit", 1)
    before = select(audit.c.digest).order_by(audit.c.id.desc()).limit(1)
    previous = (await connection.execute(before)).scalar_one_or_none() or GENESIS
    row = {
        "id": number,
        "at_ms": at_ms,
        "person_id": viewer.person,
        "person_name": viewer.name,
        "org_id": audit_entry.org,
        "action": audit_entry.action,
        "noun": audit_entry.action.partition(".")[0],
        "noun_id": audit_entry.noun_id,
        "before": _as_kept(audit_entry.before),
        "after": _as_kept(audit_entry.after),
        "address": viewer.address[:ADDRESS_CHARACTERS_MAX],
    }
    await connection.execute(insert(audit).values(row | {"digest": digest_of(previous, row)}))


class AuditFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which acts: words of person, action or address; an action or its noun; a span of time."""

    search: str = ""
    action: str = ""
    since_ms: int | None = None
    until_ms: int | None = None


class ChainVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a walk over the whole chain found; ``broken`` is the first row that does not fit."""

    rows: int
    last: int
    head: str
    broken: int | None
    missing: int


class Audit(Repository):
    """Reads the audit log, newest first."""

    async def page(  # noqa: PLR0913  # the filters of one list
        self,
        viewer: Viewer,
        *,
        noun: str | None = None,
        noun_id: int | None = None,
        wanted: AuditFilter = AuditFilter(),  # noqa: B008  # frozen
        after: str | None = None,
        limit: int = 50,
    ) -> Page[AuditRow]:
        """Return the acts in the viewer's subtree that match, newest first; counted to 10,000."""
        viewer.needs(Permission.AUDIT_READ)
        limit = bounded(limit)
        chosen = [
            org_is_visible(viewer, Permission.AUDIT_READ, audit.c.org_id),
            *_matching(wanted),
        ]
        if noun is not None:
            chosen.append(audit.c.noun == noun)
        if noun_id is not None:
            chosen.append(audit.c.noun_id == noun_id)
        statement = shown().where(*chosen).order_by(audit.c.id.desc()).limit(limit)
        if after is not None:
            statement = statement.where(audit.c.id < number_after(after))
        async with self._database.read() as connection:
            some = select(audit.c.id).where(*chosen).limit(COUNTED_MAX + 1).subquery()
            counting = select(func.count()).select_from(some)
            total = (await connection.execute(counting)).scalar_one()
            items = [_row(row) for row in await connection.execute(statement)]
        return Page(
            items=items,
            total=min(total, COUNTED_MAX),
            next_after=next_after(items, limit),
            is_exact=total <= COUNTED_MAX,
        )

    async def note_export(self, viewer: Viewer, address: str, at_ms: int) -> None:
        """Write down that a table or a document left by this address."""
        async with self._database.write() as connection:
            audit_entry = AuditEntry("export.make", 0, viewer.org, after={"address": address})
            await record(connection, viewer, at_ms, audit_entry)

    async def verify(self) -> ChainVerdict:
        """Walk the chain from its first row; everything is read in one snapshot.

        ``missing`` counts rows cut off at the end. Who rewrites the whole table can forge a whole
        chain: keep the ``head`` of an earlier walk elsewhere and compare.
        """
        digest, last, rows = GENESIS, 0, 0
        async with self._database.read() as connection:
            kept = select(counters.c.value).where(counters.c.name == "audit")
            newest: int = (await connection.execute(kept)).scalar_one()
            while batch := await _after(connection, last):
                for row in batch:
                    digest = digest_of(digest, fields_of(row))
                    if digest != row.digest:
                        return ChainVerdict(
                            rows=rows, last=last, head=digest.hex(), broken=row.id, missing=0
                        )
                    last, rows = row.id, rows + 1
        return ChainVerdict(
            rows=rows, last=last, head=digest.hex(), broken=None, missing=newest - last
        )

    async def digest_at(self, number: int) -> str:
        """Return the digest of one row as hex, empty when there is no such row."""
        async with self._database.read() as connection:
            found = await connection.execute(select(audit.c.digest).where(audit.c.id == number))
            digest = found.scalar_one_or_none()
        return digest.hex() if digest else ""


async def _after(connection: AsyncConnection, last: int) -> Sequence[AnyRow]:
    found = await connection.execute(
        select(audit).where(audit.c.id > last).order_by(audit.c.id).limit(VERIFY_ROWS)
    )
    return found.all()


def _matching(wanted: AuditFilter) -> list[ColumnElement[bool]]:
    erased = select(people.c.id).where(people.c.erased_ms.is_not(None))
    # Who was erased is found by what they did only.
    may_name = audit.c.person_id.is_(None) | audit.c.person_id.not_in(erased)
    chosen = [
        or_(
            audit.c.action.icontains(word, autoescape=True),
            may_name
            & or_(
                audit.c.person_name.icontains(word, autoescape=True),
                audit.c.address.icontains(word, autoescape=True),
            ),
        )
        for word in wanted.search.split()[:SEARCH_WORDS_MAX]
    ]
    if wanted.action:
        column = audit.c.action if "." in wanted.action else audit.c.noun
        chosen.append(column == wanted.action)
    if wanted.since_ms is not None:
        chosen.append(audit.c.at_ms >= wanted.since_ms)
    if wanted.until_ms is not None:
        chosen.append(audit.c.at_ms < wanted.until_ms)
    return chosen


def shown() -> Select[Any]:
    """Select the journal as it is shown: who was erased has no name any more.

    The rows stay as they were written, for their chain of digests; nobody is shown them so.
    """
    actor, about = people.alias(), people.alias()
    is_about = (audit.c.noun == "person") & (audit.c.noun_id == about.c.id)
    return (
        select(
            audit,
            actor.c.erased_ms.is_not(None).label("is_by_nobody"),
            about.c.erased_ms.is_not(None).label("is_about_nobody"),
        )
        .outerjoin(actor, actor.c.id == audit.c.person_id)
        .outerjoin(about, is_about)
    )


def name_shown(row: AnyRow) -> str:
    """Return who did it, as it may be shown."""
    return NOBODY if row.is_by_nobody else str(row.person_name)


def _as_kept(value: Any) -> Any:  # noqa: ANN401  # anything that becomes JSON
    """Return a value as it will be read back, so that its digest can be computed again."""
    return None if value is None else msgspec.json.decode(msgspec.json.encode(value))


def _row(row: AnyRow) -> AuditRow:
    return as_view(
        AuditRow,
        row,
        person_name=name_shown(row),
        before=None if row.is_about_nobody else row.before,
        after=None if row.is_about_nobody else row.after,
        address="" if row.is_by_nobody else row.address,
    )
