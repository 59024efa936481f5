"""The machine that judges rows: scalar code over arrays, compiled; it knows no block and no rule.

A series keeps its newest readings by event time in a ring. Conditions of one series have two
states: ``live`` after the newest reading, and ``base`` before the oldest that is kept. A late or
revised reading within the ring is put in its place and the condition is judged anew from ``base``;
what differs from what was said before is said now. Older readings change no state.
"""

import math

from tram.fleet.rules.arrays import Array, Memory, Record, RuleSet
from tram.fleet.rules.compiled import compiled, inner
from tram.fleet.rules.conditions import (
    aggregate,
    bound,
    in_hours,
    judge_slots,
    move,
    step,
)

__all__ = ("run_rows", "tick_missing")

# Numbers of ``arrays``; the compiler takes plain constants.
_LIMIT, _RATE, _STUCK, _WINDOW, _COMPARE, _GEOFENCE, _EXPRESSION, _MISSING = range(8)
_NORMAL, _PENDING, _ACTIVE, _CLEARING = range(4)
_RAISE, _CLEAR, _CONFIRM, _SHIFT, _REOPEN, _REVOKE, _FINDING = range(1, 8)
_DAY_MS = 86_400_000
_VIETNAM_MS = 7 * 3_600_000
_OPEN = 2**62
_EPISODES_MAX = 64
_DIRTY_MAX = 4096


@inner
def _say(out: Array, n: int, memory: Memory, i: int) -> int:
    """Append a transition; the caller fills in kind, start, time and value.

    A kind as argument would be a type of its own for the compiler, and each a version of this.
    """
    line = out[n]
    line.instance = i
    line.rule, line.device = memory.head[i].rule, memory.head[i].device
    line.late, line.retro = 0, 0
    return n + 1


@inner
def _tell(
    out: Array, n: int, memory: Memory, i: int, event: int, t: int, v: float, now_ms: int
) -> int:
    """Say what a reading at the front brought, and whether an old episode became present."""
    head, state = memory.head[i], memory.live[i]
    if event == _RAISE:
        head.retro = 1 if now_ms - t > _DAY_MS else 0
    elif event == 0:
        if head.retro == 0 or state.status < _ACTIVE or now_ms - t > _DAY_MS:
            return n
        event = _CONFIRM
    n = _say(out, n, memory, i)
    line = out[n - 1]
    line.kind, line.start, line.at, line.value = event, state.start, t, v
    line.retro = head.retro
    if event == _CONFIRM:
        line.retro = 0
    if event != _RAISE:
        head.retro = 0
    return n


@inner
def _replay(
    rules: RuleSet,
    memory: Memory,
    i: int,
    s: int,
    state: Record,
    place: int,
    t: int,
    v: float,
    revises: bool,
    episodes: Array,
) -> int:
    """Judge the ring anew from ``base`` into ``state``; list the episodes (start, end, value).

    ``place`` < 0 takes the ring as it is; otherwise the reading stands at that place, or instead of
    what is there (``revises``). Returns how many episodes there are (the newest 64 are kept).
    """
    series, rule = memory.series[s], memory.head[i].rule
    base = memory.base[i]
    state.since, state.start, state.status = base.since, base.start, base.status
    state.ref_t, state.ref_v = base.ref_t, base.ref_v
    count = 0
    if state.status >= _ACTIVE:
        episodes[0, 0], episodes[0, 1], episodes[0, 2] = state.start, _OPEN, math.nan
        count = 1
    length = series.length + (1 if place >= 0 and not revises else 0)
    for j in range(length):
        if j == place:
            at, x = t, v
        else:
            k = j - 1 if 0 <= place < j and not revises else j
            line = series.ring + (series.head + k) % series.room
            at, x = memory.ring_t[line], memory.ring_v[line]
        event = step(rules, rule, state, at, x)
        if event == _RAISE and count < _EPISODES_MAX:
            episodes[count, 0], episodes[count, 1], episodes[count, 2] = at, _OPEN, x
            count += 1
        elif event == _CLEAR and count > 0 and episodes[count - 1, 1] == _OPEN:
            episodes[count - 1, 1] = at
    return count


