"""The tables of the survey rounds."""

from sqlalchemy import JSON, Column, ColumnElement, Date, ForeignKey, Index, String, Table, select

from tram.registry.kernel.personal_data import (
    Declared,
    Subject,
    authorship,
    by_person,
    declare,
    signed,
)
from tram.registry.kernel.tables import BIG, id_column, metadata, ref_column

__all__ = ("events", "replies", "rounds")

rounds = Table(
    "survey_rounds",
    metadata,
    id_column(),
    Column("name", String(200), nullable=False),
    Column("purpose", String(1000), nullable=False),
    # The day that the answers are about.
    Column("as_of", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("counting_rule", String(40), nullable=False),
    # One of: open, closed.
    Column("state", String(12), nullable=False),
    Column("opened_ms", BIG, nullable=False),
    Column("closed_ms", BIG),
    ref_column("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
)

# One for each operator and each zone that a round asks.
replies = Table(
    "survey_replies",
    metadata,
    id_column(),
    ref_column("round_id", "survey_rounds.id"),
    Column("operator_id", BIG, ForeignKey("operators.id")),
    ref_column("zone_id", "zones.id", nullable=True),
    # One of: asked, submitted, returned, approved.
    Column("state", String(12), nullable=False),
    Column("answers", JSON, nullable=False),
    Column("note", String(1000), nullable=False),
    Column("submitted_ms", BIG),
    Column("submitted_by", String(200), nullable=False),
    Column("decided_ms", BIG),
    Column("decided_by", String(200), nullable=False),
    Column("reminded_ms", BIG),
    Index(None, "round_id", "operator_id", "zone_id"),
)

# Append-only: what happened to a reply, with the answers as they were.
events = Table(
    "survey_events",
    metadata,
    id_column(),
    ref_column("reply_id", "survey_replies.id"),
    # One of: ask, remind, remind-soon, remind-late (note: letters written), submit, return, approve.
    Column("action", String(12), nullable=False),
    Column("at_ms", BIG, nullable=False),
    ref_column("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Column("note", String(1000), nullable=False),
    Column("answers", JSON(none_as_null=True)),
    Index(None, "reply_id", "id"),
)


def _answered(subject: Subject) -> ColumnElement[bool]:
    """Replies at which the person did something."""
    return replies.c.id.in_(select(events.c.reply_id).where(events.c.person_id == subject.id))


declare(
    Declared(
        replies,
        (
            authorship(signed(replies.c.submitted_by, _answered), "submitted_by"),
            authorship(signed(replies.c.decided_by, _answered), "decided_by"),
        ),
        free=("answers", "note"),
        plain=("state",),
    )
)
declare(
    Declared(
        events,
        (authorship(by_person(events.c.person_id), "person_name"),),
        free=("note", "answers"),
        plain=("action",),
        persons=("person_id",),
    )
)
declare(
    Declared(
        rounds,
        (authorship(by_person(rounds.c.person_id), "person_name"),),
        free=("purpose",),
        plain=("name", "counting_rule", "state"),
        persons=("person_id",),
    )
)
