"""Rules: the list, the editor, and what a rule would have raised."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

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
from tram.api.sharing.sharing import list_groups
from tram.domain.bounds import is_number
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.fleet.alarms.rulebook.trial import Trial
from tram.fleet.alarms.views import NewRule, RuleContent, RuleRow
from tram.fleet.rules.kinds import AGGREGATES, KINDS, OPS, SEVERITIES, RuleScope
from tram.runtime.errors import Fault, Refused, Unavailable
from tram.web.forms import Form, Typed, at_field
from tram.web.page_context import PageContext, TakenPage
from tram.web.submission import NO_FAULTS, Faults, submission
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
_START = {"kind": "limit", "severity": "warning", "op": "above", "per_s": "60"}
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
async def rules_page(page: TakenPage) -> Response[str]:
    """Show the rules, the last changed first."""
    found = await page.call(list_rules)
    return page.show(
        "alarms/rules.html", tab="rules", rules=found.items, condition_text=condition_text
    )


async def _editor(
    page: PageContext,
    rule: int | None = None,
    data: Mapping[str, str] | None = None,
    faults: Faults = NO_FAULTS,
    trial: Trial | None = None,
) -> Response[str]:
    """Show the editor of a rule, or of a new one; ``trial`` is what it would have raised."""
    found = None if rule is None else await page.call(show_rule, rule)
    kept = _START if found is None else _typed(found)
    setup = await page.call(alarm_setup)
    profiles = (await page.call(list_profiles)).items
    groups = (
        (await page.call(list_groups)).items if page.viewer.may(Permission.DEVICE_READ) else []
    )
    is_vi = page.screen.locale == "vi"
    return page.show(
        "alarms/rule.html",
        tab="rules",
        rule=found,
        data=kept if data is None else data,
        faults=faults,
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


@get("/alarms/rules/new")
async def new_rule_page(page: TakenPage) -> Response[str]:
    """Show the empty editor."""
    page.viewer.needs(Permission.RULE_WRITE)
    return await _editor(page)


@submission("/alarms/rules/new", _editor)
async def add_rule(page: TakenPage, data: Form) -> str | Response[str]:
    """Keep a rule, or try it on the past first."""
    new = _new_rule(data, None)
    if data.get("do") == "try":
        return await _editor(page, None, data, trial=await _tried(page, new))
    await page.call(create_rule, new)
    return _HOME


@get("/alarms/rules/{rule:int}")
async def rule_page(page: TakenPage, rule: FromPath[int]) -> Response[str]:
    """Show a rule in the editor."""
    return await _editor(page, rule)


@submission("/alarms/rules/{rule:int}", _editor)
async def mend_rule(page: TakenPage, rule: FromPath[int], data: Form) -> str | Response[str]:
    """Keep the next version, or try it on the past first."""
    new = _new_rule(data, await page.call(show_rule, rule))
    if data.get("do") == "try":
        return await _editor(page, rule, data, trial=await _tried(page, new))
    await page.call(change_rule, rule, new)
    return _HOME


@submission("/alarms/rules/{rule:int}/switch")
async def switch_rule_on_or_off(page: TakenPage, rule: FromPath[int], data: Form) -> str:
    """Switch a rule on or off."""
    await page.call(switch_rule, rule, SwitchForm(on=data.get("on") == "yes"))
    return _HOME


@submission("/alarms/rules/{rule:int}/remove")
async def remove_rule_page(page: TakenPage, rule: FromPath[int]) -> str:
    """Take a rule out of use."""
    await page.call(remove_rule, rule)
    return _HOME


async def _tried(page: PageContext, new: NewRule) -> Trial:
    """Return what a rule would have raised; that the store is away is said in the editor."""
    form = TrialForm(content=new.content, days=TRIAL_DAYS)
    try:
        return await page.call(try_on_history, form)
    except Unavailable as error:
        raise at_field(error, "form") from error


def _new_rule(data: Mapping[str, str], before: RuleRow | None) -> NewRule:
    new, faults = _read(data, before)
    if new is None:
        raise Refused("request.invalid", "Some fields are missing or wrong.", "", faults)
    return new


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