@inner
def _rejudge(
    rules: RuleSet,
    memory: Memory,
    i: int,
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
) -> int:
    """Put a late or revised reading to one condition and say what that changes."""
    head = memory.head[i]
    olds = _replay(rules, memory, i, s, work[0], 0 * t - 1, t, v, revises, old)
    news = _replay(rules, memory, i, s, memory.live[i], place, t, v, revises, new)
    a = b = 0
    kept_open = False
    while a < olds or b < news:
        if (
            a < olds
            and b < news
            and (old[a, 0] == new[b, 0] or (old[a, 0] < new[b, 1] and new[b, 0] < old[a, 1]))
        ):
            if old[a, 0] != new[b, 0]:
                n = _said(out, n, memory, i, int(old[a, 0]), int(new[b, 0]), v)
                out[n - 1].kind = _SHIFT
            if old[a, 1] != new[b, 1]:
                if new[b, 1] == _OPEN:
                    n = _said(out, n, memory, i, int(new[b, 0]), int(new[b, 0]), v)
                    out[n - 1].kind = _REOPEN
                else:
                    n = _said(out, n, memory, i, int(new[b, 0]), int(new[b, 1]), v)
                    out[n - 1].kind = _CLEAR
            kept_open = kept_open or (new[b, 1] == _OPEN and old[a, 1] == _OPEN)
            a, b = a + 1, b + 1
        elif b >= news or (a < olds and old[a, 0] < new[b, 0]):
            n = _said(out, n, memory, i, int(old[a, 0]), int(old[a, 0]), v)
            out[n - 1].kind = _REVOKE
            a += 1
        else:
            is_old = 1 if now_ms - new[b, 0] > _DAY_MS else 0
            n = _said(out, n, memory, i, int(new[b, 0]), int(new[b, 0]), new[b, 2])
            out[n - 1].kind = _RAISE
            out[n - 1].retro = is_old
            if new[b, 1] != _OPEN:
                n = _said(out, n, memory, i, int(new[b, 0]), int(new[b, 1]), v)
                out[n - 1].kind = _CLEAR
            b += 1
    if memory.live[i].status < _ACTIVE:
        head.retro = 0
    elif not kept_open:
        head.retro = 1 if now_ms - memory.live[i].start > _DAY_MS else 0
    return n


@inner
def _said(out: Array, n: int, memory: Memory, i: int, start: int, at: int, v: float) -> int:
    n = _say(out, n, memory, i)
    line = out[n - 1]
    line.start, line.at, line.value, line.late = start, at, v, 1
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
        elif code < _MISSING and d < _DIRTY_MAX:
            dirty[d] = i
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
    d: int,
    work: Array,
    old: Array,
    new: Array,
) -> tuple[int, int]:
    """Take a reading that is not newer than all: doubled, revised, late or too old."""
    series = memory.series[s]
    place = _find(memory, s, t)
    revises = False
    if place < series.length:
        line = series.ring + (series.head + place) % series.room
        if memory.ring_t[line] == t:
            if memory.ring_v[line] == v:
                return n, d
            revises = True
    is_too_old = not revises and (t <= series.base_t or series.length == series.room)
    link = series.first
    while link >= 0:
        i = memory.link_instance[link]
        rule = memory.head[i].rule
        code = rules.parameters[rule].code
        if code < _WINDOW and is_too_old:
            n = _finding(rules, memory, i, t, v, now_ms, out, n)
        elif code < _WINDOW:
            n = _rejudge(rules, memory, i, s, place, t, v, revises, now_ms, out, n, work, old, new)
        link = memory.link_next[link]
    if is_too_old:
        return n, d
    _insert(memory, s, place, t, v, revises)
    is_newest = place == series.length - 1
    link = series.first
    while link >= 0:
        i = memory.link_instance[link]
        code = rules.parameters[memory.head[i].rule].code
        if code == _WINDOW:
            n = _judge_window(rules, memory, i, s, now_ms, out, n)
        elif _WINDOW < code < _MISSING and is_newest and d < _DIRTY_MAX:
            dirty[d] = i
            d += 1
        link = memory.link_next[link]
    return n, d


