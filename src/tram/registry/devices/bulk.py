"""Many devices at once, for load tests and demos: whole batches in short transactions."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId, OrgId
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.registry.credentials.tokens import HINT_CHARACTERS, new_token, token_digest
from tram.registry.kernel.access import denied, permissions_over
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.changes import Body, CredentialPut, DevicePut
from tram.registry.kernel.database import TRANSACTION_ROWS_MAX, take_numbers
from tram.registry.kernel.device_rows import search_text
from tram.registry.kernel.outbox import publish
from tram.registry.kernel.repository import KeyedRepository
from tram.registry.kernel.tables import credentials, devices, profiles
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import SeededDevice
from tram.registry.sharing.groups import refresh_members
from tram.runtime.errors import Refused

__all__ = ("Seeder",)

# Per device: its row, its token's, and two changes in the outbox. One row is left for the audit.
ROWS_PER_DEVICE = 4
BATCH_DEVICES = (TRANSACTION_ROWS_MAX - 1) // ROWS_PER_DEVICE
COUNT_MAX = 1_000_000


class Seeder(KeyedRepository):
    """Makes synthetic devices with tokens, sector after sector, each by its sector's profile."""

    async def run(  # noqa: PLR0913  # what to make, and where its tokens go
        self,
        viewer: Viewer,
        count: int,
        *,
        org: OrgId,
        sectors: tuple[str, ...] = SECTORS,
        name: str = "Thiết bị mô phỏng",
        sink: Callable[[list[SeededDevice]], None],
    ) -> int:
        """Make ``count`` devices; hand each committed batch to ``sink``; return how many."""
        viewer.needs(Permission.DEVICE_WRITE)
        if not 0 < count <= COUNT_MAX or not set(sectors) <= set(SECTORS) or not sectors:
            raise Refused(
                "seed.wrong",
                f"Give a count from 1 to {COUNT_MAX} and known sectors.",
                f"Sectors are {', '.join(SECTORS)}.",
            )
        made = 0
        while made < count:
            size = min(BATCH_DEVICES, count - made)
            wanted = [(sectors[(made + i) % len(sectors)]) for i in range(size)]
            async with self._database.write() as connection:
                batch = await self._batch(connection, viewer, org, wanted, name)
            sink(batch)
            made += size
        return made

    async def _batch(
        self,
        connection: AsyncConnection,
        viewer: Viewer,
        org: OrgId,
        wanted: list[str],
        name: str,
    ) -> list[SeededDevice]:
        for sector in set(wanted):
            if Permission.DEVICE_WRITE not in await permissions_over(
                connection, viewer, org, None, sector
            ):
                raise denied()
        now_ms = self._clock.now_ms()
        profile_of = await _profiles(connection)
        first = await take_numbers(connection, "device", len(wanted))
        first_credential = await take_numbers(connection, "credential", len(wanted))
        rows: list[dict[str, Any]] = []
        secrets: list[dict[str, Any]] = []
        changes: list[Body] = []
        batch: list[SeededDevice] = []
        for i, sector in enumerate(wanted):
            device, token = first + i, new_token()
            profile, interval_s = profile_of[sector]
            title = f"{name} {device:06d}"
            digest = token_digest(self._hmac_key, token)
            rows.append(_device(device, title, org, sector, profile) | {"created_ms": now_ms})
            secrets.append(
                {
                    "id": first_credential + i,
                    "device_id": device,
                    "kind": "token",
                    "digest": digest,
                    "hint": token[-HINT_CHARACTERS:],
                    "created_ms": now_ms,
                }
            )
            changes.append(DevicePut(device, org, None, sector, profile, interval_s))
            changes.append(CredentialPut(digest, device, org, profile))
            batch.append(SeededDevice(DeviceId(device), title, token))
        await connection.execute(insert(devices), rows)
        await connection.execute(insert(credentials), secrets)
        entry = AuditEntry("device.seed", first, org, after={"first": first, "count": len(wanted)})
        await record(connection, viewer, now_ms, entry)
        changes += await refresh_members(connection, [row["id"] for row in rows], now_ms)
        await publish(connection, changes)
        return batch


def _device(device: int, title: str, org: OrgId, sector: str, profile: int) -> dict[str, Any]:
    return {
        "id": device,
        "org_id": org,
        "zone_id": None,
        "sector": sector,
        "profile_id": profile,
        "name": title,
        "folded": search_text(title, ""),
        "code": "",
        "synthetic": True,
    }


async def _profiles(connection: AsyncConnection) -> dict[str, tuple[int, int]]:
    """Return the first profile of every sector and its expected interval in seconds."""
    rows = await connection.execute(
        select(profiles.c.sector, profiles.c.id, profiles.c.expected_interval_s).order_by(
            profiles.c.id.desc()
        )
    )
    return {row.sector: (row.id, row.expected_interval_s) for row in rows}
