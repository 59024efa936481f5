"""A late reading judged among those that came before it, and what is said of it; compiled.

The condition is judged anew from its state before the oldest reading that is kept, without and with
the late one: what differs between the two courses is said.
"""

import math

from tram.domain.days import DAY_MS
from tram.fleet.rules.arrays import Array, Memory, Record, RuleSet
from tram.fleet.rules.compiled import inner
from tram.fleet.rules.conditions import step

__all__ = ("episodes_room", "rejudge", "said", "say")

# Numbers of ``arrays``; the compiler takes plain constants.
_ACTIVE = 2
_RAISE, _CLEAR, _CONFIRM, _SHIFT, _REOPEN, _REVOKE, _FINDING = range(1, 8)
_OPEN = 2**62


@inner
def say(out: Array, n: int, memory: Memory, i: int) -> int:
    """Append a transition; the caller fills in kind, start, time and value.

    A kind as argument would be a type of its own for the compiler, and each a version of this.
    """
    line = out[n]
    line.instance = i
    line.rule, line.device = memory.head[i].rule, memory.head[i].device
    line.late, line.retro = 0, 0
    return n + 1


@inner
def said(out: Array, n: int, memory: Memory, i: int, start: int, at: int, v: float) -> int:
    """Append what a late reading brought; the caller fills in the kind."""
    n = say(out, n, memory, i)
    line = out[n - 1]
    line.start, line.at, line.value, line.late = start, at, v, 1
    return n


@inner
def episodes_room(length: int) -> int:
    """Return how many episodes so many readings and one more can hold: each takes two of them."""
    return length // 2 + 2


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
    what is there (``revises``). Returns how many episodes there are, at most ``episodes_room``.
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
        if event == _RAISE and count < len(episodes):
            episodes[count, 0], episodes[count, 1], episodes[count, 2] = at, _OPEN, x
            count += 1
        elif event == _CLEAR and count > 0 and episodes[count - 1, 1] == _OPEN:
            episodes[count - 1, 1] = at
    return count


@inner
def rejudge(
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
                n = said(out, n, memory, i, int(old[a, 0]), int(new[b, 0]), v)
                out[n - 1].kind = _SHIFT
            if old[a, 1] != new[b, 1]:
                if new[b, 1] == _OPEN:
                    n = said(out, n, memory, i, int(new[b, 0]), int(new[b, 0]), v)
                    out[n - 1].kind = _REOPEN
                else:
                    n = said(out, n, memory, i, int(new[b, 0]), int(new[b, 1]), v)
                    out[n - 1].kind = _CLEAR
            kept_open = kept_open or (new[b, 1] == _OPEN and old[a, 1] == _OPEN)
            a, b = a + 1, b + 1
        elif b >= news or (a < olds and old[a, 0] < new[b, 0]):
            n = said(out, n, memory, i, int(old[a, 0]), int(old[a, 0]), v)
            out[n - 1].kind = _REVOKE
            a += 1
        else:
            is_old = 1 if now_ms - new[b, 0] > DAY_MS else 0
            n = said(out, n, memory, i, int(new[b, 0]), int(new[b, 0]), new[b, 2])
            out[n - 1].kind = _RAISE
            out[n - 1].retro = is_old
            if new[b, 1] != _OPEN:
                n = said(out, n, memory, i, int(new[b, 0]), int(new[b, 1]), v)
                out[n - 1].kind = _CLEAR
            b += 1
    if memory.live[i].status < _ACTIVE:
        head.retro = 0
    elif not kept_open:
        head.retro = 1 if now_ms - memory.live[i].start > DAY_MS else 0
    return n
