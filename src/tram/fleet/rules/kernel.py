"""The machine that judges rows: scalar code over arrays, compiled; it knows no block and no rule.

A series keeps its newest readings by event time in a ring. Conditions of one series have two
states: ``live`` after the newest reading, and ``base`` before the oldest that is kept. A late or
revised reading within the ring is put in its place and the condition is judged anew from ``base``;
what differs from what was said before is said now. Older readings change no state.
"""

import math

from tram.domain.days import DAY_MS, VIETNAM_MS
from tram.fleet.rules.arrays import Array, Memory, RuleSet
from tram.fleet.rules.compiled import compiled, inner
from tram.fleet.rules.conditions import (
    aggregate,
    bound,
    in_hours,
    judge_slots,
    move,
    step,
)
from tram.fleet.rules.replay import episodes_room, rejudge, said, say

__all__ = ("run_rows", "tick_missing")

# Numbers of ``arrays``; the compiler takes plain constants.
_LIMIT, _RATE, _STUCK, _WINDOW, _COMPARE, _GEOFENCE, _EXPRESSION, _MISSING = range(8)
_NORMAL, _PENDING, _ACTIVE, _CLEARING = range(4)
_RAISE, _CLEAR, _CONFIRM, _SHIFT, _REOPEN, _REVOKE, _FINDING = range(1, 8)


@inner
def _tell(
    out: Array, n: int, memory: Memory, i: int, event: int, t: int, v: float, now_ms: int
) -> int:
    """Say what a reading at the front brought, and whether an old episode became present."""
    head, state = memory.head[i], memory.live[i]
    if event == _RAISE:
        head.retro = 1 if now_ms - t > DAY_MS else 0
    elif event == 0:
        if head.retro == 0 or state.status < _ACTIVE or now_ms - t > DAY_MS:
            return n
        event = _CONFIRM
    n = say(out, n, memory, i)
    line = out[n - 1]
    line.kind, line.start, line.at, line.value = event, state.start, t, v
    line.retro = head.retro
    if event == _CONFIRM:
        line.retro = 0
    if event != _RAISE:
        head.retro = 0
    return n


@inner
def _find(memory: Memory, s: int, t: int) -> int:
    """Return the place of a time among the kept readings: how many are earlier."""
    series = memory.series[s]
    place: int = series.length
    while place > 0 and memory.ring_t[series.ring + (series.head + place - 1) % series.room] >= t:
        place -= 1
    return place


@inner
def _append(rules: RuleSet, memory: Memory, s: int, t: int, v: float) -> None:
    """Put a reading at the front; the oldest one makes room and goes into ``base``."""
    series = memory.series[s]
    if series.length == series.room:
        oldest = series.ring + series.head
        at, x = memory.ring_t[oldest], memory.ring_v[oldest]
        link = series.first
        while link >= 0:
            i = memory.link_instance[link]
            if rules.parameters[memory.head[i].rule].code < _WINDOW:
                step(rules, memory.head[i].rule, memory.base[i], at, x)
            link = memory.link_next[link]
        series.base_t = at
        series.head = (series.head + 1) % series.room
        series.length -= 1
    place = series.ring + (series.head + series.length) % series.room
    memory.ring_t[place], memory.ring_v[place] = t, v
    series.length += 1
    series.last_t, series.last_v = t, v


@inner
def _insert(memory: Memory, s: int, place: int, t: int, v: float, revises: bool) -> None:
    series = memory.series[s]
    if not revises:
        for j in range(series.length, place, -1):
            to = series.ring + (series.head + j) % series.room
            source = series.ring + (series.head + j - 1) % series.room
            memory.ring_t[to], memory.ring_v[to] = memory.ring_t[source], memory.ring_v[source]
        series.length += 1
    line = series.ring + (series.head + place) % series.room
    memory.ring_t[line], memory.ring_v[line] = t, v
    if place == series.length - 1:
        series.last_t, series.last_v = t, v


@inner
def _front(
    rules: RuleSet,
    memory: Memory,
    s: int,
    t: int,
    v: float,
    now_ms: int,
    out: Array,
    n: int,
    dirty: Array,
    marks: Array,
    d: int,
) -> tuple[int, int]:
    """Judge a reading newer than all: the way of nearly every reading."""
    _append(rules, memory, s, t, v)
    link = memory.series[s].first
    while link >= 0:
        i = memory.link_instance[link]
        rule = memory.head[i].rule
        code = rules.parameters[rule].code
        if code < _WINDOW:
            event = step(rules, rule, memory.live[i], t, v)
            if event != 0 or memory.head[i].retro == 1:
                n = _tell(out, n, memory, i, event, t, v, now_ms)
        elif code == _WINDOW:
            n = _judge_window(rules, memory, i, s, now_ms, out, n)
        elif code < _MISSING and marks[i] == 0:
            marks[i], dirty[d] = 1, i
            d += 1
        link = memory.link_next[link]
    return n, d


