"""Schema 0001: frozen. A later schema is another file here; this one never changes."""

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
    text,
)
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None

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


counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BIG, nullable=False),
)

organisations = Table(
    "organisations",
    metadata,
    _id(),
    _ref("parent_id", "organisations.id", nullable=True),
    Column("kind", String(40), nullable=False),
    Column("name", String(200), nullable=False),
    Column("folded", Text, nullable=False),
    Column("code", String(40), nullable=False, unique=True),
    Index(None, "parent_id"),
)

org_closure = Table(
    "org_closure",
    metadata,
    Column("ancestor", BIG, ForeignKey("organisations.id"), primary_key=True),
    Column("descendant", BIG, ForeignKey("organisations.id"), primary_key=True),
    Column("depth", Integer, nullable=False),
    Index(None, "descendant", "ancestor"),
)

zones = Table(
    "zones",
    metadata,
    _id(),
    Column("code", String(40), nullable=False, unique=True),
    Column("kind", String(40), nullable=False),
    Column("name", String(200), nullable=False),
    Column("folded", Text, nullable=False),
    Column("status", String(200), nullable=False),
    Column("area_ha", Float),
    Column("area_mark", String(8), nullable=False),
    Column("area_source", Text, nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("coord_mark", String(8), nullable=False),
    Column("coord_quality", Text, nullable=False),
    Column("commune", String(200), nullable=False),
)

profiles = Table(
    "profiles",
    metadata,
    _id(),
    Column("key", String(60), nullable=False, unique=True),
    Column("name_vi", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("sector", String(40), nullable=False),
    Column("decoder", String(60), nullable=False),
    Column("expected_interval_s", Integer, nullable=False),
    Column("metrics", JSON, nullable=False),
)

roles = Table(
    "roles",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("title_vi", String(200), nullable=False),
    Column("title_en", String(200), nullable=False),
    Column("permissions", JSON, nullable=False),
)

people = Table(
    "people",
    metadata,
    _id(),
    _ref("org_id", "organisations.id"),
    Column("login", String(80), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("folded", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("locale", String(8), nullable=False),
    Column("theme", String(8), nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Index(None, "org_id"),
)

assignments = Table(
    "assignments",
    metadata,
    _id(),
    _ref("person_id", "people.id"),
    Column("role", String(60), ForeignKey("roles.name"), nullable=False),
    _ref("org_id", "organisations.id"),
    _ref("zone_id", "zones.id", nullable=True),
    Column("sector", String(40)),
    Index(None, "person_id"),
    Index(None, "org_id"),
)

# Failed log-ins by login and by address; keys are digests, for a password may be typed as a login.
attempts = Table(
    "attempts",
    metadata,
    Column("key", LargeBinary(32), primary_key=True),
    Column("failed", Integer, nullable=False),
    Column("last_ms", BIG, nullable=False),
    Column("locked_until_ms", BIG, nullable=False),
    Index(None, "last_ms"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    _ref("person_id", "people.id"),
    Column("csrf", String(64), nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("expires_ms", BIG, nullable=False),
    Column("last_seen_ms", BIG, nullable=False),
    Index(None, "person_id"),
    Index(None, "expires_ms"),
)

devices = Table(
    "devices",
    metadata,
    _id(),
    _ref("org_id", "organisations.id"),
    _ref("zone_id", "zones.id", nullable=True),
    Column("sector", String(40), nullable=False),
    _ref("profile_id", "profiles.id"),
    Column("name", String(200), nullable=False),
    Column("folded", Text, nullable=False),
    Column("code", String(80), nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("synthetic", Boolean, nullable=False, server_default=false()),
    Column("created_ms", BIG, nullable=False),
    Column("removed_ms", BIG),
)

_THERE = devices.c.removed_ms.is_(None)
Index(
    "ix_devices_folded",
    devices.c.folded,
    devices.c.id,
    sqlite_where=_THERE,
    postgresql_where=_THERE,
)
Index(
    "ix_devices_place",
    devices.c.org_id,
    devices.c.sector,
    devices.c.zone_id,
    sqlite_where=_THERE,
    postgresql_where=_THERE,
)
Index(
    "uq_devices_code",
    devices.c.org_id,
    devices.c.code,
    unique=True,
    sqlite_where=text("removed_ms IS NULL AND code <> ''"),
    postgresql_where=text("removed_ms IS NULL AND code <> ''"),
)

credentials = Table(
    "credentials",
    metadata,
    _id(),
    _ref("device_id", "devices.id"),
    Column("kind", String(20), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("hint", String(8), nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("revoked_ms", BIG),
    Index(None, "device_id"),
)

grants = Table(
    "grants",
    metadata,
    _id(),
    _ref("device_id", "devices.id"),
    Column("metric", String(128)),
    _ref("from_org", "organisations.id"),
    _ref("to_org", "organisations.id"),
    Column("purpose", String(500), nullable=False),
    Column("until_ms", BIG, nullable=False),
    Column("revoked_ms", BIG),
    Index(None, "device_id"),
    Index(None, "to_org", "until_ms"),
)

audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at_ms", BIG, nullable=False),
    _ref("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    _ref("org_id", "organisations.id"),
    Column("action", String(60), nullable=False),
    Column("noun", String(40), nullable=False),
    Column("noun_id", BIG, nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("address", String(64), nullable=False),
    Index(None, "org_id", "id"),
    Index(None, "noun", "noun_id"),
)

jobs = Table(
    "jobs",
    metadata,
    _id(),
    _ref("org_id", "organisations.id"),
    _ref("person_id", "people.id", nullable=True),
    Column("kind", String(60), nullable=False),
    Column("state", String(20), nullable=False),
    Column("params", JSON, nullable=False),
    Column("done", BIG, nullable=False),
    Column("total", BIG, nullable=False),
    Column("note", String(500), nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("finished_ms", BIG),
    Index(None, "org_id", "id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("kind", String(40), nullable=False),
    Column("payload", Text, nullable=False),
)


def upgrade() -> None:
    """Make every table, and the counters at zero."""
    metadata.create_all(op.get_bind())
    names = ("outbox", "outbox_floor", "device", "credential", "tree")
    op.bulk_insert(counters, [{"name": name, "value": 0} for name in names])
