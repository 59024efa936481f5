"""What happens to alarms as time passes: next steps, ends of shelving, of maintenance, of parents."""

import asyncio
from typing import Any

import msgspec
from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.fleet.alarms.chains import Step, enqueue, next_step_ms
from tram.fleet.alarms.holding import read_holding
from tram.fleet.alarms.tables import alarm_events, alarm_tallies, alarms, chains, incidents, rules
from tram.fleet.alarms.tallies import Tallies, tally_key
from tram.registry.database import Database
from tram.registry.tables import devices
from tram.runtime.clock import Clock
from tram.runtime.errors import Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.progress import LOOPS

__all__ = ("Escalation",)

_PAUSE_S = 1.0
QUIET_S = 120.0
"""A loop that says nothing for longer hangs."""
_ROWS = 200
_CLEARED = 2
_QUIET_MS = 1_800_000
_HELD_MS = 5_000
"""So often it is asked whether announced work or a parent's silence is over."""

log = get_logger()


class Escalation:
    """Looks every second at what is due."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._looked_ms = 0
        self._looked_until = 0

    async def run(self, wake: Any) -> None:  # noqa: ANN401  # a call without arguments
        """Run for ever; calls ``wake`` when there is something to send."""
        beat = LOOPS.begin("escalation", QUIET_S)
        while True:
            beat.beat()
            try:
                if await self.once():
                    wake()
            except Unavailable as error:
                log.exception("escalation waits for the registry")
                beat.wait(error.sentence)
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
        due = or_(alarms.c.next_ms <= now_ms, alarms.c.shelved_until_ms <= now_ms)
        questions = [select(alarms.c.id).where(due).limit(1)]
        if looks_at_held:  # the tallies know whether there are any, without looking at all alarms
            questions.append(
                select(alarm_tallies.c.count)
                .where(
                    alarm_tallies.c.is_held == 1,
                    alarm_tallies.c.state < _CLEARED,
                    alarm_tallies.c.count > 0,
                )
                .limit(1)
            )
        async with self._database.read() as connection:
            for question in questions:
                if (await connection.execute(question)).first() is not None:
                    return True
        return False

    async def _steps(self, connection: AsyncConnection, now_ms: int) -> int:
        rows = await connection.execute(
            select(alarms, chains.c.steps)
            .join(rules, rules.c.id == alarms.c.rule_id)
            .outerjoin(chains, (chains.c.id == rules.c.chain_id) & chains.c.removed_ms.is_(None))
            .where(alarms.c.next_ms <= now_ms)
            .limit(_ROWS)
        )
        sent = 0
        for row in rows.all():
            steps = msgspec.convert(row.steps or [], list[Step])
            alarm = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy documents it
            number = row.next_step
            is_open = row.state == 0 and not row.held and number < len(steps)
            values: dict[str, Any] = {"next_ms": None}
            if is_open:
                places = await _places(connection, [row.device_id])
                holding = await read_holding(connection, now_ms, list(places.values()))
                alarm["drill_org"] = holding.drill_of(row.org_id)
                sent += await enqueue(connection, alarm, number, steps[number], now_ms)
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
        rows = await self._maybe_over(connection, alarms.c.shelved_until_ms <= now_ms)
        if looks_at_held:
            self._looked_ms = now_ms
            is_held = alarms.c.held.in_(("maintenance", "parent")) & (alarms.c.state < _CLEARED)
            some = await self._maybe_over(connection, is_held & (alarms.c.id > self._looked_until))
            self._looked_until = some[-1].id if len(some) == _ROWS else 0
            rows += some
        places = await _places(connection, [row.device_id for row in rows])
        holding = await read_holding(connection, now_ms, list(places.values()))
        tallies, released = Tallies(), 0
        for row in {row.id: row for row in rows}.values():
            is_silence = row.held == "parent"
            reason, _ = holding.reason(places[row.device_id], now_ms, is_silence=is_silence)
            is_shelved = row.shelved_until_ms is not None and row.shelved_until_ms > now_ms
            if reason or is_shelved:
                continue
            key = tally_key(row)
            tallies.change(key, (*key[:-1], 0))
            values: dict[str, Any] = {"held": "", "shelved_until_ms": None}
            if row.state == 0 and not row.retro:
                values |= {"next_ms": now_ms + (30_000 if is_silence else 0)}
            await connection.execute(update(alarms).where(alarms.c.id == row.id).values(values))
            await _event(connection, row.id, now_ms, "released", row.held)
            released += 1
        await tallies.write(connection)
        return released

    async def _maybe_over(self, connection: AsyncConnection, which: Any) -> list[Any]:  # noqa: ANN401  # a condition
        found = await connection.execute(
            select(alarms).where(which).order_by(alarms.c.id).limit(_ROWS)
        )
        return list(found.all())

    async def _close_incidents(self, connection: AsyncConnection, now_ms: int) -> None:
        still = select(alarms.c.incident_id).where(
            alarms.c.state < 3,  # noqa: PLR2004  # not over
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


async def _places(connection: AsyncConnection, chosen: list[int]) -> dict[int, Any]:
    """Return where devices are, by number."""
    found = await connection.execute(
        select(devices.c.id, devices.c.org_id, devices.c.zone_id, devices.c.sector).where(
            devices.c.id.in_(chosen)
        )
    )
    return {row.id: row for row in found}


async def _event(
    connection: AsyncConnection, alarm: int, now_ms: int, kind: str, note: str
) -> None:
    await connection.execute(
        insert(alarm_events).values(
            alarm_id=alarm, at_ms=now_ms, kind=kind, person_id=None, person_name="", note=note,
            value=None,
        )
    )  # fmt: skip
