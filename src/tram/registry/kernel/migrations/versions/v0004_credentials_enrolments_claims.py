"""Schema 0004: frozen. More kinds of credentials, enrolment by key or authority, and claims."""

from typing import Any

import sqlalchemy as sa
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
    text,
)
from sqlalchemy.types import TypeEngine

revision = "0004"
down_revision = "0003"

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


# What schema 0001 made, as far as this one refers to it.
for name in ("organisations", "zones", "profiles", "devices"):
    Table(name, metadata, _id())
counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BIG, nullable=False),
)

enrolments = Table(
    "enrolments",
    metadata,
    _id(),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("org_id", BIG, ForeignKey("organisations.id"), nullable=False),
    Column("zone_id", BIG, ForeignKey("zones.id")),
    Column("sector", String(40), nullable=False),
    Column("profile_id", BIG, ForeignKey("profiles.id"), nullable=False),
    Column("key", String(64), nullable=False, unique=True),
    Column("digest", LargeBinary(32)),
    Column("certificate", LargeBinary),
    Column("devices_max", Integer, nullable=False),
    Column("devices_made", Integer, nullable=False),
    Column("until_ms", BIG),
    Column("created_ms", BIG, nullable=False),
    Column("revoked_ms", BIG),
    Index(None, "org_id"),
)

claims = Table(
    "claims",
    metadata,
    Column("device_id", BIG, ForeignKey("devices.id"), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("created_ms", BIG, nullable=False),
    Column("until_ms", BIG, nullable=False),
)


def _new_columns() -> list[Column[Any]]:
    return [
        Column("label", String(200), nullable=False, server_default=""),
        Column("certificate", LargeBinary),
        Column("until_ms", BIG),
        Column("enrolment_id", BIG),
    ]


_EXPIRES = text("until_ms IS NOT NULL AND revoked_ms IS NULL")


def upgrade() -> None:
    """Widen the credentials, make the new tables and the counter of enrolments."""
    for column in _new_columns():
        op.add_column("credentials", column)
    op.create_index("ix_credentials_enrolment_id", "credentials", ["enrolment_id"])
    op.create_index(
        "ix_credentials_until_ms",
        "credentials",
        ["until_ms"],
        sqlite_where=_EXPIRES,
        postgresql_where=_EXPIRES,
    )
    metadata.create_all(op.get_bind(), tables=[enrolments, claims])
    op.get_bind().execute(sa.insert(counters).values(name="enrolment", value=0))
