"""The meaning of the rules written plainly: one reading at a time, lists and dictionaries only.

It shares no code with the engine (nor the engine's numbers): rules come as dictionaries, and what
comes out is compared word by word.
"""

import operator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

DAY = 86_400_000
KEPT = 8
KEPT_MAX = 4096
SINGLE = ("limit", "schedule", "rate", "stuck")
SEVERAL = ("compare", "geofence", "expression")


@dataclass
class Machine:
    status: str = "normal"
    since: int = 0
    start: int | None = None
    ref: tuple[int, float] | None = None

    def copy(self):
        return Machine(self.status, self.since, self.start, self.ref)


@dataclass
class Series:
    readings: list = field(default_factory=list)
    room: int = KEPT
    base_t: int | None = None


@dataclass
class Condition:
    rule: dict
    live: Machine = field(default_factory=Machine)
    base: Machine = field(default_factory=Machine)
    is_retro: bool = False
    found_day: object = None
    judged_t: int | None = None


def local(t):
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=t + 7 * 3_600_000)


def in_hours(rule, t):
    hours = rule.get("hours")
    if not hours:
        return True
    now = local(t)
    minute = now.hour * 60 + now.minute
    for span in hours:
        wraps = span["end"] <= span["start"]
        today, yesterday = now.weekday() in span["days"], (now.weekday() - 1) % 7 in span["days"]
        if today and span["start"] <= minute and (wraps or minute < span["end"]):
            return True
        if yesterday and wraps and minute < span["end"]:
            return True
    return False


def beyond(rule, x):
    """True, False or None between limit and hysteresis."""
    op, margin = rule.get("op", "above"), rule.get("hysteresis", 0)
    if op in ("above", "outside") and x > rule["high"]:
        return True
    if op in ("below", "outside") and x < rule["low"]:
        return True
    if op in ("above", "outside") and x > rule["high"] - margin:
        return None
    if op in ("below", "outside") and x < rule["low"] + margin:
        return None
    return False


NOTHING = "nothing to say"


def verdict(rule, machine, t, v):
    kind = rule["kind"]
    if kind in ("limit", "schedule"):
        said = beyond(rule, v)
    elif kind == "rate":
        said = NOTHING
        if machine.ref is not None and t > machine.ref[0]:
            per_ms = rule["per_s"] * 1000
            said = beyond(rule, (v - machine.ref[1]) / (t - machine.ref[0]) * per_ms)
        machine.ref = (t, v)
    else:
        if machine.ref is None or abs(v - machine.ref[1]) > rule["tolerance"]:
            machine.ref = (t, v)
        said = t - machine.ref[0] >= rule["for_s"] * 1000
    return False if said is not NOTHING and not in_hours(rule, t) else said


def move(rule, machine, said, t):
    if machine.status == "pending" and said is not True:
        machine.status = "normal"
    if machine.status == "clearing" and said is not False:
        machine.status = "active"
    if machine.status == "normal" and said is True:
        machine.status, machine.since = "pending", t
    elif machine.status == "active" and said is False:
        machine.status, machine.since = "clearing", t
    if machine.status == "pending" and t - machine.since >= rule.get("dwell_s", 0) * 1000:
        machine.status, machine.start = "active", t
        return "RAISE"
    if machine.status == "clearing" and t - machine.since >= rule.get("clear_s", 0) * 1000:
        machine.status = "normal"
        return "CLEAR"
    return None


def is_open(machine):
    return machine.status in ("active", "clearing")


def episodes_of(condition, readings):
    """Judge readings from the base on; return the machine after them and the episodes."""
    machine = condition.base.copy()
    episodes = [[machine.start, None]] if is_open(machine) else []
    for t, v in readings:
        said = verdict(condition.rule, machine, t, v)
        event = None if said is NOTHING else move(condition.rule, machine, said, t)
        if event == "RAISE":
            episodes.append([t, None])
        elif event == "CLEAR":
            episodes[-1][1] = t
    return machine, episodes


FAR = 2**62


def overlap(a, b):
    end_a, end_b = (FAR if e[1] is None else e[1] for e in (a, b))
    return a[0] == b[0] or (a[0] < end_b and b[0] < end_a)


