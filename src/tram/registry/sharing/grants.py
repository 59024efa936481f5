"""Grants: one device, or one metric of it, lent to another organisation until a moment."""

from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import denied, grant_is_live, is_own, org_is_visible
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.changes import GrantGone, GrantPut
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, columns_of
from tram.registry.kernel.device_rows import THERE, target_device
from tram.registry.kernel.outbox import publish
from tram.registry.kernel.repository import (
    Repository,
    add_row,
    change_row,
    count_rows,
    found_row,
    read_view,
)
from tram.registry.kernel.tables import devices, grants, organisations
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import GrantRow, NewGrant
from tram.runtime.errors import Refused

__all__ = ("Grants",)

PURPOSE_CHARACTERS_MAX = 500
METRIC_CHARACTERS_MAX = 128
LISTED_MAX = 1_000
LOAN_MS_MAX = 5 * 366 * 86_400_000
LIVE_PER_DEVICE_MAX = 100


class Grants(Repository):
    """Loans, seen by those who lend and by those who borrow."""

    async def list(
        self, viewer: Viewer, *, device: DeviceId | None = None, live: bool = True
    ) -> list[GrantRow]:
        """Return the newest 1,000 loans from or to the viewer's scopes; past ones if not ``live``."""
        viewer.needs(Permission.DEVICE_READ)
        statement = _rows().where(
            or_(
                is_own(viewer, Permission.DEVICE_READ),
                org_is_visible(viewer, Permission.DEVICE_READ, grants.c.to_org),
            )
        )
        if live:
            statement = statement.where(grant_is_live(self._clock.now_ms()), THERE)
        if device is not None:
            statement = statement.where(grants.c.device_id == device)
        return await self._views(
            GrantRow, statement.order_by(grants.c.id.desc()).limit(LISTED_MAX)
        )

    async def create(self, viewer: Viewer, new: NewGrant) -> GrantRow:
        """Lend a device that a scope with ``grant.write`` reaches."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            owner = await target_device(
                connection, viewer, Permission.GRANT_WRITE, new.device, now_ms
            )
            values = await _checked(connection, new, owner.org_id, now_ms)
            grant = await add_row(connection, grants, values)
            entry = AuditEntry("grant.create", grant, owner.org_id, after=values)
            await record(connection, viewer, now_ms, entry)
            put = GrantPut(
                grant, new.device, new.metric, owner.org_id, new.to_org, values["until_ms"]
            )
            await publish(connection, [put])
            return await read_view(connection, GrantRow, _rows().where(grants.c.id == grant))

    async def revoke(self, viewer: Viewer, grant: int) -> None:
        """End a loan before its time; ending it twice is no fault."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await self._target(connection, viewer, grant)
            if row.revoked_ms is not None:
                return
            await change_row(connection, grants, grant, revoked_ms=now_ms)
            before = {"device_id": row.device_id, "to_org": row.to_org, "until_ms": row.until_ms}
            entry = AuditEntry("grant.revoke", grant, row.from_org, before=before)
            await record(connection, viewer, now_ms, entry)
            await publish(connection, [GrantGone(grant)])

    async def _target(self, connection: AsyncConnection, viewer: Viewer, grant: int) -> AnyRow:
        own = is_own(viewer, Permission.GRANT_WRITE)
        borrowed = org_is_visible(viewer, Permission.DEVICE_READ, grants.c.to_org)
        lender = is_own(viewer, Permission.DEVICE_READ)
        row = await found_row(
            connection,
            select(grants, own.label("allowed"))
            .join(devices, devices.c.id == grants.c.device_id)
            .where(grants.c.id == grant, or_(own, lender, borrowed))
            .with_for_update(of=grants),
            Refused("grant.unknown", "There is no such loan.", "Look at the list of loans."),
        )
        if not row.allowed:
            raise denied()
        return row


async def _checked(
    connection: AsyncConnection, new: NewGrant, from_org: int, now_ms: int
) -> dict[str, Any]:
    checked = Checked()
    purpose = checked.lines("purpose", new.purpose, PURPOSE_CHARACTERS_MAX)
    if new.metric is not None:
        checked.text("metric", new.metric, METRIC_CHARACTERS_MAX)
    ends = now_ms < new.until_ms <= now_ms + LOAN_MS_MAX
    checked.unless(ends, "until_ms", "loan.in_future")
    there = select(organisations.c.id).where(organisations.c.id == new.to_org)
    found = (await connection.execute(there)).one_or_none()
    checked.unless(found, "to_org", "organisation.not_found")
    checked.unless(new.to_org != from_org, "to_org", "device.belongs")
    live = await count_rows(connection, grants.c.device_id == new.device, grant_is_live(now_ms))
    checked.unless(live < LIVE_PER_DEVICE_MAX, "device", "device.lent_too_often")
    checked.done(Refused("grant.wrong", "The loan cannot be made like this."))
    return {
        "device_id": new.device,
        "metric": new.metric,
        "from_org": from_org,
        "to_org": new.to_org,
        "purpose": purpose,
        "until_ms": new.until_ms,
    }


def _rows() -> Select[Any]:
    lender = organisations.alias("lender")
    borrower = organisations.alias("borrower")
    return (
        select(
            *columns_of(
                GrantRow,
                grants,
                device_name=devices.c.name,
                from_org_name=lender.c.name,
                to_org_name=borrower.c.name,
            )
        )
        .join(devices, devices.c.id == grants.c.device_id)
        .join(lender, lender.c.id == grants.c.from_org)
        .join(borrower, borrower.c.id == grants.c.to_org)
    )
