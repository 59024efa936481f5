"""Who is told, after how long, and when not: chains, calendars, quiet hours and floods."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.alarms import NoticeState
from tram.domain.bounds import Number, is_number
from tram.domain.days import DAY_MS, MINUTE_MS, MONDAY_MS, VIETNAM_MS, local_day
from tram.fleet.alarms.limits import (
    FLOOD_MAX,
    FLOOD_MS,
    STEP_AFTER_S_MAX,
    STEP_PEOPLE_MAX,
    STEP_WEBHOOKS_MAX,
    STEPS_MAX,
)
from tram.fleet.alarms.tables import calendars, chains, contacts, notices, webhooks
from tram.fleet.rules.kinds import MINUTES_OF_DAY, Hours
from tram.registry.kernel.tables import org_closure, people

__all__ = (
    "EscalationStep",
    "enqueue",
    "in_span",
    "kept_steps",
    "minute_of",
    "next_step_ms",
    "steps_of",
    "without_known",
)

_WEEKDAYS = 7


class EscalationStep(msgspec.Struct, frozen=True, kw_only=True):
    """``after_s`` seconds after the alarm, unless somebody has acknowledged it meanwhile.

    With a calendar the step is taken only while the calendar is open (or shut, if not ``inside``).
    """

    after_s: Annotated[int, msgspec.Meta(ge=0, le=STEP_AFTER_S_MAX)] = 0
    people: Annotated[list[Number], msgspec.Meta(max_length=STEP_PEOPLE_MAX)] = []
    webhooks: Annotated[list[Number], msgspec.Meta(max_length=STEP_WEBHOOKS_MAX)] = []
    calendar: Number | None = None
    inside: bool = True


class _KeptStep(msgspec.Struct, frozen=True):
    """A step as any version of the product may have kept it."""

    after_s: int = 0
    people: list[int] = []
    webhooks: list[int] = []
    calendar: int | None = None
    inside: bool = True


def kept_steps(kept: object) -> list[EscalationStep]:
    """Return the steps of a chain as the table has them.

    What no check let in (numbers that no row can have, lists without end) names nobody: it is left
    out, and the rest of the chain goes on telling people.

    Raises:
        msgspec.ValidationError: when they are no steps at all.
    """
    found = msgspec.convert(kept or [], list[_KeptStep])
    return [
        EscalationStep(
            after_s=min(max(step.after_s, 0), STEP_AFTER_S_MAX),
            people=list(filter(is_number, step.people[:STEP_PEOPLE_MAX])),
            webhooks=list(filter(is_number, step.webhooks[:STEP_WEBHOOKS_MAX])),
            calendar=step.calendar if step.calendar and is_number(step.calendar) else None,
            inside=step.inside,
        )
        for step in found[:STEPS_MAX]
    ]


def minute_of(now_ms: int) -> int:
    """Return the minute of the Vietnamese day."""
    return ((now_ms + VIETNAM_MS) // MINUTE_MS) % MINUTES_OF_DAY


def in_span(minute: int, start: int, end: int) -> bool:
    """Tell whether a minute of the day lies in a span, which may go over midnight.

    >>> in_span(30, 22 * 60, 6 * 60), in_span(720, 22 * 60, 6 * 60)
    (True, False)
    """
    return start <= minute < end if start <= end else minute >= start or minute < end


def next_step_ms(steps: Sequence[EscalationStep], number: int, raised_ms: int) -> int | None:
    """Return when a step is due, None after the last."""
    return raised_ms + steps[number].after_s * 1000 if number < len(steps) else None


async def steps_of(connection: AsyncConnection, chain: int | None) -> list[EscalationStep]:
    """Return the steps of a chain; none if there is none."""
    if chain is None:
        return []
    found = await connection.execute(
        select(chains.c.steps).where(chains.c.id == chain, chains.c.removed_ms.is_(None))
    )
    return kept_steps(found.scalar_one_or_none())


async def enqueue(
    connection: AsyncConnection,
    alarm: dict[str, Any],
    number: int,
    step: EscalationStep,
    now_ms: int,
) -> int:
    """Put the notices of one step into the outbox; return how many."""
    if not await _is_open(connection, step, now_ms):
        return 0
    targets = [*await _persons(connection, alarm, step, now_ms)]
    if not alarm["drill"]:  # a drill never leaves the house
        targets += await _webhooks(connection, step)
    lines = [_line(alarm, number, target, now_ms) for target in targets]
    fresh = await without_known(connection, lines)
    for line in fresh:
        await _hold_flood(connection, line, now_ms)
    if fresh:
        await connection.execute(insert(notices), fresh)
    return len(fresh)


async def without_known(
    connection: AsyncConnection, lines: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the notices whose keys the outbox does not have yet."""
    found = await connection.execute(
        select(notices.c.key).where(notices.c.key.in_([line["key"] for line in lines]))
    )
    known = set(found.scalars())
    return [line for line in lines if line["key"] not in known]


