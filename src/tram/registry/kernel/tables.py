"""The tables as they are at the head of the migrations (a test compares the two).

The rollout and the reports keep theirs beside their repositories, in the same metadata.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    ClauseElement,
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
from sqlalchemy.schema import SchemaItem
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
    "indexes",
    "jobs",
    "metadata",
    "numbered_table",
    "optional",
    "org_closure",
    "organisations",
    "outbox",
    "people",
    "profiles",
    "required",
    "roles",
    "sessions",
    "set_aside",
    "shared_attributes",
    "table",
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

ColumnType: TypeAlias = TypeEngine[Any] | type[TypeEngine[Any]] | str
"""What a column holds: a type, or the numbers of another table's column, e.g. ``people.id``."""


def table(name: str, *parts: SchemaItem) -> Table:
    """Return a table of the registry's database."""
    return Table(name, metadata, *parts)


def numbered_table(name: str, *parts: SchemaItem) -> Table:
    """Return a table whose rows the database numbers: its first column is the key ``id``."""
    return table(name, Column("id", BIG, primary_key=True), *parts)


def required(**types: ColumnType) -> tuple[Column[Any], ...]:
    """Return columns that are never null, e.g. ``name=Text`` or ``org_id="organisations.id"``."""
    return tuple(_column(name, of, nullable=False) for name, of in types.items())


def optional(**types: ColumnType) -> tuple[Column[Any], ...]:
    """Return columns that may be null; otherwise as ``required``."""
    return tuple(_column(name, of, nullable=True) for name, of in types.items())


def _column(name: str, of: ColumnType, *, nullable: bool) -> Column[Any]:
    if isinstance(of, str):
        return Column(name, BIG, ForeignKey(of), nullable=nullable)
    return Column(name, of, nullable=nullable)


def indexes(*columns: str) -> Iterator[Index]:
    """Yield an index for each text: one column, or several as SQL lists them (``"state, id"``)."""
    return (Index(None, *one.split(", ")) for one in columns)


def _partial_index(
    name: str, where: ClauseElement, *columns: Column[Any], unique: bool = False
) -> None:
    """Give the columns' table an index of the rows that fulfil a condition."""
    Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


counters = table(
    "counters",
    Column("name", String(40), primary_key=True),
    *required(value=BIG),
)

organisations = numbered_table(
    "organisations",
    *optional(parent_id="organisations.id"),
    *required(kind=String(40), name=String(200), folded=Text),
    Column("code", String(40), nullable=False, unique=True),
    *indexes("parent_id"),
)

org_closure = table(
    "org_closure",
    Column("ancestor", BIG, ForeignKey("organisations.id"), primary_key=True),
    Column("descendant", BIG, ForeignKey("organisations.id"), primary_key=True),
    *required(depth=Integer),
    *indexes("descendant, ancestor"),
)

zones = numbered_table(
    "zones",
    Column("code", String(40), nullable=False, unique=True),
    *required(kind=String(40), name=String(200), folded=Text, status=String(200)),
    *optional(area_ha=Float),
    *required(area_mark=String(8), area_source=Text),
    *optional(lon=Float, lat=Float),
    *required(coord_mark=String(8), coord_quality=Text, commune=String(200)),
)

profiles = numbered_table(
    "profiles",
    Column("key", String(60), nullable=False, unique=True),
    *required(name_vi=String(200), name_en=String(200), sector=String(40), decoder=String(60)),
    *required(expected_interval_s=Integer, metrics=JSON),
    Column("topics", JSON, nullable=False, server_default="[]"),
)

roles = table(
    "roles",
    Column("name", String(60), primary_key=True),
    *required(title_vi=String(200), title_en=String(200), permissions=JSON),
)

