"""Loans: chosen metrics of chosen devices, or of a group, for one organisation until a moment.

A loan expands to grants, one for each device and metric, in its own transaction; so lending and
revoking work at once for history, newest values and live views alike. A standing share is a loan
without end whose ground is a law.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, insert, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId, LoanId, OrgId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import denied, grant_is_live, is_own, org_is_visible
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, as_view
from tram.registry.kernel.device_rows import THERE, target_device
from tram.registry.kernel.outbox import publish
from tram.registry.kernel.repository import Repository, change_row, count_rows, found_row
from tram.registry.kernel.tables import devices, grants, organisations
from tram.registry.kernel.viewer import Viewer
from tram.registry.sharing.grants import LOAN_MS_MAX, METRIC_CHARACTERS_MAX, PURPOSE_CHARACTERS_MAX
from tram.registry.sharing.groups import member_numbers, target_group
from tram.registry.sharing.loan_grants import add_parts, end_grants, loan_is_live
from tram.registry.sharing.tables import groups, loans
from tram.registry.sharing.views import LoanRow, NewLoan
from tram.runtime.errors import Refused

__all__ = ("FOREVER_MS", "Loans")

FOREVER_MS = 253_402_300_799_000
"""The last second of the year 9999: what a standing share is kept with."""
BASIS_CHARACTERS_MAX = 300
DEVICES_MAX = 200
METRICS_MAX = 50
PARTS_MAX = 4_000
LIVE_PER_ORG_MAX = 1_000
LISTED_MAX = 1_000
_AUDITED = ("to_org", "group_id", "metrics", "purpose", "basis", "until_ms")


class Loans(Repository):
    """Loans, seen by those who lend and by those who borrow."""

    async def listed(self, viewer: Viewer, *, live: bool = True) -> list[LoanRow]:
        """Return the newest 1,000 loans from or to the viewer's scopes; past ones if not ``live``."""
        viewer.needs(Permission.DEVICE_READ)
        statement = _rows(viewer)
        if live:
            statement = statement.where(loan_is_live(self._clock.now_ms()))
        newest = statement.order_by(loans.c.id.desc()).limit(LISTED_MAX)
        return [_view(row) for row in await self._rows(newest)]

    async def one(self, viewer: Viewer, loan: LoanId) -> LoanRow:
        """Return one loan; ``loan.unknown`` when the viewer is on neither side."""
        async with self._database.read() as connection:
            return _view(await _found(connection, viewer, loan))

    async def devices(self, viewer: Viewer, loan: LoanId) -> list[DeviceId]:
        """Return the devices that a visible loan lends now."""
        async with self._database.read() as connection:
            await _found(connection, viewer, loan)
            rows = await connection.execute(
                select(grants.c.device_id)
                .distinct()
                .join(devices, devices.c.id == grants.c.device_id)
                .where(grants.c.loan_id == loan, grant_is_live(self._clock.now_ms()), THERE)
                .order_by(grants.c.device_id)
            )
            return [DeviceId(number) for number in rows.scalars()]

    async def create(self, viewer: Viewer, new: NewLoan) -> LoanRow:
        """Lend devices or a group that scopes with ``grant.write`` reach."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            from_org, numbers = await _lent(connection, viewer, new, now_ms)
            values = await _checked(connection, new, from_org, len(numbers), now_ms)
            values |= {"created_ms": now_ms, "person_id": viewer.person}
            row = (await connection.execute(insert(loans).values(values).returning(loans))).one()
            after = {name: values[name] for name in _AUDITED}
            after |= {"devices": numbers[:DEVICES_MAX]}
            entry = AuditEntry("loan.create", row.id, from_org, after=after)
            await record(connection, viewer, now_ms, entry)
            await publish(connection, await add_parts(connection, row, numbers, now_ms))
            return _view(await _found(connection, viewer, LoanId(row.id)))

    async def revoke(self, viewer: Viewer, loan: LoanId) -> None:
        """End a loan before its time, for history as well as live; ending it twice is no fault."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await _found(connection, viewer, loan)
            if not await _may_revoke(connection, viewer, row):
                raise denied()
            if row.revoked_ms is not None:
                return
            await change_row(connection, loans, loan, revoked_ms=now_ms)
            before = {"to_org": row.to_org, "metrics": row.metrics, "until_ms": row.until_ms}
            entry = AuditEntry("loan.revoke", loan, OrgId(row.from_org), before=before)
            await record(connection, viewer, now_ms, entry)
            gone = await end_grants(connection, grants.c.loan_id == loan, now_ms)
            await publish(connection, gone)


