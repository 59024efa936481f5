"""The tables of the directives register, in the registry's database (schema 0002)."""

from sqlalchemy import JSON, Boolean, Column, Date, Integer, String, Text, UniqueConstraint

from tram.registry.kernel.personal_data import authorship, declare
from tram.registry.kernel.tables import BIG, indexes, numbered_table, optional, required

__all__ = (
    "document_links",
    "documents",
    "providers",
    "recommendations",
    "task_events",
    "tasks",
)

documents = numbered_table(
    "documents",
    Column("key", String(40), nullable=False, unique=True),
    *required(role=String(20), kind=String(60), number=String(80)),
    *optional(issued_on=Date),
    *required(issuer=String(200), issuer_stated=Boolean, subject=String(1000), asks=JSON),
    *required(source=String(500), mark=String(8), note=String(500), place=Integer, folded=Text),
)

document_links = numbered_table(
    "document_links",
    *required(from_id="documents.id", relation=String(20), to_id="documents.id"),
    UniqueConstraint("from_id", "relation", "to_id"),
    *indexes("to_id"),
)

tasks = numbered_table(
    "tasks",
    Column("key", String(40), nullable=False, unique=True),
    *required(document_id="documents.id", step=String(20), text=String(2000)),
    *required(responsible=String(300), partners=String(500)),
    *optional(deadline=Date),
    *required(deadline_text=String(200)),
    *indexes("document_id"),
)

# Append-only: a task's state on a day is that of its last event until then.
task_events = numbered_table(
    "task_events",
    *required(task_id="tasks.id", on=Date, state=String(20), note=String(500), entered_ms=BIG),
    *optional(person_id="people.id"),
    *required(person_name=String(200)),
    *indexes("task_id, on"),
)

recommendations = numbered_table(
    "recommendations",
    Column("code", String(40), nullable=False, unique=True),
    *required(text=String(2000), to_whom=String(300), kinds=JSON, made_on=Date),
    *required(letter=String(40), answer=String(2000)),
    *optional(answered_on=Date),
    *required(declined=Boolean, existing=JSON, existing_mark=String(8)),
)

providers = numbered_table(
    "providers",
    *required(name=String(200), folded=Text, offers=JSON, references=JSON, contact=String(300)),
    *required(source=String(500)),
    *optional(removed_ms=BIG),
)

declare(
    documents,
    free=("asks", "note"),
    plain=("key", "role", "kind", "number", "issuer", "subject", "source", "mark", "folded"),
)
declare(document_links, plain=("relation",))
declare(tasks, free=("text", "responsible", "partners"), plain=("key", "step", "deadline_text"))
declare(task_events, authorship("person_name"), free=("note",), plain=("state",))
declare(
    recommendations,
    free=("text", "to_whom", "answer", "existing"),
    plain=("code", "kinds", "letter", "existing_mark"),
)
declare(providers, free=("contact", "offers", "references"), plain=("name", "folded", "source"))
