"""The tables as they are at the head of the migrations (a test compares the two).

The rollout and the reports keep theirs beside their repositories, in the same metadata.
"""

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
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeEngine

__all__ = (
    "BIG",
    "assignments",
    "attempts",
    "audit",
    "claims",
    "counters",
    "credentials",
    "devices",
    "downlinks",
    "enrolments",
    "grants",
    "id_column",
    "jobs",
    "metadata",
    "org_closure",
    "organisations",
    "outbox",
    "people",
    "profiles",
    "ref_column",
    "roles",
    "sessions",
    "set_aside",
    "shared_attributes",
    "zones",
)

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


def id_column() -> Column[int]:
    """Return the numbered primary key of a table."""
    return Column("id", BIG, primary_key=True)


def ref_column(name: str, target: str, *, nullable: bool = False) -> Column[int]:
    """Return a column that refers to another table's number, e.g. ``people.id``."""
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
    id_column(),
    ref_column("parent_id", "organisations.id", nullable=True),
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
    id_column(),
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
    id_column(),
    Column("key", String(60), nullable=False, unique=True),
    Column("name_vi", String(200), nullable=False),
    Column("name_en", String(200), nullable=False),
    Column("sector", String(40), nullable=False),
    Column("decoder", String(60), nullable=False),
    Column("expected_interval_s", Integer, nullable=False),
    Column("metrics", JSON, nullable=False),
    Column("topics", JSON, nullable=False, server_default="[]"),
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
    id_column(),
    ref_column("org_id", "organisations.id"),
    Column("login", String(80), nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("folded", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("locale", String(8), nullable=False),
    Column("theme", String(8), nullable=False),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    Column("email", String(200)),
    # The shared secret of one-time codes, sealed with the installation's key; None is off.
    Column("totp", LargeBinary),
    # The last step whose code was used: no code opens twice.
    Column("totp_step", BIG, nullable=False, server_default=text("0")),
    Column("erased_ms", BIG),
    Index(None, "org_id"),
    Index(None, "email"),
)

assignments = Table(
    "assignments",
    metadata,
    id_column(),
    ref_column("person_id", "people.id"),
    Column("role", String(60), ForeignKey("roles.name"), nullable=False),
    ref_column("org_id", "organisations.id"),
    ref_column("zone_id", "zones.id", nullable=True),
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
    Column("number", BIG, nullable=False, unique=True),
    ref_column("person_id", "people.id"),
    Column("csrf", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", String(200), nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("expires_ms", BIG, nullable=False),
    Column("last_seen_ms", BIG, nullable=False),
    Index(None, "person_id"),
    Index(None, "expires_ms"),
)

devices = Table(
    "devices",
    metadata,
    id_column(),
    ref_column("org_id", "organisations.id"),
    ref_column("zone_id", "zones.id", nullable=True),
    Column("sector", String(40), nullable=False),
    ref_column("profile_id", "profiles.id"),
    Column("name", String(200), nullable=False),
    Column("folded", Text, nullable=False),
    Column("code", String(80), nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("synthetic", Boolean, nullable=False, server_default=false()),
    Column("created_ms", BIG, nullable=False),
    Column("removed_ms", BIG),
    # The gateway device that it lies behind, which knows it by its name.
    Column("via_id", BIG),
)

_THERE = devices.c.removed_ms.is_(None)
# With all that a count looks at, so that it reads no rows.
_COUNTED = (devices.c.org_id, devices.c.zone_id, devices.c.sector, devices.c.removed_ms)
Index(
    "ix_devices_folded",
    devices.c.folded,
    devices.c.id,
    *_COUNTED,
    sqlite_where=_THERE,
    postgresql_where=_THERE,
)
Index(
    "ix_devices_zone",
    devices.c.zone_id,
    devices.c.folded,
    devices.c.id,
    devices.c.org_id,
    devices.c.sector,
    devices.c.removed_ms,
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
# Devices behind a gateway are found by the name that it gives them, and counted by organisation.
_BEHIND = text("removed_ms IS NULL AND via_id IS NOT NULL")
Index(
    "ix_devices_via",
    devices.c.via_id,
    devices.c.name,
    sqlite_where=_BEHIND,
    postgresql_where=_BEHIND,
)
Index(
    "ix_devices_behind",
    devices.c.org_id,
    devices.c.via_id,
    sqlite_where=_BEHIND,
    postgresql_where=_BEHIND,
)

credentials = Table(
    "credentials",
    metadata,
    id_column(),
    ref_column("device_id", "devices.id"),
    Column("kind", String(20), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("hint", String(8), nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("revoked_ms", BIG),
    # What a person may read of it: the user name, or the certificate's subject.
    Column("label", String(200), nullable=False, server_default=""),
    # DER of a certificate registered by hand: it is an anchor of its own at the TLS handshake.
    Column("certificate", LargeBinary),
    Column("until_ms", BIG),
    Column("enrolment_id", BIG),
    Index(None, "device_id"),
    Index(None, "enrolment_id"),
)

_EXPIRES = text("until_ms IS NOT NULL AND revoked_ms IS NULL")
Index(
    "ix_credentials_until_ms",
    credentials.c.until_ms,
    sqlite_where=_EXPIRES,
    postgresql_where=_EXPIRES,
)

# A standing permission for devices to register themselves: by a key, or by a certificate authority.
enrolments = Table(
    "enrolments",
    metadata,
    id_column(),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    ref_column("org_id", "organisations.id"),
    ref_column("zone_id", "zones.id", nullable=True),
    Column("sector", String(40), nullable=False),
    ref_column("profile_id", "profiles.id"),
    # The public half of the key, or the authority's SHA-256 fingerprint in hexadecimal digits.
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

# Who knows the secret may take the device over; a device has one claim at a time.
claims = Table(
    "claims",
    metadata,
    Column("device_id", BIG, ForeignKey("devices.id"), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("created_ms", BIG, nullable=False),
    Column("until_ms", BIG, nullable=False),
)

_BEHIND = text("via_id IS NOT NULL AND removed_ms IS NULL")
Index(
    "uq_devices_via",
    devices.c.via_id,
    devices.c.name,
    unique=True,
    sqlite_where=_BEHIND,
    postgresql_where=_BEHIND,
)

# What devices are sent: a row first, then on its way; ``handed`` once every gateway can know it.
downlinks = Table(
    "downlinks",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    ref_column("device_id", "devices.id"),
    ref_column("person_id", "people.id", nullable=True),
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
Index("ix_downlinks_open", downlinks.c.expires_ms, sqlite_where=_OPEN, postgresql_where=_OPEN)

shared_attributes = Table(
    "shared_attributes",
    metadata,
    Column("device_id", BIG, ForeignKey("devices.id"), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("value", Text, nullable=False),
    Column("changed_ms", BIG, nullable=False),
)

grants = Table(
    "grants",
    metadata,
    id_column(),
    ref_column("device_id", "devices.id"),
    Column("metric", String(128)),
    ref_column("from_org", "organisations.id"),
    ref_column("to_org", "organisations.id"),
    Column("purpose", String(500), nullable=False),
    Column("until_ms", BIG, nullable=False),
    Column("revoked_ms", BIG),
    # The loan that this is a part of; None for one made by itself.
    Column("loan_id", BIG),
    Index(None, "device_id"),
    Index(None, "to_org", "until_ms"),
    Index(None, "loan_id"),
)

# Rows are numbered without gaps and chained: ``digest`` covers the row and the digest before it.
# Triggers of the database refuse every change and removal.
audit = Table(
    "audit",
    metadata,
    Column("id", BIG, primary_key=True, autoincrement=False),
    Column("at_ms", BIG, nullable=False),
    ref_column("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    ref_column("org_id", "organisations.id"),
    Column("action", String(60), nullable=False),
    Column("noun", String(40), nullable=False),
    Column("noun_id", BIG, nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("address", String(64), nullable=False),
    Column("digest", LargeBinary(32)),
    Index(None, "org_id", "id"),
    Index(None, "noun", "noun_id"),
    Index(None, "action", "id"),
)

jobs = Table(
    "jobs",
    metadata,
    id_column(),
    ref_column("org_id", "organisations.id"),
    ref_column("person_id", "people.id", nullable=True),
    Column("kind", String(60), nullable=False),
    Column("state", String(20), nullable=False),
    Column("params", JSON, nullable=False),
    Column("done", BIG, nullable=False),
    Column("total", BIG, nullable=False),
    Column("note", String(500), nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("finished_ms", BIG),
    Column("attempts", BIG, nullable=False, server_default="0"),
    Index(None, "org_id", "id"),
)

# One row for each entry that a work loop could not do: it waits here while the loop goes on.
set_aside = Table(
    "set_aside",
    metadata,
    id_column(),
    Column("part", String(20), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("key", String(200), nullable=False),
    ref_column("org_id", "organisations.id", nullable=True),
    Column("reason", String(300), nullable=False),
    Column("state", String(10), nullable=False),
    Column("times", BIG, nullable=False),
    Column("first_ms", BIG, nullable=False),
    Column("last_ms", BIG, nullable=False),
    UniqueConstraint("part", "kind", "key"),
    Index(None, "org_id", "id"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("number", BIG, primary_key=True, autoincrement=False),
    Column("kind", String(40), nullable=False),
    Column("payload", Text, nullable=False),
)
