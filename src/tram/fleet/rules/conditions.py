"""What a condition says of a reading, and where its state goes: the leaves of the machine, compiled."""

import math

from tram.domain.days import MINUTE_MS, MONDAY_MS, VIETNAM_MS
from tram.fleet.rules.arrays import Array, Memory, Record, RuleSet
from tram.fleet.rules.compiled import inner

__all__ = (
    "aggregate",
    "bound",
    "in_hours",
    "judge_slots",
    "move",
    "step",
)

# Numbers of ``arrays``; the compiler takes plain constants.
_LIMIT, _RATE, _STUCK, _WINDOW, _COMPARE, _GEOFENCE, _EXPRESSION, _MISSING = range(8)
_NORMAL, _PENDING, _ACTIVE, _CLEARING = range(4)
_RAISE, _CLEAR, _CONFIRM, _SHIFT, _REOPEN, _REVOKE, _FINDING = range(1, 8)
_NEVER = -(2**62)
_WEEK_MINUTES = 10_080
_SLOTS = 8  # in front of the stack


@inner
def in_hours(rules: RuleSet, rule: int, t: int) -> bool:
    """Tell whether a moment lies in a rule's hours."""
    parameter = rules.parameters[rule]
    if parameter.hours == 0:
        return True
    minute = ((t + VIETNAM_MS - MONDAY_MS) // MINUTE_MS) % _WEEK_MINUTES
    last = parameter.hour_first + parameter.hours
    low, high = parameter.hour_first + 0 * minute, last + 0 * minute
    while low < high:  # the spans are in order and do not touch
        middle = (low + high) // 2
        if rules.hours[middle, 1] > minute:
            high = middle
        else:
            low = middle + 1
    is_within: bool = low < last and rules.hours[low, 0] <= minute
    return is_within


@inner
def bound(rules: RuleSet, rule: int, x: float) -> int:
    """Return 1 beyond the limit, -1 back inside by more than the hysteresis, 0 between."""
    parameter = rules.parameters[rule]
    op, margin = parameter.op, parameter.hysteresis
    beyond = (op != 1 and x > parameter.high) or (op != 0 and x < parameter.low)
    if beyond:
        return 1
    inside = (op == 1 or x <= parameter.high - margin) and (op == 0 or x >= parameter.low + margin)
    return -1 if inside else 0


@inner
def move(rules: RuleSet, rule: int, state: Record, verdict: int, t: int) -> int:
    """Take one verdict into a state; return the event that follows, 0 for none."""
    parameter = rules.parameters[rule]
    if state.status == _PENDING and verdict != 1:
        state.status = _NORMAL
    elif state.status == _CLEARING and verdict != -1:
        state.status = _ACTIVE
    if state.status == _NORMAL and verdict == 1:
        state.status, state.since = _PENDING, t
    elif state.status == _ACTIVE and verdict == -1:
        state.status, state.since = _CLEARING, t
    if state.status == _PENDING and t - state.since >= parameter.dwell_ms:
        state.status, state.start = _ACTIVE, t
        return _RAISE
    if state.status == _CLEARING and t - state.since >= parameter.clear_ms:
        state.status = _NORMAL
        return _CLEAR
    return 0


@inner
def _verdict(rules: RuleSet, rule: int, state: Record, t: int, v: float) -> int:
    """Judge the next reading of one series; returns 2 when nothing can be said of it."""
    parameter = rules.parameters[rule]
    code = parameter.code
    verdict = 2
    if code == _LIMIT:
        verdict = bound(rules, rule, v)
    elif code == _RATE:
        if state.ref_t != _NEVER and t > state.ref_t:
            change = (v - state.ref_v) / (t - state.ref_t) * parameter.per_ms
            verdict = bound(rules, rule, change)
        state.ref_t, state.ref_v = t, v
    elif code == _STUCK:
        if state.ref_t == _NEVER or abs(v - state.ref_v) > parameter.tolerance:
            state.ref_t, state.ref_v = t, v
        verdict = 1 if t - state.ref_t >= parameter.for_ms else -1
    if verdict != 2 and not in_hours(rules, rule, t):
        verdict = -1
    return verdict


@inner
def step(rules: RuleSet, rule: int, state: Record, t: int, v: float) -> int:
    """Judge the next reading of one series and move its state; return the event."""
    verdict = _verdict(rules, rule, state, t, v)
    return 0 if verdict == 2 else move(rules, rule, state, verdict, t)


@inner
def aggregate(rules: RuleSet, rule: int, memory: Memory, s: int) -> float:
    """Return the aggregate over the last ``window_ms`` of a series; NaN with too few readings."""
    parameter, series = rules.parameters[rule], memory.series[s]
    oldest = series.last_t - parameter.window_ms
    count, total, least, greatest = 0, 0.0, math.inf, -math.inf
    for back in range(series.length - 1, -1, -1):
        place = series.ring + (series.head + back) % series.room
        if memory.ring_t[place] <= oldest:
            break
        v = memory.ring_v[place]
        count += 1
        total += v
        least, greatest = min(least, v), max(greatest, v)
    if count < parameter.least:
        return math.nan
    if parameter.aggregate == 0:
        return total / count
    if parameter.aggregate == 1:
        return greatest
    if parameter.aggregate == 2:
        return least
    return total if parameter.aggregate == 3 else float(count)


@inner
def _inside(rules: RuleSet, rule: int, x: float, y: float) -> bool:
    """Tell whether a point lies in the polygon: an upright ray crosses its sides oddly often."""
    parameter = rules.parameters[rule]
    first, count = parameter.point_first, parameter.points
    odd = False
    j = count - 1
    for i in range(count):
        xi, yi = rules.points[first + i, 0], rules.points[first + i, 1]
        xj, yj = rules.points[first + j, 0], rules.points[first + j, 1]
        if (yi > y) != (yj > y) and x < (xj - xi) * (y - yi) / (yj - yi) + xi:
            odd = not odd
        j = i
    return odd


@inner
def _binary(op: int, a: float, b: float) -> float:
    if math.isnan(a) or math.isnan(b):
        return math.nan
    if op == 2:
        return a + b
    if op == 3:
        return a - b
    if op == 4:
        return a * b
    if op == 5:
        return math.nan if b == 0.0 else a / b
    if op == 7:
        return 1.0 if a < b else 0.0
    if op == 8:
        return 1.0 if a <= b else 0.0
    if op == 9:
        return 1.0 if a > b else 0.0
    if op == 10:
        return 1.0 if a >= b else 0.0
    if op == 11:
        return 1.0 if a == b else 0.0
    if op == 12:
        return 1.0 if a != b else 0.0
    if op == 13:
        return 1.0 if a != 0.0 and b != 0.0 else 0.0
    if op == 14:
        return 1.0 if a != 0.0 or b != 0.0 else 0.0
    return min(a, b) if op == 17 else max(a, b)


@inner
def _evaluate(rules: RuleSet, rule: int, values: Array) -> float:
    """Run a program; NaN when a part of it has no value."""
    parameter = rules.parameters[rule]
    stack = values[_SLOTS:]
    top = 0
    for place in range(parameter.step_first, parameter.step_first + parameter.steps):
        op, argument = rules.step_ops[place], rules.step_args[place]
        if op == 0:
            stack[top] = argument
            top += 1
        elif op == 1:
            stack[top] = values[int(argument)]
            top += 1
        elif op == 6:
            stack[top - 1] = -stack[top - 1]
        elif op == 15:
            a = stack[top - 1]
            stack[top - 1] = a if math.isnan(a) else (1.0 if a == 0.0 else 0.0)
        elif op == 16:
            stack[top - 1] = abs(stack[top - 1])
        else:
            top -= 1
            stack[top - 1] = _binary(op, stack[top - 1], stack[top])
    result: float = stack[0]
    return result


@inner
def judge_slots(rules: RuleSet, memory: Memory, i: int, t: int, values: Array) -> int:
    """Judge a condition over several series at a time; 2 when a value is missing or too old."""
    head = memory.head[i]
    parameter = rules.parameters[head.rule]
    for number in range(parameter.slots):
        s = memory.slots[head.slot, number]
        if s < 0:
            return 2
        series = memory.series[s]
        if series.last_t == _NEVER or t - series.last_t > parameter.max_age_ms:
            return 2
        values[number] = series.last_v
    if parameter.code == _COMPARE:
        values[0] -= values[1]
        verdict = bound(rules, head.rule, values[0])
    elif parameter.code == _GEOFENCE:
        is_inside = _inside(rules, head.rule, values[0], values[1])
        verdict = -1 if is_inside == (parameter.inside == 1) else 1
    else:
        x = _evaluate(rules, head.rule, values)
        if math.isnan(x):
            return 2
        verdict = 1 if x != 0.0 else -1
    return verdict if in_hours(rules, head.rule, t) else -1
