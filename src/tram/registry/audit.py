"""The audit log: one row for each change, written in the change's own transaction."""

from typing import Any

import msgspec
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId
from tram.registry.access import org_is_reached
from tram.registry.database import Database
from tram.registry.paging import bounded, next_after, number_after
from tram.registry.tables import audit
from tram.registry.viewer import Viewer
from tram.registry.views import AuditRow, Page

__all__ = ("Audit", "Deed", "record")

ADDRESS_CHARACTERS_MAX = 64


class Deed(msgspec.Struct, frozen=True):
    """What was done: ``action`` is ``noun.verb``; before and after hold no secrets."""

    action: str
    noun_id: int
    org: OrgId
    before: Any = None
    after: Any = None


async def record(connection: AsyncConnection, viewer: Viewer, at_ms: int, deed: Deed) -> None:
    """Write one audit row; call it inside the transaction of the change."""
    await connection.execute(
        insert(audit).values(
            at_ms=at_ms,
            person_id=viewer.person,
            person_name=viewer.name,
            org_id=deed.org,
            action=deed.action,
            noun=deed.action.partition(".")[0],
            noun_id=deed.noun_id,
            before=msgspec.to_builtins(deed.before),
            after=msgspec.to_builtins(deed.after),
            address=viewer.address[:ADDRESS_CHARACTERS_MAX],
        )
    )


class Audit:
    """Reads the audit log, newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self,
        viewer: Viewer,
        *,
        noun: str | None = None,
        noun_id: int | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[AuditRow]:
        """Return the changes in the viewer's subtree, of one noun or of one thing if named."""
        viewer.needs("audit.read")
        limit = bounded(limit)
        chosen = [org_is_reached(viewer, "audit.read", audit.c.org_id)]
        if noun is not None:
            chosen.append(audit.c.noun == noun)
        if noun_id is not None:
            chosen.append(audit.c.noun_id == noun_id)
        statement = select(audit).where(*chosen).order_by(audit.c.id.desc()).limit(limit)
        if after is not None:
            statement = statement.where(audit.c.id < number_after(after))
        async with self._database.read() as connection:
            counting = select(func.count()).select_from(audit).where(*chosen)
            total = (await connection.execute(counting)).scalar_one()
            items = [_row(row) for row in await connection.execute(statement)]
        return Page(items=items, total=total, next_after=next_after(items, limit))


def _row(row: Any) -> AuditRow:  # noqa: ANN401  # a row of the table audit
    return AuditRow(
        id=row.id,
        at_ms=row.at_ms,
        person=row.person_id,
        person_name=row.person_name,
        org=row.org_id,
        action=row.action,
        noun=row.noun,
        noun_id=row.noun_id,
        before=row.before,
        after=row.after,
        address=row.address,
    )
