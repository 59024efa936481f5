"""Claims: who knows a device's code takes the device over into an organisation of theirs."""

from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId
from tram.domain.permissions import Permission
from tram.registry.credentials.tokens import claim_digest, new_claim_code
from tram.registry.devices.handover import follow_place
from tram.registry.kernel.access import denied, permissions_over
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow
from tram.registry.kernel.device_rows import (
    THERE,
    check_references,
    plain_device,
    search_text,
    target_device,
    unknown_device,
)
from tram.registry.kernel.outbox import device_told, publish
from tram.registry.kernel.repository import KeyedRepository, change_row, found_row
from tram.registry.kernel.tables import claims, devices
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import NewClaim
from tram.registry.people.wrong_guesses import Guess, count_failure, wait_s
from tram.runtime.errors import Refused, Unavailable

__all__ = ("Claims",)

VALID_S_MAX = 5 * 366 * 86_400
OWN_SECRET_CHARACTERS_MIN = 8
SECRET_CHARACTERS_MAX = 200
NAME_CHARACTERS_MAX = 200


class Claims(KeyedRepository):
    """Codes that hand a device over; each works once and until its time."""

    async def offer(self, viewer: Viewer, device: DeviceId, *, valid_s: int) -> str:
        """Return a new code for a device; an older one ends. Needs ``device.write`` over it.

        Raises:
            Refused: ``claim.wrong``, ``device.unknown``, ``access.denied``.
        """
        now_ms = self._clock.now_ms()
        until_ms = _until(now_ms, 1_000 * valid_s)
        code = new_claim_code()
        digest = claim_digest(self._hmac_key, _plain(code))
        async with self._database.write() as connection:
            row = await target_device(connection, viewer, Permission.DEVICE_WRITE, device, now_ms)
            await _keep(connection, device, digest, now_ms, until_ms)
            after = {"until_ms": until_ms}
            entry = AuditEntry("device.claim_code", device, row.org_id, after=after)
            await record(connection, viewer, now_ms, entry)
        return code

    async def offer_by_device(self, device: DeviceId, secret: str, valid_ms: int) -> None:
        """Keep a secret that the device chose itself: it is claimed by its code and that.

        Raises:
            Refused: ``claim.wrong``.
        """
        now_ms = self._clock.now_ms()
        until_ms = _until(now_ms, valid_ms)
        if not OWN_SECRET_CHARACTERS_MIN <= len(secret) <= SECRET_CHARACTERS_MAX:
            span = f"{OWN_SECRET_CHARACTERS_MIN} to {SECRET_CHARACTERS_MAX}"
            raise _wrong(f"The secret needs {span} characters.")
        async with self._database.write() as connection:
            there = select(devices).where(devices.c.id == device, THERE)
            row = await found_row(connection, there, unknown_device())
            digest = claim_digest(self._hmac_key, secret, row.code or str(device))
            await _keep(connection, device, digest, now_ms, until_ms)

    async def claim(self, viewer: Viewer, new: NewClaim) -> DeviceId:
        """Take the device over: its credentials go on, its loans end, its past stays where it was.

        Raises:
            Refused: ``claim.unknown``, ``claim.wrong``, ``access.denied`` …
            Unavailable: ``claim.locked`` while failures make the next code wait.
        """
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.DEVICE_WRITE)
        guess = Guess(f"claim:{viewer.person}", viewer.address)
        async with self._database.write() as connection:
            wait = await wait_s(connection, guess, now_ms)
            if wait:
                raise Unavailable(
                    "claim.locked",
                    "Too many wrong codes: the next one has to wait.",
                    "Wait, then type the code as it stands on the device.",
                    retry_after_s=wait,
                )
            before = await self._find(connection, new, now_ms)
            if before is not None:
                return await _take_over(connection, viewer, before, new, now_ms)
            await count_failure(connection, guess, now_ms)
        raise Refused(
            "claim.unknown",
            "No device waits to be claimed with this code.",
            "Compare it with the device; a code works once and until its time.",
        )

    async def _find(
        self, connection: AsyncConnection, new: NewClaim, now_ms: int
    ) -> AnyRow | None:
        key = self._hmac_key
        code = new.device.strip()
        digest = (
            claim_digest(key, new.secret, code) if code else claim_digest(key, _plain(new.secret))
        )
        found = await connection.execute(
            select(devices)
            .join(claims, claims.c.device_id == devices.c.id)
            .where(claims.c.digest == digest, claims.c.until_ms > now_ms, THERE)
            .with_for_update(of=devices)
        )
        return found.one_or_none()


async def _take_over(
    connection: AsyncConnection, viewer: Viewer, before: AnyRow, new: NewClaim, now_ms: int
) -> DeviceId:
    held = await permissions_over(connection, viewer, new.org, new.zone, before.sector)
    if Permission.DEVICE_WRITE not in held:
        raise denied()
    device = DeviceId(before.id)
    values = await _checked(connection, before, new)
    try:
        await change_row(connection, devices, device, **values)
    except IntegrityError:
        raise Refused(
            "device.code_taken",
            "Another device of this organisation has this code.",
            "Change that device's code, then claim again.",
        ) from None
    await connection.execute(delete(claims).where(claims.c.device_id == device))
    row = await plain_device(connection, device)
    changed = {"org_id": row.org_id, "zone_id": row.zone_id, "name": row.name}
    for org in {before.org_id, row.org_id}:
        entry = AuditEntry("device.claim", device, org, {"org_id": before.org_id}, changed)
        await record(connection, viewer, now_ms, entry)
    moved = await follow_place(connection, before, row, now_ms)
    await publish(connection, [await device_told(connection, row.id), *moved])
    return device


async def _checked(connection: AsyncConnection, before: AnyRow, new: NewClaim) -> dict[str, Any]:
    checked = Checked()
    name = before.name
    if new.name:
        name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
    checked.position(new.lon, new.lat)
    await check_references(connection, checked, before.profile_id, new.zone)
    checked.done(_wrong("The device cannot be claimed like this."))
    values = {
        "org_id": new.org,
        "zone_id": new.zone,
        "name": name,
        "folded": search_text(name, before.code),
    }
    return values | ({} if new.lon is None else {"lon": new.lon, "lat": new.lat})


async def _keep(
    connection: AsyncConnection, device: DeviceId, digest: bytes, now_ms: int, until_ms: int
) -> None:
    await connection.execute(delete(claims).where(claims.c.device_id == device))
    await connection.execute(
        insert(claims).values(
            device_id=device, digest=digest, created_ms=now_ms, until_ms=until_ms
        )
    )


def _until(now_ms: int, valid_ms: int) -> int:
    if not 0 < valid_ms <= 1_000 * VALID_S_MAX:
        raise _wrong(f"A code may be valid for 1 to {VALID_S_MAX} seconds.")
    return now_ms + valid_ms


def _plain(code: str) -> str:
    """Return a code as it is kept: however it was typed."""
    return "".join(code.upper().replace("-", " ").split())


def _wrong(sentence: str) -> Refused:
    return Refused("claim.wrong", sentence, "Give other values.")