@inner
def _judge_window(
    rules: RuleSet, memory: Memory, i: int, s: int, now_ms: int, out: Array, n: int
) -> int:
    rule, t = memory.head[i].rule, memory.series[s].last_t
    x = aggregate(rules, rule, memory, s)
    if math.isnan(x):
        return n
    verdict = bound(rules, rule, x) if in_hours(rules, rule, t) else -1
    event = move(rules, rule, memory.live[i], verdict, t)
    if event != 0 or memory.head[i].retro == 1:
        n = _tell(out, n, memory, i, event, t, x, now_ms)
    return n


@inner
def _late(
    rules: RuleSet,
    memory: Memory,
    s: int,
    t: int,
    v: float,
    now_ms: int,
    out: Array,
    n: int,
    dirty: Array,
    marks: Array,
    d: int,
    work: Array,
    old: Array,
    new: Array,
    link: int,
) -> tuple[int, int, int]:
    """Take a reading that is not newer than all: doubled, revised, late or too old.

    Returns the link at which to go on with this reading once there is room, else -1.
    """
    series = memory.series[s]
    place = _find(memory, s, t)
    revises = False
    if place < series.length:
        line = series.ring + (series.head + place) % series.room
        if memory.ring_t[line] == t:
            if memory.ring_v[line] == v:
                return n, d, -1
            revises = True
    is_too_old = not revises and (t <= series.base_t or series.length == series.room)
    if link < 0:
        link = series.first
    if is_too_old:
        place = -1
    n, link = _judge_past(
        rules, memory, s, place, t, v, revises, now_ms, out, n, work, old, new, link
    )
    if link >= 0 or is_too_old:
        return n, d, link
    _insert(memory, s, place, t, v, revises)
    is_newest = place == series.length - 1
    link = series.first
    while link >= 0:
        i = memory.link_instance[link]
        code = rules.parameters[memory.head[i].rule].code
        if code == _WINDOW:
            n = _judge_window(rules, memory, i, s, now_ms, out, n)
        elif _WINDOW < code < _MISSING and is_newest and marks[i] == 0:
            marks[i], dirty[d] = 1, i
            d += 1
        link = memory.link_next[link]
    return n, d, -1


@inner
def _judge_past(
    rules: RuleSet,
    memory: Memory,
    s: int,
    place: int,
    t: int,
    v: float,
    revises: bool,
    now_ms: int,
    out: Array,
    n: int,
    work: Array,
    old: Array,
    new: Array,
    link: int,
) -> tuple[int, int]:
    """Put a reading into the past of conditions of one series, or find it too old (``place`` < 0).

    Returns the link at which to go on once there is room, else -1.
    """
    episodes = episodes_room(memory.series[s].length)
    while link >= 0:
        i = memory.link_instance[link]
        code = rules.parameters[memory.head[i].rule].code
        if code < _WINDOW and place < 0:
            n = _finding(rules, memory, i, t, v, now_ms, out, n)
        elif code < _WINDOW:
            # An old episode is one line at most, a new one two.
            if n + 3 * episodes > len(out) or episodes > min(len(old), len(new)):
                return n, link
            n = rejudge(rules, memory, i, s, place, t, v, revises, now_ms, out, n, work, old, new)
        link = memory.link_next[link]
    return n, -1


@inner
def _finding(
    rules: RuleSet, memory: Memory, i: int, t: int, v: float, now_ms: int, out: Array, n: int
) -> int:
    """Say once a day of a reading that came too late to change a state and is beyond a limit."""
    head = memory.head[i]
    if rules.parameters[head.rule].code != _LIMIT or not in_hours(rules, head.rule, t):
        return n
    day = (t + VIETNAM_MS) // DAY_MS
    if bound(rules, head.rule, v) != 1 or day == head.found_day:
        return n
    head.found_day = day
    n = said(out, n, memory, i, t, t, v)
    out[n - 1].kind = _FINDING
    out[n - 1].retro = 1 if now_ms - t > DAY_MS else 0
    return n


