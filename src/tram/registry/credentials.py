"""The tokens of devices: issued, listed by their last characters, revoked."""

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId
from tram.registry.audit import Deed, record
from tram.registry.changes import Body, CredentialGone, CredentialPut
from tram.registry.database import AnyRow, Database, take_numbers
from tram.registry.device_rows import allowed_device, target_device
from tram.registry.outbox import publish
from tram.registry.tables import credentials, devices
from tram.registry.tokens import HINT_CHARACTERS, new_token, token_digest
from tram.registry.viewer import Viewer
from tram.registry.views import CredentialRow
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("Credentials", "credential_puts", "issue_token", "revoke_all")

LIVE_PER_DEVICE_MAX = 10
LISTED_MAX = 100
_LIVE = credentials.c.revoked_ms.is_(None)


class Credentials:
    """What opens the door to a device; every method needs ``device.credential`` over it."""

    def __init__(self, database: Database, clock: Clock, hmac_key: bytes) -> None:
        self._database = database
        self._clock = clock
        self._hmac_key = hmac_key

    async def list(self, viewer: Viewer, device: DeviceId) -> list[CredentialRow]:
        """Return the newest 100 tokens of a device, revoked ones included."""
        async with self._database.read() as connection:
            now_ms = self._clock.now_ms()
            await allowed_device(connection, viewer, "device.credential", device, now_ms)
            rows = await connection.execute(
                select(credentials)
                .where(credentials.c.device_id == device)
                .order_by(credentials.c.id.desc())
                .limit(LISTED_MAX)
            )
            return [_view(row) for row in rows]

    async def issue(self, viewer: Viewer, device: DeviceId) -> str:
        """Return a new token for the device; it is shown this once and kept nowhere."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await target_device(connection, viewer, "device.credential", device, now_ms)
            live = await credential_puts(connection, row)
            if len(live) >= LIVE_PER_DEVICE_MAX:
                raise Refused(
                    "credential.too_many",
                    f"The device has {LIVE_PER_DEVICE_MAX} live tokens already.",
                    "Revoke those no longer in use.",
                )
            token, put = await issue_token(connection, self._hmac_key, row, now_ms)
            after = {"device": device, "hint": token[-HINT_CHARACTERS:]}
            deed = Deed("credential.issue", device, row.org_id, after=after)
            await record(connection, viewer, now_ms, deed)
            await publish(connection, [put])
            return token

    async def revoke(self, viewer: Viewer, credential: int) -> None:
        """End a token at once; ending it twice is no fault."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await self._target(connection, viewer, credential, now_ms)
            if row.revoked_ms is not None:
                return
            await connection.execute(
                update(credentials).where(credentials.c.id == credential).values(revoked_ms=now_ms)
            )
            before = {"device": row.device_id, "hint": row.hint}
            deed = Deed("credential.revoke", credential, row.org_id, before=before)
            await record(connection, viewer, now_ms, deed)
            await publish(connection, [CredentialGone(row.digest)])

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
            "credential.unknown", "There is no such token.", "Look at the device's list of tokens."
        )
        if row is None:
            raise unknown
        try:
            await target_device(connection, viewer, "device.credential", row.device_id, now_ms)
        except Refused as refusal:
            # Tokens of an invisible device are as unknown as tokens that never were.
            raise (unknown if refusal.code == "device.unknown" else refusal) from None
        return row


async def issue_token(
    connection: AsyncConnection, hmac_key: bytes, device: AnyRow, now_ms: int
) -> tuple[str, CredentialPut]:
    """Write a new token of a device (a row of its table); return it and the change to publish."""
    token = new_token()
    digest = token_digest(hmac_key, token)
    await connection.execute(
        insert(credentials).values(
            id=await take_numbers(connection, "credential", 1),
            device_id=device.id,
            kind="token",
            digest=digest,
            hint=token[-HINT_CHARACTERS:],
            created_ms=now_ms,
        )
    )
    return token, CredentialPut(digest, device.id, device.org_id, device.profile_id)


async def credential_puts(connection: AsyncConnection, device: AnyRow) -> list[Body]:
    """Return the changes that tell of every live token of a device (a row of its table)."""
    digests = await connection.execute(
        select(credentials.c.digest).where(credentials.c.device_id == device.id, _LIVE)
    )
    return [
        CredentialPut(digest, device.id, device.org_id, device.profile_id)
        for digest in digests.scalars()
    ]


async def revoke_all(
    connection: AsyncConnection, device: DeviceId, now_ms: int
) -> list[CredentialGone]:
    """End every live token of a device; return the changes to publish."""
    digests = await connection.execute(
        update(credentials)
        .where(credentials.c.device_id == device, _LIVE)
        .values(revoked_ms=now_ms)
        .returning(credentials.c.digest)
    )
    return [CredentialGone(digest) for digest in digests.scalars()]


def _view(row: AnyRow) -> CredentialRow:
    return CredentialRow(
        id=row.id,
        device=row.device_id,
        kind=row.kind,
        hint=row.hint,
        created_ms=row.created_ms,
        revoked_ms=row.revoked_ms,
    )
