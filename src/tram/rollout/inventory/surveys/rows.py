"""Rounds, replies and their events as they are read: queries, and rows as people see them."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.kernel.access import denied
from tram.registry.kernel.database import AnyRow, as_view
from tram.registry.kernel.repository import found_row
from tram.registry.kernel.tables import zones
from tram.rollout.inventory.geography.tables import zone_facts
from tram.rollout.inventory.surveys.tables import events, replies, rounds
from tram.rollout.inventory.surveys.views import (
    Answers,
    Reply,
    ReplyEvent,
    RoundSummary,
)
from tram.rollout.inventory.tables import operators
from tram.rollout.inventory.views import SIMULATED
from tram.runtime.errors import Refused

__all__ = ("events_of", "reply_of", "reply_row", "reply_rows", "round_row", "summary_of")


def reply_rows() -> Select[Any]:
    """Return the query of replies with who is asked and their round."""
    return (
        select(
            replies,
            operators.c.name.label("operator_name"),
            operators.c.code.label("operator_code"),
            operators.c.org_id.label("operator_org"),
            zone_facts.c.authority_id.label("authority"),
            zones.c.name.label("zone_name"),
            rounds.c.state.label("round_state"),
            rounds.c.name.label("round_name"),
            rounds.c.as_of.label("round_as_of"),
            rounds.c.due_on.label("round_due"),
        )
        .join(rounds, rounds.c.id == replies.c.round_id)
        .outerjoin(operators, operators.c.id == replies.c.operator_id)
        .outerjoin(zones, zones.c.id == replies.c.zone_id)
        .outerjoin(zone_facts, zone_facts.c.zone_id == replies.c.zone_id)
    )


async def round_row(connection: AsyncConnection, number: int) -> AnyRow:
    """Return a round's row; ``survey.unknown`` if there is none."""
    missing = Refused("survey.unknown", "There is no such round.", "Look at the list of rounds.")
    return await found_row(connection, select(rounds).where(rounds.c.id == number), missing)


async def reply_row(
    connection: AsyncConnection, reply: int, reached: ColumnElement[bool]
) -> AnyRow:
    """Return the row of a reply in reach."""
    question = reply_rows().where(replies.c.id == reply, reached)
    return await found_row(connection, question, denied())


async def events_of(
    connection: AsyncConnection, numbers: Sequence[int]
) -> dict[int, list[ReplyEvent]]:
    """Return what happened to replies, in order."""
    told: dict[int, list[ReplyEvent]] = defaultdict(list)
    chosen = select(events).where(events.c.reply_id.in_(numbers)).order_by(events.c.id)
    for row in await connection.execute(chosen):
        answers = None if row.answers is None else msgspec.convert(row.answers, Answers)
        event = as_view(ReplyEvent, row, by=row.person_name, answers=answers)
        told[row.reply_id].append(event)
    return told


def summary_of(row: AnyRow, states: Counter[str]) -> RoundSummary:
    """Return a round in the list; ``states`` counts its replies."""
    return as_view(
        RoundSummary,
        row,
        by=row.person_name,
        asked=states.total(),
        submitted=states["submitted"],
        approved=states["approved"],
    )


def reply_of(row: AnyRow, told: list[ReplyEvent]) -> Reply:
    """Return a reply as people see it."""
    return as_view(
        Reply,
        row,
        round=row.round_id,
        operator=row.operator_id,
        zone=row.zone_id,
        who=row.operator_name or row.zone_name,
        answers=msgspec.convert(row.answers, Answers),
        simulated=(row.operator_code or "").startswith(SIMULATED),
        events=told,
    )
