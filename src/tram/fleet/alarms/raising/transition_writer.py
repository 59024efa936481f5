"""Transitions into alarms: one transaction with their place in the log, so that none is doubled.

An alarm is one row per rule and device until it is over (cleared and acknowledged): a condition that
comes and goes counts up instead of filling the list.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import bindparam, false, insert, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.alarms import AlarmState, NoticeState
from tram.domain.bounds import is_number
from tram.domain.ids import OrgId
from tram.fleet.alarms.alarm_counters import AlarmCounters
from tram.fleet.alarms.escalation_chains import (
    EscalationStep,
    enqueue,
    next_step_ms,
    steps_of,
    without_known,
)
from tram.fleet.alarms.raising.incidents import join_incidents
from tram.fleet.alarms.raising.transitions import Transition
from tram.fleet.alarms.set_aside import PART
from tram.fleet.alarms.suppression import Suppression, places_of, read_suppression
from tram.fleet.alarms.tables import alarm_events, alarms, notices, rule_progress, rules
from tram.fleet.rules.arrays import ConditionEvent
from tram.registry.kernel.database import Database, take_numbers
from tram.registry.kernel.set_aside import SetAsideEntry, apart
from tram.registry.kernel.tables import devices
from tram.runtime.clock import Clock
from tram.runtime.errors import is_of_the_entry
from tram.runtime.logging import get_logger

__all__ = ("READER", "TransitionWriter")

READER = "alarms"
TELLING, TRANSITION = "telling", "transition"
_ROWS_MAX = 2_000
_PARENT_GRACE_MS = 30_000
"""A device behind a silent gateway waits so long for the gateway's own alarm to explain it."""
log = get_logger()

_RAISING = (
    ConditionEvent.RAISE,
    ConditionEvent.REOPEN,
    ConditionEvent.FINDING,
    ConditionEvent.CONFIRM,
)


