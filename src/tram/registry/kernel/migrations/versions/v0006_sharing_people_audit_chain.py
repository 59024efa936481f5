"""Schema 0006: frozen. Adds groups, loans, past owners, second factors, invitations, tokens, a chain.

The audit's rows are chained and shut against change by triggers. Sessions begin anew: they now say
from where they were opened.
"""

import hashlib
import json
from typing import Any

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
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

revision = "0006"
down_revision = "0005"

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


# What earlier schemas made, as far as this one refers to it.
organisations = Table("organisations", metadata, _id())
people = Table("people", metadata, _id())
zones = Table("zones", metadata, _id())
devices = Table("devices", metadata, _id())
counters = Table(
    "counters", metadata, Column("name", String(40), primary_key=True), Column("value", BIG)
)
roles = Table(
    "roles",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("permissions", JSON, nullable=False),
)
audit = Table(
    "audit",
    metadata,
    _id(),
    Column("at_ms", BIG),
    Column("person_id", BIG),
    Column("person_name", String(200)),
    Column("org_id", BIG),
    Column("action", String(60)),
    Column("noun", String(40)),
    Column("noun_id", BIG),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("address", String(64)),
    Column("digest", LargeBinary(32)),
)
_EARLIER = {organisations, people, zones, devices, counters, roles, audit}

