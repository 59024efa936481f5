"""The console's questions and deeds: lists that stay quick over a million alarms, and their handling."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Select, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.alarms import AlarmState, HeldBy, NoticeState
from tram.domain.permissions import Permission
from tram.fleet.alarms.alarm_counters import AlarmCounters, counter_key
from tram.fleet.alarms.console.alarm_filter import AlarmFilter, conditions
from tram.fleet.alarms.console.counts import count_all, count_open
from tram.fleet.alarms.limits import (
    ACT_ALARMS_MAX,
    ACT_NOTE_CHARACTERS_MAX,
    ALARM_EVENTS_MAX,
    COUNTED_MAX,
    SHELVE_MS_MAX,
)
from tram.fleet.alarms.tables import (
    alarm_events,
    alarms,
    notices,
    rule_versions,
    rules,
)
from tram.fleet.alarms.views import (
    AlarmAct,
    AlarmCounts,
    AlarmDetail,
    AlarmEvent,
    AlarmPage,
    AlarmRow,
    RuleContent,
)
from tram.fleet.alarms.visibility import alarm_is_visible, device_may_have_some
from tram.fleet.rules.kinds import SEVERITIES
from tram.registry.kernel.access import denied, org_is_visible, permissions_over
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked, search_words
from tram.registry.kernel.database import AnyRow, Database, fields_of
from tram.registry.kernel.paging import bounded, number_after
from tram.registry.kernel.tables import devices, organisations, people, zones
from tram.registry.kernel.viewer import Viewer
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("AlarmConsole",)

_ACTS = ("ack", "clear", "comment", "assign", "shelve", "unshelve")


class _Noted(NamedTuple):
    """What a person did, with their words."""

    kind: str
    note: str
    at_ms: int


class AlarmConsole:
    """Alarms as people see and handle them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def page(
        self, viewer: Viewer, wanted: AlarmFilter, *, after: str | None = None, limit: int = 50
    ) -> AlarmPage:
        """Return a page, newest first."""
        viewer.needs(Permission.ALARM_READ)
        limit = bounded(limit)
        now_ms = self._clock.now_ms()
        chosen = [alarm_is_visible(viewer, Permission.ALARM_READ, now_ms), *conditions(wanted)]
        words = search_words(wanted.search)
        named = select(devices.c.id).where(
            device_may_have_some(viewer, now_ms),
            *(devices.c.folded.contains(word, autoescape=True) for word in words),
        )
        by_device = [alarms.c.device_id.in_(named)] if words else []
        async with self._database.read() as connection:
            total, is_exact = await self._total(connection, viewer, wanted, [*chosen, *by_device])
            if (
                words and not is_exact
            ):  # very many match: without an index (+ 0), from the newest on
                by_device = [(alarms.c.device_id + 0).in_(named)]
            statement = (
                _list().where(*chosen, *by_device).order_by(alarms.c.id.desc()).limit(limit)
            )
            if after is not None:
                statement = statement.where(alarms.c.id < number_after(after))
            items = [_row(row) for row in await connection.execute(statement)]
        following = str(items[-1].id) if len(items) == limit else None
        return AlarmPage(items=items, total=total, is_exact=is_exact, next_after=following)

    async def counts(self, viewer: Viewer) -> AlarmCounts:
        """Return how many alarms wait."""
        viewer.needs(Permission.ALARM_READ)
        async with self._database.read() as connection:
            return await count_open(connection, viewer, self._clock.now_ms())

    async def one(self, viewer: Viewer, alarm: int) -> AlarmDetail:
        """Return one alarm with its cause and history; ``alarm.unknown`` when out of reach."""
        viewer.needs(Permission.ALARM_READ)
        async with self._database.read() as connection:
            return await self._detail(connection, viewer, alarm)

    async def act(self, viewer: Viewer, chosen: Sequence[int], act: AlarmAct) -> int:
        """Do one thing to alarms and return how many they were; all of them or none."""
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.ALARM_WRITE)
        checked = Checked()
        checked.choice("deed", act.kind, _ACTS)
        note = checked.lines("note", act.note, ACT_NOTE_CHARACTERS_MAX, shortest=0)
        checked.unless(
            0 < len(chosen) <= ACT_ALARMS_MAX, "alarms", "alarms.count", most=ACT_ALARMS_MAX
        )
        if act.kind == "comment":
            checked.unless(note, "note", "comment.empty")
        if act.kind == "shelve":
            ends = act.until_ms or 0
            checked.unless(note, "note", "shelving.reason")
            checked.unless(
                now_ms < ends <= now_ms + SHELVE_MS_MAX, "until_ms",
                "shelving.end",
            )  # fmt: skip
        checked.done(Refused("alarm.deed_wrong", "This cannot be done to the alarms."))
        async with self._database.write() as connection:
            rows = await self._writable(connection, viewer, chosen)
            if act.person is not None:
                await _must_be_person(connection, viewer, act.person)
            counters = AlarmCounters()
            for row in rows:
                values = _change(row, act, viewer.name, now_ms)
                await connection.execute(
                    update(alarms).where(alarms.c.id == row.id).values(values)
                )
                state, held = values.get("state", row.state), values.get("held", row.held)
                after = (*counter_key(row)[:4], state, int(bool(held)))
                counters.change(counter_key(row), after)
                await self._note(connection, viewer, row, _Noted(act.kind, note, now_ms))
            await counters.write(connection)
            if act.kind in ("ack", "clear", "shelve"):
                await _skip_waiting(connection, [row.id for row in rows], now_ms)
            return len(rows)

    async def _writable(
        self, connection: AsyncConnection, viewer: Viewer, chosen: Sequence[int]
    ) -> list[Any]:
        reached = alarm_is_visible(viewer, Permission.ALARM_WRITE, self._clock.now_ms())
        found = await connection.execute(
            select(alarms).where(alarms.c.id.in_(sorted(set(chosen))), reached)
        )
        rows = list(found.all())
        if len(rows) != len(set(chosen)):
            visible = alarm_is_visible(viewer, Permission.ALARM_READ, self._clock.now_ms())
            known = await connection.execute(
                select(func.count()).where(alarms.c.id.in_(sorted(set(chosen))), visible)
            )
            if known.scalar_one() == len(set(chosen)):
                raise denied()
            raise _unknown()
        return rows

    async def _note(
        self, connection: AsyncConnection, viewer: Viewer, alarm: AnyRow, noted: _Noted
    ) -> None:
        kind, note, now_ms = noted
        await connection.execute(
            insert(alarm_events).values(
                alarm_id=alarm.id, at_ms=now_ms, kind=kind, person_id=viewer.person,
                person_name=viewer.name, note=note, value=None,
            )
        )  # fmt: skip
        entry = AuditEntry(f"alarm.{kind}", alarm.id, alarm.org_id, after={"note": note})
        await record(connection, viewer, now_ms, entry)

    async def _total(
        self,
        connection: AsyncConnection,
        viewer: Viewer,
        wanted: AlarmFilter,
        chosen: list[Any],
    ) -> tuple[int, bool]:
        if (wanted.search, wanted.device, wanted.rule, wanted.incident) == ("", None, None, None):
            return await count_all(connection, viewer, wanted, self._clock.now_ms())
        some = select(alarms.c.id).where(*chosen).limit(COUNTED_MAX + 1)
        total = (
            await connection.execute(select(func.count()).select_from(some.subquery()))
        ).scalar_one()
        return min(total, COUNTED_MAX), total <= COUNTED_MAX

    async def _detail(
        self, connection: AsyncConnection, viewer: Viewer, alarm: int
    ) -> AlarmDetail:
        reached = alarm_is_visible(viewer, Permission.ALARM_READ, self._clock.now_ms())
        found = await connection.execute(_list().where(alarms.c.id == alarm, reached))
        row = found.one_or_none()
        if row is None:
            raise _unknown()
        version = await connection.execute(
            select(rule_versions.c.content).where(
                rule_versions.c.rule_id == row.rule_id,
                rule_versions.c.version == row.rule_version,
            )
        )
        events = await connection.execute(
            select(alarm_events)
            .where(alarm_events.c.alarm_id == alarm)
            .order_by(alarm_events.c.id.desc())
            .limit(ALARM_EVENTS_MAX)
        )
        siblings = await connection.execute(
            select(func.count()).where(
                alarms.c.incident_id == row.incident_id, alarms.c.id != alarm, reached
            )
        )
        held = await permissions_over(connection, viewer, row.org_id, row.zone_id, row.sector)
        return AlarmDetail(
            **msgspec.structs.asdict(_row(row)),
            kind=row.kind,
            content=RuleContent.kept(version.scalar_one()),
            lon=row.lon,
            lat=row.lat,
            parent=row.parent_id,
            log_seq=row.log_seq,
            events=[
                AlarmEvent(
                    at_ms=event.at_ms, kind=event.kind, person_name=event.person_name,
                    note=event.note, value=event.value,
                )
                for event in events
            ],
            siblings=siblings.scalar_one(),
            permissions=sorted(held),
        )  # fmt: skip


