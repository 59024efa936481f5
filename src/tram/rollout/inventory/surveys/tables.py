"""The tables of the survey rounds."""

from sqlalchemy import JSON, ColumnElement, Date, String, Table, select

from tram.registry.kernel.personal_data import Subject, authorship, declare, signed
from tram.registry.kernel.tables import BIG, indexes, numbered_table, optional, required

__all__ = ("events", "replies", "rounds")

rounds = numbered_table(
    "survey_rounds",
    *required(name=String(200), purpose=String(1000)),
    # The day that the answers are about.
    *required(as_of=Date),
    *required(due_on=Date, counting_rule=String(40)),
    # One of: open, closed.
    *required(state=String(12)),
    *required(opened_ms=BIG),
    *optional(closed_ms=BIG, person_id="people.id"),
    *required(person_name=String(200)),
)

# One for each operator and each zone that a round asks.
replies = numbered_table(
    "survey_replies",
    *required(round_id="survey_rounds.id"),
    *optional(operator_id="operators.id", zone_id="zones.id"),
    # One of: asked, submitted, returned, approved.
    *required(state=String(12)),
    *required(answers=JSON, note=String(1000)),
    *optional(submitted_ms=BIG),
    *required(submitted_by=String(200)),
    *optional(decided_ms=BIG),
    *required(decided_by=String(200)),
    *optional(reminded_ms=BIG),
    *indexes("round_id, operator_id, zone_id"),
)

# Append-only: what happened to a reply, with the answers as they were.
events = numbered_table(
    "survey_events",
    *required(reply_id="survey_replies.id"),
    # One of: ask, remind, remind-soon, remind-late (note: letters written), submit, return, approve.
    *required(action=String(12)),
    *required(at_ms=BIG),
    *optional(person_id="people.id"),
    *required(person_name=String(200), note=String(1000)),
    *optional(answers=JSON(none_as_null=True)),
    *indexes("reply_id, id"),
)


def _answered(table: Table, subject: Subject) -> ColumnElement[bool]:
    """Replies at which the person did something."""
    return table.c.id.in_(select(events.c.reply_id).where(events.c.person_id == subject.id))


declare(
    replies,
    authorship("submitted_by", whose=signed("submitted_by", _answered)),
    authorship("decided_by", whose=signed("decided_by", _answered)),
    free=("answers", "note"),
    plain=("state",),
)
declare(events, authorship("person_name"), free=("note", "answers"), plain=("action",))
declare(
    rounds, authorship("person_name"), free=("purpose",), plain=("name", "counting_rule", "state")
)
