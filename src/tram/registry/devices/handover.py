"""A device that goes to another organisation, in whatever way: one place says what follows."""

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId
from tram.registry.credentials.rows import credential_puts
from tram.registry.kernel.changes import Body
from tram.registry.kernel.database import AnyRow
from tram.registry.kernel.tables import grants
from tram.registry.sharing.groups import refresh_members
from tram.registry.sharing.loan_grants import end_grants, renew_parts
from tram.registry.sharing.tables import tenures

__all__ = ("follow_place",)


async def follow_place(
    connection: AsyncConnection, before: AnyRow, row: AnyRow, now_ms: int
) -> list[Body]:
    """Let groups and loans follow a device that was changed, and note who had it until now.

    Readings of that time stay with the past owner; loans end, except those of groups of the new one.
    """
    device = DeviceId(row.id)
    if row.org_id == before.org_id:
        return await refresh_members(connection, [device], now_ms)
    await connection.execute(
        insert(tenures).values(
            device_id=before.id,
            org_id=before.org_id,
            device_name=before.name,
            until_ms=now_ms,
        )
    )
    moved: list[Body] = await end_grants(connection, grants.c.device_id == device, now_ms)
    moved += await credential_puts(connection, row)
    moved += await refresh_members(connection, [device], now_ms)
    return moved + await renew_parts(connection, device, now_ms)
