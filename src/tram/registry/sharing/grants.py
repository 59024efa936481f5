"""Grants: one device, or one metric of it, lent to another organisation until a moment."""

from typing import Any

from sqlalchemy import Select, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import denied, grant_is_live, is_own, org_is_visible
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.changes import GrantGone, GrantPut
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database, fields_of
from tram.registry.kernel.device_rows import THERE, target_device
from tram.registry.kernel.outbox import publish
from tram.registry.kernel.tables import devices, grants, organisations
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import GrantRow, NewGrant
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("Grants", "end_loans")

PURPOSE_CHARACTERS_MAX = 500
METRIC_CHARACTERS_MAX = 128
LISTED_MAX = 1_000
LOAN_MS_MAX = 5 * 366 * 86_400_000
LIVE_PER_DEVICE_MAX = 100


class Grants:
    """Loans, seen by those who lend and by those who borrow."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

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
        async with self._database.read() as connection:
            rows = await connection.execute(
                statement.order_by(grants.c.id.desc()).limit(LISTED_MAX)
            )
            return [GrantRow(**fields_of(row)) for row in rows]

    async def create(self, viewer: Viewer, new: NewGrant) -> GrantRow:
        """Lend a device that a scope with ``grant.write`` reaches."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            owner = await target_device(
                connection, viewer, Permission.GRANT_WRITE, new.device, now_ms
            )
            values = await _checked(connection, new, owner.org_id, now_ms)
            inserted = await connection.execute(
                insert(grants).values(values).returning(grants.c.id)
            )
            grant = inserted.scalar_one()
            await record(
                connection,
                viewer,
                now_ms,
                AuditEntry("grant.create", grant, owner.org_id, after=values),
            )
            put = GrantPut(
                grant, new.device, new.metric, owner.org_id, new.to_org, values["until_ms"]
            )
            await publish(connection, [put])
            row = (await connection.execute(_rows().where(grants.c.id == grant))).one()
            return GrantRow(**fields_of(row))

    async def revoke(self, viewer: Viewer, grant: int) -> None:
        """End a loan before its time; ending it twice is no fault."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await self._target(connection, viewer, grant)
            if row.revoked_ms is not None:
                return
            await connection.execute(
                update(grants).where(grants.c.id == grant).values(revoked_ms=now_ms)
            )
            before = {"device_id": row.device_id, "to_org": row.to_org, "until_ms": row.until_ms}
            audit_entry = AuditEntry("grant.revoke", grant, row.from_org, before=before)
            await record(connection, viewer, now_ms, audit_entry)
            await publish(connection, [GrantGone(grant)])

    async def _target(self, connection: AsyncConnection, viewer: Viewer, grant: int) -> AnyRow:
        own = is_own(viewer, Permission.GRANT_WRITE)
        borrowed = org_is_visible(viewer, Permission.DEVICE_READ, grants.c.to_org)
        lender = is_own(viewer, Permission.DEVICE_READ)
        found = await connection.execute(
            select(grants, own.label("allowed"))
            .join(devices, devices.c.id == grants.c.device_id)
            .where(grants.c.id == grant, or_(own, lender, borrowed))
            .with_for_update(of=grants)
        )
        row = found.one_or_none()
        if row is None:
            raise Refused("grant.unknown", "There is no such loan.", "Look at the list of loans.")
        if not row.allowed:
            raise denied()
        return row


async def end_loans(connection: AsyncConnection, device: DeviceId, now_ms: int) -> list[GrantGone]:
    """End every live loan of a device; return the changes to publish."""
    ended = await connection.execute(
        update(grants)
        .where(grants.c.device_id == device, grant_is_live(now_ms))
        .values(revoked_ms=now_ms)
        .returning(grants.c.id)
    )
    return [GrantGone(grant) for grant in ended.scalars()]


async def _checked(
    connection: AsyncConnection, new: NewGrant, from_org: int, now_ms: int
) -> dict[str, Any]:
    checked = Checked()
    purpose = checked.lines("purpose", new.purpose, PURPOSE_CHARACTERS_MAX)
    if new.metric is not None:
        checked.text("metric", new.metric, METRIC_CHARACTERS_MAX)
    checked.unless(
        now_ms < new.until_ms <= now_ms + LOAN_MS_MAX,
        "until_ms",
        "loan.in_future",
    )
    there = select(organisations.c.id).where(organisations.c.id == new.to_org)
    found = (await connection.execute(there)).one_or_none()
    checked.unless(found, "to_org", "organisation.not_found")
    checked.unless(new.to_org != from_org, "to_org", "device.belongs")
    live = select(grants.c.id).where(grants.c.device_id == new.device, grant_is_live(now_ms))
    count = len((await connection.execute(live)).all())
    checked.unless(count < LIVE_PER_DEVICE_MAX, "device", "device.lent_too_often")
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
            grants.c.id,
            grants.c.device_id.label("device"),
            devices.c.name.label("device_name"),
            grants.c.metric,
            grants.c.from_org,
            lender.c.name.label("from_org_name"),
            grants.c.to_org,
            borrower.c.name.label("to_org_name"),
            grants.c.purpose,
            grants.c.until_ms,
            grants.c.revoked_ms,
        )
        .join(devices, devices.c.id == grants.c.device_id)
        .join(lender, lender.c.id == grants.c.from_org)
        .join(borrower, borrower.c.id == grants.c.to_org)
    )
