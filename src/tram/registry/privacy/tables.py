"""The tables of what people agreed to and what they asked for about their personal data."""

from sqlalchemy import String

from tram.registry.kernel.tables import BIG, indexes, numbered_table, optional, required

__all__ = ("consents", "data_requests")

# What somebody agreed to, in which wording, and when they took it back; never changed otherwise.
consents = numbered_table(
    "consents",
    *required(person_id="people.id", purpose=String(40), wording=String(20), locale=String(8)),
    *required(given_ms=BIG),
    *optional(withdrawn_ms=BIG),
    *indexes("person_id, id"),
)

data_requests = numbered_table(
    "data_requests",
    *required(person_id="people.id", org_id="organisations.id", kind=String(20)),
    *required(note=String(1000), received_ms=BIG, due_ms=BIG),
    *optional(answered_ms=BIG),
    *required(answer=String(1000)),
    *optional(entered_by="people.id", answered_by="people.id"),
    *indexes("org_id, id", "person_id, id"),
)
