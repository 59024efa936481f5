"""What is wrong with a rule's content, beyond the shapes of its fields: every fault with its field."""

import math
from collections.abc import Iterable
from typing import Final

from tram.domain.bounds import is_number
from tram.domain.sectors import SECTORS
from tram.fleet.alarms.limits import (
    ADVICE_CHARACTERS_MAX,
    HOURS_MAX,
    LIMIT_MAX,
    METRIC_CHARACTERS_MAX,
    RULE_DEVICES_MAX,
)
from tram.fleet.alarms.views import RuleContent
from tram.fleet.rules.expression import compile_expression
from tram.fleet.rules.kinds import (
    AGGREGATES,
    OPS,
    AggregateWindow,
    Compare,
    Expression,
    Geofence,
    Hours,
    Missing,
    RuleScope,
    Schedule,
    Spec,
    Stuck,
)
from tram.registry.kernel.checks import SEARCH_CHARACTERS_MAX, Checked
from tram.runtime.errors import Refused

__all__ = ("check_content", "check_hours")

_DAYS: Final = 7
_NUMBERS: Final = ("high", "low", "hysteresis", "tolerance")
_METRICS: Final = ("metric", "other", "lon", "lat")


def check_content(content: RuleContent, checked: Checked) -> None:
    """Note everything that is wrong with a rule."""
    _check_values(content.spec, checked)
    _check_words(content.spec, checked)
    _check_kind(content.spec, checked)
    spans = content.spec.hours if isinstance(content.spec, Schedule) else ()
    check_hours([*content.hours, *spans], checked)
    _check_scope(content.scope, checked)
    checked.text("query", content.query, SEARCH_CHARACTERS_MAX, shortest=0)
    checked.lines("advice", content.advice, ADVICE_CHARACTERS_MAX, shortest=0)


def check_hours(hours: Iterable[Hours], checked: Checked) -> None:
    """Note what is wrong with spans of hours."""
    spans = list(hours)
    checked.unless(len(spans) <= HOURS_MAX, "hours", "hours.too_many", most=HOURS_MAX)
    checked.unless(all(0 < len(span.days) <= _DAYS for span in spans), "hours", "hours.days")


def _check_values(spec: Spec, checked: Checked) -> None:
    for name in _NUMBERS:
        value = getattr(spec, name, 0.0)
        checked.unless(
            math.isfinite(value) and abs(value) <= LIMIT_MAX, name,
            "number.within", most=LIMIT_MAX,
        )  # fmt: skip
    if isinstance(spec, Geofence):
        checked.unless(
            all(math.isfinite(x) and abs(x) <= LIMIT_MAX for corner in spec.polygon for x in corner),
            "polygon", "number.corners", most=LIMIT_MAX,
        )  # fmt: skip


def _check_words(spec: Spec, checked: Checked) -> None:
    for name in _METRICS:
        if (word := getattr(spec, name, "")) != "":
            checked.text(name, word, METRIC_CHARACTERS_MAX)
    if isinstance(spec, Expression):
        try:
            compile_expression(spec.when)
        except Refused as error:
            checked.faults += error.faults


def _check_kind(spec: Spec, checked: Checked) -> None:
    if not isinstance(spec, Stuck | Missing | Geofence | Expression):
        checked.choice("op", spec.op, OPS)
        checked.unless(spec.op != "outside" or spec.low < spec.high, "high", "limit.too_low")
    if isinstance(spec, AggregateWindow):
        checked.choice("aggregate", spec.aggregate, AGGREGATES)
    elif isinstance(spec, Geofence):
        checked.choice("must_be", spec.must_be, ("inside", "outside"))
    elif isinstance(spec, Schedule):
        checked.unless(spec.hours, "hours", "hours.missing")
    elif isinstance(spec, Compare) and spec.other_device is not None:
        _check_number("other_device", spec.other_device, checked)


def _check_scope(scope: RuleScope, checked: Checked) -> None:
    if scope.sector is not None:
        checked.choice("sector", scope.sector, SECTORS)
    for name in ("profile", "zone", "group"):
        if (number := getattr(scope, name)) is not None:
            _check_number(name, number, checked)
    some = scope.devices or []
    checked.unless(
        len(some) <= RULE_DEVICES_MAX, "devices", "devices.too_many", most=RULE_DEVICES_MAX
    )
    wrong = next((number for number in some if not is_number(number)), None)
    if wrong is not None:
        checked.unless(False, "devices", "device.number", number=wrong)  # noqa: FBT003


def _check_number(field: str, number: int, checked: Checked) -> None:
    checked.unless(is_number(number), field, "number.not_found", number=number)