def _joined() -> Any:  # noqa: ANN401  # a join of tables
    return (
        alarms.join(rules, rules.c.id == alarms.c.rule_id)
        .join(devices, devices.c.id == alarms.c.device_id)
        .join(organisations, organisations.c.id == alarms.c.org_id)
        .outerjoin(zones, zones.c.id == alarms.c.zone_id)
        .outerjoin(people, people.c.id == alarms.c.assignee_id)
    )


def _list() -> Select[Any]:
    return select(
        alarms,
        rules.c.name.label("rule_name"),
        rules.c.kind,
        devices.c.name.label("device_name"),
        devices.c.synthetic,
        devices.c.lon,
        devices.c.lat,
        organisations.c.name.label("org_name"),
        zones.c.name.label("zone_name"),
        people.c.name.label("assignee_name"),
    ).select_from(_joined())


def _change(row: AnyRow, act: AlarmAct, name: str, now_ms: int) -> dict[str, Any]:
    """Return the columns that an act changes; at least one."""
    same = {"count": fields_of(row)["count"]}
    match act.kind:
        case "ack" if row.acked_ms is None:
            state = AlarmState.OVER if row.state == AlarmState.CLEARED else max(row.state, 1)
            changed = {"state": state, "acked_ms": now_ms, "acked_by": name, "next_ms": None}
        case "clear":
            ended = row.ended_ms if row.ended_ms is not None else now_ms
            changed = {"state": AlarmState.OVER, "ended_ms": ended, "next_ms": None}
            if row.acked_ms is None:
                changed |= {"acked_ms": now_ms, "acked_by": name}
        case "assign":
            changed = {"assignee_id": act.person}
        case "shelve":
            changed = {"held": HeldBy.SHELVED, "shelved_until_ms": act.until_ms, "next_ms": None}
        case "unshelve" if row.held == HeldBy.SHELVED:
            changed = {"shelved_until_ms": now_ms}
        case _:
            changed = same
    return changed


