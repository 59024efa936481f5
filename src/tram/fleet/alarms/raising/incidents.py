"""Incidents: alarms of one place within half an hour of each other are one thing to look at."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.fleet.alarms.tables import incidents
from tram.registry.kernel.database import take_numbers

__all__ = ("JOIN_MS", "join_incidents")

JOIN_MS = 1_800_000
_ROOM = 500


async def join_incidents(
    connection: AsyncConnection,
    new: Sequence[dict[str, Any]],
    parents: Mapping[int, int],
    now_ms: int,
) -> None:
    """Give each new alarm its incident: that of its parent device or of the device itself."""
    roots = {alarm["id"]: parents.get(alarm["device_id"], alarm["device_id"]) for alarm in new}
    known: dict[int, int] = {}
    wanted = sorted(set(roots.values()))
    for start in range(0, len(wanted), _ROOM):
        found = await connection.execute(
            select(incidents.c.id, incidents.c.device_id).where(
                incidents.c.device_id.in_(wanted[start : start + _ROOM]),
                incidents.c.last_ms > now_ms - JOIN_MS,
                incidents.c.closed_ms.is_(None),
            )
        )
        known |= {row.device_id: row.id for row in found}
    if known:
        await connection.execute(
            update(incidents)
            .where(incidents.c.id.in_(sorted(known.values())[: 10 * _ROOM]))
            .values(last_ms=now_ms)
        )
    missing = [root for root in wanted if root not in known]
    if missing:
        first = await take_numbers(connection, "incident", len(missing))
        owners = {roots[alarm["id"]]: alarm["org_id"] for alarm in new}
        lines = [
            {
                "id": number, "org_id": owners[root], "device_id": root, "opened_ms": now_ms,
                "last_ms": now_ms, "closed_ms": None,
            }
            for number, root in enumerate(missing, first)
        ]  # fmt: skip
        await connection.execute(insert(incidents), lines)
        known |= {line["device_id"]: line["id"] for line in lines}
    for alarm in new:
        alarm["incident_id"] = known[roots[alarm["id"]]]
