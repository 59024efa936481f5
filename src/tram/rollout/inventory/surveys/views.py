"""Survey rounds as people see them: who is asked what until when, and what came back."""

from datetime import date
from typing import Annotated

import msgspec

from tram.domain.bounds import Count, Day, Line, Number

__all__ = ("ASKED_MAX", "Answers", "NewRound", "Reply", "ReplyEvent", "Round", "RoundSummary")


ASKED_MAX = 2_000
"""Operators, and zones, that one round asks."""


class Answers(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an operator (stations) or a zone's authority (the rest) answers."""

    stations_4g: Count | None = None
    stations_5g: Count | None = None
    devices: Count | None = None
    sectors: Line = ""
    fibre: Line = ""
    power: Line = ""
    needs: Line = ""


class NewRound(msgspec.Struct, frozen=True, kw_only=True):
    """A round to open; ``as_of`` is the day that the answers are about."""

    name: Line
    as_of: Day
    due_on: Day
    purpose: Line = ""
    operators: Annotated[list[Number], msgspec.Meta(max_length=ASKED_MAX)] = []
    zones: Annotated[list[Number], msgspec.Meta(max_length=ASKED_MAX)] = []


class ReplyEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a reply."""

    action: str
    at_ms: int
    by: str
    note: str
    answers: Answers | None


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """One that is asked; ``state`` is asked, submitted, returned or approved.

    ``listed_4g`` and ``listed_5g`` are what the list of stations says on the round's day.
    """

    id: int
    round: int
    operator: int | None
    zone: int | None
    who: str
    state: str
    answers: Answers
    note: str
    submitted_ms: int | None
    submitted_by: str
    decided_ms: int | None
    decided_by: str
    reminded_ms: int | None
    simulated: bool = False
    listed_4g: int | None = None
    listed_5g: int | None = None
    can_answer: bool = False
    events: list[ReplyEvent] = []


class RoundSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A round in a list."""

    id: int
    name: str
    purpose: str
    as_of: date
    due_on: date
    state: str
    opened_ms: int
    by: str
    asked: int
    submitted: int
    approved: int


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """A round with the replies that the viewer may see; ``keeper`` may decide about them."""

    summary: RoundSummary
    replies: list[Reply]
    keeper: bool
