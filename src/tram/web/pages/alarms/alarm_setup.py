"""Settings of alarms: one's own contact, chains, webhooks, announced work, drills, delivery log."""

from collections.abc import Mapping

from litestar import Response, get

from tram.api.alarms import notification_setup as use
from tram.api.alarms.alarms import list_notices
from tram.domain.bounds import number_of
from tram.domain.days import HOUR_MS
from tram.domain.permissions import Permission
from tram.fleet.alarms.escalation_chains import EscalationStep
from tram.fleet.alarms.views import Calendar, Chain, Contact, NewMaintenance, Webhook
from tram.fleet.rules.kinds import MINUTES_OF_DAY, SEVERITIES, Hours
from tram.registry.privacy.privacy import ALARM_MAIL, WORDINGS
from tram.web.forms import Form, chosen
from tram.web.page_context import PageContext, TakenPage
from tram.web.pages.alarms.alarms import people_of
from tram.web.submission import NO_FAULTS, Faults, submission
from tram.web.words.privacy import CONSENTS

_HOME = "/alarms/setup"
_STEPS = 3
_SPANS = 4
_DAYS = 7


async def _setup(
    page: PageContext, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show what surrounds the alarms, with a form for each part."""
    setup = await page.call(use.alarm_setup)
    return page.show(
        "alarms/alarm_setup.html",
        tab="setup",
        setup=setup,
        notices=(await page.call(list_notices)).items,
        people=await people_of(page) if page.viewer.may(Permission.RULE_WRITE) else {},
        calendars={calendar.id: calendar.name for calendar in setup.calendars},
        hooks={hook.id: hook.name for hook in setup.webhooks},
        spans=_SPANS,
        severities=SEVERITIES,
        steps=_STEPS,
        data=data,
        asked=data.get("do", ""),
        faults=faults,
        consent_text=CONSENTS[ALARM_MAIL, WORDINGS[ALARM_MAIL]],
        quiet=(_clock(setup.contact.quiet_start), _clock(setup.contact.quiet_end)),
    )


@get("/alarms/setup")
async def alarm_setup_page(page: TakenPage) -> Response[str]:
    """Show what surrounds the alarms."""
    return await _setup(page, {})


@submission("/alarms/setup", _setup)
async def change_alarm_setup(page: TakenPage, data: Form) -> str:
    """Do what the pressed button says."""
    match data.get("do", ""):
        case "contact":
            await page.call(use.put_contact, _contact(data))
        case "test":
            await page.call(use.test_notice, use.TestForm(chosen(data.get("webhook", ""))))
        case "chain":
            await page.call(use.add_chain, _chain(data))
        case "calendar":
            await page.call(use.add_calendar, _calendar(data))
        case "webhook":
            new = Webhook(name=data.get("name", ""), url=data.get("url", ""))
            await page.call(use.add_webhook, new)
        case what:
            await _plan_work(page, what, data)
    return _HOME


async def _plan_work(page: PageContext, what: str, data: Mapping[str, str]) -> None:
    """Begin or end work and drills, and remove parts."""
    number = number_of(data.get("id", "")) or 0
    now_ms = page.screen.now_ms
    until_ms = now_ms + _whole(data, "hours") * HOUR_MS
    reason = data.get("reason", "")
    match what:
        case "window":
            device = chosen(data.get("device", ""))
            work = NewMaintenance(from_ms=now_ms, until_ms=until_ms, reason=reason, device=device)
            await page.call(use.add_window, work)
        case "drill":
            await page.call(use.start_drill, use.DrillForm(until_ms, reason))
        case "end-window":
            await page.call(use.end_window, number)
        case "end-drill":
            await page.call(use.end_drill, number)
        case "remove-chain" | "remove-calendar" | "remove-webhook":
            await page.call(use.remove_setup, what.removeprefix("remove-"), number)
        case _:
            pass


def _contact(data: Mapping[str, str]) -> Contact:
    return Contact(
        email=data.get("email", ""),
        least_severity=data.get("least_severity", "info"),
        quiet_start=_minutes(data.get("quiet_start", "")),
        quiet_end=_minutes(data.get("quiet_end", "")),
        quiet_severity=data.get("quiet_severity", "critical"),
    )


def _chain(data: Mapping[str, str]) -> Chain:
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


def _calendar(data: Mapping[str, str]) -> Calendar:
    """Read the spans that have days; an end that is left empty is the end of the day."""
    hours = []
    for number in range(_SPANS):
        days = [day for day in range(_DAYS) if data.get(f"span-{number}-{day}") == "yes"]
        if days:
            start, end = (_minutes(data.get(f"{edge}-{number}", "")) for edge in ("start", "end"))
            hours.append(Hours(days=days, start=start, end=end or MINUTES_OF_DAY))
    holidays = data.get("holidays", "").replace(",", " ").split()
    return Calendar(name=data.get("name", ""), hours=hours, holidays=holidays)


def _whole(data: Mapping[str, str], field: str) -> int:
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
