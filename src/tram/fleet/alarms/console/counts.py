"""How many alarms there are: sums of counters, and what others lend counted beside them."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.alarms import AlarmState
from tram.fleet.alarms.console.alarm_filter import AlarmFilter, conditions
from tram.fleet.alarms.limits import COUNTED_MAX
from tram.fleet.alarms.tables import alarm_tallies, alarms
from tram.fleet.alarms.views import AlarmCounts
from tram.fleet.alarms.visibility import alarm_is_lent, counter_is_visible, something_is_lent
from tram.fleet.rules.kinds import SEVERITIES
from tram.registry.kernel.viewer import Viewer

__all__ = ("count_all", "count_open")


async def count_open(connection: AsyncConnection, viewer: Viewer, now_ms: int) -> AlarmCounts:
    """Return how many alarms are not over yet, those of lent devices among them."""
    table, is_held = alarm_tallies, alarms.c.held != ""
    rows = list(
        await connection.execute(
            select(
                table.c.severity, table.c.state, table.c.is_held,
                func.sum(table.c.count).label("n"),
            )
            .where(counter_is_visible(viewer), table.c.state < AlarmState.OVER)
            .group_by(table.c.severity, table.c.state, table.c.is_held)
        )
    )  # fmt: skip
    if await _something_is_lent(connection, viewer, now_ms):
        lent = (
            select(
                alarms.c.severity, alarms.c.state, is_held.label("is_held"),
                func.count().label("n"),
            )
            .where(alarm_is_lent(viewer, now_ms), alarms.c.state < AlarmState.OVER)
            .group_by(alarms.c.severity, alarms.c.state, is_held)
        )  # fmt: skip
        rows += await connection.execute(lent)
    unseen, waiting = dict.fromkeys(SEVERITIES, 0), dict.fromkeys(SEVERITIES, 0)
    for row in rows:
        if not row.is_held:
            waiting[SEVERITIES[row.severity]] += int(row.n)
            if row.state in {AlarmState.ACTIVE, AlarmState.CLEARED}:
                unseen[SEVERITIES[row.severity]] += int(row.n)
    return AlarmCounts(
        unacked=sum(unseen.values()),
        open=sum(waiting.values()),
        held=sum(int(row.n) for row in rows if row.is_held),
        by_severity=unseen,
        open_by_severity=waiting,
    )


async def count_all(
    connection: AsyncConnection, viewer: Viewer, wanted: AlarmFilter, now_ms: int
) -> tuple[int, bool]:
    """Return how many alarms a list without a search holds, and whether that is exact."""
    own = select(func.coalesce(func.sum(alarm_tallies.c.count), 0)).where(
        counter_is_visible(viewer), *conditions(wanted, alarm_tallies)
    )
    total = int((await connection.execute(own)).scalar_one())
    if not await _something_is_lent(connection, viewer, now_ms):
        return total, True
    some = (
        select(alarms.c.id)
        .where(alarm_is_lent(viewer, now_ms), *conditions(wanted))
        .limit(COUNTED_MAX + 1)
    )
    lent = (
        await connection.execute(select(func.count()).select_from(some.subquery()))
    ).scalar_one()
    return total + min(lent, COUNTED_MAX), lent <= COUNTED_MAX


async def _something_is_lent(connection: AsyncConnection, viewer: Viewer, now_ms: int) -> bool:
    found = await connection.execute(select(something_is_lent(viewer, now_ms)))
    return bool(found.scalar_one())
