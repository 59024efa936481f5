"""Schema 0009: what a work loop set aside."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeEngine

revision = "0009"
down_revision = "0008"

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

# What earlier schemas made, as far as this one refers to it.
organisations = Table("organisations", metadata, Column("id", BIG, primary_key=True))
people = Table("people", metadata, Column("id", BIG, primary_key=True))

set_aside = Table(
    "set_aside",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("part", String(20), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("key", String(200), nullable=False),
    Column("org_id", BIG, ForeignKey("organisations.id")),
    Column("reason", String(300), nullable=False),
    Column("state", String(10), nullable=False),
    Column("times", BIG, nullable=False),
    Column("first_ms", BIG, nullable=False),
    Column("last_ms", BIG, nullable=False),
    UniqueConstraint("part", "kind", "key"),
    Index(None, "org_id", "id"),
)

known_browsers = Table(
    "known_browsers",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("person_id", BIG, ForeignKey("people.id"), nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("last_ms", BIG, nullable=False),
    Index(None, "person_id"),
)

consents = Table(
    "consents",
    metadata,
    Column("id", BIG, primary_key=True),
    Column("person_id", BIG, ForeignKey("people.id"), nullable=False),
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
    Column("id", BIG, primary_key=True),
    Column("person_id", BIG, ForeignKey("people.id"), nullable=False),
    Column("org_id", BIG, ForeignKey("organisations.id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("note", String(1000), nullable=False),
    Column("received_ms", BIG, nullable=False),
    Column("due_ms", BIG, nullable=False),
    Column("answered_ms", BIG),
    Column("answer", String(1000), nullable=False),
    Column("entered_by", BIG, ForeignKey("people.id")),
    Column("answered_by", BIG, ForeignKey("people.id")),
    Index(None, "org_id", "id"),
    Index(None, "person_id", "id"),
)

# What is due is asked for in turn of the organisations.
REPLACED_INDEXES = (
    ("ix_notices_state_next_ms", "notices", ("state", "org_id", "webhook_id", "next_ms")),
    ("ix_alarms_next_ms", "alarms", ("next_ms", "org_id")),
)


maintenance = Table(
    "maintenance_windows",
    metadata,
    Column("org_id", BIG),
    Column("device_id", BIG),
    Column("until_ms", BIG),
)
# What holds an alarm back is asked for by organisation or device, not over the province.
window_indexes = (
    Index(None, maintenance.c.org_id, maintenance.c.until_ms),
    Index(None, maintenance.c.device_id, maintenance.c.until_ms),
)

# Devices behind a gateway are found by the name that it gives them, and counted by organisation.
behind = text("removed_ms IS NULL AND via_id IS NOT NULL")
BEHIND_INDEXES = (
    ("ix_devices_via", ("via_id", "name")),
    ("ix_devices_behind", ("org_id", "via_id")),
)


def upgrade() -> None:
    """Make the tables and indexes."""
    set_aside.create(op.get_bind())
    known_browsers.create(op.get_bind())
    consents.create(op.get_bind())
    data_requests.create(op.get_bind())
    op.add_column("jobs", Column("attempts", BIG, nullable=False, server_default="0"))
    for index in window_indexes:
        index.create(op.get_bind())
    for name, pair in BEHIND_INDEXES:
        op.create_index(name, "devices", list(pair), sqlite_where=behind, postgresql_where=behind)
    for name, table, columns in REPLACED_INDEXES:
        op.drop_index(name, table)
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