def _line(
    alarm: dict[str, Any], number: int, target: dict[str, Any], now_ms: int
) -> dict[str, Any]:
    to = f"p{target['person_id']}" if target["person_id"] else f"w{target['webhook_id']}"
    return {
        "key": f"tram-alarm-{alarm['id']}-{number}-{to}",
        "org_id": alarm["org_id"],
        "alarm_id": alarm["id"],
        "kind": "alarm",
        "state": NoticeState.WAITING,
        "attempts": 0,
        "made_ms": now_ms,
        "body": "",
        **target,
    }


async def _persons(
    connection: AsyncConnection, alarm: dict[str, Any], step: EscalationStep, now_ms: int
) -> list[dict[str, Any]]:
    wanted = [people.c.id.in_(step.people), people.c.disabled.is_(False)]
    if alarm["drill"]:
        house = select(org_closure.c.descendant).where(
            org_closure.c.ancestor == alarm["drill_org"]
        )
        wanted.append(people.c.org_id.in_(house))
    rows = await connection.execute(
        select(contacts).join(people, people.c.id == contacts.c.person_id).where(*wanted)
    )
    targets = []
    for row in rows:
        if not row.email or alarm["severity"] < row.least_severity:
            continue
        next_ms, reason = now_ms, ""
        minute = minute_of(now_ms)
        is_quiet = row.quiet_start != row.quiet_end and in_span(
            minute, row.quiet_start, row.quiet_end
        )
        if is_quiet and alarm["severity"] < row.quiet_severity:
            wait_min = (row.quiet_end - minute) % MINUTES_OF_DAY
            next_ms, reason = now_ms + wait_min * MINUTE_MS, "quiet hours"
        targets.append(
            {
                "person_id": row.person_id,
                "webhook_id": None,
                "target": row.email,
                "next_ms": next_ms,
                "reason": reason,
            }
        )
    return targets


async def _webhooks(connection: AsyncConnection, step: EscalationStep) -> list[dict[str, Any]]:
    rows = await connection.execute(
        select(webhooks).where(webhooks.c.id.in_(step.webhooks), webhooks.c.removed_ms.is_(None))
    )
    return [
        {"person_id": None, "webhook_id": row.id, "target": row.url, "next_ms": 0, "reason": ""}
        for row in rows
    ]


async def _is_open(connection: AsyncConnection, step: EscalationStep, now_ms: int) -> bool:
    if step.calendar is None:
        return True
    found = await connection.execute(select(calendars).where(calendars.c.id == step.calendar))
    row = found.one_or_none()
    if row is None or row.removed_ms is not None:
        return True  # a calendar that is gone must not silence anybody
    is_holiday = local_day(now_ms).isoformat() in row.holidays
    day = ((now_ms + VIETNAM_MS - MONDAY_MS) // DAY_MS) % _WEEKDAYS
    spans = msgspec.convert(row.hours, list[Hours])
    minute = minute_of(now_ms)
    is_open = not is_holiday and any(
        (day in span.days and in_span(minute, span.start, max(span.end, span.start)))
        or (span.end <= span.start and day in span.days and minute >= span.start)
        or (span.end <= span.start and (day - 1) % _WEEKDAYS in span.days and minute < span.end)
        for span in spans
    )
    return is_open == step.inside


async def _hold_flood(connection: AsyncConnection, line: dict[str, Any], now_ms: int) -> None:
    """Hold a notice back when its target had enough of them; one digest says how many."""
    counting = select(func.count()).where(
        notices.c.target == line["target"],
        notices.c.made_ms > now_ms - FLOOD_MS,
        notices.c.kind == "alarm",
    )
    if (await connection.execute(counting)).scalar_one() < FLOOD_MAX:
        return
    line["state"], line["reason"] = NoticeState.HELD, "flood"
    slot = now_ms // FLOOD_MS
    digest = {
        **line,
        "key": f"tram-digest-{line['person_id'] or 0}-{line['webhook_id'] or 0}-{slot}",
        "kind": "digest",
        "alarm_id": None,
        "state": NoticeState.WAITING,
        "reason": "",
        "next_ms": (slot + 1) * FLOOD_MS,
    }
    known = await connection.execute(select(notices.c.id).where(notices.c.key == digest["key"]))
    if known.first() is None:
        await connection.execute(insert(notices), [digest])