people = numbered_table(
    "people",
    *required(org_id="organisations.id"),
    Column("login", String(80), nullable=False, unique=True),
    *required(name=String(200), folded=Text, password_hash=Text, locale=String(8)),
    *required(theme=String(8)),
    Column("disabled", Boolean, nullable=False, server_default=false()),
    *optional(email=String(200)),
    # The shared secret of one-time codes, sealed with the installation's key; None is off.
    *optional(totp=LargeBinary),
    # The last step whose code was used: no code opens twice.
    Column("totp_step", BIG, nullable=False, server_default=text("0")),
    *optional(erased_ms=BIG),
    *indexes("org_id", "email"),
)

assignments = numbered_table(
    "assignments",
    *required(person_id="people.id"),
    Column("role", String(60), ForeignKey("roles.name"), nullable=False),
    *required(org_id="organisations.id"),
    *optional(zone_id="zones.id", sector=String(40)),
    *indexes("person_id", "org_id"),
)

# Failed log-ins by login and by address; keys are digests, for a password may be typed as a login.
attempts = table(
    "attempts",
    Column("key", LargeBinary(32), primary_key=True),
    *required(failed=Integer, last_ms=BIG, locked_until_ms=BIG),
    *indexes("last_ms"),
)

sessions = table(
    "sessions",
    Column("digest", LargeBinary(32), primary_key=True),
    Column("number", BIG, nullable=False, unique=True),
    *required(person_id="people.id", csrf=String(64), address=String(64), agent=String(200)),
    *required(created_ms=BIG, expires_ms=BIG, last_seen_ms=BIG),
    *indexes("person_id", "expires_ms"),
)

devices = numbered_table(
    "devices",
    *required(org_id="organisations.id"),
    *optional(zone_id="zones.id"),
    *required(sector=String(40), profile_id="profiles.id", name=String(200), folded=Text),
    *required(code=String(80)),
    *optional(lon=Float, lat=Float),
    Column("synthetic", Boolean, nullable=False, server_default=false()),
    *required(created_ms=BIG),
    *optional(removed_ms=BIG),
    # The gateway device that it lies behind, which knows it by its name.
    *optional(via_id=BIG),
)

_THERE = devices.c.removed_ms.is_(None)
# Devices behind a gateway are found by the name that it gives them, and counted by organisation.
_BEHIND = text("removed_ms IS NULL AND via_id IS NOT NULL")
_of = devices.c
# With all that a count looks at, so that it reads no rows.
_COUNTED = (_of.org_id, _of.zone_id, _of.sector, _of.removed_ms)
_ZONED = (_of.org_id, _of.sector, _of.removed_ms)
_partial_index("ix_devices_folded", _THERE, _of.folded, _of.id, *_COUNTED)
_partial_index("ix_devices_zone", _THERE, _of.zone_id, _of.folded, _of.id, *_ZONED)
_partial_index("ix_devices_place", _THERE, _of.org_id, _of.sector, _of.zone_id)
_partial_index(
    "uq_devices_code",
    text("removed_ms IS NULL AND code <> ''"),
    _of.org_id,
    _of.code,
    unique=True,
)
_partial_index("ix_devices_via", _BEHIND, _of.via_id, _of.name)
_partial_index("ix_devices_behind", _BEHIND, _of.org_id, _of.via_id)
# As its migration words it.
_VIA_ONCE = text("via_id IS NOT NULL AND removed_ms IS NULL")
_partial_index("uq_devices_via", _VIA_ONCE, _of.via_id, _of.name, unique=True)

credentials = numbered_table(
    "credentials",
    *required(device_id="devices.id", kind=String(20)),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    *required(hint=String(8), created_ms=BIG),
    *optional(revoked_ms=BIG),
    # What a person may read of it: the user name, or the certificate's subject.
    Column("label", String(200), nullable=False, server_default=""),
    # DER of a certificate registered by hand: it is an anchor of its own at the TLS handshake.
    *optional(certificate=LargeBinary),
    *optional(until_ms=BIG, enrolment_id=BIG),
    *indexes("device_id", "enrolment_id"),
)

_EXPIRES = text("until_ms IS NOT NULL AND revoked_ms IS NULL")
_partial_index("ix_credentials_until_ms", _EXPIRES, credentials.c.until_ms)

