"""The tables of rules, alarms and notices, in the registry's database."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    select,
)

from tram.domain.alarms import NoticeState
from tram.registry.kernel.personal_data import (
    ASKED_FOR,
    TASK,
    TILL_ERASED,
    ByPerson,
    DataPlace,
    Subject,
    authored,
    authorship,
    declare,
    signed,
)
from tram.registry.kernel.tables import BIG, indexes, numbered_table, optional, required, table

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

chains = numbered_table(
    "alarm_chains",
    *required(org_id="organisations.id", name=String(200), steps=JSON),
    *optional(removed_ms=BIG),
    *indexes("org_id"),
)

rules = numbered_table(
    "rules",
    *required(org_id="organisations.id", version=Integer, name=String(200), kind=String(20)),
    *required(severity=Integer, content=JSON, enabled=Boolean),
    *optional(chain_id="alarm_chains.id"),
    *required(changed_ms=BIG),
    *optional(removed_ms=BIG),
    *indexes("org_id"),
)

# Append-only: what a rule said when an alarm came of it.
rule_versions = numbered_table(
    "rule_versions",
    *required(rule_id="rules.id", version=Integer, name=String(200), severity=Integer),
    *required(content=JSON, at_ms=BIG),
    *optional(person_id="people.id"),
    *required(person_name=String(200)),
    UniqueConstraint("rule_id", "version"),
)

# One line per reader of the log: transitions up to this sequence are in these tables.
rule_progress = table(
    "rule_progress",
    Column("name", String(40), primary_key=True),
    *required(epoch=BIG, seq=BIG),
)

incidents = numbered_table(
    "incidents",
    *required(org_id="organisations.id", device_id="devices.id", opened_ms=BIG, last_ms=BIG),
    *optional(closed_ms=BIG),
    *indexes("device_id, last_ms"),
)

# state: 0 active, 1 active and acknowledged, 2 cleared, 3 cleared and acknowledged = over.
alarms = numbered_table(
    "alarms",
    *required(rule_id="rules.id", rule_version=Integer, device_id="devices.id"),
    *required(org_id="organisations.id"),
    *optional(zone_id="zones.id"),
    *required(sector=String(40), severity=Integer, state=Integer, held=String(20)),
    *required(retro=Boolean, drill=Boolean, started_ms=BIG, episode_ms=BIG, raised_ms=BIG),
    *optional(ended_ms=BIG, acked_ms=BIG),
    *required(acked_by=String(200), count=Integer),
    *optional(value=Float, assignee_id="people.id", incident_id="incidents.id"),
    *optional(parent_id="alarms.id", shelved_until_ms=BIG),
    *required(next_step=Integer),
    *optional(next_ms=BIG),
    *required(log_seq=BIG),
    *indexes("state, severity, id", "state, id", "device_id, state, id"),
    *indexes("rule_id, device_id, state", "rule_id, state, id", "incident_id"),
    *indexes("next_ms, org_id", "shelved_until_ms"),
)

# How many alarms there are of each kind: kept with every change, so that counting counts few rows.
alarm_tallies = table(
    "alarm_tallies",
    Column("org_id", BIG, primary_key=True),
    Column("zone_id", BIG, primary_key=True),
    Column("sector", String(40), primary_key=True),
    Column("severity", Integer, primary_key=True),
    Column("state", Integer, primary_key=True),
    Column("is_held", Integer, primary_key=True),
    *required(count=BIG),
)

# Append-only: what happened to an alarm, and who did it.
alarm_events = numbered_table(
    "alarm_events",
    *required(alarm_id="alarms.id", at_ms=BIG, kind=String(20)),
    *optional(person_id="people.id"),
    *required(person_name=String(200), note=String(500)),
    *optional(value=Float),
    *indexes("alarm_id, id"),
)

device_parents = table(
    "device_parents",
    Column("device_id", BIG, primary_key=True, autoincrement=False),
    *required(parent_id="devices.id"),
    *indexes("parent_id"),
)

maintenance = numbered_table(
    "maintenance_windows",
    *required(org_id="organisations.id"),
    *optional(device_id="devices.id", zone_id="zones.id"),
    *required(from_ms=BIG, until_ms=BIG, reason=String(500), person_name=String(200)),
    *indexes("until_ms", "org_id, until_ms", "device_id, until_ms"),
)

drills = numbered_table(
    "drills",
    *required(org_id="organisations.id", from_ms=BIG, until_ms=BIG, reason=String(500)),
    *required(person_name=String(200)),
    *indexes("until_ms"),
)

calendars = numbered_table(
    "alarm_calendars",
    *required(org_id="organisations.id", name=String(200), hours=JSON, holidays=JSON),
    *optional(removed_ms=BIG),
    *indexes("org_id"),
)

contacts = table(
    "alarm_contacts",
    Column("person_id", BIG, primary_key=True, autoincrement=False),
    *required(email=String(200), least_severity=Integer, quiet_start=Integer, quiet_end=Integer),
    *required(quiet_severity=Integer),
)

webhooks = numbered_table(
    "alarm_webhooks",
    *required(org_id="organisations.id", name=String(200), url=String(500)),
    *optional(removed_ms=BIG),
    *indexes("org_id"),
)

# The outbox and, once sent, the delivery log. ``key`` reaches the receiver: one key is one notice.
notices = numbered_table(
    "notices",
    Column("key", String(80), nullable=False, unique=True),
    *required(org_id="organisations.id"),
    *optional(alarm_id="alarms.id"),
    *required(kind=String(20)),
    *optional(person_id="people.id", webhook_id="alarm_webhooks.id"),
    *required(target=String(500), state=String(20), attempts=Integer, made_ms=BIG, next_ms=BIG),
    *optional(sent_ms=BIG),
    *required(reason=String(500), body=Text),
    *indexes("state, org_id, webhook_id, next_ms", "alarm_id", "org_id, id", "target, made_ms"),
)

alarm_filters = numbered_table(
    "alarm_filters",
    *required(person_id="people.id", name=String(80), query=String(500)),
    UniqueConstraint("person_id", "name"),
)

_TELLING = "telling people of alarms"


def _acted_upon(table: Table, subject: Subject) -> ColumnElement[bool]:
    """Alarms to which the person did something."""
    by_them = select(alarm_events.c.alarm_id).where(alarm_events.c.person_id == subject.id)
    return table.c.id.in_(by_them)


def _waiting(table: Table, subject: Subject) -> ColumnElement[bool]:
    """Notices to the person that have not left."""
    return (table.c.person_id == subject.id) & (table.c.state == NoticeState.WAITING)


declare(calendars, plain=("name", "hours", "holidays"))
# The steps name people by number alone.
declare(chains, plain=("name", "steps"))
declare(contacts, DataPlace(("email",), _TELLING, ASKED_FOR, TILL_ERASED))
declare(alarm_events, authorship("person_name"), free=("note",), plain=("kind",))
declare(alarm_filters, DataPlace(("name", "query"), "one's own lists", ASKED_FOR, TILL_ERASED))
declare(alarm_tallies, plain=("sector",))
declare(webhooks, plain=("name", "url"))
declare(
    alarms,
    authorship("acked_by", whose=signed("acked_by", _acted_upon)),
    DataPlace(
        (),
        "responsibility for acts",
        TASK,
        TILL_ERASED,
        ByPerson("assignee_id"),
        erase={"assignee_id": None},
    ),
    plain=("sector", "held"),
)
declare(device_parents)
declare(drills, authorship("person_name", whose=authored("drill")), free=("reason",))
declare(incidents)
declare(maintenance, authorship("person_name", whose=authored("maintenance")), free=("reason",))
declare(
    notices,
    DataPlace(("target",), _TELLING, TASK, "until sent", _waiting, secret=("body",)),
    DataPlace(
        ("target",),
        _TELLING,
        TASK,
        "with the alarm, without address and text once erased",
        erase={"target": "", "body": ""},
        secret=("body",),
    ),
    free=("reason", "body"),
    plain=("key", "kind", "state"),
)
declare(rule_progress, plain=("name",))
declare(rule_versions, authorship("person_name"), free=("content",), plain=("name",))
declare(rules, free=("content",), plain=("name", "kind"))
