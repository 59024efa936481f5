"""Who may read a device, and why."""

from typing import Any

from sqlalchemy import func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.permissions import Permission
from tram.registry.kernel.access import grant_is_live, org_is_visible
from tram.registry.kernel.database import AnyRow
from tram.registry.kernel.tables import (
    assignments,
    grants,
    org_closure,
    organisations,
    people,
    roles,
)
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import Audience

__all__ = ("audience_of",)


async def audience_of(
    connection: AsyncConnection, viewer: Viewer, device: AnyRow, now_ms: int
) -> list[Audience]:
    """Return the owner first, then organisations by scope and by grant, each by name."""
    named = select(organisations.c.name).where(organisations.c.id == device.org_id)
    owner = (await connection.execute(named)).scalar_one()
    readers = await _readers(connection, device) if device.own else {}
    _, owner_people = readers.pop(device.org_id, (owner, 0))
    return [
        Audience(org=device.org_id, org_name=owner, via="owner", people=owner_people),
        *(
            Audience(org=org, org_name=name, via="scope", people=count)
            for org, (name, count) in readers.items()
        ),
        *await _borrowers(connection, viewer, device, now_ms),
    ]


async def _readers(connection: AsyncConnection, device: AnyRow) -> dict[Any, tuple[str, int]]:
    """Count, by their own organisation, the people whose assignments reach the device."""
    reading = [
        role.name
        for role in await connection.execute(select(roles.c.name, roles.c.permissions))
        if Permission.DEVICE_READ in role.permissions
    ]
    rows = await connection.execute(
        select(organisations.c.id, organisations.c.name, func.count(people.c.id.distinct()))
        .join(people, people.c.org_id == organisations.c.id)
        .join(assignments, assignments.c.person_id == people.c.id)
        .join(org_closure, org_closure.c.ancestor == assignments.c.org_id)
        .where(
            org_closure.c.descendant == device.org_id,
            assignments.c.role.in_(reading),
            or_(assignments.c.zone_id.is_(None), assignments.c.zone_id == device.zone_id),
            or_(assignments.c.sector.is_(None), assignments.c.sector == device.sector),
            people.c.disabled.is_(False),
        )
        .group_by(organisations.c.id, organisations.c.name)
        .order_by(organisations.c.folded, organisations.c.id)
    )
    return {org: (name, count) for org, name, count in rows}


async def _borrowers(
    connection: AsyncConnection, viewer: Viewer, device: AnyRow, now_ms: int
) -> list[Audience]:
    mine = (
        true() if device.own else org_is_visible(viewer, Permission.DEVICE_READ, grants.c.to_org)
    )
    rows = await connection.execute(
        select(grants, organisations.c.name.label("org_name"))
        .join(organisations, organisations.c.id == grants.c.to_org)
        .where(grants.c.device_id == device.id, grant_is_live(now_ms), mine)
        .order_by(organisations.c.folded, grants.c.id)
    )
    return [
        Audience(
            org=row.to_org,
            org_name=row.org_name,
            via="grant",
            metric=row.metric,
            purpose=row.purpose,
            until_ms=row.until_ms,
        )
        for row in rows
    ]
