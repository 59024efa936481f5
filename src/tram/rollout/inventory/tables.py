"""The tables of the inventory, in the registry's database (schema 0002)."""

from sqlalchemy import Boolean, Column, Date, ForeignKey, Index, Integer, String, Table, Text

from tram.registry.kernel.personal_data import Declared, authorship, by_person, declare
from tram.registry.kernel.tables import BIG, id_column, metadata, ref_column

__all__ = ("counting_rules", "official_counts", "operators", "targets")

operators = Table(
    "operators",
    metadata,
    id_column(),
    Column("code", String(40), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("place", Integer, nullable=False),
    ref_column("org_id", "organisations.id", nullable=True),
)

# Append-only: a correction is another row that names the one it corrects.
official_counts = Table(
    "official_counts",
    metadata,
    id_column(),
    ref_column("operator_id", "operators.id"),
    Column("technology", String(4), nullable=False),
    Column("scope", String(40), nullable=False),
    Column("count", Integer),
    Column("as_of", Date, nullable=False),
    Column("as_of_mark", String(20), nullable=False),
    Column("source", String(500), nullable=False),
    Column("source_mark", String(8), nullable=False),
    Column("document", String(40), nullable=False),
    Column("note", String(500), nullable=False),
    Column("entered_ms", BIG, nullable=False),
    ref_column("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Column("corrects", BIG, ForeignKey("official_counts.id"), unique=True),
    Index(None, "operator_id", "technology", "as_of"),
)

counting_rules = Table(
    "counting_rules",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("name_vi", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("text_vi", Text, nullable=False),
    Column("text_en", Text, nullable=False),
    Column("source", String(500), nullable=False),
    Column("source_mark", String(8), nullable=False),
    Column("document", String(40), nullable=False),
)

targets = Table(
    "targets",
    metadata,
    id_column(),
    Column("key", String(60), nullable=False, unique=True),
    Column("name_vi", String(300), nullable=False),
    Column("name_en", String(300), nullable=False),
    Column("indicator", String(40), nullable=False),
    Column("scope", String(40), nullable=False),
    Column("unit", String(20), nullable=False),
    # Decimal digits as text: neither database may round what a document says.
    Column("value", String(20), nullable=False),
    Column("base_rule", String(20), nullable=False),
    Column("base_date", Date),
    Column("base_value", Integer),
    Column("base_stated", Boolean, nullable=False),
    Column("base_note", String(500), nullable=False),
    Column("deadline", Date, nullable=False),
    Column("source", String(500), nullable=False),
    Column("source_mark", String(8), nullable=False),
    Column("document", String(40), nullable=False),
    Column("quote", String(1000), nullable=False),
    Column("counting_rule", String(40), nullable=False),
    Column("note", String(500), nullable=False),
    Column("retired_ms", BIG),
)

declare(Declared(operators, plain=("code", "name")))
declare(
    Declared(
        official_counts,
        (authorship(by_person(official_counts.c.person_id), "person_name"),),
        free=("note",),
        plain=("technology", "scope", "as_of_mark", "source", "source_mark", "document"),
        persons=("person_id",),
    )
)
declare(
    Declared(
        counting_rules,
        plain=(
            "key", "name_vi", "name_en", "text_vi", "text_en", "source", "source_mark", "document",
        ),
    )
)  # fmt: skip
declare(
    Declared(
        targets,
        free=("note", "base_note"),
        plain=(
            "key", "name_vi", "name_en", "indicator", "scope", "unit", "value", "base_rule",
            "source", "source_mark", "document", "quote", "counting_rule",
        ),
    )
)  # fmt: skip
