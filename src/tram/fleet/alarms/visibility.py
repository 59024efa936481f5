"""Which alarms a viewer reaches: those of the places that a scope covers, and of lent devices."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, exists, false, or_, select

from tram.domain.permissions import Permission
from tram.fleet.alarms.tables import alarm_tallies, alarms
from tram.registry.kernel.access import grant_is_live
from tram.registry.kernel.tables import devices, grants, org_closure
from tram.registry.kernel.viewer import Scope, Viewer
from tram.registry.sharing.tables import tenures

__all__ = (
    "alarm_is_lent",
    "alarm_is_visible",
    "counter_is_visible",
    "device_may_have_some",
    "something_is_lent",
)

Condition = ColumnElement[bool]


def alarm_is_visible(viewer: Viewer, permission: str, now_ms: int) -> Condition:
    """Match the alarms that a scope with the permission reaches; lent devices for reading only."""
    conditions: list[Any] = [_place(alarms, scope) for scope in _with(viewer, permission)]
    if permission == Permission.ALARM_READ:
        conditions += _of_lent_devices(viewer, now_ms)
    return or_(false(), *conditions)


def alarm_is_lent(viewer: Viewer, now_ms: int) -> Condition:
    """Match the alarms that are seen only because others lend their devices: no tally has them."""
    own = or_(false(), *(_place(alarms, scope) for scope in _with(viewer, Permission.ALARM_READ)))
    return and_(or_(false(), *_of_lent_devices(viewer, now_ms)), own.is_not(True))


def device_may_have_some(viewer: Viewer, now_ms: int) -> Condition:
    """Match the devices that are, were, or are lent where a scope with ``alarm.read`` reaches.

    All alarms in reach are of these; a search looks at no other organisation's thousands.
    """
    conditions: list[Any] = []
    for scope in _with(viewer, Permission.ALARM_READ):
        had = select(tenures.c.device_id).where(tenures.c.org_id.in_(_below(scope)))
        conditions += [
            devices.c.org_id.in_(_below(scope)),
            devices.c.id.in_(had),
            devices.c.id.in_(_lent(scope, now_ms)),
        ]
    return or_(false(), *conditions)


def something_is_lent(viewer: Viewer, now_ms: int) -> Condition:
    """Tell whether others lend the viewer whole devices, whose alarms no tally of theirs counts."""
    conditions: list[Any] = [
        exists().where(
            grant_is_live(now_ms),
            grants.c.metric.is_(None),
            grants.c.to_org.in_(_below(scope)),
            grants.c.from_org.not_in(_below(scope)),
        )
        for scope in _with(viewer, Permission.ALARM_READ)
    ]
    return or_(false(), *conditions)


def counter_is_visible(viewer: Viewer) -> Condition:
    """Match the counts that a scope with ``alarm.read`` reaches (without lent devices)."""
    return or_(false(), *(_place(alarm_tallies, s) for s in _with(viewer, Permission.ALARM_READ)))


def _place(table: Table, scope: Scope) -> Condition:
    return and_(table.c.org_id.in_(_below(scope)), *_narrow(table, scope))


def _of_lent_devices(viewer: Viewer, now_ms: int) -> list[Condition]:
    return [
        and_(alarms.c.device_id.in_(_lent(scope, now_ms)), *_narrow(alarms, scope))
        for scope in _with(viewer, Permission.ALARM_READ)
    ]


def _lent(scope: Scope, now_ms: int) -> Select[Any]:
    return select(grants.c.device_id).where(
        grant_is_live(now_ms), grants.c.metric.is_(None), grants.c.to_org.in_(_below(scope))
    )


def _narrow(table: Table, scope: Scope) -> list[Any]:
    narrow: list[Any] = []
    if scope.zone is not None:
        narrow.append(table.c.zone_id == scope.zone)
    if scope.sector is not None:
        narrow.append(table.c.sector == scope.sector)
    return narrow


def _below(scope: Scope) -> Select[Any]:
    return select(org_closure.c.descendant).where(org_closure.c.ancestor == scope.org)


def _with(viewer: Viewer, permission: str) -> list[Scope]:
    return [scope for scope in viewer.scopes if permission in scope.permissions]