class TransitionWriter:
    """Writes what the engine says; ``committed`` tells how far that is."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def committed(self) -> tuple[int, int]:
        """Return epoch and sequence of the last block whose transitions are in the tables."""
        async with self._database.read() as connection:
            return await self._place(connection)

    async def commit(self, epoch: int, seq: int, said: Sequence[Transition]) -> bool:
        """Write happenings and their place; whether anything is to be sent now.

        What lies at or below the place of the same epoch is there already and is skipped.
        """
        has_notices = False
        for start in range(0, max(len(said), 1), _ROWS_MAX):
            part = said[start : start + _ROWS_MAX]
            until = seq if start + _ROWS_MAX >= len(said) else part[0].seq - 1
            try:
                told = await self._write(part, epoch, until)
            except Exception as error:
                if not is_of_the_entry(error):
                    raise
                log.warning("transitions are written one by one", exc_info=error)
                told = await self._write(part, epoch, until, one_by_one=True)
            has_notices = told or has_notices
        return has_notices

    async def _write(
        self, part: Sequence[Transition], epoch: int, until: int, *, one_by_one: bool = False
    ) -> bool:
        """Write some happenings and their place in one transaction; whether any is to be told."""
        async with self._database.write() as connection:
            done = await self._place(connection)
            fresh = [one for one in part if done[0] != epoch or one.seq > done[1]]
            told = bool(fresh) and await self._take(connection, fresh, one_by_one=one_by_one)
            if done[0] != epoch or until > done[1]:
                await self._move(connection, epoch, until)
        return told

    async def _take(
        self, connection: AsyncConnection, said: Sequence[Transition], *, one_by_one: bool
    ) -> bool:
        now_ms = self._clock.now_ms()
        if not one_by_one:
            return await Writing(connection, now_ms).take(said)
        told = [await _take_apart(connection, now_ms, one) for one in said]
        return any(told)

    async def retire(self, said: Sequence[Transition], *, everything: bool = False) -> bool:
        """End the alarms that no rule speaks for any more (or all); whether anything is to be sent.

        Those are what the engine names, and whatever the tables know: a rule that was changed,
        switched off or removed, a device that is gone. Doing it twice changes nothing.
        """
        try:
            return await self._retire(said, everything=everything, one_by_one=False)
        except Exception as error:
            if not is_of_the_entry(error):
                raise
            log.warning("alarms are ended one by one", exc_info=error)
        return await self._retire(said, everything=everything, one_by_one=True)

    async def _retire(
        self, said: Sequence[Transition], *, everything: bool, one_by_one: bool
    ) -> bool:
        async with self._database.write() as connection:
            orphans = or_(
                rules.c.removed_ms.is_not(None),
                rules.c.enabled.is_(False),
                rules.c.version != alarms.c.rule_version,
                devices.c.removed_ms.is_not(None),
                true() if everything else false(),
            )
            found = await connection.execute(
                select(alarms)
                .join(rules, rules.c.id == alarms.c.rule_id)
                .join(devices, devices.c.id == alarms.c.device_id)
                .where(alarms.c.state < AlarmState.CLEARED, orphans)
            )
            now_ms = self._clock.now_ms()
            left = [
                Transition(
                    ConditionEvent.REVOKE, row.rule_id, row.rule_version, row.device_id, row.episode_ms,
                    now_ms, None, retro=False, seq=row.log_seq,
                )
                for row in found
            ]  # fmt: skip
            if not said and not left:
                return False
            return await self._take(connection, [*said, *left], one_by_one=one_by_one)

    async def _place(self, connection: AsyncConnection) -> tuple[int, int]:
        found = await connection.execute(
            select(rule_progress.c.epoch, rule_progress.c.seq).where(
                rule_progress.c.name == READER
            )
        )
        row = found.one_or_none()
        return (row.epoch, row.seq) if row else (0, 0)

    async def _move(self, connection: AsyncConnection, epoch: int, seq: int) -> None:
        moved = await connection.execute(
            update(rule_progress)
            .where(rule_progress.c.name == READER)
            .values(epoch=epoch, seq=seq)
        )
        if not moved.rowcount:
            await connection.execute(
                insert(rule_progress).values(name=READER, epoch=epoch, seq=seq)
            )


class Writing:
    """One transaction: what it read, what it changes, what it says."""

    def __init__(self, connection: AsyncConnection, now_ms: int) -> None:
        self._connection = connection
        self._now_ms = now_ms
        self._counters = AlarmCounters()
        self._open: dict[tuple[int, int], dict[str, Any]] = {}
        self._new: list[dict[str, Any]] = []
        self._touched: dict[int, dict[str, Any]] = {}
        self._before: dict[int, tuple[Any, ...]] = {}
        self._events: list[dict[str, Any]] = []
        self._told: list[dict[str, Any]] = []
        self._cleared: list[int] = []
        self._ids: Iterator[int] = iter(())

    async def take(self, said: Sequence[Transition], *, tells: bool = True) -> bool:
        """Apply happenings in order; whether there are notices to send."""
        await self._read(said)
        for one in said:
            if one.rule in self._rules and one.device in self._devices:
                self._apply(one)
        await self._flush()
        return await self._tell() if tells else False

    async def _read(self, said: Sequence[Transition]) -> None:
        pairs = {(one.rule, one.device) for one in said}
        rule_ids, device_ids = {p[0] for p in pairs}, sorted({p[1] for p in pairs})
        found = await self._connection.execute(select(rules).where(rules.c.id.in_(rule_ids)))
        self._rules = {row.id: row for row in found}
        self._devices: dict[int, Any] = {}
        for start in range(0, len(device_ids), 500):
            some = device_ids[start : start + 500]
            self._devices |= await places_of(self._connection, some)
            for row in await self._connection.execute(
                select(alarms).where(
                    alarms.c.rule_id.in_(rule_ids),
                    alarms.c.device_id.in_(some),
                    alarms.c.state < AlarmState.OVER,
                )
            ):
                self._open[row.rule_id, row.device_id] = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy documents it
                self._before[row.id] = _counter_key(dict(row._mapping))  # noqa: SLF001  # the same
        count = sum(one.event in _RAISING for one in said)
        first = await take_numbers(self._connection, "alarm", count) if count else 0
        self._ids = iter(range(first, first + count))
        self._suppression: Suppression = await read_suppression(
            self._connection, self._now_ms, list(self._devices.values())
        )

    def _apply(self, one: Transition) -> None:
        alarm = self._open.get((one.rule, one.device))
        if one.event in _RAISING:
            self._raise(one, alarm)
        elif alarm is not None and one.event is ConditionEvent.SHIFT:
            if alarm["episode_ms"] == one.start:
                alarm["episode_ms"] = one.at
                alarm["started_ms"] = min(alarm["started_ms"], one.at)
                self._note(alarm, "moved", one)
        elif alarm is not None and alarm["episode_ms"] == one.start:
            self._clear(alarm, one)

    def _raise(self, one: Transition, alarm: dict[str, Any] | None) -> None:
        is_active = one.event is not ConditionEvent.FINDING
        if alarm is None:
            alarm = self._make(one)
        elif one.event is ConditionEvent.CONFIRM:
            alarm["retro"] = False
            self._note(alarm, "present", one)
            self._told.append(alarm)
            return
        elif not is_active or one.start < alarm["episode_ms"]:
            alarm["count"] += 1
            self._note(alarm, "late", one)
            return
        elif alarm["state"] < AlarmState.CLEARED and one.start == alarm["episode_ms"]:
            return
        else:
            alarm["count"] += int(one.event is ConditionEvent.RAISE)
            alarm["state"] = (
                AlarmState.ACTIVE if alarm["state"] == AlarmState.CLEARED else alarm["state"]
            )
            alarm |= {"episode_ms": one.start, "ended_ms": None, "value": one.value}
            if alarm["next_step"] > 0:
                alarm["next_ms"] = self._now_ms
            self._note(alarm, "again", one)
            return
        self._note(alarm, "raised" if is_active else "found", one)
        if is_active and not one.retro and not alarm["held"]:
            self._told.append(alarm)

    def _make(self, one: Transition) -> dict[str, Any]:
        device, rule = self._devices[one.device], self._rules[one.rule]
        is_active = one.event is not ConditionEvent.FINDING
        held, parent = self._suppression.reason(device, one.at, is_silence=rule.kind == "missing")
        alarm = {
            "id": next(self._ids), "rule_id": one.rule, "rule_version": one.version,
            "device_id": one.device, "org_id": device.org_id, "zone_id": device.zone_id,
            "sector": device.sector, "severity": rule.severity,
            "state": AlarmState.ACTIVE if is_active else AlarmState.CLEARED, "held": held, "retro": one.retro,
            "drill": self._suppression.drill_of(device.org_id) is not None,
            "started_ms": one.start, "episode_ms": one.start, "raised_ms": self._now_ms,
            "ended_ms": None if is_active else one.at, "acked_ms": None, "acked_by": "",
            "count": 1, "value": one.value, "assignee_id": None, "incident_id": None,
            "parent_id": parent, "shelved_until_ms": None, "next_step": 0, "next_ms": None,
            "log_seq": one.seq,
        }  # fmt: skip
        self._open[one.rule, one.device] = alarm
        self._new.append(alarm)
        if rule.kind == "missing" and is_active:
            self._suppression.silent_now(one.device, alarm["id"])
        return alarm

    def _clear(self, alarm: dict[str, Any], one: Transition) -> None:
        if alarm["state"] not in (AlarmState.ACTIVE, AlarmState.ACKED):
            alarm["ended_ms"] = one.at
            return
        alarm["state"] = (
            AlarmState.CLEARED if alarm["state"] == AlarmState.ACTIVE else AlarmState.OVER
        )
        alarm |= {"ended_ms": one.at, "next_ms": None}
        self._note(alarm, "revoked" if one.event is ConditionEvent.REVOKE else "cleared", one)
        self._cleared.append(alarm["id"])
        if alarm["state"] == AlarmState.OVER:
            del self._open[one.rule, one.device]

    def _note(self, alarm: dict[str, Any], kind: str, one: Transition) -> None:
        self._touched[alarm["id"]] = alarm
        self._events.append(
            {
                "alarm_id": alarm["id"], "at_ms": one.at, "kind": kind, "person_id": None,
                "person_name": "", "note": "", "value": one.value,
            }
        )  # fmt: skip

    async def _flush(self) -> None:
        fresh = {alarm["id"] for alarm in self._new}
        await join_incidents(self._connection, self._new, self._suppression.parents, self._now_ms)
        if self._new:
            await self._connection.execute(insert(alarms), self._new)
        changed = [a for a in self._touched.values() if a["id"] not in fresh]
        if changed:
            names = ("state", "held", "retro", "started_ms", "episode_ms", "ended_ms", "count",
                     "value", "next_step", "next_ms")  # fmt: skip
            await self._connection.execute(
                update(alarms)
                .where(alarms.c.id == bindparam("b_id"))
                .values({name: bindparam(f"b_{name}") for name in names}),
                [{"b_id": a["id"]} | {f"b_{name}": a[name] for name in names} for a in changed],
            )
        for alarm in self._touched.values():
            before = self._before.get(alarm["id"])
            self._counters.change(before, _counter_key(alarm))
        await self._counters.write(self._connection)
        if self._events:
            await self._connection.execute(insert(alarm_events), self._events)
        await self._suppression.hold_children(self._connection, self._now_ms)

    async def _tell(self) -> bool:
        sent = 0
        told_of = {alarm["rule_id"] for alarm in self._told}
        steps_by_rule: dict[int, list[EscalationStep]] = {
            number: await steps_of(self._connection, self._rules[number].chain_id)
            for number in told_of
        }
        held = self._suppression.held_now
        for alarm in self._told:
            steps = steps_by_rule[alarm["rule_id"]]
            if (
                not steps
                or alarm["id"] in held
                or alarm["state"] not in (AlarmState.ACTIVE, AlarmState.CLEARED)
            ):
                continue
            due_ms = self._now_ms + steps[0].after_s * 1000
            if self._is_behind_parent(alarm):
                due_ms += _PARENT_GRACE_MS
            alarm["drill_org"] = self._suppression.drill_of(alarm["org_id"])
            is_over = (
                alarm["state"] == AlarmState.CLEARED
            )  # it came and went while nobody could judge
            values: dict[str, Any] = {"next_step": 0, "next_ms": None if is_over else due_ms}
            if due_ms <= self._now_ms:
                sent += await enqueue(self._connection, alarm, 0, steps[0], self._now_ms)
                following = next_step_ms(steps, 1, alarm["raised_ms"])
                values = {"next_step": 1, "next_ms": None if is_over else following}
            await self._connection.execute(
                update(alarms).where(alarms.c.id == alarm["id"]).values(values)
            )
        return sent + await self._say_cleared() > 0

    def _is_behind_parent(self, alarm: dict[str, Any]) -> bool:
        is_silence = self._rules[alarm["rule_id"]].kind == "missing"
        return is_silence and alarm["device_id"] in self._suppression.parents

    async def _say_cleared(self) -> int:
        """Tell those who were told of an alarm, or are about to be, that it has ended."""
        if not self._cleared:
            return 0
        told = await self._connection.execute(
            select(notices).where(
                notices.c.alarm_id.in_(self._cleared),
                notices.c.kind == "alarm",
                or_(
                    notices.c.state == NoticeState.SENT,
                    (notices.c.state == NoticeState.WAITING) & (notices.c.reason != "quiet hours"),
                ),
            )
        )
        lines: dict[str, dict[str, Any]] = {}
        for row in told:
            counts = self._touched[row.alarm_id]["count"]
            to = f"p{row.person_id}" if row.person_id else f"w{row.webhook_id}"
            key = f"tram-clear-{row.alarm_id}-{counts}-{to}"
            lines[key] = {
                "key": key, "org_id": row.org_id, "alarm_id": row.alarm_id, "kind": "clear",
                "person_id": row.person_id, "webhook_id": row.webhook_id, "target": row.target,
                "state": NoticeState.WAITING, "attempts": 0, "made_ms": self._now_ms,
                "next_ms": self._now_ms, "reason": "", "body": "",
            }  # fmt: skip
        fresh = await without_known(self._connection, list(lines.values()))
        if fresh:
            await self._connection.execute(insert(notices), fresh)
        return len(fresh)


async def _take_apart(connection: AsyncConnection, now_ms: int, one: Transition) -> bool:
    """Apply one happening; if nobody can be told of it, without telling; else set it aside.

    That is written with the place in the log, so that no transition is done twice for it.
    """
    key = f"{one.seq}-{one.rule}-{one.device}-{one.event.name.lower()}-{one.at}"
    org = await _owner(connection, one.device)
    for kind in (TELLING, TRANSITION):
        async with apart(connection, now_ms, SetAsideEntry(PART, kind, key, org)):
            return await Writing(connection, now_ms).take([one], tells=kind == TELLING)
    return False


async def _owner(connection: AsyncConnection, device: int) -> OrgId | None:
    if not is_number(device):
        return None
    found = await connection.execute(select(devices.c.org_id).where(devices.c.id == device))
    return found.scalar_one_or_none()


def _counter_key(alarm: dict[str, Any]) -> tuple[Any, ...]:
    return (
        alarm["org_id"], alarm["zone_id"] or 0, alarm["sector"], alarm["severity"],
        alarm["state"], int(bool(alarm["held"])),
    )  # fmt: skip
