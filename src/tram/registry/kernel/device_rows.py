"""Rows of devices as the repositories share them: the list, the visible one, the target of a write."""

from typing import Any

from sqlalchemy import Select, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import denied, is_own, is_readable
from tram.registry.kernel.database import AnyRow, fields_of
from tram.registry.kernel.tables import devices, organisations, profiles, zones
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Refused

__all__ = (
    "THERE",
    "allowed_device",
    "device_fields",
    "device_list",
    "plain_device",
    "seen_device",
    "target_device",
    "unknown_device",
)

THERE = devices.c.removed_ms.is_(None)
_LIST_ONLY = ("folded",)


def device_list(viewer: Viewer) -> Select[Any]:
    """Return the query of list rows, without any condition yet: callers add the scope."""
    return (
        select(
            devices.c.id,
            devices.c.name,
            devices.c.code,
            devices.c.folded,
            devices.c.org_id.label("org"),
            organisations.c.name.label("org_name"),
            devices.c.zone_id.label("zone"),
            zones.c.name.label("zone_name"),
            devices.c.sector,
            devices.c.profile_id.label("profile"),
            profiles.c.name_vi.label("profile_name_vi"),
            profiles.c.name_en.label("profile_name_en"),
            devices.c.lon,
            devices.c.lat,
            devices.c.synthetic,
            devices.c.created_ms,
            not_(is_own(viewer, Permission.DEVICE_READ)).label("lent"),
        )
        .join(organisations, organisations.c.id == devices.c.org_id)
        .join(profiles, profiles.c.id == devices.c.profile_id)
        .outerjoin(zones, zones.c.id == devices.c.zone_id)
    )


def device_fields(row: AnyRow) -> dict[str, Any]:
    """Return the fields of a ``DeviceRow`` from a row of the list query."""
    fields = {name: value for name, value in fields_of(row).items() if name not in _LIST_ONLY}
    fields["lent"] = bool(fields["lent"])
    return fields


async def plain_device(connection: AsyncConnection, device: DeviceId) -> AnyRow:
    """Return the row of a device that this transaction has just written."""
    return (await connection.execute(select(devices).where(devices.c.id == device))).one()


async def seen_device(
    connection: AsyncConnection, viewer: Viewer, device: DeviceId, now_ms: int
) -> AnyRow:
    """Return the row of a visible device with ``own``: false when it is lent.

    Raises:
        Refused: ``device.unknown`` when it does not exist or is not visible.
    """
    found = await connection.execute(
        select(devices, is_own(viewer, Permission.DEVICE_READ).label("own")).where(
            devices.c.id == device, THERE, is_readable(viewer, now_ms)
        )
    )
    row = found.one_or_none()
    if row is None:
        raise unknown_device()
    return row


async def allowed_device(
    connection: AsyncConnection, viewer: Viewer, permission: str, device: DeviceId, now_ms: int
) -> AnyRow:
    """Return the row of a device that the viewer may do this to.

    Raises:
        Refused: ``device.unknown`` when it does not exist or is not visible, ``access.denied`` when
            it is visible but no scope with the permission reaches it.
    """
    statement = _allowing(viewer, permission, device, now_ms)
    return _checked((await connection.execute(statement)).one_or_none())


async def target_device(
    connection: AsyncConnection, viewer: Viewer, permission: str, device: DeviceId, now_ms: int
) -> AnyRow:
    """Return the same as ``allowed_device``, locked until the write transaction ends."""
    statement = _allowing(viewer, permission, device, now_ms).with_for_update(of=devices)
    return _checked((await connection.execute(statement)).one_or_none())


def unknown_device() -> Refused:
    """Return the one refusal for devices that do not exist and for those that are not visible."""
    return Refused(
        "device.unknown", "There is no such device.", "Look for it in the list of devices."
    )


def _allowing(viewer: Viewer, permission: str, device: DeviceId, now_ms: int) -> Select[Any]:
    own = is_own(viewer, permission)
    return select(devices, own.label("allowed")).where(
        devices.c.id == device, THERE, or_(own, is_readable(viewer, now_ms))
    )


def _checked(row: AnyRow | None) -> AnyRow:
    if row is None:
        raise unknown_device()
    if not row.allowed:
        raise denied()
    return row
