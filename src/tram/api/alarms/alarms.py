"""Alarms and rules as use cases: each decodes, asks the registers once, and encodes."""

import msgspec
from litestar.params import FromQuery

from tram.api.devices.profiles import list_profiles
from tram.api.http.paging import LIMIT_DEFAULT, LIMIT_MAX, cut
from tram.api.http.parameters import Cursor, PageLimit
from tram.api.http.services import Services
from tram.domain.bounds import Count, Line, MomentMs, Number, Numbers
from tram.domain.days import DAY_MS
from tram.domain.ids import DeviceId, GroupId, ZoneId
from tram.domain.permissions import Permission
from tram.fleet.alarms.console.alarm_filter import AlarmFilter
from tram.fleet.alarms.limits import TRIAL_DEVICES_MAX
from tram.fleet.alarms.rulebook.trial import Trial, try_rule
from tram.fleet.alarms.views import (
    AlarmAct,
    AlarmCounts,
    AlarmDetail,
    AlarmRow,
    NewRule,
    NoticeRow,
    RuleContent,
    RuleRow,
)
from tram.fleet.rules.kinds import Rule
from tram.fleet.rules.ruleset import inputs_of
from tram.registry.kernel.viewer import Viewer

__all__ = (
    "ActForm",
    "Acted",
    "AlarmList",
    "NoticeList",
    "RuleList",
    "SwitchForm",
    "TrialForm",
    "act_on_alarms",
    "alarm_counts",
    "cause_metrics",
    "change_rule",
    "create_rule",
    "list_alarms",
    "list_notices",
    "list_rules",
    "remove_rule",
    "show_alarm",
    "show_rule",
    "switch_rule",
    "try_on_history",
)

_SOUGHT_MAX = 20_000
"""Devices among which those are sought that a rule is tried on."""


class AlarmList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of alarms; ``total`` is a lower bound unless ``is_exact``."""

    items: list[AlarmRow]
    total: int
    is_exact: bool
    next: str | None
    as_of_ms: int


class RuleList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of rules."""

    items: list[RuleRow]
    next: str | None
    as_of_ms: int


class NoticeList(msgspec.Struct, frozen=True, kw_only=True):
    """The newest lines of the delivery log."""

    items: list[NoticeRow]
    as_of_ms: int


class ActForm(msgspec.Struct, frozen=True, kw_only=True):
    """Alarms by number and what to do with them."""

    alarms: Numbers
    kind: Line = msgspec.field(name="deed")
    note: Line = ""
    until_ms: MomentMs | None = None
    person: Number | None = None


class Acted(msgspec.Struct, frozen=True):
    """How many alarms were handled."""

    count: int


class SwitchForm(msgspec.Struct, frozen=True):
    """Whether a rule is on."""

    on: bool


