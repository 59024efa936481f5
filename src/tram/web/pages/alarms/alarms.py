"""Alarms: the console for a desk, one alarm for a phone, and those of one device."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, QueryParameter

from tram.api.alarms.alarms import (
    ActForm,
    act_on_alarms,
    alarm_counts,
    cause_metrics,
    list_alarms,
    list_notices,
    show_alarm,
    show_rule,
)
from tram.api.alarms.notification_setup import alarm_setup
from tram.api.devices.devices import expected_interval_s, show_device
from tram.api.people.people import list_people
from tram.domain.bounds import number_of
from tram.domain.days import HOUR_MS
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.fleet.alarms.console.alarm_filter import AlarmFilter
from tram.fleet.alarms.views import ALARM_STATES
from tram.fleet.rules.kinds import SEVERITIES
from tram.runtime.errors import Refused
from tram.web.forms import Form
from tram.web.page_context import PageContext, TakenPage
from tram.web.submission import NO_FAULTS, Faults, submission
from tram.web.words.rule_formula import condition_text

__all__ = ("people_of",)

_ROWS = 50
_PEOPLE_MAX = 200
_HOUR_DIGITS_MAX = 5
_INCIDENT_ROWS = 200
_BARS = 40
_LINE_WIDTH = 1_000
_NOTHING: Mapping[str, str] = {}
RUN_HOURS: tuple[int, ...] = (1, 8, 24, 168)


async def people_of(page: PageContext) -> dict[int, str]:
    """Return the first people that the viewer may see, by number."""
    if not page.may(Permission.PERSON_READ):
        return {}
    found = await page.call(list_people, limit=_PEOPLE_MAX)
    return {int(person.id): person.name for person in found.items}


def _chosen(word: str, words: tuple[str, ...]) -> str | None:
    return word if word in words else None


async def provide_page_filter(  # noqa: PLR0913, PLR0917  # the filters of one list
    alarm_state: Annotated[str, QueryParameter(name="state")] = "open",
    severity: FromQuery[str] = "",
    sector: FromQuery[str] = "",
    rule: FromQuery[str] = "",
    incident: FromQuery[str] = "",
    held: FromQuery[str] = "",
    search: FromQuery[str] = "",
) -> AlarmFilter:
    """Read the filter from the address; an empty or senseless part filters nothing."""
    return AlarmFilter(
        state=alarm_state if alarm_state in {*ALARM_STATES, "all"} else "open",
        severity=_chosen(severity, SEVERITIES),
        sector=_chosen(sector, SECTORS),
        rule=number_of(rule),
        incident=number_of(incident),
        held=held == "yes",
        search=search.strip(),
    )


@get("/alarms", dependencies={"wanted": Provide(provide_page_filter)})
async def alarms_page(
    page: TakenPage, wanted: NamedDependency[AlarmFilter], cursor: FromQuery[str] = ""
) -> Response[str]:
    """Show one page of alarms; the whole question stands in the address."""
    found = await page.call(list_alarms, wanted, cursor or None, _ROWS)
    setup = await page.call(alarm_setup)
    return page.show(
        "alarms/alarms.html",
        tab="alarms",
        page=found,
        wanted=wanted,
        counts=await page.call(alarm_counts),
        filters=setup.filters,
        drills=setup.drills,
        sectors=SECTORS,
        query=_query(wanted),
        following=_query(wanted, found.next) if found.next else "",
    )


async def _alarm(
    page: PageContext,
    alarm: int,
    data: Mapping[str, str] = _NOTHING,
    faults: Faults = NO_FAULTS,
) -> Response[str]:
    """Show one alarm with its forms."""
    found = await page.call(show_alarm, alarm)
    people = await people_of(page)
    return page.show(
        "alarms/alarm.html",
        tab="alarms",
        alarm=found,
        condition=condition_text(found.content),
        metrics=cause_metrics(found),
        interval_s=await _interval_s(page, found.device),
        notices=(await page.call(list_notices, alarm)).items,
        shelving_hours=RUN_HOURS,
        people=people,
        on_duty=await _on_duty(page, found.rule, people),
        note=data.get("note", ""),
        faults=faults,
    )


@get("/alarms/{alarm:int}")
async def alarm_page(page: TakenPage, alarm: FromPath[int]) -> Response[str]:
    """Show one alarm: what, where, since when, whom to call, and the two things to do about it."""
    return await _alarm(page, alarm)


async def _interval_s(page: PageContext, device: int) -> int:
    """Return how often a device is expected to speak; 0 when it is gone from the viewer's reach."""
    try:
        interval_s = await page.call(expected_interval_s, device)
    except Refused:
        return 0
    return interval_s


