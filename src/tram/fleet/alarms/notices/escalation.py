"""What happens to alarms as time passes: next steps, ends of shelving, of maintenance, of parents."""

import asyncio
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.alarms import AlarmState, HeldBy
from tram.fleet.alarms.alarm_counters import AlarmCounters, counter_key
from tram.fleet.alarms.escalation_chains import enqueue, kept_steps, next_step_ms
from tram.fleet.alarms.set_aside import PART
from tram.fleet.alarms.suppression import Suppression, places_of, read_suppression
from tram.fleet.alarms.tables import alarm_events, alarm_tallies, alarms, chains, incidents, rules
from tram.registry.kernel.database import AnyRow, Database
from tram.registry.kernel.set_aside import SetAsideEntry, apart, is_aside
from tram.runtime.clock import Clock
from tram.runtime.errors import Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.watch.loops import LOOPS

__all__ = ("Escalation",)

STEP, RELEASE = "alarm step", "alarm release"
_PARENT_GRACE_MS = 30_000
_PAUSE_S = 1.0
QUIET_S = 120.0
"""A loop that says nothing for longer hangs."""
_ROWS = 200
_QUIET_MS = 1_800_000
_HELD_MS = 5_000
"""So often it is asked whether announced work or a parent's silence is over."""

log = get_logger()


