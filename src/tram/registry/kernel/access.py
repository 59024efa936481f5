"""Scope as SQL: conditions that every query of a viewer carries, with bound values."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    false,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId, ZoneId
from tram.domain.permissions import Permission
from tram.registry.kernel.authorities import OWNER_CODE
from tram.registry.kernel.tables import devices, grants, org_closure, organisations, zones
from tram.registry.kernel.viewer import Scope, Viewer
from tram.runtime.errors import Refused

__all__ = (
    "denied",
    "grant_is_live",
    "is_lent",
    "is_own",
    "is_readable",
    "must_be_visible",
    "must_keep_province_data",
    "org_is_visible",
    "owner_of_province_data",
    "permissions_over",
    "readable_numbers",
    "zone_is_visible",
)

Condition = ColumnElement[bool]


def is_own(viewer: Viewer, permission: str) -> Condition:
    """Match devices that a scope with the permission reaches through their own organisation."""
    return _any(
        and_(devices.c.org_id.in_(_subtree(scope.org)), _narrow(scope))
        for scope in _with(viewer, permission)
    )


def is_readable(viewer: Viewer, now_ms: int) -> Condition:
    """Match devices that the viewer may read: their own, and those lent to them now."""
    return or_(is_own(viewer, Permission.DEVICE_READ), is_lent(viewer, now_ms))


def is_lent(viewer: Viewer, now_ms: int) -> Condition:
    """Match devices that are lent now to what the viewer's scopes reach."""
    return _any(
        and_(
            devices.c.id.in_(
                select(grants.c.device_id).where(
                    grant_is_live(now_ms), grants.c.to_org.in_(_subtree(scope.org))
                )
            ),
            _narrow(scope),
        )
        for scope in _with(viewer, Permission.DEVICE_READ)
    )


def readable_numbers(viewer: Viewer, now_ms: int, most: int) -> CompoundSelect[Any]:
    """Return numbers of the devices that ``is_readable`` may match, some of them twice or in vain.

    Each way to a device gives ``most`` at most: with fewer in all, none is missing.
    """
    ways: list[Select[Any]] = []
    for scope in _with(viewer, Permission.DEVICE_READ):
        own = devices.c.removed_ms.is_(None) & devices.c.org_id.in_(_subtree(scope.org))
        lent = grant_is_live(now_ms) & grants.c.to_org.in_(_subtree(scope.org))
        ways.append(select(devices.c.id.label("id")).where(own, _narrow(scope)))
        ways.append(select(grants.c.device_id.label("id")).where(lent))
    return union_all(*(select(way.limit(most).subquery().c.id) for way in ways))


def grant_is_live(now_ms: int) -> Condition:
    """Match grants that are neither over nor revoked."""
    return and_(grants.c.revoked_ms.is_(None), grants.c.until_ms > now_ms)


def org_is_visible(viewer: Viewer, permission: str, org: ColumnElement[Any]) -> Condition:
    """Match rows of an organisation that a scope open in zone and sector reaches.

    What has neither zone nor sector (people, organisations, audit) is beyond a narrower scope.
    """
    return _any(
        org.in_(_subtree(scope.org))
        for scope in _with(viewer, permission)
        if scope.zone is None and scope.sector is None
    )


def zone_is_visible(viewer: Viewer) -> Condition:
    """Match the zones that the viewer may read."""
    return _any(
        true() if scope.zone is None else zones.c.id == scope.zone
        for scope in _with(viewer, Permission.ZONE_READ)
    )


async def permissions_over(
    connection: AsyncConnection,
    viewer: Viewer,
    org: OrgId,
    zone: ZoneId | None,
    sector: str | None,
) -> frozenset[str]:
    """Return what the viewer may do to things of this organisation, zone and sector.

    None means the whole: only a scope that is itself open there counts.
    """
    found = await connection.execute(
        select(org_closure.c.ancestor).where(org_closure.c.descendant == org)
    )
    above = set(found.scalars())
    held = (
        scope.permissions
        for scope in viewer.scopes
        if scope.org in above and scope.zone in {None, zone} and scope.sector in {None, sector}
    )
    return frozenset().union(*held)


async def must_be_visible(
    connection: AsyncConnection, viewer: Viewer, permission: str, org: OrgId
) -> None:
    """Refuse unless an open scope with the permission reaches the organisation (or it is unknown)."""
    viewer.needs(permission)
    reached = org_is_visible(viewer, permission, literal(org))
    if not (await connection.execute(select(reached))).scalar_one():
        raise denied()


async def must_keep_province_data(
    connection: AsyncConnection, viewer: Viewer, permission: str
) -> OrgId:
    """Refuse unless an open scope reaches the keeper of the province's data; return the keeper."""
    viewer.needs(permission)
    owner = await owner_of_province_data(connection)
    await must_be_visible(connection, viewer, permission, owner)
    return owner


async def owner_of_province_data(connection: AsyncConnection) -> OrgId:
    """Return the organisation that keeps counts, targets and directives for the province."""
    found = await connection.execute(
        select(organisations.c.id).where(organisations.c.code == OWNER_CODE)
    )
    owner = found.scalar_one_or_none()
    if owner is None:
        raise Refused(
            "organisation.owner_missing",
            f"The organisation {OWNER_CODE}, which keeps the province's data, is missing.",
            "Make it, or start the product once with 'tram up'.",
        )
    return OrgId(owner)


def denied() -> Refused:
    """Return the refusal for what the viewer may see but not do; also for unknown targets."""
    return Refused(
        "access.denied",
        "You may not do this there.",
        "Ask an administrator of the organisation concerned.",
    )


def _with(viewer: Viewer, permission: str) -> list[Scope]:
    return [scope for scope in viewer.scopes if permission in scope.permissions]


def _subtree(root: OrgId) -> Select[int]:
    return select(org_closure.c.descendant).where(org_closure.c.ancestor == root)


def _narrow(scope: Scope) -> Condition:
    conditions: list[Condition] = [true()]
    if scope.zone is not None:
        conditions.append(devices.c.zone_id == scope.zone)
    if scope.sector is not None:
        conditions.append(devices.c.sector == scope.sector)
    return and_(*conditions)


def _any(conditions: Any) -> Condition:  # noqa: ANN401  # any iterable of conditions
    return or_(false(), *conditions)
