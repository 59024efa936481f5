"""Alarms: the console for a desk, one alarm for a phone, and those of one device."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from tram.api.alarm_setup import alarm_setup
from tram.api.alarms import (
    ActForm,
    act_on_alarms,
    alarm_counts,
    cause_metrics,
    list_alarms,
    list_notices,
    show_alarm,
)
from tram.api.devices import show_device
from tram.api.endpoints.taken import TakenServices, TakenViewer
from tram.domain.sectors import SECTORS
from tram.fleet.alarms.views import ALARM_STATES, AlarmFilter
from tram.fleet.rules.kinds import SEVERITIES
from tram.runtime.errors import Refused
from tram.web.forms import faults_of
from tram.web.pages.login import Form
from tram.web.rendering import TakenScreen

__all__ = (
    "act_on_alarm",
    "alarm_page",
    "alarms_page",
    "device_alarms_page",
    "provide_page_filter",
)

_ROWS = 50
_HOUR_MS = 3_600_000
SHELF_HOURS: tuple[int, ...] = (1, 8, 24, 168)


def _chosen(word: str, words: tuple[str, ...]) -> str | None:
    return word if word in words else None


@get("/alarms")
async def alarms_page(  # the filters of one list
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    alarm_filter: NamedDependency[AlarmFilter],
    cursor: FromQuery[str] = "",
) -> Response[str]:
    """Show one page of alarms; the whole question stands in the address."""
    page = await list_alarms(services, viewer, alarm_filter, cursor or None, _ROWS)
    setup = await alarm_setup(services, viewer)
    query = _query(alarm_filter)
    return screen.show(
        "alarms.html",
        tab="alarms",
        page=page,
        wanted=alarm_filter,
        counts=await alarm_counts(services, viewer),
        filters=setup.filters,
        drills=setup.drills,
        sectors=SECTORS,
        query=query,
        following=_query(alarm_filter, page.next) if page.next else "",
    )


@get("/alarms/{alarm:int}")
async def alarm_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, alarm: FromPath[int]
) -> Response[str]:
    """Show one alarm: what, where, since when, and the two things to do about it."""
    found = await show_alarm(services, viewer, alarm)
    notices = await list_notices(services, viewer, alarm)
    return screen.show(
        "alarm.html",
        tab="alarms",
        alarm=found,
        metrics=cause_metrics(found),
        notices=notices.items,
        shelf_hours=SHELF_HOURS,
        faults={},
    )


@post("/alarms/{alarm:int}/act", status_code=HTTPStatus.SEE_OTHER)
async def act_on_alarm(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    alarm: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Handle one alarm."""
    hours = data.get("hours", "")
    until_ms = services.clock.now_ms() + int(hours) * _HOUR_MS if hours.isdecimal() else None
    form = ActForm(
        alarms=[alarm],
        deed=data.get("deed", ""),
        note=data.get("note", ""),
        until_ms=until_ms,
        person=viewer.person if data.get("deed") == "assign" else None,
    )
    try:
        await act_on_alarms(services, viewer, form)
    except Refused as error:
        faults = faults_of(error)
        found = await show_alarm(services, viewer, alarm)
        return screen.show(
            "alarm.html",
            HTTPStatus.UNPROCESSABLE_ENTITY,
            tab="alarms",
            alarm=found,
            metrics=cause_metrics(found),
            notices=[],
            shelf_hours=SHELF_HOURS,
            faults={fault.field: fault for fault in faults},
        )
    return Redirect(f"/alarms/{alarm}", status_code=303)


@get("/devices/{device:int}/alarms")
async def device_alarms_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, device: FromPath[int]
) -> Response[str]:
    """Show the alarms of one device, those that are over included."""
    view = await show_device(services, viewer, device)
    may = viewer.may("alarm.read")
    wanted = AlarmFilter(state="all", device=device)
    page = await list_alarms(services, viewer, wanted, None, _ROWS) if may else None
    return screen.show("device_alarms.html", device=view, tab="alarms", page=page)


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
        rule=int(rule) if rule.isdecimal() else None,
        incident=int(incident) if incident.isdecimal() else None,
        held=held == "yes",
        search=search.strip(),
    )


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
