"""The tables of what people agreed to and what they asked for about their personal data."""

from sqlalchemy import Column, String, Table
from sqlalchemy.schema import Index

from tram.registry.kernel.tables import BIG, id_column, metadata, ref_column

__all__ = ("consents", "data_requests")

# What somebody agreed to, in which wording, and when they took it back; never changed otherwise.
consents = Table(
    "consents",
    metadata,
    id_column(),
    ref_column("person_id", "people.id"),
    Column("purpose", String(40), nullable=False),
    Column("wording", String(20), nullable=False),
    Column("locale", String(8), nullable=False),
    Column("given_ms", BIG, nullable=False),
    Column("withdrawn_ms", BIG),
    Index(None, "person_id", "id"),
)

data_requests = Table(
    "data_requests",
    metadata,
    id_column(),
    ref_column("person_id", "people.id"),
    ref_column("org_id", "organisations.id"),
    Column("kind", String(20), nullable=False),
    Column("note", String(1000), nullable=False),
    Column("received_ms", BIG, nullable=False),
    Column("due_ms", BIG, nullable=False),
    Column("answered_ms", BIG),
    Column("answer", String(1000), nullable=False),
    ref_column("entered_by", "people.id", nullable=True),
    ref_column("answered_by", "people.id", nullable=True),
    Index(None, "org_id", "id"),
    Index(None, "person_id", "id"),
)