class Escalation:
    """Looks every second at what is due; organisations share what is done in one look."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._looked_ms = 0
        self._looked_until: dict[int, int] = {}

    async def run(self, wake: Any) -> None:  # noqa: ANN401  # a call without arguments
        """Run for ever; calls ``wake`` when there is something to send."""
        heartbeat = LOOPS.begin("escalation", QUIET_S)
        while True:
            heartbeat.heartbeat()
            try:
                if await self.once():
                    wake()
            except Unavailable as error:
                log.exception("escalation waits for the registry")
                heartbeat.wait(error.sentence)
            await asyncio.sleep(_PAUSE_S)

    async def once(self) -> bool:
        """Do what is due now; whether there is something to send."""
        now_ms = self._clock.now_ms()
        looks_at_held = now_ms >= self._looked_ms + _HELD_MS
        if not await self._is_due(now_ms, looks_at_held=looks_at_held):
            return False
        async with self._database.write() as connection:
            released = await self._release(connection, now_ms, looks_at_held=looks_at_held)
            sent = await self._steps(connection, now_ms)
            await self._close_incidents(connection, now_ms)
        return sent + released > 0

    async def _is_due(self, now_ms: int, *, looks_at_held: bool) -> bool:
        questions = [
            select(alarms.c.id).where(due).limit(1)
            for due in (_step_is_due(now_ms), _shelving_is_over(now_ms))
        ]
        if looks_at_held:  # the counters know whether there are any, without looking at all alarms
            questions.append(_orgs_with_held().limit(1))
        async with self._database.read() as connection:
            for question in questions:
                if (await connection.execute(question)).first() is not None:
                    return True
        return False

    async def _steps(self, connection: AsyncConnection, now_ms: int) -> int:
        due = _step_is_due(now_ms)
        wanted = (
            select(alarms, chains.c.steps)
            .join(rules, rules.c.id == alarms.c.rule_id)
            .outerjoin(chains, (chains.c.id == rules.c.chain_id) & chains.c.removed_ms.is_(None))
            .where(due)
            .order_by(alarms.c.next_ms, alarms.c.id)
        )
        sent = 0
        orgs = await _orgs(connection, select(alarms.c.org_id).where(due))
        for org in orgs:
            some = wanted.where(alarms.c.org_id == org).limit(_share(orgs))
            for row in (await connection.execute(some)).all():
                async with apart(
                    connection, now_ms, SetAsideEntry(PART, STEP, str(row.id), row.org_id)
                ):
                    sent += await self._step(connection, row, now_ms)
        return sent

    async def _step(self, connection: AsyncConnection, row: AnyRow, now_ms: int) -> int:
        """Take the step of one alarm that is due; return how many are told."""
        steps, number, sent = kept_steps(row.steps), row.next_step, 0
        values: dict[str, Any] = {"next_ms": None}
        if row.state == AlarmState.ACTIVE and not row.held and number < len(steps):
            alarm = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy documents it
            places = await places_of(connection, [row.device_id])
            suppression = await read_suppression(connection, now_ms, list(places.values()))
            alarm["drill_org"] = suppression.drill_of(row.org_id)
            sent = await enqueue(connection, alarm, number, steps[number], now_ms)
            following = next_step_ms(steps, number + 1, row.raised_ms)
            values = {"next_step": number + 1, "next_ms": following}
            if number:
                await _event(connection, row.id, now_ms, "escalated", str(number + 1))
        await connection.execute(update(alarms).where(alarms.c.id == row.id).values(values))
        return sent

    async def _release(
        self, connection: AsyncConnection, now_ms: int, *, looks_at_held: bool
    ) -> int:
        """Let go of alarms whose reason to be quiet is over; they are told of now."""
        rows = await _first_of_each(connection, _shelving_is_over(now_ms))
        if looks_at_held:
            self._looked_ms = now_ms
            rows += await self._held(connection)
        places = await places_of(connection, [row.device_id for row in rows])
        suppression = await read_suppression(connection, now_ms, list(places.values()))
        released = 0
        for row in {row.id: row for row in rows}.values():
            async with apart(
                connection, now_ms, SetAsideEntry(PART, RELEASE, str(row.id), row.org_id)
            ):
                place = places.get(row.device_id)
                if place is not None and _is_free(suppression, place, row, now_ms):
                    await _let_go(connection, row, now_ms)
                    released += 1
        return released

    async def _held(self, connection: AsyncConnection) -> list[Any]:
        """Return some alarms of each organisation that something keeps quiet, the next every time."""
        found: list[Any] = []
        is_held = alarms.c.held.in_((HeldBy.MAINTENANCE, HeldBy.PARENT)) & (
            alarms.c.state < AlarmState.CLEARED
        )
        orgs = await _orgs(connection, _orgs_with_held())
        for org in orgs:
            after = alarms.c.id > self._looked_until.get(org, 0)
            after &= ~is_aside(PART, RELEASE, alarms.c.id)
            some = await _maybe_over(connection, org, is_held & after, _share(orgs))
            self._looked_until[org] = some[-1].id if len(some) == _share(orgs) else 0
            found += some
        return found

    async def _close_incidents(self, connection: AsyncConnection, now_ms: int) -> None:
        still = select(alarms.c.incident_id).where(
            alarms.c.state < AlarmState.OVER,
            alarms.c.incident_id.is_not(None),
        )
        await connection.execute(
            update(incidents)
            .where(
                incidents.c.closed_ms.is_(None),
                incidents.c.last_ms < now_ms - _QUIET_MS,
                incidents.c.id.not_in(still),
            )
            .values(closed_ms=now_ms)
        )


def _step_is_due(now_ms: int) -> ColumnElement[bool]:
    return (alarms.c.next_ms <= now_ms) & ~is_aside(PART, STEP, alarms.c.id)


def _shelving_is_over(now_ms: int) -> ColumnElement[bool]:
    return (alarms.c.shelved_until_ms <= now_ms) & ~is_aside(PART, RELEASE, alarms.c.id)


def _orgs_with_held() -> Select[Any]:
    return select(alarm_tallies.c.org_id).where(
        alarm_tallies.c.is_held == 1,
        alarm_tallies.c.state < AlarmState.CLEARED,
        alarm_tallies.c.count > 0,
    )


async def _orgs(connection: AsyncConnection, having: Select[Any]) -> list[int]:
    """Return the organisations that have something, each once."""
    return sorted((await connection.execute(having.distinct())).scalars())


def _share(orgs: Sequence[int]) -> int:
    """Return how many rows of each organisation one look takes."""
    return max(1, _ROWS // max(1, len(orgs)))


async def _first_of_each(connection: AsyncConnection, which: ColumnElement[bool]) -> list[Any]:
    orgs = await _orgs(connection, select(alarms.c.org_id).where(which))
    found: list[Any] = []
    for org in orgs:
        found += await _maybe_over(connection, org, which, _share(orgs))
    return found


async def _maybe_over(
    connection: AsyncConnection, org: int, which: ColumnElement[bool], most: int
) -> list[Any]:
    found = await connection.execute(
        select(alarms).where(alarms.c.org_id == org, which).order_by(alarms.c.id).limit(most)
    )
    return list(found.all())


def _is_free(suppression: Suppression, place: AnyRow, row: AnyRow, now_ms: int) -> bool:
    reason, _ = suppression.reason(place, now_ms, is_silence=row.held == HeldBy.PARENT)
    is_shelved = row.shelved_until_ms is not None and row.shelved_until_ms > now_ms
    return not reason and not is_shelved


async def _let_go(connection: AsyncConnection, row: AnyRow, now_ms: int) -> None:
    counters, key = AlarmCounters(), counter_key(row)
    counters.change(key, (*key[:-1], 0))
    values: dict[str, Any] = {"held": "", "shelved_until_ms": None}
    if row.state == AlarmState.ACTIVE and not row.retro:
        values |= {"next_ms": now_ms + (_PARENT_GRACE_MS if row.held == HeldBy.PARENT else 0)}
    await connection.execute(update(alarms).where(alarms.c.id == row.id).values(values))
    await _event(connection, row.id, now_ms, "released", row.held)
    await counters.write(connection)


async def _event(
    connection: AsyncConnection, alarm: int, now_ms: int, kind: str, note: str
) -> None:
    await connection.execute(
        insert(alarm_events).values(
            alarm_id=alarm, at_ms=now_ms, kind=kind, person_id=None, person_name="", note=note,
            value=None,
        )
    )  # fmt: skip