async def _on_duty(page: PageContext, rule: int, people: Mapping[int, str]) -> list[str]:
    """Return the names of the rule's chain in its order, those that the viewer may see."""
    if not page.may(Permission.RULE_READ):
        return []
    try:
        chain = (await page.call(show_rule, rule)).chain
    except Refused:
        return []
    setup = await page.call(alarm_setup)
    steps = next((kept.steps for kept in setup.chains if kept.id == chain), [])
    named = dict.fromkeys(person for step in steps for person in step.people)
    return [people[person] for person in named if person in people]


@submission("/alarms/{alarm:int}/act", _alarm)
async def act_on_alarm(page: TakenPage, alarm: FromPath[int], data: Form) -> str:
    """Handle one alarm."""
    hours = data.get("hours", "")
    until_ms = page.screen.now_ms + int(hours) * HOUR_MS if _are_hours(hours) else None
    kind = data.get("deed", "")
    person: int | None = None
    if kind == "assign":
        person = page.viewer.person
    elif kind == "give":
        kind, person = "assign", number_of(data.get("person", ""))
    form = ActForm(
        alarms=[alarm],
        kind=kind,
        note=data.get("note", ""),
        until_ms=until_ms,
        person=person,
    )
    await page.call(act_on_alarms, form)
    return f"/alarms/{alarm}"


@get("/alarms/incidents/{incident:int}")
async def incident_page(page: TakenPage, incident: FromPath[int]) -> Response[str]:
    """Show the alarms that belong together, also those kept quiet, on one line of time."""
    wanted = AlarmFilter(state="all", incident=incident)
    told = await page.call(list_alarms, wanted, None, _INCIDENT_ROWS)
    wanted = msgspec.structs.replace(wanted, held=True)
    quiet = await page.call(list_alarms, wanted, None, _INCIDENT_ROWS)
    alarms = sorted([*told.items, *quiet.items], key=lambda item: (item.started_ms, item.id))
    if not alarms:
        raise Refused("alarm.unknown", "There is no such incident in reach.", "Look at the list.")
    now_ms = page.screen.now_ms
    first_ms = alarms[0].started_ms
    last_ms = max(now_ms if item.ended_ms is None else item.ended_ms for item in alarms)
    scale = _LINE_WIDTH / max(last_ms - first_ms, 1)
    bars = [
        (
            round((item.started_ms - first_ms) * scale),
            max(3, round(((item.ended_ms or now_ms) - item.started_ms) * scale)),
            item,
        )
        for item in alarms[:_BARS]
    ]
    return page.show(
        "alarms/incident.html",
        tab="alarms",
        incident=incident,
        alarms=alarms,
        bars=bars,
        line_width=_LINE_WIDTH,
        first_ms=first_ms,
        last_ms=last_ms,
        total=told.total + quiet.total,
        is_exact=told.is_exact and quiet.is_exact,
        is_whole=told.next is None and quiet.next is None,
        active=sum(item.ended_ms is None for item in alarms),
        devices=len({item.device for item in alarms}),
    )


@get("/devices/{device:int}/alarms")
async def device_alarms_page(page: TakenPage, device: FromPath[int]) -> Response[str]:
    """Show the alarms of one device."""
    view = await page.call(show_device, device)
    wanted = AlarmFilter(state="all", device=device)
    may = page.may(Permission.ALARM_READ)
    found = await page.call(list_alarms, wanted, None, _ROWS) if may else None
    return page.show("devices/device_alarms.html", device=view, tab="alarms", page=found)


def _query(wanted: AlarmFilter, cursor: str | None = None) -> str:
    parts: dict[str, object] = {
        "state": wanted.state if wanted.state != "open" else "",
        "severity": wanted.severity,
        "sector": wanted.sector,
        "rule": wanted.rule,
        "incident": wanted.incident,
        "held": "yes" if wanted.held else "",
        "search": wanted.search,
        "cursor": cursor,
    }
    return urlencode({name: value for name, value in parts.items() if value not in {None, ""}})


def _are_hours(text: str) -> bool:
    return text.isdecimal() and len(text) <= _HOUR_DIGITS_MAX
