"""Devices: listed, found, made, changed and removed within the viewer's scope."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId, OrgId, ProfileId, ZoneId
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.registry.credentials.rows import end_credentials, new_secret_of, write_credential
from tram.registry.devices.audience import audience_of
from tram.registry.devices.handover import follow_place
from tram.registry.devices.profiles import profile_of
from tram.registry.devices.search import find
from tram.registry.devices.tallies import device_tallies
from tram.registry.kernel.access import denied, is_readable, org_is_visible, permissions_over
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.changes import DeviceGone
from tram.registry.kernel.checks import Checked, search_words
from tram.registry.kernel.database import AnyRow, columns_of, fields_of, take_numbers
from tram.registry.kernel.device_rows import (
    THERE,
    check_references,
    device_fields,
    device_list,
    plain_device,
    search_text,
    seen_device,
    target_device,
    unknown_device,
)
from tram.registry.kernel.outbox import device_told, publish
from tram.registry.kernel.paging import bounded, is_after, next_key
from tram.registry.kernel.repository import KeyedRepository, change_row, found_row
from tram.registry.kernel.tables import credentials, devices, grants, organisations, profiles
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import (
    Audience,
    DeviceDetail,
    DeviceEdit,
    DevicePosition,
    DeviceRow,
    NewCredential,
    NewDevice,
    Page,
)
from tram.registry.sharing.groups import refresh_members
from tram.registry.sharing.loan_grants import end_grants
from tram.registry.sharing.tables import tenures
from tram.registry.sharing.views import FormerDevice
from tram.runtime.errors import Refused

__all__ = ("Devices",)

NAME_CHARACTERS_MAX = 200
CODE_CHARACTERS_MAX = 80
NAMES_MAX = 500
POSITIONS_MAX = 100_000
FORMER_MAX = 1_000
_WRITE = Permission.DEVICE_WRITE


class Devices(KeyedRepository):
    """The devices that a viewer's scopes and grants reach."""

    async def page(  # noqa: PLR0913  # the filters of one list
        self,
        viewer: Viewer,
        *,
        search: str = "",
        zone: ZoneId | None = None,
        sector: str | None = None,
        org: OrgId | None = None,
        after: str | None = None,
        limit: int = 50,
    ) -> Page[DeviceRow]:
        """Return devices by name; ``search`` ignores accents and finds words in name or code."""
        viewer.needs(Permission.DEVICE_READ)
        limit = bounded(limit)
        filters = [
            column == wanted
            for column, wanted in (
                (devices.c.zone_id, zone),
                (devices.c.sector, sector),
                (devices.c.org_id, org),
            )
            if wanted is not None
        ]
        beyond = [] if after is None else [is_after(devices, after)]
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            found = await find(connection, viewer, now_ms, search_words(search), filters)
            statement = found.in_order_of_names(device_list(viewer).where(*beyond)).limit(limit)
            rows = (await connection.execute(statement)).all() if found.total else []
        return Page(
            items=[DeviceRow(**device_fields(row)) for row in rows],
            total=found.total,
            is_exact=found.is_exact,
            next_after=next_key(rows, limit),
        )

    async def one(self, viewer: Viewer, device: DeviceId) -> DeviceDetail:
        """Return one device; ``device.unknown`` when it does not exist or is not visible."""
        async with self._database.read() as connection:
            return await self._detail(connection, viewer, device)

    async def names(self, viewer: Viewer, numbers: Collection[int]) -> dict[int, str]:
        """Return the names of those of these devices that are visible, ``NAMES_MAX`` at most."""
        statement = select(devices.c.id, devices.c.name).where(
            devices.c.id.in_(sorted(numbers)[:NAMES_MAX]),
            THERE,
            is_readable(viewer, self._clock.now_ms()),
        )
        return {row.id: row.name for row in await self._rows(statement)}

    async def positions(self, viewer: Viewer, *, limit: int = 20_000) -> list[DevicePosition]:
        """Return at most ``limit`` devices that have a place on the map."""
        viewer.needs(Permission.DEVICE_READ)
        statement = (
            select(*columns_of(DevicePosition, devices))
            .where(THERE, devices.c.lon.is_not(None), is_readable(viewer, self._clock.now_ms()))
            .order_by(devices.c.id)
            .limit(min(limit, POSITIONS_MAX))
        )
        return await self._views(DevicePosition, statement)

    async def counts(self, viewer: Viewer) -> dict[str, int]:
        """Return the number of visible devices of every sector, zeros included."""
        viewer.needs(Permission.DEVICE_READ)
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            found = await device_tallies(connection, viewer, now_ms, "sector")
        return {sector: found.get(sector, 0) for sector in SECTORS}

    async def counts_by_zone(self, viewer: Viewer) -> dict[ZoneId, int]:
        """Return the number of visible devices of every zone that has any."""
        viewer.needs(Permission.DEVICE_READ)
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            found = await device_tallies(connection, viewer, now_ms, "zone_id")
        return {ZoneId(zone): many for zone, many in found.items() if zone is not None}

    async def audience(self, viewer: Viewer, device: DeviceId) -> list[Audience]:
        """Return who may read the device: owner, people by scope, organisations by grant.

        Who sees it by a grant only learns of the owner and of grants to themselves.
        """
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            row = await seen_device(connection, viewer, device, now_ms)
            return await audience_of(connection, viewer, row, now_ms)

    async def former(self, viewer: Viewer, device: DeviceId | None = None) -> list[FormerDevice]:
        """Return the devices that organisations within reach had before, newest handover first."""
        viewer.needs(Permission.DEVICE_READ)
        statement = _former(viewer).order_by(tenures.c.id.desc()).limit(FORMER_MAX)
        if device is not None:
            statement = statement.where(tenures.c.device_id == device)
        return await self._views(FormerDevice, statement)

    async def must_know(self, viewer: Viewer, device: DeviceId) -> None:
        """Refuse with ``device.unknown`` who neither may read the device nor had it before.

        Which of its readings they may read, the store decides by the owner of each.
        """
        viewer.needs(Permission.DEVICE_READ)
        async with self._database.read() as connection:
            visible = is_readable(viewer, self._clock.now_ms())
            found = await connection.execute(
                select(devices.c.id).where(devices.c.id == device, THERE, visible)
            )
            if found.first() is not None:
                return
            past = await connection.execute(_former(viewer).where(tenures.c.device_id == device))
            if past.first() is None:
                raise unknown_device()

    async def create(self, viewer: Viewer, new: NewDevice) -> tuple[DeviceDetail, str]:
        """Make a device with its first token; the token is shown this once and kept nowhere."""
        now_ms = self._clock.now_ms()
        viewer.needs(_WRITE)
        async with self._database.write() as connection:
            values = await _checked(connection, viewer, new, profile=new.profile)
            values |= {"synthetic": new.synthetic, "created_ms": now_ms, "profile_id": new.profile}
            values["id"] = await take_numbers(connection, "device", 1)
            device = DeviceId(values["id"])
            try:
                await connection.execute(insert(devices).values(values))
            except IntegrityError:
                raise _code_taken() from None
            row = await plain_device(connection, device)
            secret = new_secret_of(self._hmac_key, NewCredential(), device)
            _, puts = await write_credential(connection, secret, row, now_ms)
            entry = AuditEntry("device.create", device, new.org, after=_audited(row))
            await record(connection, viewer, now_ms, entry)
            joined = await refresh_members(connection, [device], now_ms)
            await publish(connection, [await device_told(connection, device), *puts, *joined])
            return await self._detail(connection, viewer, device), secret.shown

    async def change(self, viewer: Viewer, device: DeviceId, edit: DeviceEdit) -> DeviceDetail:
        """Replace what a device is; needs ``device.write`` over it before and after."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            before = await target_device(connection, viewer, _WRITE, device, now_ms)
            values = await _checked(connection, viewer, edit, profile=before.profile_id)
            try:
                await change_row(connection, devices, device, **values)
            except IntegrityError:
                raise _code_taken() from None
            row = await plain_device(connection, device)
            was, now = _audited(before), _audited(row)
            entry = AuditEntry("device.change", device, row.org_id, was, now)
            await record(connection, viewer, now_ms, entry)
            moved = await follow_place(connection, before, row, now_ms)
            await publish(connection, [await device_told(connection, device), *moved])
            return await self._detail(connection, viewer, device)

    async def remove(self, viewer: Viewer, device: DeviceId) -> None:
        """Take a device out of service: its tokens and loans end, its readings stay."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await target_device(connection, viewer, _WRITE, device, now_ms)
            await change_row(connection, devices, device, removed_ms=now_ms)
            entry = AuditEntry("device.remove", device, row.org_id, before=_audited(row))
            await record(connection, viewer, now_ms, entry)
            gone = await end_credentials(connection, credentials.c.device_id == device, now_ms)
            ended = await end_grants(connection, grants.c.device_id == device, now_ms)
            left = await refresh_members(connection, [device], now_ms)
            await publish(connection, [*gone, *ended, *left, DeviceGone(device)])

    async def _detail(
        self, connection: AsyncConnection, viewer: Viewer, device: DeviceId
    ) -> DeviceDetail:
        visible = is_readable(viewer, self._clock.now_ms())
        statement = device_list(viewer).where(devices.c.id == device, THERE, visible)
        row = await found_row(connection, statement, unknown_device())
        held = await permissions_over(connection, viewer, row.org, row.zone, row.sector)
        profile = await connection.execute(select(profiles).where(profiles.c.id == row.profile))
        return DeviceDetail(
            **device_fields(row),
            profile_detail=profile_of(profile.one()),
            permissions=sorted(held),
        )


