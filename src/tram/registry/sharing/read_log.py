"""Who read lent data: rows of the audit, in the journal of the organisation whose data it is.

One row for each person, device, metric and way of reading, at most every ten minutes.
"""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId, OrgId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import grant_is_live, is_own, org_is_visible
from tram.registry.kernel.audit import AuditEntry, name_shown, record, shown
from tram.registry.kernel.database import AnyRow, Database, as_view
from tram.registry.kernel.paging import bounded, next_after, number_after
from tram.registry.kernel.repository import Repository
from tram.registry.kernel.tables import audit, devices, grants, organisations
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import Page
from tram.registry.sharing.views import ReadingOfMine
from tram.runtime.clock import Clock

__all__ = ("EVERY_MS", "Reads")

EVERY_MS = 10 * 60_000
KEPT_MAX = 50_000
ACTION = "lent.read"


class Reads(Repository):
    """Notes and lists the reading of lent data."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database, clock)
        self._noted: dict[tuple[object, ...], int] = {}

    async def note(self, viewer: Viewer, device: DeviceId, what: str, metric: str) -> None:
        """Write down that the viewer was shown something of a device, if it is lent to them."""
        now_ms = self._clock.now_ms()
        key = (viewer.person, viewer.token, device, what, metric)
        if self._noted.get(key, 0) > now_ms - EVERY_MS:
            return
        async with self._database.read() as connection:
            is_lent = await _is_lent(connection, viewer, device, now_ms)
        if is_lent:
            async with self._database.write() as connection:
                await _note(connection, viewer, device, (what, metric), now_ms)
        if len(self._noted) >= KEPT_MAX:
            self._noted.clear()
        self._noted[key] = now_ms

    async def page(
        self, viewer: Viewer, *, after: str | None = None, limit: int = 50
    ) -> Page[ReadingOfMine]:
        """Return who of other organisations read what the viewer's lent, newest first."""
        viewer.needs(Permission.GRANT_WRITE)
        limit = bounded(limit)
        mine = [
            audit.c.action == ACTION,
            org_is_visible(viewer, Permission.GRANT_WRITE, audit.c.org_id),
        ]
        statement = shown().where(*mine).order_by(audit.c.id.desc()).limit(limit)
        if after is not None:
            statement = statement.where(audit.c.id < number_after(after))
        async with self._database.read() as connection:
            counting = select(func.count()).select_from(audit).where(*mine)
            total = (await connection.execute(counting)).scalar_one()
            items = [_view(row) for row in await connection.execute(statement)]
        return Page(items=items, total=total, next_after=next_after(items, limit))


async def _is_lent(
    connection: AsyncConnection, viewer: Viewer, device: DeviceId, now_ms: int
) -> bool:
    found = await connection.execute(
        select(devices.c.id)
        .join(grants, grants.c.device_id == devices.c.id)
        .where(
            devices.c.id == device, grant_is_live(now_ms), ~is_own(viewer, Permission.DEVICE_READ)
        )
        .limit(1)
    )
    return found.first() is not None


async def _note(
    connection: AsyncConnection,
    viewer: Viewer,
    device: DeviceId,
    shown: tuple[str, str],
    now_ms: int,
) -> None:
    what, metric = shown
    found = await connection.execute(
        select(devices.c.org_id, devices.c.name).where(devices.c.id == device)
    )
    row = found.one()
    home = select(organisations.c.name).where(organisations.c.id == viewer.org)
    by_name = (await connection.execute(home)).scalar_one()
    after = {
        "by_org": viewer.org,
        "by_org_name": by_name,
        "device_name": row.name,
        "what": what,
        "metric": metric,
    }
    entry = AuditEntry(ACTION, device, OrgId(row.org_id), after=after)
    await record(connection, viewer, now_ms, entry)


def _view(row: AnyRow) -> ReadingOfMine:
    return as_view(
        ReadingOfMine, row, device=row.noun_id, person_name=name_shown(row), **row.after
    )
