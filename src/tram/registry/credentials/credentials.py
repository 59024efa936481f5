"""What a device proves itself with: issued, listed, rotated with an overlap, revoked."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId
from tram.domain.permissions import Permission
from tram.registry.credentials.rows import ALIVE, end_credentials, new_secret_of, write_credential
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.database import AnyRow, columns_of, fields_of
from tram.registry.kernel.device_rows import allowed_device, target_device
from tram.registry.kernel.outbox import publish
from tram.registry.kernel.repository import KeyedRepository, change_row
from tram.registry.kernel.set_aside import SetAsideEntry, apart, is_aside
from tram.registry.kernel.tables import credentials, devices
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import CredentialRow, IssuedSecret, NewCredential
from tram.runtime.errors import Refused, is_of_the_entry

__all__ = ("Credentials",)

LISTED_MAX = 100
OVERLAP_S_MAX = 90 * 86_400
_EXPIRED_AT_ONCE = 1_000
_NEEDED = Permission.DEVICE_CREDENTIAL


class Credentials(KeyedRepository):
    """What a device proves itself with; every method needs ``device.credential`` over it."""

    async def list(self, viewer: Viewer, device: DeviceId) -> list[CredentialRow]:
        """Return the newest 100 credentials of a device, revoked ones included."""
        async with self._database.read() as connection:
            now_ms = self._clock.now_ms()
            await allowed_device(connection, viewer, _NEEDED, device, now_ms)
            rows = await connection.execute(
                select(*columns_of(CredentialRow, credentials))
                .where(credentials.c.device_id == device)
                .order_by(credentials.c.id.desc())
                .limit(LISTED_MAX)
            )
            return [CredentialRow(**fields_of(row)) for row in rows]

    async def issue(self, viewer: Viewer, device: DeviceId) -> str:
        """Return a new token for the device; it is shown this once and kept nowhere."""
        return (await self.add(viewer, device, NewCredential())).secret

    async def add(self, viewer: Viewer, device: DeviceId, wanted: NewCredential) -> IssuedSecret:
        """Make a further credential for the device; its secret is shown this once.

        Raises:
            Refused: ``credential.wrong``, ``certificate.wrong``, ``credential.too_many`` …
        """
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await target_device(connection, viewer, _NEEDED, device, now_ms)
            return await self._issue(connection, viewer, row, wanted)

    async def rotate(
        self, viewer: Viewer, credential: int, *, overlap_s: int, certificate: str = ""
    ) -> IssuedSecret:
        """Make one of the same kind; the old one works for ``overlap_s`` seconds more.

        Raises:
            Refused: ``credential.unknown``, ``credential.revoked``, ``credential.overlap_wrong`` …
        """
        now_ms = self._clock.now_ms()
        if not 0 <= overlap_s <= OVERLAP_S_MAX:
            raise Refused(
                "credential.overlap_wrong",
                f"The overlap must lie between 0 and {OVERLAP_S_MAX} seconds.",
                "Choose a shorter overlap.",
            )
        async with self._database.write() as connection:
            old = await self._target(connection, viewer, credential, now_ms)
            if old.revoked_ms is not None:
                raise Refused(
                    "credential.revoked",
                    "This credential was revoked.",
                    "Make a new one instead of rotating it.",
                )
            device = DeviceId(old.device_id)
            row = await target_device(connection, viewer, _NEEDED, device, now_ms)
            until_ms = now_ms + 1_000 * overlap_s
            await change_row(connection, credentials, credential, until_ms=until_ms)
            wanted = NewCredential(kind=old.kind, user_name=old.label, certificate=certificate)
            return await self._issue(connection, viewer, row, wanted)

    async def revoke(self, viewer: Viewer, credential: int) -> None:
        """End a credential at once; ending it twice is no fault."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await self._target(connection, viewer, credential, now_ms)
            if row.revoked_ms is not None:
                return
            gone = await end_credentials(connection, credentials.c.id == credential, now_ms)
            before = {"device": row.device_id, "hint": row.hint}
            entry = AuditEntry("credential.revoke", credential, row.org_id, before=before)
            await record(connection, viewer, now_ms, entry)
            await publish(connection, gone)

    async def expire_due(self) -> int:
        """End the credentials whose overlap is over; the product itself does this every second."""
        now_ms = self._clock.now_ms()
        due = select(credentials.c.id).where(
            credentials.c.until_ms <= now_ms,
            ALIVE,
            ~is_aside("work", "credential", credentials.c.id),
        )
        async with self._database.read() as connection:
            numbers = list((await connection.execute(due.limit(_EXPIRED_AT_ONCE))).scalars())
        if numbers:
            try:
                async with self._database.write() as connection:
                    chosen = credentials.c.id.in_(numbers)
                    await publish(connection, await end_credentials(connection, chosen, now_ms))
            except Exception as error:
                if not is_of_the_entry(error):
                    raise
                await self._expire_apart(numbers, now_ms)
        return len(numbers)

    async def _expire_apart(self, numbers: Sequence[int], now_ms: int) -> None:
        """End each by itself; what raises is set aside and holds up no other."""
        async with self._database.write() as connection:
            for number in numbers:
                async with apart(
                    connection, now_ms, SetAsideEntry("work", "credential", str(number))
                ):
                    chosen = credentials.c.id == number
                    await publish(connection, await end_credentials(connection, chosen, now_ms))

    async def _issue(
        self, connection: AsyncConnection, viewer: Viewer, device: AnyRow, wanted: NewCredential
    ) -> IssuedSecret:
        now_ms = self._clock.now_ms()
        secret = new_secret_of(self._hmac_key, wanted, DeviceId(device.id))
        number, changes = await write_credential(connection, secret, device, now_ms)
        after = {"device": device.id, "kind": secret.kind, "hint": secret.hint}
        entry = AuditEntry("credential.issue", device.id, device.org_id, after=after)
        await record(connection, viewer, now_ms, entry)
        await publish(connection, changes)
        return IssuedSecret(id=number, kind=secret.kind, label=secret.label, secret=secret.shown)

    async def _target(
        self, connection: AsyncConnection, viewer: Viewer, credential: int, now_ms: int
    ) -> AnyRow:
        found = await connection.execute(
            select(credentials, devices.c.org_id)
            .join(devices, devices.c.id == credentials.c.device_id)
            .where(credentials.c.id == credential)
            .with_for_update(of=credentials)
        )
        row = found.one_or_none()
        unknown = Refused(
            "credential.unknown",
            "There is no such credential.",
            "Look at the device's list of credentials.",
        )
        if row is None:
            raise unknown
        try:
            await target_device(connection, viewer, _NEEDED, row.device_id, now_ms)
        except Refused as refusal:
            # Those of an invisible device are as unknown as those that never were.
            raise (unknown if refusal.code == "device.unknown" else refusal) from None
        return row