# A password was right, a second factor is awaited.
challenges = Table(
    "challenges",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    _ref("person_id", "people.id"),
    Column("expires_ms", BIG, nullable=False),
    Index(None, "expires_ms"),
    Index(None, "person_id"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    _ref("person_id", "people.id"),
    Column("used_ms", BIG),
    Index(None, "person_id"),
)

invitations = Table(
    "invitations",
    metadata,
    _id(),
    _ref("org_id", "organisations.id"),
    Column("email", String(200), nullable=False),
    Column("name", String(200), nullable=False),
    Column("role", String(60), nullable=False),
    _ref("zone_id", "zones.id", nullable=True),
    Column("sector", String(40)),
    Column("locale", String(8), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    _ref("inviter_id", "people.id", nullable=True),
    Column("created_ms", BIG, nullable=False),
    Column("expires_ms", BIG, nullable=False),
    Column("accepted_ms", BIG),
    Column("revoked_ms", BIG),
    Index(None, "org_id", "id"),
)

api_tokens = Table(
    "api_tokens",
    metadata,
    _id(),
    _ref("person_id", "people.id"),
    Column("name", String(200), nullable=False),
    Column("digest", LargeBinary(32), nullable=False, unique=True),
    Column("hint", String(8), nullable=False),
    Column("permissions", JSON, nullable=False),
    _ref("org_id", "organisations.id", nullable=True),
    _ref("zone_id", "zones.id", nullable=True),
    Column("sector", String(40)),
    Column("created_ms", BIG, nullable=False),
    Column("expires_ms", BIG, nullable=False),
    Column("last_used_ms", BIG),
    Column("last_address", String(64), nullable=False),
    Column("revoked_ms", BIG),
    Index(None, "person_id", "id"),
)

# Who a person is at another log-in (OpenID Connect).
identities = Table(
    "identities",
    metadata,
    _id(),
    _ref("person_id", "people.id"),
    Column("issuer", String(300), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("linked_ms", BIG, nullable=False),
    UniqueConstraint("issuer", "subject"),
    Index(None, "person_id"),
)

mails = Table(
    "mails",
    metadata,
    _id(),
    Column("to", String(200), nullable=False),
    Column("subject", String(300), nullable=False),
    # Emptied when sent or given up: it may hold what opens a door.
    Column("body", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_ms", BIG, nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("note", String(300), nullable=False),
    Index(None, "state", "next_ms"),
)

groups = Table(
    "groups",
    metadata,
    _id(),
    _ref("org_id", "organisations.id"),
    Column("name", String(200), nullable=False),
    Column("folded", Text, nullable=False),
    # None: its members are named one by one. Otherwise the condition that makes a member.
    Column("query", JSON(none_as_null=True)),
    Column("created_ms", BIG, nullable=False),
    Column("removed_ms", BIG),
    Index(None, "org_id", "folded"),
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_id", BIG, ForeignKey("groups.id"), primary_key=True),
    Column("device_id", BIG, ForeignKey("devices.id"), primary_key=True),
    Index(None, "device_id"),
)

loans = Table(
    "loans",
    metadata,
    _id(),
    _ref("from_org", "organisations.id"),
    _ref("to_org", "organisations.id"),
    _ref("group_id", "groups.id", nullable=True),
    # None: every metric.
    Column("metrics", JSON(none_as_null=True)),
    Column("purpose", String(500), nullable=False),
    # The legal ground of a standing share, empty for a loan by free will.
    Column("basis", String(300), nullable=False),
    Column("standing", Boolean, nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("until_ms", BIG, nullable=False),
    Column("revoked_ms", BIG),
    _ref("person_id", "people.id", nullable=True),
    Index(None, "from_org", "id"),
    Index(None, "to_org", "id"),
    Index(None, "group_id"),
)

# Who had a device before: its readings of that time stay theirs.
tenures = Table(
    "tenures",
    metadata,
    _id(),
    _ref("device_id", "devices.id"),
    _ref("org_id", "organisations.id"),
    Column("device_name", String(200), nullable=False),
    Column("until_ms", BIG, nullable=False),
    Index(None, "device_id"),
    Index(None, "org_id"),
)


sessions = Table(
    "sessions",
    metadata,
    Column("digest", LargeBinary(32), primary_key=True),
    Column("number", BIG, nullable=False, unique=True),
    _ref("person_id", "people.id"),
    Column("csrf", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("agent", String(200), nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("expires_ms", BIG, nullable=False),
    Column("last_seen_ms", BIG, nullable=False),
    Index(None, "person_id"),
    Index(None, "expires_ms"),
)

NEW_COLUMNS = {
    "people": (
        Column("email", String(200)),
        Column("totp", LargeBinary),
        Column("totp_step", BIG, nullable=False, server_default=sa.text("0")),
        Column("erased_ms", BIG),
    ),
    "grants": (Column("loan_id", BIG),),
    "audit": (Column("digest", LargeBinary(32)),),
}
NEW_INDEXES = (
    ("ix_people_email", "people", ["email"]),
    ("ix_grants_loan_id", "grants", ["loan_id"]),
    ("ix_audit_action_id", "audit", ["action", "id"]),
)
NEW_PERMISSIONS = {"cooperative": ("person.write", "audit.read")}
_ROWS_AT_ONCE = 5_000
_CHAINED = tuple(column.name for column in audit.columns if column.name != "digest")
_SHUT_SQLITE = """
CREATE TRIGGER audit_no_{verb} BEFORE {verb} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is append-only'); END
"""
_SHUT_POSTGRESQL = (
    """
CREATE FUNCTION audit_is_shut() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit is append-only'; END $$
""",
    """
CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_is_shut()
""",
)


def upgrade() -> None:
    """Make the new tables and columns; chain the audit as it is, then shut it."""
    connection = op.get_bind()
    op.drop_table("sessions")
    metadata.create_all(
        connection, tables=[table for table in metadata.sorted_tables if table not in _EARLIER]
    )
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    for name, table, columns_of in NEW_INDEXES:
        op.create_index(name, table, columns_of)
    last = _chain(connection)
    op.bulk_insert(counters, [{"name": "audit", "value": last}, {"name": "session", "value": 0}])
    _shut(connection)
    _widen_roles(connection)


def _chain(connection: sa.Connection) -> int:
    """Give every row its digest, oldest first; return the last number."""
    digest, last = b"\0" * 32, 0
    while True:
        rows = connection.execute(
            sa.select(audit).where(audit.c.id > last).order_by(audit.c.id).limit(_ROWS_AT_ONCE)
        ).all()
        if not rows:
            return last
        for row in rows:
            digest, last = _digest(digest, dict(row._mapping)), row.id  # noqa: SLF001  # documented
            connection.execute(sa.update(audit).where(audit.c.id == row.id).values(digest=digest))


def _digest(previous: bytes, row: dict[str, Any]) -> bytes:
    content = json.dumps(
        [row[name] for name in _CHAINED],
        ensure_ascii=False,
        separators=(",", ":"),
        sort_keys=True,
    )
    return hashlib.sha256(previous + content.encode()).digest()


def _shut(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(_SHUT_SQLITE.format(verb=verb))
        return
    for statement in _SHUT_POSTGRESQL:
        op.execute(statement)


def _widen_roles(connection: sa.Connection) -> None:
    for row in connection.execute(sa.select(roles)).all():
        new = [name for name in NEW_PERMISSIONS.get(row.name, ()) if name not in row.permissions]
        if new:
            connection.execute(
                sa.update(roles)
                .where(roles.c.name == row.name)
                .values(permissions=[*row.permissions, *new])
            )
