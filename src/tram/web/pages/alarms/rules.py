"""Rules: the list, the editor, and what a rule would have raised."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from tram.api.alarms.alarms import (
    SwitchForm,
    TrialForm,
    change_rule,
    create_rule,
    list_rules,
    remove_rule,
    show_rule,
    switch_rule,
    try_on_history,
)
from tram.api.alarms.notification_setup import alarm_setup
from tram.api.devices.profiles import list_profiles
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.api.sharing.sharing import list_groups
from tram.domain.bounds import is_number
from tram.domain.sectors import SECTORS
from tram.fleet.alarms.rulebook.trial import Trial
from tram.fleet.alarms.views import NewRule, RuleContent, RuleRow
from tram.fleet.rules.kinds import AGGREGATES, KINDS, OPS, SEVERITIES, RuleScope
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Fault, Refused, Unavailable
from tram.web.forms import Form, Typed, fault_of, faults_of
from tram.web.rendering import Screen, TakenScreen
from tram.web.words.rule_formula import condition_text

_HOME = "/alarms/rules"
TRIAL_DAYS = 30
_TEXTS: dict[str, tuple[str, ...]] = {
    "limit": ("metric", "op"),
    "schedule": ("metric", "op"),
    "rate": ("metric", "op"),
    "stuck": ("metric",),
    "missing": ("metric",),
    "window": ("metric", "op", "aggregate"),
    "compare": ("metric", "other", "op"),
    "geofence": ("lon", "lat", "must_be"),
    "expression": ("when",),
}
_BOUND = ("high", "low", "hysteresis", "dwell_s", "clear_s")
_NUMBERS: dict[str, tuple[str, ...]] = {
    "limit": _BOUND,
    "schedule": _BOUND,
    "rate": (*_BOUND, "per_s"),
    "stuck": ("for_s", "tolerance"),
    "missing": ("for_s",),
    "window": (*_BOUND, "window_s", "least"),
    "compare": (*_BOUND, "max_age_s"),
    "geofence": ("dwell_s", "clear_s", "max_age_s"),
    "expression": ("dwell_s", "clear_s", "max_age_s"),
}
_WHOLE = frozenset({"dwell_s", "clear_s", "per_s", "for_s", "window_s", "least", "max_age_s"})
_DAYS = 7
_MINUTES_OF_HOUR = 60
_DIGITS_MAX = 20
"""More digits are no number of anything, and Python reads only so many."""


@get("/alarms/rules")
async def rules_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show the rules, the last changed first."""
    found = await list_rules(services, viewer)
    return screen.show(
        "alarms/rules.html", tab="rules", rules=found.items, condition_text=condition_text
    )


@get("/alarms/rules/new")
async def new_rule_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show the empty editor."""
    viewer.needs("rule.write")
    start = {"kind": "limit", "severity": "warning", "op": "above", "per_s": "60"}
    return await _editor(services, viewer, screen, None, start)


@post("/alarms/rules/new", status_code=HTTPStatus.CREATED)
async def add_rule(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Keep a rule, or try it on the past first."""
    return await _take(services, viewer, screen, None, data)


@get("/alarms/rules/{rule:int}")
async def rule_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, rule: FromPath[int]
) -> Response[str]:
    """Show a rule in the editor."""
    found = await show_rule(services, viewer, rule)
    return await _editor(services, viewer, screen, found, _typed(found))


