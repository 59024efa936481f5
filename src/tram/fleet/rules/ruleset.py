"""Rules to numbers: what the kernel reads instead of the frozen data."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from tram.domain.bounds import is_number
from tram.fleet.rules.arrays import PARAMETERS, Code, RuleSet
from tram.fleet.rules.expression import compile_expression
from tram.fleet.rules.kinds import (
    AGGREGATES,
    MINUTES_OF_DAY,
    OPS,
    AggregateWindow,
    Compare,
    Expression,
    Geofence,
    Hours,
    Limit,
    Missing,
    Rate,
    Rule,
    Schedule,
    Stuck,
)
from tram.runtime.errors import Refused

__all__ = ("compile_rules", "hours_of", "inputs_of", "refuse_wrong_numbers")

MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY
_MS = 1000


def inputs_of(rule: Rule) -> tuple[str, ...]:
    """Return the metrics that a rule reads, in the order of its slots; empty for a whole device."""
    match rule.spec:
        case Compare(metric=metric, other=other):
            return (metric, other)
        case Geofence(lon=lon, lat=lat):
            return (lon, lat)
        case Expression(when=when):
            return compile_expression(when).metrics
        case Missing(metric=metric):
            return (metric,) if metric else ()
        case spec:
            return (spec.metric,)


def hours_of(rule: Rule) -> list[Hours]:
    """Return the hours in which a rule holds; empty means always."""
    return rule.spec.hours if isinstance(rule.spec, Schedule) else rule.hours


def compile_rules(rules: Sequence[Rule]) -> RuleSet:
    """Return the arrays of a list of rules, in its order.

    Raises:
        Refused: ``alarm.expression_wrong`` for a condition that cannot be read.
    """
    parameters = np.zeros(len(rules), PARAMETERS)
    ops: list[int] = []
    arguments: list[float] = []
    hours: list[tuple[int, int]] = []
    points: list[tuple[float, float]] = []
    for line, rule in zip(parameters, rules, strict=True):
        values = {"id": rule.id, "version": rule.version, **_numbers(rule)}
        if isinstance(rule.spec, Expression):
            steps = compile_expression(rule.spec.when).steps
            values |= {"step_first": len(ops), "steps": len(steps)}
            ops += [op for op, _ in steps]
            arguments += [argument for _, argument in steps]
        if isinstance(rule.spec, Geofence):
            values |= {"point_first": len(points), "points": len(rule.spec.polygon)}
            points += rule.spec.polygon
        spans = _merged(_spans(hours_of(rule)))
        values |= {"hour_first": len(hours), "hours": len(spans)}
        hours += spans
        for name, value in values.items():
            line[name] = value
    return RuleSet(
        parameters,
        np.array(ops, np.int64),
        np.array(arguments, np.float64),
        np.array(hours, np.int64).reshape(-1, 2),
        np.array(points, np.float64).reshape(-1, 2),
    )


def refuse_wrong_numbers(rule: Rule) -> None:
    """Refuse a rule that names a device by a number that none can have (``alarm.rule_wrong``)."""
    other = rule.spec.other_device if isinstance(rule.spec, Compare) else None
    named = [*(rule.scope.devices or ()), *(() if other is None else (other,))]
    wrong = next((number for number in named if not is_number(number)), None)
    if wrong is not None:
        raise Refused("alarm.rule_wrong", f"The rule names the device {wrong}: there is none.")


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans of minutes of one week, in order, none touching another."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _spans(hours: Iterable[Hours]) -> Iterator[tuple[int, int]]:
    for span in hours:
        length = span.end - span.start
        length += MINUTES_OF_DAY if length <= 0 else 0
        for day in sorted(set(span.days)):
            first = day * MINUTES_OF_DAY + span.start
            yield first, min(first + length, MINUTES_OF_WEEK)
            if first + length > MINUTES_OF_WEEK:  # from Sunday into Monday
                yield 0, first + length - MINUTES_OF_WEEK


def _numbers(rule: Rule) -> dict[str, Any]:
    spec = rule.spec
    values: dict[str, Any] = {"slots": len(inputs_of(rule))}
    for name in ("hysteresis", "high", "low", "tolerance", "least"):
        values[name] = getattr(spec, name, 0)
    for field, name in (
        ("dwell_s", "dwell_ms"),
        ("clear_s", "clear_ms"),
        ("per_s", "per_ms"),
        ("for_s", "for_ms"),
        ("window_s", "window_ms"),
        ("max_age_s", "max_age_ms"),
    ):
        values[name] = getattr(spec, field, 0) * _MS
    values["op"] = OPS.index(getattr(spec, "op", "above"))
    values["aggregate"] = AGGREGATES.index(getattr(spec, "aggregate", "mean"))
    values["inside"] = int(getattr(spec, "must_be", "") == "inside")
    values["code"] = _code(rule)
    return values


def _code(rule: Rule) -> Code:
    codes = {
        Limit: Code.LIMIT,
        Schedule: Code.LIMIT,
        Rate: Code.RATE,
        Stuck: Code.STUCK,
        AggregateWindow: Code.WINDOW,
        Compare: Code.COMPARE,
        Geofence: Code.GEOFENCE,
        Expression: Code.EXPRESSION,
        Missing: Code.MISSING,
    }
    return codes[type(rule.spec)]
