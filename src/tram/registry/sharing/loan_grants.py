"""What a loan consists of: one grant for each device and metric, so that one join decides."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.kernel.access import grant_is_live
from tram.registry.kernel.changes import Body, GrantGone, GrantPut
from tram.registry.kernel.database import AnyRow
from tram.registry.kernel.repository import add_row
from tram.registry.kernel.tables import devices, grants
from tram.registry.sharing.tables import group_members, loans

__all__ = ("add_parts", "end_grants", "end_parts", "loan_is_live", "renew_parts", "start_parts")


def loan_is_live(now_ms: int) -> ColumnElement[bool]:
    """Match loans that are neither over nor revoked."""
    return and_(loans.c.revoked_ms.is_(None), loans.c.until_ms > now_ms)


async def add_parts(
    connection: AsyncConnection, loan: AnyRow, numbers: Sequence[int], now_ms: int
) -> list[Body]:
    """Grant these devices under a loan, each once; return the changes to publish."""
    live = select(grants.c.device_id).where(
        grants.c.loan_id == loan.id, grant_is_live(now_ms), grants.c.device_id.in_(numbers)
    )
    there = set((await connection.execute(live)).scalars())
    found = await connection.execute(
        select(devices.c.id, devices.c.org_id)
        .where(devices.c.id.in_(numbers), devices.c.org_id != loan.to_org)
        .order_by(devices.c.id)
    )
    rows = [
        {
            "device_id": device,
            "metric": metric,
            "from_org": org,
            "to_org": loan.to_org,
            "purpose": loan.purpose,
            "until_ms": loan.until_ms,
            "loan_id": loan.id,
        }
        for device, org in found.all()
        if device not in there
        for metric in loan.metrics or (None,)
    ]
    told = ("device_id", "metric", "from_org", "to_org", "until_ms")
    return [
        GrantPut(await add_row(connection, grants, row), *(row[name] for name in told))
        for row in rows
    ]


async def start_parts(
    connection: AsyncConnection, group: int, numbers: Sequence[int], now_ms: int
) -> list[Body]:
    """Grant devices that came into a group under every live loan of it."""
    found = await connection.execute(
        select(loans).where(loans.c.group_id == group, loan_is_live(now_ms))
    )
    changes: list[Body] = []
    for loan in found.all():
        changes += await add_parts(connection, loan, numbers, now_ms)
    return changes


async def renew_parts(connection: AsyncConnection, device: int, now_ms: int) -> list[Body]:
    """Grant a device again under the loans of the groups that it is still in."""
    mine = select(group_members.c.group_id).where(group_members.c.device_id == device)
    changes: list[Body] = []
    for group in (await connection.execute(mine)).scalars().all():
        changes += await start_parts(connection, group, [device], now_ms)
    return changes


async def end_parts(
    connection: AsyncConnection, group: int, numbers: Iterable[int], now_ms: int
) -> list[Body]:
    """End the grants of devices that left a group."""
    of_group = select(loans.c.id).where(loans.c.group_id == group)
    left = grants.c.loan_id.in_(of_group) & grants.c.device_id.in_(list(numbers))
    return await end_grants(connection, left, now_ms)


async def end_grants(
    connection: AsyncConnection, chosen: ColumnElement[bool], now_ms: int
) -> list[Body]:
    """End the live grants that a condition chooses; return the changes to publish."""
    ended = await connection.execute(
        update(grants)
        .where(chosen, grant_is_live(now_ms))
        .values(revoked_ms=now_ms)
        .returning(grants.c.id)
    )
    return [GrantGone(grant) for grant in ended.scalars()]