async def _skip_waiting(connection: AsyncConnection, chosen: list[int], now_ms: int) -> None:
    """Take back notices that nobody needs any more."""
    await connection.execute(
        update(notices)
        .where(
            notices.c.alarm_id.in_(chosen),
            notices.c.state == NoticeState.WAITING,
            notices.c.kind == "alarm",
            notices.c.next_ms > now_ms,
        )
        .values(state="skipped", reason="handled", sent_ms=now_ms)
    )


async def _must_be_person(connection: AsyncConnection, viewer: Viewer, person: int) -> None:
    """Refuse anybody but oneself and the people that one may see."""
    known = or_(
        people.c.id == viewer.person,
        org_is_visible(viewer, Permission.PERSON_READ, people.c.org_id),
    )
    found = await connection.execute(select(people.c.id).where(people.c.id == person, known))
    if found.first() is None:
        raise Refused("alarm.deed_wrong", "There is no such person.", "Choose somebody else.")


def _unknown() -> Refused:
    return Refused(
        "alarm.unknown", "There is no such alarm, or you may not see it.", "Look at the list."
    )


def _row(row: AnyRow) -> AlarmRow:
    return AlarmRow(
        id=row.id,
        rule=row.rule_id,
        rule_name=row.rule_name,
        rule_version=row.rule_version,
        device=row.device_id,
        device_name=row.device_name,
        org=row.org_id,
        org_name=row.org_name,
        zone_name=row.zone_name,
        sector=row.sector,
        severity=SEVERITIES[row.severity],
        state=AlarmState(row.state).word,
        held=row.held,
        retro=row.retro,
        drill=row.drill,
        synthetic=row.synthetic,
        started_ms=row.started_ms,
        raised_ms=row.raised_ms,
        ended_ms=row.ended_ms,
        acked_ms=row.acked_ms,
        acked_by=row.acked_by,
        count=fields_of(row)["count"],
        value=row.value,
        assignee=row.assignee_id,
        assignee_name=row.assignee_name,
        incident=row.incident_id,
        shelved_until_ms=row.shelved_until_ms,
    )
