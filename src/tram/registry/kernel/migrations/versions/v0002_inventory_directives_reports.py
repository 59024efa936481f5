"""Schema 0002: frozen. Adds the inventory, the directives and the reports, with their permissions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

revision = "0002"
down_revision = "0001"

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only when the key's type is INTEGER.
BIG: TypeEngine[int] = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", BIG, primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, BIG, ForeignKey(target), nullable=nullable)


# What schema 0001 made, as far as this one refers to it.
organisations = Table("organisations", metadata, _id())
people = Table("people", metadata, _id())
roles = Table(
    "roles",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("permissions", JSON, nullable=False),
)

operators = Table(
    "operators",
    metadata,
    _id(),
    Column("code", String(40), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("place", Integer, nullable=False),
    _ref("org_id", "organisations.id", nullable=True),
)

official_counts = Table(
    "official_counts",
    metadata,
    _id(),
    _ref("operator_id", "operators.id"),
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
    _ref("person_id", "people.id", nullable=True),
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
    _id(),
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

documents = Table(
    "documents",
    metadata,
    _id(),
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
    _id(),
    _ref("from_id", "documents.id"),
    Column("relation", String(20), nullable=False),
    _ref("to_id", "documents.id"),
    UniqueConstraint("from_id", "relation", "to_id"),
    Index(None, "to_id"),
)

tasks = Table(
    "tasks",
    metadata,
    _id(),
    Column("key", String(40), nullable=False, unique=True),
    _ref("document_id", "documents.id"),
    Column("step", String(20), nullable=False),
    Column("text", String(2000), nullable=False),
    Column("responsible", String(300), nullable=False),
    Column("partners", String(500), nullable=False),
    Column("deadline", Date),
    Column("deadline_text", String(200), nullable=False),
    Index(None, "document_id"),
)

task_events = Table(
    "task_events",
    metadata,
    _id(),
    _ref("task_id", "tasks.id"),
    Column("on", Date, nullable=False),
    Column("state", String(20), nullable=False),
    Column("note", String(500), nullable=False),
    Column("entered_ms", BIG, nullable=False),
    _ref("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Index(None, "task_id", "on"),
)

recommendations = Table(
    "recommendations",
    metadata,
    _id(),
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
    _id(),
    Column("name", String(200), nullable=False),
    Column("folded", Text, nullable=False),
    Column("offers", JSON, nullable=False),
    Column("references", JSON, nullable=False),
    Column("contact", String(300), nullable=False),
    Column("source", String(500), nullable=False),
    Column("removed_ms", BIG),
)

report_texts = Table(
    "report_texts",
    metadata,
    _id(),
    Column("letter", String(60), nullable=False),
    Column("block", String(60), nullable=False),
    Column("text", Text, nullable=False),
    Column("at_ms", BIG, nullable=False),
    _ref("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Index(None, "letter", "block", "id"),
)

report_versions = Table(
    "report_versions",
    metadata,
    _id(),
    Column("letter", String(60), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("since", Date),
    Column("made_ms", BIG, nullable=False),
    _ref("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Column("content", JSON, nullable=False),
    Column("findings", JSON, nullable=False),
    Column("files", JSON, nullable=False),
    Index(None, "as_of", "id"),
)

_READS = ("inventory.read", "directive.read")
_KEEPS = (*_READS, "inventory.write", "directive.write", "report.read", "report.write")
NEW_PERMISSIONS: dict[str, tuple[str, ...]] = {
    "system-admin": _KEEPS,
    "ict-officer": _KEEPS,
    "department-leader": (*_READS, "report.read"),
    "province-viewer": (*_READS, "report.read"),
    "zone-authority": _READS,
    "environment-officer": _READS,
    "industry-officer": _READS,
    "traffic-officer": _READS,
    "security-officer": _READS,
    "labour-officer": _READS,
    "commune-officer": _READS,
    "operator-planner": (*_READS, "inventory.write"),
    "park-developer": ("inventory.read",),
    "telecom-authority": _READS,
}


def upgrade() -> None:
    """Make the new tables, and give the shipped roles what they need to use them."""
    connection = op.get_bind()
    there = {organisations, people, roles}
    metadata.create_all(
        connection, tables=[table for table in metadata.sorted_tables if table not in there]
    )
    for row in connection.execute(sa.select(roles)).all():
        new = [name for name in NEW_PERMISSIONS.get(row.name, ()) if name not in row.permissions]
        connection.execute(
            sa.update(roles)
            .where(roles.c.name == row.name)
            .values(permissions=[*row.permissions, *new])
        )