async def _lent(
    connection: AsyncConnection, viewer: Viewer, new: NewLoan, now_ms: int
) -> tuple[OrgId, list[int]]:
    """Return the lender and the devices, after checking the viewer's right to lend each."""
    if new.group is not None:
        group = await target_group(connection, viewer, new.group, now_ms)
        return OrgId(group.org), sorted(await member_numbers(connection, new.group))
    checked = Checked()
    wanted = sorted(set(new.devices))
    has_some = 1 <= len(wanted) <= DEVICES_MAX
    checked.unless(has_some, "devices", "devices.or_group", most=DEVICES_MAX)
    checked.done(_wrong())
    owners = set()
    for device in wanted:
        row = await target_device(connection, viewer, Permission.GRANT_WRITE, device, now_ms)
        owners.add(row.org_id)
    checked.unless(len(owners) == 1, "devices", "devices.of_several")
    checked.done(_wrong())
    return OrgId(owners.pop()), [int(device) for device in wanted]


async def _checked(
    connection: AsyncConnection, new: NewLoan, from_org: OrgId, many: int, now_ms: int
) -> dict[str, Any]:
    checked = Checked()
    purpose = checked.lines("purpose", new.purpose, PURPOSE_CHARACTERS_MAX)
    basis = checked.text("basis", new.basis, BASIS_CHARACTERS_MAX, 1 if new.standing else 0)
    metrics = _metrics(checked, new)
    until_ms = FOREVER_MS if new.standing else new.until_ms or 0
    ends = now_ms < until_ms <= now_ms + LOAN_MS_MAX
    checked.unless(new.standing or ends, "until_ms", "loan.in_future")
    there = select(organisations.c.id).where(organisations.c.id == new.to_org)
    checked.unless((await connection.execute(there)).first(), "to_org", "organisation.not_found")
    checked.unless(new.to_org != from_org, "to_org", "devices.belong")
    checked.unless(many * len(metrics or (None,)) <= PARTS_MAX, "metrics", "loan.parts")
    live = await count_rows(connection, loans.c.from_org == from_org, loan_is_live(now_ms))
    checked.unless(live < LIVE_PER_ORG_MAX, "to_org", "loans.too_many")
    checked.done(_wrong())
    return {
        "from_org": from_org,
        "to_org": new.to_org,
        "group_id": new.group,
        "metrics": metrics,
        "purpose": purpose,
        "basis": basis,
        "standing": new.standing,
        "until_ms": until_ms,
    }


def _metrics(checked: Checked, new: NewLoan) -> list[str] | None:
    if new.metrics is None:
        return None
    kept = sorted(
        {checked.text("metrics", metric, METRIC_CHARACTERS_MAX) for metric in new.metrics}
    )
    checked.unless(1 <= len(kept) <= METRICS_MAX, "metrics", "metrics.count", most=METRICS_MAX)
    return kept


async def _may_revoke(connection: AsyncConnection, viewer: Viewer, row: AnyRow) -> bool:
    """Say whether an open scope reaches the lender, or scopes reach every device lent."""
    open_scope = select(org_is_visible(viewer, Permission.GRANT_WRITE, literal(row.from_org)))
    if (await connection.execute(open_scope)).scalar_one():
        return True
    of_loan = grants.c.loan_id == row.id
    mine = (devices.c.id == grants.c.device_id) & is_own(viewer, Permission.GRANT_WRITE)
    total = await count_rows(connection, of_loan)
    return bool(total) and await count_rows(connection, of_loan, mine) == total


async def _found(connection: AsyncConnection, viewer: Viewer, loan: LoanId) -> AnyRow:
    return await found_row(
        connection,
        _rows(viewer).where(loans.c.id == loan),
        Refused("loan.unknown", "There is no such loan.", "Look at the list of loans."),
    )


def _is_lender(viewer: Viewer) -> ColumnElement[bool]:
    own_part = (
        select(grants.c.id)
        .join(devices, devices.c.id == grants.c.device_id)
        .where(grants.c.loan_id == loans.c.id, is_own(viewer, Permission.DEVICE_READ))
        .exists()
    )
    return or_(org_is_visible(viewer, Permission.DEVICE_READ, loans.c.from_org), own_part)


def _rows(viewer: Viewer) -> Select[Any]:
    lender, borrower = organisations.alias("lender"), organisations.alias("borrower")
    parts = and_(grants.c.loan_id == loans.c.id, grants.c.revoked_ms.is_(None))
    count = select(func.count(grants.c.device_id.distinct())).where(parts).scalar_subquery()
    mine = _is_lender(viewer)
    return (
        select(
            loans,
            lender.c.name.label("from_org_name"),
            borrower.c.name.label("to_org_name"),
            groups.c.name.label("group_name"),
            count.label("devices"),
            mine.label("mine"),
        )
        .join(lender, lender.c.id == loans.c.from_org)
        .join(borrower, borrower.c.id == loans.c.to_org)
        .outerjoin(groups, groups.c.id == loans.c.group_id)
        .where(or_(mine, org_is_visible(viewer, Permission.DEVICE_READ, loans.c.to_org)))
    )


def _view(row: AnyRow) -> LoanRow:
    until_ms = None if row.standing else row.until_ms
    return as_view(LoanRow, row, mine=bool(row.mine), until_ms=until_ms)


def _wrong() -> Refused:
    return Refused("loan.wrong", "The loan cannot be made like this.")