class TrialForm(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to try on the last days."""

    content: RuleContent
    days: Count = 30


async def list_alarms(
    services: Services,
    viewer: Viewer,
    wanted: AlarmFilter,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> AlarmList:
    """Return alarms, newest first; an empty sector is any, as of a form where none is chosen."""
    wanted = msgspec.structs.replace(wanted, sector=wanted.sector or None)
    page = await services.alarms.console.page(viewer, wanted, after=cursor, limit=limit)
    return AlarmList(
        items=page.items,
        total=page.total,
        is_exact=page.is_exact,
        next=page.next_after,
        as_of_ms=services.clock.now_ms(),
    )


async def alarm_counts(services: Services, viewer: Viewer) -> AlarmCounts:
    """Return how many alarms wait."""
    return await services.alarms.console.counts(viewer)


async def show_alarm(services: Services, viewer: Viewer, alarm: int) -> AlarmDetail:
    """Return one alarm with its cause and history.

    Raises:
        Refused: ``alarm.unknown``.
    """
    return await services.alarms.console.one(viewer, alarm)


def cause_metrics(alarm: AlarmDetail) -> tuple[str, ...]:
    """Return the metrics that the alarm's rule read."""
    return inputs_of(
        Rule(id=alarm.rule, version=alarm.rule_version, org=alarm.org, spec=alarm.content.spec)
    )


async def act_on_alarms(services: Services, viewer: Viewer, form: ActForm) -> Acted:
    """Handle alarms, all of them or none.

    Raises:
        Refused: ``alarm.unknown``, ``alarm.deed_wrong``, ``access.denied``.
    """
    act = AlarmAct(kind=form.kind, note=form.note, until_ms=form.until_ms, person=form.person)
    return Acted(await services.alarms.console.act(viewer, form.alarms, act))


async def list_rules(
    services: Services, viewer: Viewer, cursor: Cursor = None, limit: PageLimit = LIMIT_MAX
) -> RuleList:
    """Return the rules in reach."""
    rows, following = cut(await services.alarms.rules.all(viewer), cursor, limit)
    return RuleList(items=rows, next=following, as_of_ms=services.clock.now_ms())


async def show_rule(services: Services, viewer: Viewer, rule: int) -> RuleRow:
    """Return one rule.

    Raises:
        Refused: ``alarm.rule_unknown``.
    """
    return await services.alarms.rules.one(viewer, rule)


async def create_rule(services: Services, viewer: Viewer, form: NewRule) -> RuleRow:
    """Keep a rule.

    Raises:
        Refused: with every wrong field.
    """
    return await services.alarms.rules.create(viewer, form)


async def change_rule(services: Services, viewer: Viewer, rule: int, form: NewRule) -> RuleRow:
    """Keep the next version of a rule.

    Raises:
        Refused: ``alarm.rule_unknown``, or with every wrong field.
    """
    return await services.alarms.rules.change(viewer, rule, form)


async def switch_rule(services: Services, viewer: Viewer, rule: int, form: SwitchForm) -> RuleRow:
    """Switch a rule on or off.

    Raises:
        Refused: ``alarm.rule_unknown``.
    """
    return await services.alarms.rules.switch(viewer, rule, on=form.on)


async def remove_rule(services: Services, viewer: Viewer, rule: int) -> None:
    """Take a rule out of use.

    Raises:
        Refused: ``alarm.rule_unknown``.
    """
    await services.alarms.rules.remove(viewer, rule)


async def try_on_history(services: Services, viewer: Viewer, form: TrialForm) -> Trial:
    """Return what a rule would have raised on the last days, over at most 200 devices.

    Raises:
        Refused: with every wrong field of the rule.
        Unavailable: while the store does not answer.
    """
    viewer.needs(Permission.RULE_READ)
    await services.alarms.rules.must_be_sound(viewer, form.content)
    until_ms = services.clock.now_ms()
    days = max(1, min(form.days, 366))
    targets = await _targets(services, viewer, form.content)
    return await try_rule(
        services.store, viewer, form.content, targets, (until_ms - days * DAY_MS, until_ms)
    )


async def _targets(
    services: Services, viewer: Viewer, content: RuleContent
) -> list[tuple[int, str]]:
    """Return devices that a rule would be for, those first whose profile has a metric of the rule."""
    scope = content.scope
    if scope.devices is not None:
        found = []
        for device in scope.devices[: TRIAL_DEVICES_MAX + 1]:
            row = await services.registry.devices.one(viewer, DeviceId(device))
            found.append((int(row.id), row.name))
        return found
    members: set[DeviceId] | None = None
    if scope.group is not None:
        members = set(await services.registry.groups.members(viewer, GroupId(scope.group)))
    wanted = set(inputs_of(Rule(id=1, version=1, org=1, spec=content.spec)))
    speaking = {
        profile.id
        for profile in (await list_profiles(services, viewer)).items
        if wanted & {metric.key for metric in profile.metrics}
    }
    first: list[tuple[int, str]] = []
    others: list[tuple[int, str]] = []
    after: str | None = None
    while len(first) <= TRIAL_DEVICES_MAX and len(first) + len(others) < _SOUGHT_MAX:
        page = await services.registry.devices.page(
            viewer, search=content.query, sector=scope.sector, zone=None if scope.zone is None else ZoneId(scope.zone), after=after,
            limit=500,
        )  # fmt: skip
        for item in page.items:
            if scope.profile in {None, item.profile} and (members is None or item.id in members):
                (first if item.profile in speaking else others).append((int(item.id), item.name))
        after = page.next_after
        if after is None:
            break
    return [*first, *others]


async def list_notices(
    services: Services, viewer: Viewer, alarm: FromQuery[int | None] = None
) -> NoticeList:
    """Return the delivery log."""
    items = await services.alarms.personal.notices(viewer, alarm=alarm)
    return NoticeList(items=items, as_of_ms=services.clock.now_ms())