@inner
def _finding(
    rules: RuleSet, memory: Memory, i: int, t: int, v: float, now_ms: int, out: Array, n: int
) -> int:
    """Say once a day of a reading that came too late to change a state and is beyond a limit."""
    head = memory.head[i]
    if rules.parameters[head.rule].code != _LIMIT or not in_hours(rules, head.rule, t):
        return n
    day = (t + _VIETNAM_MS) // _DAY_MS
    if bound(rules, head.rule, v) != 1 or day == head.found_day:
        return n
    head.found_day = day
    n = _said(out, n, memory, i, t, t, v)
    out[n - 1].kind = _FINDING
    out[n - 1].retro = 1 if now_ms - t > _DAY_MS else 0
    return n


@inner
def _settle(
    rules: RuleSet,
    memory: Memory,
    dirty: Array,
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
        if k > 0 and _is_before(dirty, k, i):
            continue
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
def _is_before(dirty: Array, end: int, i: int) -> bool:
    for k in range(end):
        if dirty[k] == i:
            return True
    return False


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
                n = _say(out, n, memory, i)
                out[n - 1].kind, out[n - 1].start = _CLEAR, state.start
                out[n - 1].at, out[n - 1].value = now_ms, 0.0
        link = memory.link_next[link]
    return n


@compiled
def run_rows(
    rules: RuleSet,
    memory: Memory,
    rows: tuple[Array, Array, Array, Array, Array],
    first_row: int,
    times: tuple[int, int],
    out: Array,
    scratch: tuple[Array, Array, Array, Array, Array],
) -> tuple[int, int]:
    """Judge rows from ``first_row`` on; return how many transitions there are and the next row.

    ``rows``: series (-1 = bound to nothing), the device's own series for silence (or -1), group
    (rows of one message and moment), time, value (NaN = not judged, only heard). ``times``: running
    time and time of receipt. It stops early when ``out`` could overflow.
    """
    series, device, group, ts, vs = rows
    run_ms, now_ms = times
    work, old, new, dirty, values = scratch
    n = d = 0 * first_row  # a literal would be a type of its own: all callees twice
    room = len(out) - 4 * _EPISODES_MAX * 64
    r = first_row
    while r < len(series) and n < room:
        s, t, v = series[r], ts[r], vs[r]
        if device[r] >= 0:
            n = _hear(rules, memory, memory.series[device[r]].first, run_ms, now_ms, out, n)
        if s >= 0:
            n = _hear(rules, memory, memory.series[s].first, run_ms, now_ms, out, n)
            if not math.isnan(v):
                if t > memory.series[s].last_t:
                    n, d = _front(rules, memory, s, t, v, now_ms, out, n, dirty, d)
                else:
                    n, d = _late(rules, memory, s, t, v, now_ms, out, n, dirty, d, work, old, new)
        r += 1
        if d > 0 and (r == len(series) or group[r] != group[r - 1] or d > _DIRTY_MAX // 2):
            n = _settle(rules, memory, dirty, d, t, now_ms, out, n, values)
            d = 0
    if d > 0:
        n = _settle(rules, memory, dirty, d, ts[r - 1], now_ms, out, n, values)
    return n, r


@compiled
def tick_missing(
    rules: RuleSet, memory: Memory, silent: Array, first: int, times: tuple[int, int], out: Array
) -> tuple[int, int]:
    """Raise what has been silent too long at a running time; like ``run_rows`` it may stop early."""
    run_ms, now_ms = times
    n = 0 * first
    k = first
    while k < len(silent) and n < len(out) - 1:
        i = silent[k]
        state = memory.live[i]
        if state.status == _NORMAL and memory.head[i].dead == 0:
            late_ms = run_ms - state.ref_t - rules.parameters[memory.head[i].rule].for_ms
            if late_ms > 0 and in_hours(rules, memory.head[i].rule, now_ms):
                state.status, state.start = _ACTIVE, now_ms
                n = _say(out, n, memory, i)
                out[n - 1].kind, out[n - 1].start, out[n - 1].at = _RAISE, now_ms, now_ms
                out[n - 1].value = (run_ms - state.ref_t) / 1000.0
        k += 1
    return n, k