class Reference:
    """One device; ``rules`` as dictionaries with ``id``, ``kind`` and the fields of the kind."""

    def __init__(self, rules, now_run=0):
        self.series = {}
        self.conditions = [Condition(rule) for rule in rules]
        self.run = now_run
        self.received = None
        self.last_tick = 0
        self.heard = {id(c): now_run for c in self.conditions}
        self.out = []

    def block(self, received, messages):
        """``messages`` are lists of (metric, t, value); returns (rule, event, start, at, retro)."""
        self.out = []
        if self.received is not None:
            self.run += min(max(0, received - self.received), 30_000)
        self.received = received if self.received is None else max(self.received, received)
        self.make_room(messages)
        for message in messages:
            for place, (metric, t, v) in enumerate(message):
                self.hear(metric, is_first=place == 0)
                touched = self.take(metric, t, v) if v is not None else False
                self.moment = (self.moment if place and self.moment_t == t else set()) | (
                    {metric} if touched else set()
                )
                self.moment_t = t
                is_last = place + 1 == len(message) or message[place + 1][1] != t
                if is_last and self.moment:
                    self.settle(self.moment, t)
        if self.run // 1000 != self.last_tick:
            self.last_tick = self.run // 1000
            self.tick()
        return self.out

    def say(self, condition, event, start, at, *, is_retro=False):
        self.out.append((condition.rule["id"], event, start, at, is_retro))

    def make_room(self, messages):
        """A window keeps what it needs, beyond the eight readings that are always kept."""
        arriving = {}
        for message in messages:
            for metric, t, _ in message:
                arriving.setdefault(metric, []).append(t)
        for metric, times in arriving.items():
            horizon = max(
                (c.rule["window_s"] * 1000 for c in self.conditions
                 if c.rule["kind"] == "window" and c.rule["metric"] == metric), default=0,
            )  # fmt: skip
            series = self.series.setdefault(metric, Series())
            count = len(series.readings) + len(times)
            if not horizon or count <= series.room or series.room >= KEPT_MAX:
                continue
            if not series.readings or series.readings[0][0] > max(times) - horizon:
                while series.room < min(count, KEPT_MAX):
                    series.room *= 2

    def take(self, metric, t, v):
        """Return whether the newest reading of the series changed."""
        series = self.series.setdefault(metric, Series())
        times = [r[0] for r in series.readings]
        newest = times[-1] if times else None
        if newest is None or t > newest:
            self.take_front(metric, series, t, v)
            return True
        if t in times:
            place = times.index(t)
            if series.readings[place][1] == v:
                return False
            changed = series.readings[:place] + [(t, v)] + series.readings[place + 1 :]
        elif len(times) == series.room or (series.base_t is not None and t <= series.base_t):
            self.take_too_late(metric, t, v)
            return False
        else:
            changed = sorted([*series.readings, (t, v)])
        for condition in self.of(metric, SINGLE):
            self.rejudge(condition, series.readings, changed)
        series.readings = changed
        for condition in self.of(metric, ("window",)):
            self.judge_window(condition, series)
        return t == newest

    def take_front(self, metric, series, t, v):
        if len(series.readings) == series.room:
            gone = series.readings.pop(0)
            series.base_t = gone[0]
            for condition in self.of(metric, SINGLE):
                condition.base, _ = episodes_of(condition, [gone])
        series.readings.append((t, v))
        for condition in self.of(metric, SINGLE):
            machine, _ = episodes_of(condition, series.readings)
            said = None
            if is_open(machine) and not is_open(condition.live):
                said = "RAISE"
            elif not is_open(machine) and is_open(condition.live):
                said = "CLEAR"
            condition.live = machine
            self.tell(condition, said, t)
        for condition in self.of(metric, ("window",)):
            self.judge_window(condition, series)

    def tell(self, condition, said, t):
        is_old = self.received - t > DAY
        if said == "RAISE":
            condition.is_retro = is_old
            self.say(condition, "RAISE", condition.live.start, t, is_retro=is_old)
        elif said == "CLEAR":
            self.say(condition, "CLEAR", condition.live.start, t, is_retro=condition.is_retro)
            condition.is_retro = False
        elif condition.is_retro and is_open(condition.live) and not is_old:
            self.say(condition, "CONFIRM", condition.live.start, t)
            condition.is_retro = False

    def rejudge(self, condition, before, after):
        _, olds = episodes_of(condition, before)
        condition.live, news = episodes_of(condition, after)
        stayed_open = False
        while olds or news:
            if olds and news and overlap(olds[0], news[0]):
                old, new = olds.pop(0), news.pop(0)
                if old[0] != new[0]:
                    self.say(condition, "SHIFT", old[0], new[0])
                if old[1] != new[1] and new[1] is None:
                    self.say(condition, "REOPEN", new[0], new[0])
                elif old[1] != new[1]:
                    self.say(condition, "CLEAR", new[0], new[1])
                stayed_open = stayed_open or (old[1] is None and new[1] is None)
            elif not news or (olds and olds[0][0] < news[0][0]):
                old = olds.pop(0)
                self.say(condition, "REVOKE", old[0], old[0])
            else:
                new = news.pop(0)
                is_old = self.received - new[0] > DAY
                self.say(condition, "RAISE", new[0], new[0], is_retro=is_old)
                if new[1] is not None:
                    self.say(condition, "CLEAR", new[0], new[1])
        if not is_open(condition.live):
            condition.is_retro = False
        elif not stayed_open:
            condition.is_retro = self.received - condition.live.start > DAY

    def take_too_late(self, metric, t, v):
        for condition in self.of(metric, ("limit", "schedule")):
            day = local(t).date()
            if in_hours(condition.rule, t) and beyond(condition.rule, v) is True:
                if condition.found_day != day:
                    condition.found_day = day
                    self.say(condition, "FINDING", t, t, is_retro=self.received - t > DAY)

    def judge_window(self, condition, series):
        rule, newest = condition.rule, series.readings[-1][0]
        inside = [v for t, v in series.readings if t > newest - rule["window_s"] * 1000]
        if len(inside) < rule["least"]:
            return
        value = {
            "mean": lambda: sum(reversed(inside)) / len(inside),
            "max": lambda: max(inside),
            "min": lambda: min(inside),
            "sum": lambda: sum(reversed(inside)),
            "count": lambda: len(inside),
        }[rule["aggregate"]]()
        said = beyond(rule, value) if in_hours(rule, newest) else False
        event = move(rule, condition.live, said, newest)
        self.tell(condition, event, newest)

    def settle(self, metrics, t):
        for condition in self.conditions:
            rule = condition.rule
            if rule["kind"] not in SEVERAL or not metrics & set(rule["inputs"]):
                continue
            if condition.judged_t is not None and t < condition.judged_t:
                continue
            values = []
            for metric in rule["inputs"]:
                series = self.series.get(metric)
                if not series or not series.readings:
                    break
                newest_t, newest = series.readings[-1]
                if t - newest_t > rule["max_age_s"] * 1000:
                    break
                values.append(newest)
            if len(values) < len(rule["inputs"]):
                continue
            said = self.judge_several(rule, values)
            if said is NOTHING:
                continue
            condition.judged_t = t
            event = move(rule, condition.live, said if in_hours(rule, t) else False, t)
            self.tell(condition, event, t)

    def judge_several(self, rule, values):
        if rule["kind"] == "compare":
            return beyond(rule, values[0] - values[1])
        if rule["kind"] == "geofence":
            (west, south), (east, north) = rule["polygon"][0], rule["polygon"][2]
            is_in = west <= values[0] < east and south <= values[1] < north
            return is_in != (rule["must_be"] == "inside")
        try:
            return rule["python"](*values)
        except ZeroDivisionError:
            return NOTHING

    def hear(self, metric, *, is_first):
        for condition in self.conditions:
            rule = condition.rule
            if rule["kind"] != "missing" or rule["metric"] not in (metric, ""):
                continue
            if rule["metric"] == "" and not is_first:
                continue
            self.heard[id(condition)] = self.run
            if condition.live.status == "active":
                condition.live.status = "normal"
                self.say(condition, "CLEAR", condition.live.start, self.received)

    def tick(self):
        for condition in self.conditions:
            rule = condition.rule
            if rule["kind"] != "missing" or condition.live.status == "active":
                continue
            if rule["metric"] and rule["metric"] not in self.series:
                continue
            silent = self.run - self.heard[id(condition)]
            if silent > rule["for_s"] * 1000 and in_hours(rule, self.received):
                condition.live.status, condition.live.start = "active", self.received
                self.say(condition, "RAISE", self.received, self.received)

    def of(self, metric, kinds):
        return [
            c for c in self.conditions
            if c.rule["kind"] in kinds and c.rule["metric"] == metric
        ]  # fmt: skip


COMPARISONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
