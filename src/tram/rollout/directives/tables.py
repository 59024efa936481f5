"""The tables of the directives register, in the registry's database (schema 0002)."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from tram.registry.kernel.personal_data import Declared, authorship, by_person, declare
from tram.registry.kernel.tables import BIG, id_column, metadata, ref_column

__all__ = (
    "document_links",
    "documents",
    "providers",
    "recommendations",
    "task_events",
    "tasks",
)

documents = Table(
    "documents",
    metadata,
    id_column(),
    Column("key", String(40), nullable=False, unique=True),
    Column("role", String(20), nullable=False),
    Column("kind", String(60), nullable=False),
    Column("number", String(80), nullable=False),
    Column("issued_on", Date),
    Column("issuer", String(200), nullable=False),
    Column("issuer_stated", Boolean, nullable=False),
    Column("subject", String(1000), nullable=False),
    Column("asks", JSON, nullable=False),
    Column("source", String(500), nullable=False),
    Column("mark", String(8), nullable=False),
    Column("note", String(500), nullable=False),
    Column("place", Integer, nullable=False),
    Column("folded", Text, nullable=False),
)

document_links = Table(
    "document_links",
    metadata,
    id_column(),
    ref_column("from_id", "documents.id"),
    Column("relation", String(20), nullable=False),
    ref_column("to_id", "documents.id"),
    UniqueConstraint("from_id", "relation", "to_id"),
    Index(None, "to_id"),
)

tasks = Table(
    "tasks",
    metadata,
    id_column(),
    Column("key", String(40), nullable=False, unique=True),
    ref_column("document_id", "documents.id"),
    Column("step", String(20), nullable=False),
    Column("text", String(2000), nullable=False),
    Column("responsible", String(300), nullable=False),
    Column("partners", String(500), nullable=False),
    Column("deadline", Date),
    Column("deadline_text", String(200), nullable=False),
    Index(None, "document_id"),
)

# Append-only: a task's state on a day is that of its last event until then.
task_events = Table(
    "task_events",
    metadata,
    id_column(),
    ref_column("task_id", "tasks.id"),
    Column("on", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("note", String(500), nullable=False),
    Column("entered_ms", BIG, nullable=False),
    ref_column("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Index(None, "task_id", "on"),
)

recommendations = Table(
    "recommendations",
    metadata,
    id_column(),
    Column("code", String(40), nullable=False, unique=True),
    Column("text", String(2000), nullable=False),
    Column("to_whom", String(300), nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("made_on", Date, nullable=False),
    Column("letter", String(40), nullable=False),
    Column("answer", String(2000), nullable=False),
    Column("answered_on", Date),
    Column("declined", Boolean, nullable=False),
    Column("existing", JSON, nullable=False),
    Column("existing_mark", String(8), nullable=False),
)

providers = Table(
    "providers",
    metadata,
    id_column(),
    Column("name", String(200), nullable=False),
    Column("folded", Text, nullable=False),
    Column("offers", JSON, nullable=False),
    Column("references", JSON, nullable=False),
    Column("contact", String(300), nullable=False),
    Column("source", String(500), nullable=False),
    Column("removed_ms", BIG),
)

declare(
    Declared(
        documents,
        free=("asks", "note"),
        plain=("key", "role", "kind", "number", "issuer", "subject", "source", "mark", "folded"),
    )
)
declare(Declared(document_links, plain=("relation",)))
declare(
    Declared(
        tasks,
        free=("text", "responsible", "partners"),
        plain=("key", "step", "deadline_text"),
    )
)
declare(
    Declared(
        task_events,
        (authorship(by_person(task_events.c.person_id), "person_name"),),
        free=("note",),
        plain=("state",),
        persons=("person_id",),
    )
)
declare(
    Declared(
        recommendations,
        free=("text", "to_whom", "answer", "existing"),
        plain=("code", "kinds", "letter", "existing_mark"),
    )
)
declare(
    Declared(
        providers,
        free=("contact", "offers", "references"),
        plain=("name", "folded", "source"),
    )
)
