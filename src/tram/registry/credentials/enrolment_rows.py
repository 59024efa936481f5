"""Devices that register themselves: made, named and counted inside an enrolment's transaction."""

from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.registry.credentials.rows import Secret, write_credential
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, take_numbers
from tram.registry.kernel.device_rows import THERE, plain_device, search_text
from tram.registry.kernel.outbox import device_told, publish
from tram.registry.kernel.repository import change_row
from tram.registry.kernel.tables import devices, enrolments
from tram.registry.kernel.viewer import system_viewer
from tram.registry.kernel.views import Enrolled
from tram.runtime.errors import Refused

__all__ = ("device_by_code", "enrol", "enrolled", "known_already")

CODE_CHARACTERS_MAX = 80


async def enrol(
    connection: AsyncConnection, enrolment: AnyRow, name: str, secret: Secret, now_ms: int
) -> Enrolled:
    """Make a device of an enrolment (a locked row of its table) with its first credential.

    Raises:
        Refused: ``enrolment.full``, ``enrolment.wrong`` for a name that cannot be shown,
            ``enrolment.device_known``, ``credential.taken`` …
    """
    if enrolment.devices_made >= enrolment.devices_max:
        raise Refused(
            "enrolment.full",
            f"This enrolment has made its {enrolment.devices_max} devices.",
            "Make another enrolment, or raise the number of its devices.",
        )
    number = await take_numbers(connection, "device", 1)
    title = _title(name) or f"{enrolment.name} {number}"
    if await device_by_code(connection, OrgId(enrolment.org_id), title) is not None:
        raise known_already(title)
    await connection.execute(insert(devices).values(_values(enrolment, number, title, now_ms)))
    made = enrolments.c.devices_made + 1
    await change_row(connection, enrolments, enrolment.id, devices_made=made)
    row = await plain_device(connection, DeviceId(number))
    _, puts = await write_credential(connection, secret, row, now_ms, enrolment.id)
    after = {"name": title, "enrolment": enrolment.id, "kind": secret.kind, "hint": secret.hint}
    entry = AuditEntry("device.enrol", number, OrgId(enrolment.org_id), after=after)
    await record(connection, system_viewer(OrgId(enrolment.org_id)), now_ms, entry)
    await publish(connection, [await device_told(connection, row.id), *puts])
    return enrolled(row, secret)


def enrolled(device: AnyRow, secret: Secret) -> Enrolled:
    """Return what a gateway must know of a device (a row of its table) and its new credential."""
    return Enrolled(
        device=DeviceId(device.id),
        org=OrgId(device.org_id),
        profile=ProfileId(device.profile_id),
        digest=secret.digest,
        kind=secret.kind,
        label=secret.label,
        secret=secret.shown,
    )


async def device_by_code(connection: AsyncConnection, org: OrgId, code: str) -> AnyRow | None:
    """Return the living device of an organisation with this code."""
    found = await connection.execute(
        select(devices).where(devices.c.org_id == org, devices.c.code == code, THERE)
    )
    return found.one_or_none()


def known_already(name: str) -> Refused:
    """Return the refusal of a second device with the same name."""
    return Refused(
        "enrolment.device_known",
        f"A device named {name} is registered already.",
        "Give it a new credential on its page, or send another name.",
    )


def _title(name: str) -> str:
    checked = Checked()
    title = checked.text("name", name[:CODE_CHARACTERS_MAX], CODE_CHARACTERS_MAX, shortest=0)
    checked.done(Refused("enrolment.wrong", "A device cannot have this name."))
    return title


def _values(enrolment: AnyRow, number: int, title: str, now_ms: int) -> dict[str, Any]:
    return {
        "id": number,
        "org_id": enrolment.org_id,
        "zone_id": enrolment.zone_id,
        "sector": enrolment.sector,
        "profile_id": enrolment.profile_id,
        "name": title,
        "code": title,
        "folded": search_text(title, title),
        "synthetic": False,
        "created_ms": now_ms,
    }
