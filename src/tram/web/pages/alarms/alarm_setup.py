"""Settings of alarms: one's own contact, chains, webhooks, announced work, drills, delivery log."""

import re
from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from tram.api.alarms import notification_setup as use
from tram.api.alarms.alarms import list_notices
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.domain.bounds import number_of
from tram.fleet.alarms.escalation_chains import EscalationStep
from tram.fleet.alarms.views import Calendar, Chain, Contact, NewMaintenance, Webhook
from tram.fleet.rules.kinds import MINUTES_OF_DAY, SEVERITIES, Hours
from tram.registry.kernel.viewer import Viewer
from tram.registry.privacy.privacy import ALARM_MAIL, WORDINGS
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, chosen, faults_of
from tram.web.pages.alarms.alarms import people_of
from tram.web.rendering import Screen, TakenScreen
from tram.web.words.privacy import CONSENTS

_HOME = "/alarms/setup"
_FIELD = re.compile(r"[.\[]")
"""What stands before it in a fault's place is the field of the form."""
_HOUR_MS = 3_600_000
_STEPS = 3
_SPANS = 4
_DAYS = 7


@get("/alarms/setup")
async def alarm_setup_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show what surrounds the alarms."""
    return await _page(services, viewer, screen, {}, ())


@post("/alarms/setup", status_code=HTTPStatus.SEE_OTHER)
async def change_alarm_setup(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Do what the pressed button says."""
    try:
        await _do(services, viewer, data)
    except Refused as error:
        return await _page(services, viewer, screen, data, faults_of(error))
    return Redirect(_HOME, status_code=303)


async def _do(services: Services, viewer: Viewer, data: dict[str, str]) -> None:
    what = data.get("do", "")
    if what == "contact":
        await use.put_contact(services, viewer, _contact(data))
    elif what == "test":
        hook = data.get("webhook", "")
        await use.test_notice(services, viewer, use.TestForm(chosen(hook)))
    elif what == "chain":
        await use.add_chain(services, viewer, _chain(data))
    elif what == "calendar":
        await use.add_calendar(services, viewer, _calendar(data))
    elif what == "webhook":
        new = Webhook(name=data.get("name", ""), url=data.get("url", ""))
        await use.add_webhook(services, viewer, new)
    else:
        await _do_more(services, viewer, what, data)


async def _do_more(services: Services, viewer: Viewer, what: str, data: dict[str, str]) -> None:
    number = number_of(data.get("id", "")) or 0
    until_ms = services.clock.now_ms() + _whole(data, "hours") * _HOUR_MS
    if what == "window":
        device = data.get("device", "")
        new = NewMaintenance(
            from_ms=services.clock.now_ms(), until_ms=until_ms, reason=data.get("reason", ""),
            device=chosen(device),
        )  # fmt: skip
        await use.add_window(services, viewer, new)
    elif what == "drill":
        form = use.DrillForm(until_ms, data.get("reason", ""))
        await use.start_drill(services, viewer, form)
    elif what == "end-window":
        await use.end_window(services, viewer, number)
    elif what == "end-drill":
        await use.end_drill(services, viewer, number)
    elif what in ("remove-chain", "remove-calendar", "remove-webhook"):
        await use.remove_setup(services, viewer, what.removeprefix("remove-"), number)


async def _page(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    data: dict[str, str],
    faults: tuple[Fault, ...],
) -> Response[str]:
    setup = await use.alarm_setup(services, viewer)
    return screen.show(
        "alarms/alarm_setup.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="setup",
        setup=setup,
        notices=(await list_notices(services, viewer)).items,
        people=await people_of(services, viewer) if viewer.may("rule.write") else {},
        calendars={calendar.id: calendar.name for calendar in setup.calendars},
        hooks={hook.id: hook.name for hook in setup.webhooks},
        spans=_SPANS,
        severities=SEVERITIES,
        steps=_STEPS,
        data=data,
        asked=data.get("do", ""),
        faults={_FIELD.split(fault.field, maxsplit=1)[0]: fault for fault in faults},
        consent_text=CONSENTS[ALARM_MAIL, WORDINGS[ALARM_MAIL]],
        quiet=(_clock(setup.contact.quiet_start), _clock(setup.contact.quiet_end)),
    )


def _contact(data: dict[str, str]) -> Contact:
    return Contact(
        email=data.get("email", ""),
        least_severity=data.get("least_severity", "info"),
        quiet_start=_minutes(data.get("quiet_start", "")),
        quiet_end=_minutes(data.get("quiet_end", "")),
        quiet_severity=data.get("quiet_severity", "critical"),
    )


def _chain(data: dict[str, str]) -> Chain:
    steps = []
    for number in range(_STEPS):
        person, hook = data.get(f"person-{number}", ""), data.get(f"webhook-{number}", "")
        people = [] if (one := chosen(person)) is None else [one]
        hooks = [] if (one := chosen(hook)) is None else [one]
        if people or hooks:
            after_s = _whole(data, f"after-{number}") * 60
            calendar, _, when = data.get(f"calendar-{number}", "").partition("-")
            open_at = chosen(calendar)
            steps.append(
                EscalationStep(
                    after_s=after_s, people=people, webhooks=hooks,
                    calendar=open_at, inside=when != "shut",
                )
            )  # fmt: skip
    return Chain(name=data.get("name", ""), steps=steps)


def _calendar(data: dict[str, str]) -> Calendar:
    """Read the spans that have days; an end that is left empty is the end of the day."""
    hours = []
    for number in range(_SPANS):
        days = [day for day in range(_DAYS) if data.get(f"span-{number}-{day}") == "yes"]
        if days:
            start, end = (_minutes(data.get(f"{edge}-{number}", "")) for edge in ("start", "end"))
            hours.append(Hours(days=days, start=start, end=end or MINUTES_OF_DAY))
    holidays = data.get("holidays", "").replace(",", " ").split()
    return Calendar(name=data.get("name", ""), hours=hours, holidays=holidays)


def _whole(data: dict[str, str], field: str) -> int:
    text = data.get(field, "").strip()
    return int(text) if text.isdecimal() and len(text) < len("1000000") else 0


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and len(text) <= len("24:00")):
        return 0
    return int(hour) * 60 + int(minute)


def _clock(minutes: int) -> str:
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}"
