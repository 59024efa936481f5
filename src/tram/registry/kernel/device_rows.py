"""Rows of devices as the repositories share them: the list, the visible one, the target of a write."""

from typing import Any

from sqlalchemy import Select, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId, ProfileId, ZoneId
from tram.domain.permissions import Permission
from tram.domain.text import fold
from tram.registry.kernel.access import denied, is_own, is_readable
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, columns_of, fields_of
from tram.registry.kernel.repository import found_row
from tram.registry.kernel.tables import devices, organisations, profiles, zones
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import DeviceRow
from tram.runtime.errors import Refused

__all__ = (
    "THERE",
    "allowed_device",
    "check_references",
    "device_fields",
    "device_list",
    "plain_device",
    "search_text",
    "seen_device",
    "target_device",
    "unknown_device",
)

THERE = devices.c.removed_ms.is_(None)
_LIST_ONLY = ("folded",)


def search_text(name: str, code: str) -> str:
    """Return what a search of devices looks at (``folded``): everything by which one is sought."""
    return fold(f"{name} {code}")


def device_list(viewer: Viewer) -> Select[Any]:
    """Return the query of list rows, without any condition yet: callers add the scope."""
    return (
        select(
            *columns_of(
                DeviceRow,
                devices,
                org_name=organisations.c.name,
                zone_name=zones.c.name,
                profile_name_vi=profiles.c.name_vi,
                profile_name_en=profiles.c.name_en,
                lent=not_(is_own(viewer, Permission.DEVICE_READ)),
            ),
            devices.c.folded,
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
    own = is_own(viewer, Permission.DEVICE_READ).label("own")
    seen = select(devices, own).where(devices.c.id == device, THERE, is_readable(viewer, now_ms))
    return await found_row(connection, seen, unknown_device())


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


async def check_references(
    connection: AsyncConnection, checked: Checked, profile: ProfileId, zone: ZoneId | None
) -> None:
    """Note a profile or zone that there is not; None is no zone."""
    there = select(
        select(profiles.c.id).where(profiles.c.id == profile).exists(),
        select(zones.c.id).where(zones.c.id == zone).exists(),
    )
    has_profile, has_zone = (await connection.execute(there)).one()
    checked.unless(has_profile, "profile", "profile.not_found")
    checked.unless(zone is None or has_zone, "zone", "zone.not_found")


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
