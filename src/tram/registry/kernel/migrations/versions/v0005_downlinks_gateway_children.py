"""Schema 0005: frozen. Downlinks, shared attributes, devices behind a gateway, free topics."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.types import TypeEngine

revision = "0005"
down_revision = "0004"

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

Table("devices", metadata, Column("id", BIG, primary_key=True))
Table("people", metadata, Column("id", BIG, primary_key=True))
counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BIG, nullable=False),
)

downlinks = Table(
    "downlinks",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("device_id", BIG, ForeignKey("devices.id"), nullable=False),
    Column("person_id", BIG, ForeignKey("people.id")),
    Column("kind", String(20), nullable=False),
    Column("body", Text, nullable=False),
    Column("oneway", Boolean, nullable=False, server_default=false()),
    Column("state", String(20), nullable=False),
    Column("handed", Boolean, nullable=False, server_default=false()),
    Column("created_ms", BIG, nullable=False),
    Column("expires_ms", BIG, nullable=False),
    Column("delivered_ms", BIG),
    Column("done_ms", BIG),
    Column("answer", Text),
    Index(None, "device_id", "id"),
)
_OPEN = text("done_ms IS NULL")
Index(
    "ix_downlinks_open",
    downlinks.c.expires_ms,
    sqlite_where=_OPEN,
    postgresql_where=_OPEN,
)

shared_attributes = Table(
    "shared_attributes",
    metadata,
    Column("device_id", BIG, ForeignKey("devices.id"), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_ms", BIG, nullable=False),
)


def upgrade() -> None:
    """Widen devices and profiles, make the new tables and the counter of downlinks."""
    op.add_column("devices", Column("via_id", BIG))
    behind = text("via_id IS NOT NULL AND removed_ms IS NULL")
    op.create_index(
        "uq_devices_via",
        "devices",
        ["via_id", "name"],
        unique=True,
        sqlite_where=behind,
        postgresql_where=behind,
    )
    op.add_column("profiles", Column("topics", JSON, nullable=False, server_default="[]"))
    metadata.create_all(op.get_bind(), tables=[downlinks, shared_attributes])
    op.get_bind().execute(sa.insert(counters).values(name="downlink", value=0))