@post("/alarms/rules/{rule:int}", status_code=HTTPStatus.CREATED)
async def mend_rule(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    rule: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Keep the next version, or try it on the past first."""
    found = await show_rule(services, viewer, rule)
    return await _take(services, viewer, screen, found, data)


@post("/alarms/rules/{rule:int}/switch", status_code=HTTPStatus.SEE_OTHER)
async def switch_rule_on_or_off(
    services: TakenServices, viewer: TakenViewer, rule: FromPath[int], data: Form
) -> Redirect:
    """Switch a rule on or off."""
    await switch_rule(services, viewer, rule, SwitchForm(on=data.get("on") == "yes"))
    return Redirect(_HOME, status_code=303)


@post("/alarms/rules/{rule:int}/remove", status_code=HTTPStatus.SEE_OTHER)
async def remove_rule_page(
    services: TakenServices, viewer: TakenViewer, rule: FromPath[int]
) -> Redirect:
    """Take a rule out of use."""
    await remove_rule(services, viewer, rule)
    return Redirect(_HOME, status_code=303)


async def _take(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    before: RuleRow | None,
    data: Mapping[str, str],
) -> Response[Any]:
    new, faults = _read(data, before)
    trial: Trial | None = None
    if new is not None:
        try:
            if data.get("do") == "try":
                trial = await try_on_history(
                    services, viewer, TrialForm(content=new.content, days=TRIAL_DAYS)
                )
            elif before is None:
                await create_rule(services, viewer, new)
            else:
                await change_rule(services, viewer, before.id, new)
        except Unavailable as error:
            faults = (fault_of(error),)
        except Refused as error:
            faults = faults_of(error)
        else:
            if trial is None:
                return Redirect(_HOME, status_code=303)
    return await _editor(services, viewer, screen, before, data, (faults, trial))


async def _editor(  # noqa: PLR0913, PLR0917  # what one page shows
    services: Services,
    viewer: Viewer,
    screen: Screen,
    rule: RuleRow | None,
    data: Mapping[str, str],
    outcome: tuple[tuple[Fault, ...], Trial | None] = ((), None),
) -> Response[str]:
    faults, trial = outcome
    setup = await alarm_setup(services, viewer)
    profiles = (await list_profiles(services, viewer)).items
    groups = (await list_groups(services, viewer)).items if viewer.may("device.read") else []
    is_vi = screen.locale == "vi"
    return screen.show(
        "alarms/rule.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="rules",
        rule=rule,
        data=data,
        faults={fault.field: fault for fault in faults},
        trial=trial,
        trial_days=TRIAL_DAYS,
        kinds=KINDS,
        ops=OPS,
        aggregates=AGGREGATES,
        severities=SEVERITIES,
        sectors=SECTORS,
        chains=[(chain.id, chain.name) for chain in setup.chains],
        profiles=[(p.id, p.name_vi if is_vi else p.name_en) for p in profiles],
        groups=[(group.id, group.name) for group in groups],
        metrics=sorted({metric.key for p in profiles for metric in p.metrics}),
    )


def _read(
    data: Mapping[str, str], before: RuleRow | None
) -> tuple[NewRule | None, tuple[Fault, ...]]:
    """Read the form; what it does not show stays as it was."""
    typed = Typed(data)
    kind = data.get("kind", "limit")
    kind = kind if kind in KINDS else "limit"
    spec = _spec(typed, kind, data)
    hours = _hours(data, before)
    if kind == "schedule":
        spec["hours"] = hours
    if kind == "geofence":
        spec["polygon"] = _corners(typed, data.get("polygon", ""))
    old = before.content if before else None
    content = {
        "spec": spec,
        "scope": _scope(typed, data, old.scope if old else RuleScope()),
        "hours": hours if kind != "schedule" else [],
        "query": typed.text("query"),
        "advice": typed.text("advice"),
    }
    chain = _row_number(typed, "chain", data.get("chain", ""))
    if typed.faults:
        return None, tuple(typed.faults)
    try:
        made = msgspec.convert(content, RuleContent)
    except msgspec.ValidationError as error:
        place = str(error).rpartition("$.")[2].rstrip("`")
        return None, (
            Fault(
                place.rpartition(".")[2] or "form",
                "request.unfit",
                {"problem": str(error).partition(" - ")[0]},
            ),
        )
    new = NewRule(
        name=typed.text("name"),
        severity=data.get("severity", "warning"),
        content=made,
        enabled=data.get("enabled") == "yes",
        chain=chain,
    )
    return new, ()


def _spec(typed: Typed, kind: str, data: Mapping[str, str]) -> dict[str, Any]:
    """Read what a rule of the kind looks for, without its hours and corners."""
    spec: dict[str, Any] = {"kind": kind}
    for name in _TEXTS[kind]:
        spec[name] = typed.text(name, needed=name != "metric" or kind != "missing")
    for name in _NUMBERS[kind]:
        number = _number(typed, name, data)
        if number is not None:
            spec[name] = int(number) if name in _WHOLE else number
    if kind == "compare":
        other = data.get("other_device", "")
        spec["other_device"] = _row_number(typed, "other_device", other)
    return spec


def _row_number(typed: Typed, field: str, text: str) -> int | None:
    """Read the number of a row; None where nothing is written."""
    if not text.strip():
        return None
    number = int(text) if text.isdecimal() and len(text) < _DIGITS_MAX else 0
    if not is_number(number):
        typed.faults.append(Fault(field, "number.of_row"))
        return None
    return number


def _number(typed: Typed, name: str, data: Mapping[str, str]) -> float | None:
    text = data.get(name, "").strip().replace(",", ".")
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        typed.faults.append(Fault(name, "number.wanted"))
        return None
    return number


def _corners(typed: Typed, text: str) -> list[list[float]]:
    try:
        return [[float(part) for part in line.split(",")] for line in text.splitlines() if line]
    except ValueError:
        typed.faults.append(Fault("polygon", "corner.unreadable"))
        return []


def _hours(data: Mapping[str, str], before: RuleRow | None) -> list[dict[str, Any]]:
    """Read the span that the form shows; further ones of the rule stay behind it."""
    days = [day for day in range(_DAYS) if data.get(f"day-{day}") == "yes"]
    if not days:
        return []
    shown = {
        "days": days,
        "start": _minute(data.get("hours-start", "")) or 0,
        "end": _minute(data.get("hours-end", "")) or 24 * _MINUTES_OF_HOUR,
    }
    return [shown, *(_kept_hours(before.content)[1:] if before else [])]


def _kept_hours(content: RuleContent) -> list[dict[str, Any]]:
    spec: dict[str, Any] = msgspec.to_builtins(content.spec)
    found: list[dict[str, Any]] = spec.get("hours") or msgspec.to_builtins(content.hours)
    return found


def _minute(text: str) -> int | None:
    hour, _, minute = text.partition(":")
    if not (hour.isdecimal() and minute.isdecimal() and len(text) < _DIGITS_MAX):
        return None
    return int(hour) * _MINUTES_OF_HOUR + int(minute)


def _scope(typed: Typed, data: Mapping[str, str], before: RuleScope) -> dict[str, Any]:
    listed = [part for part in data.get("devices", "").replace(",", " ").split() if part]
    return {
        "profile": _row_number(typed, "profile", data.get("profile", "")),
        "group": _row_number(typed, "group", data.get("group", "")),
        "sector": data.get("sector") or None,
        "zone": before.zone,
        "devices": [_row_number(typed, "devices", part) for part in listed] or None,
    }


def _typed(rule: RuleRow) -> dict[str, str]:
    """Return a rule as the form's fields."""
    content = rule.content
    spec: dict[str, Any] = msgspec.to_builtins(content.spec)
    hours = _kept_hours(content)
    spec.pop("hours", None)
    data = {name: _text(value) for name, value in spec.items() if name != "polygon"}
    if "polygon" in spec:
        data["polygon"] = "\n".join(f"{lon}, {lat}" for lon, lat in spec["polygon"])
    if hours:
        data |= {f"day-{day}": "yes" for day in hours[0]["days"]}
        for end in ("start", "end"):
            hour, minute = divmod(hours[0][end], _MINUTES_OF_HOUR)
            data[f"hours-{end}"] = f"{hour:02}:{minute:02}" if hour < 24 else ""  # noqa: PLR2004  # a day's end
    scope = content.scope
    return data | {
        "name": rule.name,
        "severity": rule.severity,
        "enabled": "yes" if rule.enabled else "",
        "chain": str(rule.chain or ""),
        "profile": str(scope.profile or ""),
        "group": str(scope.group or ""),
        "sector": scope.sector or "",
        "devices": " ".join(str(device) for device in scope.devices or []),
        "query": content.query,
        "advice": content.advice,
    }


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)
