"""Counts of alarms by place, severity and state: changed with the alarms, in their transaction."""

from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.fleet.alarms.tables import alarm_tallies
from tram.registry.kernel.database import AnyRow

__all__ = ("AlarmCounters", "counter_key")

_NAMES = ("org_id", "zone_id", "sector", "severity", "state", "is_held")


def counter_key(row: AnyRow) -> tuple[Any, ...]:
    """Return where an alarm is counted."""
    return (row.org_id, row.zone_id or 0, row.sector, row.severity, row.state, int(bool(row.held)))


class AlarmCounters:
    """Collects changes and writes them as sums."""

    def __init__(self) -> None:
        self._changes: dict[tuple[Any, ...], int] = {}

    def change(self, before: tuple[Any, ...] | None, after: tuple[Any, ...] | None) -> None:
        """Count one alarm from one place to another."""
        for key, step in ((before, -1), (after, 1)):
            if key is not None:
                self._changes[key] = self._changes.get(key, 0) + step

    async def write(self, connection: AsyncConnection) -> None:
        """Add the sums to the table."""
        for key, step in sorted(self._changes.items()):
            if not step:
                continue
            place = dict(zip(_NAMES, key, strict=True))
            moved = await connection.execute(
                update(alarm_tallies)
                .where(*(alarm_tallies.c[name] == value for name, value in place.items()))
                .values(count=alarm_tallies.c.count + step)
            )
            if not moved.rowcount:
                await connection.execute(insert(alarm_tallies).values(**place, count=step))
        self._changes.clear()