async def _checked(
    connection: AsyncConnection, viewer: Viewer, edit: DeviceEdit | NewDevice, profile: ProfileId
) -> dict[str, Any]:
    """Return the columns for an edit, after every check of it and of the viewer's reach."""
    held = await permissions_over(connection, viewer, edit.org, edit.zone, edit.sector)
    if _WRITE not in held:
        raise denied()
    checked = Checked()
    name = checked.text("name", edit.name, NAME_CHARACTERS_MAX)
    code = checked.text("code", edit.code, CODE_CHARACTERS_MAX, shortest=0)
    checked.choice("sector", edit.sector, SECTORS)
    checked.position(edit.lon, edit.lat)
    await check_references(connection, checked, profile, edit.zone)
    checked.done(Refused("device.wrong", "The device cannot be kept like this."))
    return {
        "name": name,
        "code": code,
        "folded": search_text(name, code),
        "org_id": edit.org,
        "zone_id": edit.zone,
        "sector": edit.sector,
        "lon": edit.lon,
        "lat": edit.lat,
    }


def _former(viewer: Viewer) -> Select[Any]:
    return (
        select(
            *columns_of(
                FormerDevice, tenures, name=tenures.c.device_name, org_name=organisations.c.name
            )
        )
        .join(organisations, organisations.c.id == tenures.c.org_id)
        .where(org_is_visible(viewer, Permission.DEVICE_READ, tenures.c.org_id))
    )


def _audited(row: AnyRow) -> dict[str, Any]:
    kept = ("name", "code", "org_id", "zone_id", "sector", "profile_id", "lon", "lat", "synthetic")
    fields = fields_of(row)
    return {name: fields[name] for name in kept}


def _code_taken() -> Refused:
    return Refused(
        "device.code_taken",
        "Another device of this organisation has this code.",
        "Choose another code, or leave it empty.",
    )
