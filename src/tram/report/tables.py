"""The tables of the reports, in the registry's database (schema 0002)."""

from sqlalchemy import JSON, Column, Date, Index, String, Table, Text

from tram.registry.kernel.personal_data import Declared, authorship, by_person, declare
from tram.registry.kernel.tables import BIG, id_column, metadata, ref_column

__all__ = ("report_texts", "report_versions")

# Append-only: the newest row of a letter's block is its text, all of them are its history.
report_texts = Table(
    "report_texts",
    metadata,
    id_column(),
    Column("letter", String(60), nullable=False),
    Column("block", String(60), nullable=False),
    Column("text", Text, nullable=False),
    Column("at_ms", BIG, nullable=False),
    ref_column("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Index(None, "letter", "block", "id"),
)

report_versions = Table(
    "report_versions",
    metadata,
    id_column(),
    Column("letter", String(60), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("since", Date),
    Column("made_ms", BIG, nullable=False),
    ref_column("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Column("content", JSON, nullable=False),
    Column("findings", JSON, nullable=False),
    Column("files", JSON, nullable=False),
    Index(None, "as_of", "id"),
)

declare(
    Declared(
        report_texts,
        (authorship(by_person(report_texts.c.person_id), "person_name"),),
        free=("text",),
        plain=("letter", "block"),
        persons=("person_id",),
    )
)
# The content of a kept version is the official letter as it was sent: it stays as it is.
declare(
    Declared(
        report_versions,
        (authorship(by_person(report_versions.c.person_id), "person_name"),),
        plain=("letter", "content", "findings", "files"),
        persons=("person_id",),
    )
)
