"""The outbox: every change that gateways and store must hear of, numbered in commit order."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.kernel.access import grant_is_live
from tram.registry.kernel.changes import (
    Body,
    CredentialPut,
    DevicePut,
    GrantPut,
    OrgPut,
    RegistryChange,
    TrustPut,
    decode_body,
    encode_body,
)
from tram.registry.kernel.database import TRANSACTION_ROWS_MAX, AnyRow, take_numbers
from tram.registry.kernel.repository import Repository
from tram.registry.kernel.tables import (
    counters,
    credentials,
    devices,
    enrolments,
    grants,
    org_closure,
    outbox,
    profiles,
)
from tram.registry.kernel.views import SnapshotPart
from tram.runtime.errors import Refused

__all__ = ("ChangeOutbox", "device_put", "device_rows", "device_told", "org_puts", "publish")

SNAPSHOT_ROWS = 5_000


async def publish(connection: AsyncConnection, bodies: Sequence[Body]) -> None:
    """Append changes to the outbox inside the writing transaction; call it last, it locks."""
    if not bodies:
        return
    first = await take_numbers(connection, "outbox", len(bodies))
    await connection.execute(
        insert(outbox),
        [
            {"number": number, "kind": _kind(body), "payload": encode_body(body)}
            for number, body in enumerate(bodies, first)
        ],
    )


async def org_puts(connection: AsyncConnection, chosen: ColumnElement[bool]) -> list[Body]:
    """Return the change of each organisation (column ``descendant``) that the condition chooses."""
    rows = await connection.execute(
        select(org_closure.c.descendant, org_closure.c.ancestor)
        .where(chosen)
        .order_by(org_closure.c.descendant, org_closure.c.depth)
    )
    ancestors: dict[int, list[int]] = {}
    for org, ancestor in rows:
        ancestors.setdefault(org, []).append(ancestor)
    return [OrgPut(org, found) for org, found in ancestors.items()]


async def device_told(connection: AsyncConnection, device: int) -> DevicePut:
    """Return the change that tells of a device as it is now."""
    rows = await connection.execute(device_rows().where(devices.c.id == device))
    return device_put(rows.one())


def device_put(row: AnyRow) -> DevicePut:
    """Return the change that tells of a device's row, of the statement ``device_rows``."""
    return DevicePut(
        row.id, row.org_id, row.zone_id, row.sector, row.profile_id, row.expected_interval_s
    )


def device_rows() -> Select[Any]:
    """Return the devices with what their profiles expect of them."""
    return select(devices, profiles.c.expected_interval_s).join(
        profiles, profiles.c.id == devices.c.profile_id
    )


def trust_put(row: AnyRow) -> TrustPut:
    """Return the change that tells of an anchor of trust."""
    return TrustPut(hashlib.sha256(row.certificate).digest(), row.certificate)


class ChangeOutbox(Repository):
    """Reads and trims the outbox; runs as the system, on behalf of nobody."""

    async def head(self) -> int:
        """Return the number of the last committed change, 0 when there is none."""
        async with self._database.read() as connection:
            return await _head(connection)

    async def read(self, after: int, limit: int = TRANSACTION_ROWS_MAX) -> list[RegistryChange]:
        """Return at most ``limit`` changes with numbers above ``after``, in order, without gaps.

        Raises:
            Refused: ``outbox.trimmed`` when changes above ``after`` are gone: take a snapshot.
        """
        async with self._database.read() as connection:
            if after < await _counter(connection, "outbox_floor"):
                raise Refused(
                    "outbox.trimmed",
                    f"Changes after {after} are no longer kept.",
                    "Take a snapshot instead.",
                )
            rows = await connection.execute(
                select(outbox.c.number, outbox.c.payload)
                .where(outbox.c.number > after)
                .order_by(outbox.c.number)
                .limit(limit)
            )
            return [RegistryChange(row.number, decode_body(row.payload)) for row in rows]

    async def trim(self, below: int) -> None:
        """Forget the changes with numbers below ``below``, never the last one's number."""
        while True:
            async with self._database.write() as connection:
                floor = await _counter(connection, "outbox_floor")
                goal = min(below - 1, await _head(connection))
                until = min(goal, floor + TRANSACTION_ROWS_MAX)
                if until <= floor:
                    return
                await connection.execute(delete(outbox).where(outbox.c.number <= until))
                await connection.execute(
                    update(counters).where(counters.c.name == "outbox_floor").values(value=until)
                )

    async def snapshot(self) -> AsyncIterator[SnapshotPart]:
        """Yield the whole state as it was at one version: at least one part, each ≤ 5,000 changes.

        The parts share one read transaction: read them without pause, and close the iterator
        (``contextlib.aclosing``) when leaving early.
        """
        async with self._database.read() as connection:
            version = await _head(connection)
            bodies = await org_puts(connection, org_closure.c.depth >= 0)
            for start in range(0, max(len(bodies), 1), SNAPSHOT_ROWS):
                yield _part(version, bodies[start : start + SNAPSHOT_ROWS])
            for table, statement, body_of in self._sources():
                async for rows in _in_key_order(connection, table, statement):
                    yield _part(version, [body_of(row) for row in rows])

    def _sources(self) -> list[tuple[Table, Select[Any], Any]]:
        """Return table, rows alive and the change of a row, in the order of the snapshot."""
        alive = devices.c.removed_ms.is_(None)
        return [
            (devices, device_rows().where(alive), device_put),
            (
                credentials,
                select(
                    credentials.c.id,
                    credentials.c.digest,
                    credentials.c.device_id,
                    devices.c.org_id,
                    devices.c.profile_id,
                )
                .join(devices, devices.c.id == credentials.c.device_id)
                .where(alive, credentials.c.revoked_ms.is_(None)),
                lambda r: CredentialPut(r.digest, r.device_id, r.org_id, r.profile_id),
            ),
            *(
                (
                    table,
                    select(table.c.id, table.c.certificate).where(
                        table.c.certificate.is_not(None), table.c.revoked_ms.is_(None)
                    ),
                    trust_put,
                )
                for table in (credentials, enrolments)
            ),
            (
                grants,
                select(grants).where(grant_is_live(self._clock.now_ms())),
                lambda r: GrantPut(r.id, r.device_id, r.metric, r.from_org, r.to_org, r.until_ms),
            ),
        ]


async def _in_key_order(
    connection: AsyncConnection, table: Table, statement: Select[Any]
) -> AsyncIterator[Sequence[Any]]:
    """Yield the rows in batches by ascending ``id``: constant memory on both databases."""
    last = 0
    while True:
        found = await connection.execute(
            statement.where(table.c.id > last).order_by(table.c.id).limit(SNAPSHOT_ROWS)
        )
        rows = found.all()
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _part(version: int, bodies: Sequence[Body]) -> SnapshotPart:
    return SnapshotPart(version, [RegistryChange(version, body) for body in bodies])


def _kind(body: Body) -> str:
    return str(body.__struct_config__.tag)


async def _head(connection: AsyncConnection) -> int:
    return await _counter(connection, "outbox")


async def _counter(connection: AsyncConnection, name: str) -> int:
    named = select(counters.c.value).where(counters.c.name == name)
    value: int = (await connection.execute(named)).scalar_one()
    return value
