"""Devices behind a gateway device: found by the name that it gives them, made where they are new."""

from typing import Final

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.domain.text import unfit_sign
from tram.registry.devices.downlink_views import GatewayChild
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, take_numbers
from tram.registry.kernel.device_rows import THERE, plain_device, search_text
from tram.registry.kernel.outbox import device_told, publish
from tram.registry.kernel.repository import Repository, found_row
from tram.registry.kernel.tables import devices, profiles
from tram.registry.kernel.viewer import system_viewer
from tram.registry.sharing.groups import refresh_members
from tram.runtime.errors import Refused

__all__ = ("GatewayChildren",)

BEHIND_MAX: Final = 10_000
"""Most devices behind one gateway device."""
BEHIND_PER_ORG_MAX: Final = 200_000
"""Most devices behind all gateway devices of one organisation."""
NAME_CHARACTERS_MAX: Final = 200


class GatewayChildren(Repository):
    """On behalf of gateway devices, which speak for what lies behind them."""

    async def find_or_make(self, gateway: DeviceId, name: str, kind: str) -> GatewayChild:
        """Return the device; ``kind`` is the key of its profile if it is one.

        Raises:
            Refused: ``device.unknown`` when the gateway device is gone, ``behind.full``,
                ``device.wrong`` for a name that cannot be shown.
        """
        if unfit_sign(name) is not None or unfit_sign(kind) is not None:
            raise Refused("device.wrong", "The name holds a sign that no name needs.")
        for _ in range(2):  # whoever came first at the same moment made it
            found = await self._find(gateway, name)
            if found is not None:
                return found
            try:
                return await self._make(gateway, name, kind)
            except IntegrityError:
                continue
        raise Refused("device.unknown", "The device could not be made.", "Try again.")

    async def _find(self, gateway: DeviceId, name: str) -> GatewayChild | None:
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(devices).where(devices.c.via_id == gateway, devices.c.name == name, THERE)
            )
            row = rows.one_or_none()
        return None if row is None else _view(row)

    async def _make(self, gateway: DeviceId, name: str, kind: str) -> GatewayChild:
        checked = Checked()
        checked.text("name", name, NAME_CHARACTERS_MAX)
        checked.done(Refused("device.wrong", "The name holds characters that cannot be shown."))
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            owner = await found_row(
                connection,
                select(devices).where(devices.c.id == gateway, THERE),
                Refused("device.unknown", "The gateway device is gone.", "Connect again."),
            )
            await _check_room(connection, gateway, owner.org_id)
            profile = await connection.execute(select(profiles.c.id).where(profiles.c.key == kind))
            number = await take_numbers(connection, "device", 1)
            await connection.execute(
                insert(devices).values(
                    id=number,
                    org_id=owner.org_id,
                    zone_id=owner.zone_id,
                    sector=owner.sector,
                    profile_id=profile.scalar_one_or_none() or owner.profile_id,
                    name=name,
                    code="",
                    folded=search_text(name, ""),
                    synthetic=owner.synthetic,
                    created_ms=now_ms,
                    lon=owner.lon,
                    lat=owner.lat,
                    via_id=gateway,
                )
            )
            row = await plain_device(connection, DeviceId(number))
            entry = AuditEntry("device.behind", number, OrgId(row.org_id), after={"via": gateway})
            await record(connection, system_viewer(OrgId(row.org_id)), now_ms, entry)
            joined = await refresh_members(connection, [number], now_ms)
            await publish(connection, [await device_told(connection, row.id), *joined])
            return _view(row)


async def _check_room(connection: AsyncConnection, gateway: DeviceId, org: int) -> None:
    """Raise ``behind.full`` where the gateway device, or its organisation, has as many as it may."""
    behind = select(func.count()).select_from(devices).where(devices.c.via_id.is_not(None), THERE)
    of_gateway = behind.where(devices.c.via_id == gateway)
    if (await connection.execute(of_gateway)).scalar_one() >= BEHIND_MAX:
        raise Refused(
            "behind.full",
            f"{BEHIND_MAX} devices lie behind this one already.",
            "Remove some, or use a second gateway device.",
        )
    of_org = behind.where(devices.c.org_id == org)
    if (await connection.execute(of_org)).scalar_one() >= BEHIND_PER_ORG_MAX:
        raise Refused(
            "behind.full",
            f"{BEHIND_PER_ORG_MAX} devices of the organisation lie behind gateways already.",
            "Remove some that are not needed any more.",
        )


def _view(row: AnyRow) -> GatewayChild:
    return GatewayChild(DeviceId(row.id), OrgId(row.org_id), ProfileId(row.profile_id))