@inner
def _settle(
    rules: RuleSet,
    memory: Memory,
    dirty: Array,
    marks: Array,
    d: int,
    t: int,
    now_ms: int,
    out: Array,
    n: int,
    values: Array,
) -> int:
    """Judge the conditions over several series that the readings of one moment touched."""
    for k in range(d):
        i = dirty[k]
        marks[i] = 0
        state, rule = memory.live[i], memory.head[i].rule
        if t < state.ref_t:
            continue
        verdict = judge_slots(rules, memory, i, t, values)
        if verdict == 2:
            continue
        state.ref_t = t
        event = move(rules, rule, state, verdict, t)
        if event != 0 or memory.head[i].retro == 1:
            n = _tell(out, n, memory, i, event, t, values[0], now_ms)
    return n


@inner
def _hear(
    rules: RuleSet, memory: Memory, first: int, run_ms: int, now_ms: int, out: Array, n: int
) -> int:
    """Note for the conditions of silence that something came."""
    link = first
    while link >= 0:
        i = memory.link_instance[link]
        if rules.parameters[memory.head[i].rule].code == _MISSING:
            state = memory.live[i]
            state.ref_t, state.since = run_ms, now_ms
            if state.status == _ACTIVE:
                state.status = _NORMAL
                n = say(out, n, memory, i)
                out[n - 1].kind, out[n - 1].start = _CLEAR, state.start
                out[n - 1].at, out[n - 1].value = now_ms, 0.0
        link = memory.link_next[link]
    return n


@compiled
def run_rows(
    rules: RuleSet,
    memory: Memory,
    rows: tuple[Array, Array, Array, Array, Array],
    place: tuple[int, int, int],
    times: tuple[int, int],
    widest: int,
    out: Array,
    scratch: tuple[Array, Array, Array, Array, Array, Array],
) -> tuple[int, int, int, int]:
    """Judge rows from a place on; return how many transitions there are and the next place.

    ``rows``: series (-1 = bound to nothing), the device's own series for silence (or -1), group
    (rows of one message and moment), time, value (NaN = not judged, only heard). ``place``: row, the
    link at which to go on with it (-1 = at its beginning), conditions that wait in ``dirty``.
    ``times``: running time and time of receipt. ``widest``: the most links of one series.

    It stops where ``out`` or ``scratch`` has no room for what comes next. Who gets back the place
    that was given and no transition gives more room.
    """
    series, device, group, ts, vs = rows
    run_ms, now_ms = times
    work, old, new, dirty, marks, values = scratch
    r, link, d = place
    n = 0 * r  # a literal would be a type of its own: all callees twice
    while r < len(series):
        # Each link is heard twice, judged once and settled once at most.
        if n + d + 4 * widest > len(out) or d + widest > len(dirty):
            break
        s, t, v = series[r], ts[r], vs[r]
        if device[r] >= 0 and link < 0:
            n = _hear(rules, memory, memory.series[device[r]].first, run_ms, now_ms, out, n)
        if s >= 0:
            if link < 0:
                n = _hear(rules, memory, memory.series[s].first, run_ms, now_ms, out, n)
            if not math.isnan(v):
                if t > memory.series[s].last_t:
                    n, d = _front(rules, memory, s, t, v, now_ms, out, n, dirty, marks, d)
                else:
                    n, d, link = _late(
                        rules, memory, s, t, v, now_ms, out, n, dirty, marks, d, work, old, new,
                        link,
                    )  # fmt: skip
                    if link >= 0:
                        break
        r += 1
        if d > 0 and (r == len(series) or group[r] != group[r - 1]):
            n = _settle(rules, memory, dirty, marks, d, t, now_ms, out, n, values)
            d = 0
    return n, r, link, d


@compiled
def tick_missing(
    rules: RuleSet, memory: Memory, silent: Array, first: int, times: tuple[int, int], out: Array
) -> tuple[int, int]:
    """Raise what has been silent too long at a running time; it stops where ``out`` is full."""
    run_ms, now_ms = times
    n = 0 * first
    k = first
    while k < len(silent) and n < len(out):
        i = silent[k]
        state = memory.live[i]
        if state.status == _NORMAL and memory.head[i].dead == 0:
            late_ms = run_ms - state.ref_t - rules.parameters[memory.head[i].rule].for_ms
            if late_ms > 0 and in_hours(rules, memory.head[i].rule, now_ms):
                state.status, state.start = _ACTIVE, now_ms
                n = say(out, n, memory, i)
                out[n - 1].kind, out[n - 1].start, out[n - 1].at = _RAISE, now_ms, now_ms
                out[n - 1].value = (run_ms - state.ref_t) / 1000.0
        k += 1
    return n, k