# A standing permission for devices to register themselves: by a key, or by a certificate authority.
enrolments = numbered_table(
    "enrolments",
    *required(kind=String(20), name=String(200), org_id="organisations.id"),
    *optional(zone_id="zones.id"),
    *required(sector=String(40), profile_id="profiles.id"),
    # The public half of the key, or the authority's SHA-256 fingerprint in hexadecimal digits.
    Column("key", String(64), nullable=False, unique=True),
    *optional(digest=LargeBinary(32), certificate=LargeBinary),
    *required(devices_max=Integer, devices_made=Integer),
    *optional(until_ms=BIG),
    *required(created_ms=BIG),
    *optional(revoked_ms=BIG),
    *indexes("org_id"),
)

# Who knows the secret may take the device over; a device has one claim at a time.
claims = table(
    "claims",
    Column("device_id", BIG, ForeignKey("devices.id"), primary_key=True),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    *required(created_ms=BIG, until_ms=BIG),
)

# What devices are sent: a row first, then on its way; ``handed`` once every gateway can know it.
downlinks = table(
    "downlinks",
    Column("id", BIG, primary_key=True, autoincrement=False),
    *required(device_id="devices.id"),
    *optional(person_id="people.id"),
    *required(kind=String(20), body=Text),
    Column("oneway", Boolean, nullable=False, server_default=false()),
    *required(state=String(20)),
    Column("handed", Boolean, nullable=False, server_default=false()),
    *required(created_ms=BIG, expires_ms=BIG),
    *optional(delivered_ms=BIG, done_ms=BIG, answer=Text),
    *indexes("device_id, id"),
)
_partial_index("ix_downlinks_open", text("done_ms IS NULL"), downlinks.c.expires_ms)

shared_attributes = table(
    "shared_attributes",
    Column("device_id", BIG, ForeignKey("devices.id"), primary_key=True),
    Column("name", String(128), primary_key=True),
    *required(value=Text, changed_ms=BIG),
)

grants = numbered_table(
    "grants",
    *required(device_id="devices.id"),
    *optional(metric=String(128)),
    *required(from_org="organisations.id", to_org="organisations.id", purpose=String(500)),
    *required(until_ms=BIG),
    *optional(revoked_ms=BIG),
    # The loan that this is a part of; None for one made by itself.
    *optional(loan_id=BIG),
    *indexes("device_id", "to_org, until_ms", "loan_id"),
)

# Rows are numbered without gaps and chained: ``digest`` covers the row and the digest before it.
# Triggers of the database refuse every change and removal.
audit = table(
    "audit",
    Column("id", BIG, primary_key=True, autoincrement=False),
    *required(at_ms=BIG),
    *optional(person_id="people.id"),
    *required(person_name=String(200), org_id="organisations.id", action=String(60)),
    *required(noun=String(40), noun_id=BIG),
    *optional(before=JSON(none_as_null=True), after=JSON(none_as_null=True)),
    *required(address=String(64)),
    *optional(digest=LargeBinary(32)),
    *indexes("org_id, id", "noun, noun_id", "action, id"),
)

jobs = numbered_table(
    "jobs",
    *required(org_id="organisations.id"),
    *optional(person_id="people.id"),
    *required(kind=String(60), state=String(20), params=JSON, done=BIG, total=BIG),
    *required(note=String(500), created_ms=BIG),
    *optional(finished_ms=BIG),
    Column("attempts", BIG, nullable=False, server_default="0"),
    *indexes("org_id, id"),
)

# One row for each entry that a work loop could not do: it waits here while the loop goes on.
set_aside = numbered_table(
    "set_aside",
    *required(part=String(20), kind=String(40), key=String(200)),
    *optional(org_id="organisations.id"),
    *required(reason=String(300), state=String(10), times=BIG, first_ms=BIG, last_ms=BIG),
    UniqueConstraint("part", "kind", "key"),
    *indexes("org_id, id"),
)

outbox = table(
    "outbox",
    Column("number", BIG, primary_key=True, autoincrement=False),
    *required(kind=String(40), payload=Text),
)
