"""What the alarms give back and take: plain frozen structs."""

from typing import Annotated

import msgspec

from tram.domain.alarms import AlarmState
from tram.domain.bounds import NUMBER_MAX, Line, MomentMs, Number, Paragraphs
from tram.fleet.alarms.escalation_chains import EscalationStep
from tram.fleet.alarms.limits import STEPS_MAX
from tram.fleet.rules.kinds import MINUTES_OF_DAY, Hours, Limit, RuleScope, Spans, Spec

__all__ = (
    "ALARM_STATES",
    "AlarmAct",
    "AlarmCounts",
    "AlarmDetail",
    "AlarmEvent",
    "AlarmPage",
    "AlarmRow",
    "Calendar",
    "Chain",
    "Contact",
    "Drill",
    "MaintenanceWindow",
    "NewMaintenance",
    "NewRule",
    "NoticeRow",
    "RuleContent",
    "RuleRow",
    "SavedFilter",
    "Webhook",
)

SPANS_MAX = 50
HOLIDAYS_MAX = 400
OwnerNumber = Annotated[int, msgspec.Meta(ge=0, le=NUMBER_MAX)]
"""The number of an organisation; 0 is the viewer's own."""
_Minute = Annotated[int, msgspec.Meta(ge=0, lt=MINUTES_OF_DAY)]

ALARM_STATES: tuple[str, ...] = tuple(state.word for state in AlarmState)


class RuleContent(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of a rule judges, for which devices, when, and what to do about it."""

    spec: Spec
    scope: RuleScope = RuleScope()
    hours: Spans = []
    query: Line = ""
    """Words that a device's name or code must hold, besides the scope."""
    advice: Paragraphs = ""

    @classmethod
    def kept(cls, content: object) -> "RuleContent":
        """Return what a version of a rule judged; one that cannot be read shows as a limit on nothing."""
        try:
            return msgspec.convert(content, cls)
        except msgspec.ValidationError:
            return cls(spec=Limit(metric="?"))


class NewRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to keep; ``severity`` is a word of ``kinds.SEVERITIES``."""

    name: Line
    severity: Line
    content: RuleContent
    org: Number | None = None
    enabled: bool = False
    chain: Number | None = None


class RuleRow(msgspec.Struct, frozen=True, kw_only=True):
    """A rule with its newest version."""

    id: int
    org: int
    org_name: str
    version: int
    name: str
    kind: str
    severity: str
    content: RuleContent
    enabled: bool
    chain: int | None
    changed_ms: int
    open_alarms: int
    aside: str = ""
    """Why the rule is set aside and judges nothing; empty while it is judged."""


class AlarmAct(msgspec.Struct, frozen=True, kw_only=True):
    """What to do: ack, clear, comment, assign, shelve or unshelve.

    ``clear`` ends an alarm by hand; ``shelve`` needs a note and an end within 30 days; ``assign``
    without a person takes the alarm back from whoever had it.
    """

    kind: Line
    note: Line = ""
    until_ms: MomentMs | None = None
    person: Number | None = None


class AlarmRow(msgspec.Struct, frozen=True, kw_only=True):
    """One alarm in a list; times are UTC epoch ms."""

    id: int
    rule: int
    rule_name: str
    rule_version: int
    device: int
    device_name: str
    org: int
    org_name: str
    zone_name: str | None
    sector: str
    severity: str
    state: str
    held: str
    retro: bool
    drill: bool
    synthetic: bool
    started_ms: int
    raised_ms: int
    ended_ms: int | None
    acked_ms: int | None
    acked_by: str
    count: int
    value: float | None
    assignee: int | None
    assignee_name: str | None
    incident: int | None
    shelved_until_ms: int | None


class AlarmPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page; ``total`` is exact up to its limit, ``is_exact`` says whether it is below it."""

    items: list[AlarmRow]
    total: int
    is_exact: bool
    next_after: str | None


class AlarmEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an alarm's history."""

    at_ms: int
    kind: str
    person_name: str
    note: str
    value: float | None


class AlarmDetail(AlarmRow, frozen=True, kw_only=True):
    """One alarm with its cause and everything that happened to it."""

    kind: str
    content: RuleContent
    lon: float | None
    lat: float | None
    parent: int | None
    log_seq: int
    events: list[AlarmEvent]
    siblings: int
    permissions: list[str]


class AlarmCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Alarms that are not over, those of lent devices too; ``held`` is what something keeps quiet.

    ``by_severity`` shares out those that nobody acknowledged (``unacked``), ``open_by_severity``
    all that nothing keeps quiet (``open``): what the list ``/alarms?severity=…`` holds.
    """

    unacked: int
    open: int
    held: int
    by_severity: dict[str, int]
    open_by_severity: dict[str, int]


class Chain(msgspec.Struct, frozen=True, kw_only=True):
    """Who is told in which order."""

    name: Line
    steps: Annotated[list[EscalationStep], msgspec.Meta(max_length=STEPS_MAX)]
    id: OwnerNumber = 0
    org: OwnerNumber = 0


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """When somebody is there: hours of the week, but not on holidays (ISO dates)."""

    name: Line
    hours: Annotated[list[Hours], msgspec.Meta(max_length=SPANS_MAX)]
    holidays: Annotated[list[Line], msgspec.Meta(max_length=HOLIDAYS_MAX)] = []
    id: OwnerNumber = 0
    org: OwnerNumber = 0


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """A program that hears of alarms; ``secret`` is there when asked for by its owner."""

    name: Line
    url: Line
    id: OwnerNumber = 0
    org: OwnerNumber = 0
    secret: Line = ""


class Contact(msgspec.Struct, frozen=True, kw_only=True):
    """How one person wants to be told; minutes of the day; equal ends mean no quiet hours."""

    email: Line = ""
    least_severity: Line = "info"
    quiet_start: _Minute = 0
    quiet_end: _Minute = 0
    quiet_severity: Line = "critical"


class NewMaintenance(msgspec.Struct, frozen=True, kw_only=True):
    """Work on a device, a zone, or all of one's organisation, from one time to another."""

    from_ms: MomentMs
    until_ms: MomentMs
    reason: Line
    device: Number | None = None
    zone: Number | None = None


class MaintenanceWindow(NewMaintenance, frozen=True, kw_only=True):
    """A maintenance window as it is kept."""

    id: int
    org: int
    person_name: str
    device_name: str | None


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """A drill of an organisation."""

    id: int
    org: int
    until_ms: int
    reason: str
    person_name: str


class NoticeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the delivery log."""

    id: int
    key: str
    kind: str
    alarm: int | None
    target: str
    state: str
    attempts: int
    made_ms: int
    next_ms: int
    sent_ms: int | None
    reason: str


class SavedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A person's own name for a query of the console."""

    id: int
    name: str
    query: str
