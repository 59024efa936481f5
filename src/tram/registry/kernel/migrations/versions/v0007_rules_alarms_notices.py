"""Schema 0007: frozen. Adds rules, alarms and notices, with their permissions."""

import sqlalchemy as sa
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
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine

revision = "0007"
down_revision = "0006"

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
devices = Table("devices", metadata, _id())
zones = Table("zones", metadata, _id())
counters = Table(
    "counters",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", BIG, nullable=False),
)
roles = Table(
    "roles",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("permissions", JSON, nullable=False),
)

chains = Table(
    "alarm_chains",
    metadata,
    _id(),
    _ref("org_id", "organisations.id"),
    Column("name", String(200), nullable=False),
    Column("steps", JSON, nullable=False),
    Column("removed_ms", BIG),
    Index(None, "org_id"),
)

rules = Table(
    "rules",
    metadata,
    _id(),
    _ref("org_id", "organisations.id"),
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    _ref("chain_id", "alarm_chains.id", nullable=True),
    Column("changed_ms", BIG, nullable=False),
    Column("removed_ms", BIG),
    Index(None, "org_id"),
)

# Append-only: what a rule said when an alarm came of it.
rule_versions = Table(
    "rule_versions",
    metadata,
    _id(),
    _ref("rule_id", "rules.id"),
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("at_ms", BIG, nullable=False),
    _ref("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    UniqueConstraint("rule_id", "version"),
)

# One line per reader of the log: transitions up to this sequence are in these tables.
rule_progress = Table(
    "rule_progress",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("epoch", BIG, nullable=False),
    Column("seq", BIG, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    _id(),
    _ref("org_id", "organisations.id"),
    _ref("device_id", "devices.id"),
    Column("opened_ms", BIG, nullable=False),
    Column("last_ms", BIG, nullable=False),
    Column("closed_ms", BIG),
    Index(None, "device_id", "last_ms"),
)

# state: 0 active, 1 active and acknowledged, 2 cleared, 3 cleared and acknowledged = over.
alarms = Table(
    "alarms",
    metadata,
    _id(),
    _ref("rule_id", "rules.id"),
    Column("rule_version", Integer, nullable=False),
    _ref("device_id", "devices.id"),
    _ref("org_id", "organisations.id"),
    _ref("zone_id", "zones.id", nullable=True),
    Column("sector", String(40), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("state", Integer, nullable=False),
    Column("held", String(20), nullable=False),
    Column("retro", Boolean, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("started_ms", BIG, nullable=False),
    Column("episode_ms", BIG, nullable=False),
    Column("raised_ms", BIG, nullable=False),
    Column("ended_ms", BIG),
    Column("acked_ms", BIG),
    Column("acked_by", String(200), nullable=False),
    Column("count", Integer, nullable=False),
    Column("value", Float),
    _ref("assignee_id", "people.id", nullable=True),
    _ref("incident_id", "incidents.id", nullable=True),
    _ref("parent_id", "alarms.id", nullable=True),
    Column("shelved_until_ms", BIG),
    Column("next_step", Integer, nullable=False),
    Column("next_ms", BIG),
    Column("log_seq", BIG, nullable=False),
    Index(None, "state", "severity", "id"),
    Index(None, "state", "id"),
    Index(None, "device_id", "state", "id"),
    Index(None, "rule_id", "device_id", "state"),
    Index(None, "rule_id", "state", "id"),
    Index(None, "incident_id"),
    Index(None, "next_ms"),
    Index(None, "shelved_until_ms"),
)

# How many alarms there are of each kind: kept with every change, so that counting counts few rows.
alarm_tallies = Table(
    "alarm_tallies",
    metadata,
    Column("org_id", BIG, primary_key=True),
    Column("zone_id", BIG, primary_key=True),
    Column("sector", String(40), primary_key=True),
    Column("severity", Integer, primary_key=True),
    Column("state", Integer, primary_key=True),
    Column("is_held", Integer, primary_key=True),
    Column("count", BIG, nullable=False),
)

# Append-only: what happened to an alarm, and who did it.
alarm_events = Table(
    "alarm_events",
    metadata,
    _id(),
    _ref("alarm_id", "alarms.id"),
    Column("at_ms", BIG, nullable=False),
    Column("kind", String(20), nullable=False),
    _ref("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Column("note", String(500), nullable=False),
    Column("value", Float),
    Index(None, "alarm_id", "id"),
)

device_parents = Table(
    "device_parents",
    metadata,
    Column("device_id", BIG, primary_key=True, autoincrement=False),
    _ref("parent_id", "devices.id"),
    Index(None, "parent_id"),
)

maintenance = Table(
    "maintenance_windows",
    metadata,
    _id(),
    _ref("org_id", "organisations.id"),
    _ref("device_id", "devices.id", nullable=True),
    _ref("zone_id", "zones.id", nullable=True),
    Column("from_ms", BIG, nullable=False),
    Column("until_ms", BIG, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("person_name", String(200), nullable=False),
    Index(None, "until_ms"),
)

drills = Table(
    "drills",
    metadata,
    _id(),
    _ref("org_id", "organisations.id"),
    Column("from_ms", BIG, nullable=False),
    Column("until_ms", BIG, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("person_name", String(200), nullable=False),
    Index(None, "until_ms"),
)

calendars = Table(
    "alarm_calendars",
    metadata,
    _id(),
    _ref("org_id", "organisations.id"),
    Column("name", String(200), nullable=False),
    Column("hours", JSON, nullable=False),
    Column("holidays", JSON, nullable=False),
    Column("removed_ms", BIG),
    Index(None, "org_id"),
)

contacts = Table(
    "alarm_contacts",
    metadata,
    Column("person_id", BIG, primary_key=True, autoincrement=False),
    Column("email", String(200), nullable=False),
    Column("least_severity", Integer, nullable=False),
    Column("quiet_start", Integer, nullable=False),
    Column("quiet_end", Integer, nullable=False),
    Column("quiet_severity", Integer, nullable=False),
)

webhooks = Table(
    "alarm_webhooks",
    metadata,
    _id(),
    _ref("org_id", "organisations.id"),
    Column("name", String(200), nullable=False),
    Column("url", String(500), nullable=False),
    Column("removed_ms", BIG),
    Index(None, "org_id"),
)

# The outbox and, once sent, the delivery log. ``key`` reaches the receiver: one key is one notice.
notices = Table(
    "notices",
    metadata,
    _id(),
    Column("key", String(80), nullable=False, unique=True),
    _ref("org_id", "organisations.id"),
    _ref("alarm_id", "alarms.id", nullable=True),
    Column("kind", String(20), nullable=False),
    _ref("person_id", "people.id", nullable=True),
    _ref("webhook_id", "alarm_webhooks.id", nullable=True),
    Column("target", String(500), nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("made_ms", BIG, nullable=False),
    Column("next_ms", BIG, nullable=False),
    Column("sent_ms", BIG),
    Column("reason", String(500), nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "state", "next_ms"),
    Index(None, "alarm_id"),
    Index(None, "org_id", "id"),
    Index(None, "target", "made_ms"),
)

alarm_filters = Table(
    "alarm_filters",
    metadata,
    _id(),
    _ref("person_id", "people.id"),
    Column("name", String(80), nullable=False),
    Column("query", String(500), nullable=False),
    UniqueConstraint("person_id", "name"),
)

_READS = ("alarm.read", "rule.read")
_ACTS = (*_READS, "alarm.write")
_KEEPS = (*_ACTS, "rule.write")
NEW_PERMISSIONS: dict[str, tuple[str, ...]] = {
    "system-admin": _KEEPS,
    "ict-officer": _KEEPS,
    "department-leader": _READS,
    "province-viewer": _READS,
    "zone-authority": _KEEPS,
    "environment-officer": _KEEPS,
    "industry-officer": _ACTS,
    "traffic-officer": _KEEPS,
    "security-officer": _ACTS,
    "labour-officer": _KEEPS,
    "commune-officer": ("alarm.read",),
    "park-developer": _ACTS,
    "enterprise": _KEEPS,
    "cooperative": _KEEPS,
}


def upgrade() -> None:
    """Make the new tables, and give the shipped roles what they need to use them."""
    connection = op.get_bind()
    there = {organisations, people, devices, zones, counters, roles}
    metadata.create_all(
        connection, tables=[table for table in metadata.sorted_tables if table not in there]
    )
    known = set(connection.execute(sa.select(counters.c.name)).scalars())
    for name in sorted({"alarm", "incident"} - known):
        connection.execute(sa.insert(counters).values(name=name, value=0))
    for row in connection.execute(sa.select(roles)).all():
        new = [name for name in NEW_PERMISSIONS.get(row.name, ()) if name not in row.permissions]
        connection.execute(
            sa.update(roles)
            .where(roles.c.name == row.name)
            .values(permissions=[*row.permissions, *new])
        )
