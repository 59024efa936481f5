"""The tables of rules, alarms and notices, in the registry's database."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    select,
)

from tram.domain.alarms import NoticeState
from tram.registry.kernel.personal_data import (
    DataPlace,
    Declared,
    authored,
    authorship,
    by_person,
    declare,
    signed,
)
from tram.registry.kernel.tables import BIG, id_column, metadata, ref_column

__all__ = (
    "alarm_events",
    "alarm_filters",
    "alarm_tallies",
    "alarms",
    "calendars",
    "chains",
    "contacts",
    "device_parents",
    "drills",
    "incidents",
    "maintenance",
    "notices",
    "rule_progress",
    "rule_versions",
    "rules",
    "webhooks",
)

chains = Table(
    "alarm_chains",
    metadata,
    id_column(),
    ref_column("org_id", "organisations.id"),
    Column("name", String(200), nullable=False),
    Column("steps", JSON, nullable=False),
    Column("removed_ms", BIG),
    Index(None, "org_id"),
)

rules = Table(
    "rules",
    metadata,
    id_column(),
    ref_column("org_id", "organisations.id"),
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("enabled", Boolean, nullable=False),
    ref_column("chain_id", "alarm_chains.id", nullable=True),
    Column("changed_ms", BIG, nullable=False),
    Column("removed_ms", BIG),
    Index(None, "org_id"),
)

# Append-only: what a rule said when an alarm came of it.
rule_versions = Table(
    "rule_versions",
    metadata,
    id_column(),
    ref_column("rule_id", "rules.id"),
    Column("version", Integer, nullable=False),
    Column("name", String(200), nullable=False),
    Column("severity", Integer, nullable=False),
    Column("content", JSON, nullable=False),
    Column("at_ms", BIG, nullable=False),
    ref_column("person_id", "people.id", nullable=True),
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
    id_column(),
    ref_column("org_id", "organisations.id"),
    ref_column("device_id", "devices.id"),
    Column("opened_ms", BIG, nullable=False),
    Column("last_ms", BIG, nullable=False),
    Column("closed_ms", BIG),
    Index(None, "device_id", "last_ms"),
)

# state: 0 active, 1 active and acknowledged, 2 cleared, 3 cleared and acknowledged = over.
alarms = Table(
    "alarms",
    metadata,
    id_column(),
    ref_column("rule_id", "rules.id"),
    Column("rule_version", Integer, nullable=False),
    ref_column("device_id", "devices.id"),
    ref_column("org_id", "organisations.id"),
    ref_column("zone_id", "zones.id", nullable=True),
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
    ref_column("assignee_id", "people.id", nullable=True),
    ref_column("incident_id", "incidents.id", nullable=True),
    ref_column("parent_id", "alarms.id", nullable=True),
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
    Index(None, "next_ms", "org_id"),
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
    id_column(),
    ref_column("alarm_id", "alarms.id"),
    Column("at_ms", BIG, nullable=False),
    Column("kind", String(20), nullable=False),
    ref_column("person_id", "people.id", nullable=True),
    Column("person_name", String(200), nullable=False),
    Column("note", String(500), nullable=False),
    Column("value", Float),
    Index(None, "alarm_id", "id"),
)

device_parents = Table(
    "device_parents",
    metadata,
    Column("device_id", BIG, primary_key=True, autoincrement=False),
    ref_column("parent_id", "devices.id"),
    Index(None, "parent_id"),
)

maintenance = Table(
    "maintenance_windows",
    metadata,
    id_column(),
    ref_column("org_id", "organisations.id"),
    ref_column("device_id", "devices.id", nullable=True),
    ref_column("zone_id", "zones.id", nullable=True),
    Column("from_ms", BIG, nullable=False),
    Column("until_ms", BIG, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("person_name", String(200), nullable=False),
    Index(None, "until_ms"),
    Index(None, "org_id", "until_ms"),
    Index(None, "device_id", "until_ms"),
)

drills = Table(
    "drills",
    metadata,
    id_column(),
    ref_column("org_id", "organisations.id"),
    Column("from_ms", BIG, nullable=False),
    Column("until_ms", BIG, nullable=False),
    Column("reason", String(500), nullable=False),
    Column("person_name", String(200), nullable=False),
    Index(None, "until_ms"),
)

calendars = Table(
    "alarm_calendars",
    metadata,
    id_column(),
    ref_column("org_id", "organisations.id"),
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
    id_column(),
    ref_column("org_id", "organisations.id"),
    Column("name", String(200), nullable=False),
    Column("url", String(500), nullable=False),
    Column("removed_ms", BIG),
    Index(None, "org_id"),
)

# The outbox and, once sent, the delivery log. ``key`` reaches the receiver: one key is one notice.
notices = Table(
    "notices",
    metadata,
    id_column(),
    Column("key", String(80), nullable=False, unique=True),
    ref_column("org_id", "organisations.id"),
    ref_column("alarm_id", "alarms.id", nullable=True),
    Column("kind", String(20), nullable=False),
    ref_column("person_id", "people.id", nullable=True),
    ref_column("webhook_id", "alarm_webhooks.id", nullable=True),
    Column("target", String(500), nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("made_ms", BIG, nullable=False),
    Column("next_ms", BIG, nullable=False),
    Column("sent_ms", BIG),
    Column("reason", String(500), nullable=False),
    Column("body", Text, nullable=False),
    Index(None, "state", "org_id", "webhook_id", "next_ms"),
    Index(None, "alarm_id"),
    Index(None, "org_id", "id"),
    Index(None, "target", "made_ms"),
)

alarm_filters = Table(
    "alarm_filters",
    metadata,
    id_column(),
    ref_column("person_id", "people.id"),
    Column("name", String(80), nullable=False),
    Column("query", String(500), nullable=False),
    UniqueConstraint("person_id", "name"),
)

_TOLD = DataPlace(
    data=("target",),
    whose=by_person(notices.c.person_id),
    purpose="telling people of alarms",
    ground="the organisation's task",
    kept="with the alarm, without address and text once erased",
    erase={"target": "", "body": ""},
    secret=("body",),
)
declare(Declared(calendars, plain=("name", "hours", "holidays")))
# The steps name people by number alone.
declare(Declared(chains, plain=("name", "steps")))
declare(
    Declared(
        contacts,
        (
            DataPlace(
                data=("email",),
                whose=by_person(contacts.c.person_id),
                purpose="telling people of alarms",
                ground="the service asked for",
                kept="until erased on request",
            ),
        ),
        persons=("person_id",),
    )
)
declare(
    Declared(
        alarm_events,
        (authorship(by_person(alarm_events.c.person_id), "person_name"),),
        free=("note",),
        plain=("kind",),
        persons=("person_id",),
    )
)
declare(
    Declared(
        alarm_filters,
        (
            DataPlace(
                data=("name", "query"),
                whose=by_person(alarm_filters.c.person_id),
                purpose="one's own lists",
                ground="the service asked for",
                kept="until erased on request",
            ),
        ),
        persons=("person_id",),
    )
)
declare(Declared(alarm_tallies, plain=("sector",)))
declare(Declared(webhooks, plain=("name", "url")))
declare(
    Declared(
        alarms,
        (
            authorship(
                signed(
                    alarms.c.acked_by,
                    lambda subject: alarms.c.id.in_(
                        select(alarm_events.c.alarm_id).where(
                            alarm_events.c.person_id == subject.id
                        )
                    ),
                ),
                "acked_by",
            ),
            DataPlace(
                data=(),
                whose=by_person(alarms.c.assignee_id),
                purpose="responsibility for acts",
                ground="the organisation's task",
                kept="until erased on request",
                erase={"assignee_id": None},
            ),
        ),
        plain=("sector", "held"),
        persons=("assignee_id",),
    )
)
declare(Declared(device_parents))
declare(
    Declared(
        drills,
        (authorship(authored(drills, "drill"), "person_name"),),
        free=("reason",),
    )
)
declare(Declared(incidents))
declare(
    Declared(
        maintenance,
        (authorship(authored(maintenance, "maintenance"), "person_name"),),
        free=("reason",),
    )
)
declare(
    Declared(
        notices,
        (
            DataPlace(
                data=("target",),
                whose=lambda subject: (
                    _TOLD.whose(subject) & (notices.c.state == NoticeState.WAITING)
                ),
                purpose=_TOLD.purpose,
                ground=_TOLD.ground,
                kept="until sent",
                secret=("body",),
            ),
            _TOLD,
        ),
        free=("reason", "body"),
        plain=("key", "kind", "state"),
        persons=("person_id",),
    )
)
declare(Declared(rule_progress, plain=("name",)))
declare(
    Declared(
        rule_versions,
        (authorship(by_person(rule_versions.c.person_id), "person_name"),),
        free=("content",),
        plain=("name",),
        persons=("person_id",),
    )
)
declare(Declared(rules, free=("content",), plain=("name", "kind")))
