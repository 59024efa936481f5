"""Which rule is for which series: worked out over whole arrays, kept as links that rows follow."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from tram.fleet.rules.arrays import METRIC_BITS, Code, RuleSet
from tram.fleet.rules.facts import FOREVER_MS, Facts
from tram.fleet.rules.kinds import COMPARED_MAX, Compare, Rule
from tram.fleet.rules.memory import Ints, StateMemory
from tram.fleet.rules.rows import UNNAMED, MetricNumbers
from tram.fleet.rules.ruleset import compile_rules, inputs_of, refuse_wrong_numbers
from tram.fleet.rules.table import ABSENT
from tram.runtime.errors import Refused, is_of_the_entry

__all__ = ("UNBOUND", "Binding", "FailedRule", "Retired")

UNBOUND = -2
"""In the table of keys: no rule is for this series."""
_NAMES_SLACK = 1_024
_MASK = 2**METRIC_BITS - 1
_SERIES_BITS = 40
_MULTI = (Code.COMPARE, Code.GEOFENCE, Code.EXPRESSION)
_NO_INTS = np.zeros(0, np.int64)


class Retired(NamedTuple):
    """An open episode whose rule or device is no more."""

    rule: int
    version: int
    device: int
    start: int


class FailedRule(NamedTuple):
    """A rule that cannot be judged, and why."""

    rule: Rule
    error: Exception


class _Blame(Exception):  # it never leaves this module
    """What one rule raised while it was bound."""

    def __init__(self, number: int, error: Exception) -> None:
        super().__init__(str(error))
        self.number, self.error = number, error


@contextmanager
def _blaming(number: int) -> Iterator[None]:
    """Say which rule raised."""
    try:
        yield
    except Exception as error:
        if not is_of_the_entry(error):
            raise
        raise _Blame(number, error) from error


class Binding:
    """The rules of now, the series that they are for, and every condition's line."""

    def __init__(self, facts: Facts) -> None:
        self.rules: list[Rule] = []
        self.compiled: RuleSet = compile_rules([])
        self.metric_numbers = MetricNumbers()
        self.room = StateMemory()
        self.horizons: Ints | None = None
        self.multi: dict[tuple[int, int], int] = {}
        self.now_ms = 0
        """When the newest block was received: loans are live or over at that time."""
        self.failed: list[FailedRule] = []
        """Rules that were left out, for the caller to take away."""
        self.retired: list[Retired] = []
        """Episodes that ended otherwise than by ``set_rules``, for the caller to take away."""
        self.cut_ms = FOREVER_MS
        """When the next loan ends that a rule reads by."""
        self._compared: dict[int, int] = {}
        self._facts = facts
        self._silent: Ints | None = None

    def set_rules(self, rules: Sequence[Rule], run_ms: int) -> list[Retired]:
        """Bind everything anew; states of unchanged versions are carried over.

        A rule that raises is left out and named in ``failed``; all others go on.
        """
        sound = self._sound(rules)
        self.forget_metrics(sound)
        old = self._keep()
        self.rules = sound
        self.compiled = compile_rules(sound)
        return self._bind_anew(old, run_ms)

    def facts_changed(self, run_ms: int) -> list[Retired]:
        """Bind everything anew after devices, organisations or loans changed."""
        return self._bind_anew(self._keep(), run_ms)

    def meet(self, keys: Ints, run_ms: int) -> None:
        """Take series that nobody has seen; those of unknown devices wait until they are known."""
        keys = keys[self._facts.place(keys >> METRIC_BITS) != ABSENT]
        is_read = np.isin(keys & _MASK, self._metrics_read())
        self.room.keys.put(keys[~is_read], np.full(int((~is_read).sum()), UNBOUND))
        wanted = keys[is_read]
        if len(wanted):
            lines = self.room.add_series(wanted >> METRIC_BITS, wanted & _MASK)
            self.room.keys.put(wanted, lines)
            try:
                self._bind(lines, run_ms)
            except _Blame as blame:
                rules = [rule for n, rule in enumerate(self.rules) if n != blame.number]
                self.failed.append(FailedRule(self.rules[blame.number], blame.error))
                self.retired += self.set_rules(rules, run_ms)

    def cut_loans(self, run_ms: int) -> None:
        """Stop reading what is not lent any more."""
        if self.now_ms >= self.cut_ms:
            self.retired += self.facts_changed(run_ms)

    def silent(self) -> Ints:
        """Return the conditions of silence."""
        if self._silent is None:
            heads = self.room.memory.head["rule"][: self.room.instance_count]
            codes = self.compiled.parameters["code"][heads]
            self._silent = np.flatnonzero(codes == Code.MISSING)
        return self._silent

    def touch(self) -> None:
        """Forget what is derived from the links."""
        self._silent = None
        windows = self.compiled.parameters["window_ms"]
        if not windows.any():
            self.horizons = None
            return
        memory = self.room.memory
        self.horizons = np.zeros(self.room.series_count, np.int64)
        count = self.room.instance_count
        heads = memory.head[:count]
        is_window = self.compiled.parameters["code"][heads["rule"]] == Code.WINDOW
        np.maximum.at(self.horizons, heads["slot"][is_window], windows[heads["rule"][is_window]])

    def _metrics_read(self) -> Ints:
        words = {word for rule in self.rules for word in inputs_of(rule)}
        return np.array([self.metric_numbers.of(word) for word in sorted(words)], np.int64)

    def _sound(self, rules: Sequence[Rule]) -> list[Rule]:
        """Return the rules that can be read; their metrics have numbers."""
        sound: list[Rule] = []
        for rule in rules:
            try:
                refuse_wrong_numbers(rule)
                compile_rules([rule])
                for word in inputs_of(rule):
                    self.metric_numbers.name(word)
            except Exception as error:
                if not is_of_the_entry(error):
                    raise
                self.failed.append(FailedRule(rule, error))
            else:
                sound.append(rule)
        return sound

    def _bind_anew(self, old: "_Kept", run_ms: int) -> list[Retired]:
        while True:
            try:
                self._bind_all(run_ms)
            except _Blame as blame:
                self._leave_out(blame)
            else:
                return self._restore(old)

    def _leave_out(self, blame: _Blame) -> None:
        self.failed.append(FailedRule(self.rules[blame.number], blame.error))
        del self.rules[blame.number]
        self.compiled = compile_rules(self.rules)

    def _bind_all(self, run_ms: int) -> None:
        self.room.forget_conditions()
        self.multi.clear()
        self._compared.clear()
        self.cut_ms = FOREVER_MS
        self._forget_unbound()
        self._bind(np.arange(self.room.series_count), run_ms)
        self._bind_devices(np.arange(self._facts.count), run_ms)

    def forget_metrics(self, sound: Sequence[Rule]) -> None:
        """Take numbers back that no rule uses any more, once they are many."""
        words = {word for rule in (*self.rules, *sound) for word in inputs_of(rule)}
        if len(self.metric_numbers.names) > 2 * len(words) + _NAMES_SLACK:
            self.renumber(words)

    def renumber(self, words: set[str]) -> None:
        """Number these metrics anew and forget the series of all others."""
        names = ["", *sorted(words - {""})]
        old = self.metric_numbers
        self.metric_numbers = MetricNumbers(names)
        # Before, all metrics beyond the last number shared it: what that one means is not known.
        number_of = np.full(UNNAMED + 1, ABSENT, np.int64)
        for number, name in enumerate(names):
            if old.of(name) != UNNAMED:
                number_of[old.of(name)] = number
        room = self.room
        metrics = number_of[room.memory.series["metric"][: room.series_count]]
        moved = room.keep_series(metrics != ABSENT, metrics)
        head = room.memory.head[: room.instance_count]
        is_multi = np.isin(self.compiled.parameters["code"][head["rule"]], _MULTI)
        head["slot"][~is_multi] = moved[head["slot"][~is_multi]]
        slots = room.memory.slots[: room.slot_count]
        slots[slots >= 0] = moved[slots[slots >= 0]]

    def _bind(self, lines: Ints, run_ms: int) -> None:
        """Make the conditions of these series and link them."""
        series = self.room.memory.series[lines]
        places = self._facts.place(series["device"].copy())
        pairs: list[tuple[Ints, Ints]] = []
        for number, rule in enumerate(self.rules):
            words = inputs_of(rule)
            chosen = np.isin(series["metric"], [self.metric_numbers.of(w) for w in words])
            if not words or not chosen.any():
                continue
            with _blaming(number):
                if self.compiled.parameters[number]["code"] in _MULTI:
                    self._bind_multi(number, lines[chosen])
                    continue
                chosen[chosen] = self._facts.in_scope(rule, places[chosen])
                pairs.append((np.full(int(chosen.sum()), number), lines[chosen]))
        if pairs:
            rules, to = (np.concatenate(part) for part in zip(*pairs, strict=True))
            order = np.lexsort((rules, to))
            self._make(rules[order], to[order], run_ms)
        self.touch()

    def _make(self, rules: Ints, series: Ints, run_ms: int) -> None:
        devices = self.room.memory.series["device"][series]
        made = self.room.add_instances(rules, devices, series)
        is_silence = self.compiled.parameters["code"][rules] == Code.MISSING
        self.room.memory.live["ref_t"][made[is_silence]] = run_ms
        self.room.link(series, made)

    def _bind_devices(self, places: Ints, run_ms: int) -> None:
        """Make the conditions of silence of whole devices, also of those that never sent."""
        for number, rule in enumerate(self.rules):
            if inputs_of(rule):
                continue
            with _blaming(number):
                chosen = places[self._facts.in_scope(rule, places)]
            devices = self._facts.lines["device"][chosen]
            keys = devices << METRIC_BITS
            found = self.room.keys.find(keys)
            new = found < 0
            lines = self.room.add_series(devices[new], np.zeros(int(new.sum()), np.int64))
            self.room.keys.put(keys[new], lines)
            found[new] = lines
            self._make(np.full(len(found), number), found, run_ms)
        self.touch()

    def _bind_multi(self, number: int, lines: Ints) -> None:
        """Put series into the slots of conditions over several series."""
        rule = self.rules[number]
        words = [self.metric_numbers.of(word) for word in inputs_of(rule)]
        foreign = rule.spec.other_device if isinstance(rule.spec, Compare) else None
        for line in lines.tolist():
            series = self.room.memory.series[line]
            device, metric = int(series["device"]), int(series["metric"])
            for slot, word in enumerate(words):
                if word != metric:
                    continue
                if slot == 1 and foreign is not None:
                    if device == foreign:
                        self._fill_all(number, slot, line)
                    continue
                self._fill(number, device, slot, line)

    def _fill(self, number: int, device: int, slot: int, line: int) -> None:
        rule = self.rules[number]
        place = self._facts.place(np.array([device]))
        if place[0] == ABSENT or not self._facts.in_scope(rule, place)[0]:
            return
        instance = self.multi.get((number, device))
        if instance is None:
            if not self._may_compare(number):
                return
            slots = self.room.add_slots(1)
            instance = int(
                self.room.add_instances(np.array([number]), np.array([device]), slots)[0]
            )
            self.multi[number, device] = instance
            self._fill_foreign(number, instance)
        self._put_slot(instance, slot, line)

    def _may_compare(self, number: int) -> bool:
        """Tell whether a rule may read what it compares with; note until when."""
        rule = self.rules[number]
        spec = rule.spec
        if not isinstance(spec, Compare) or spec.other_device is None:
            return True
        compared = self._compared.get(number, 0)
        if compared >= COMPARED_MAX:
            raise Refused(
                "alarm.rule_wrong",
                f"The rule compares more than {COMPARED_MAX} devices with another one.",
                "Narrow its scope.",
            )
        self._compared[number] = compared + 1
        until_ms = self._facts.read_until_ms(rule.org, spec.other_device, spec.other, self.now_ms)
        self.cut_ms = min(self.cut_ms, until_ms or FOREVER_MS)
        return until_ms > 0

    def _fill_foreign(self, number: int, instance: int) -> None:
        spec = self.rules[number].spec
        if isinstance(spec, Compare) and spec.other_device is not None:
            key = (spec.other_device << METRIC_BITS) | self.metric_numbers.of(spec.other)
            line = int(self.room.keys.find(np.array([key]))[0])
            if line >= 0:
                self._put_slot(instance, 1, line)

    def _fill_all(self, number: int, slot: int, line: int) -> None:
        for (rule, _), instance in list(self.multi.items()):
            if rule == number:
                self._put_slot(instance, slot, line)

    def _put_slot(self, instance: int, slot: int, line: int) -> None:
        place = self.room.memory.head["slot"][instance]
        if self.room.memory.slots[place, slot] != line:
            self.room.memory.slots[place, slot] = line
            self.room.link(np.array([line]), np.array([instance]))

    def _forget_unbound(self) -> None:
        """Let every series be met anew that no rule was for."""
        keys, values = self.room.keys.items()
        unbound = keys[values == UNBOUND]
        self.room.keys.put(unbound, np.full(len(unbound), ABSENT))

    def _keep(self) -> "_Kept":
        count = self.room.instance_count
        memory = self.room.memory
        heads = memory.head[:count].copy()
        return _Kept(
            list(self.rules), heads, memory.live[:count].copy(), memory.base[:count].copy()
        )

    def _restore(self, old: "_Kept") -> list[Retired]:
        """Give the new conditions the states of the old ones; return what is left open."""
        memory, count = self.room.memory, self.room.instance_count
        versions: dict[tuple[int, int], int] = {}
        moved = np.isin(old.heads["device"], list(self._facts.moved))
        if self._facts.moved:  # what another organisation's readings led to is over
            self.room.forget_readings(np.array(list(self._facts.moved), np.int64))
            self._facts.moved.clear()
        new_ids = _identities(self.rules, memory.head[:count], versions)
        old_ids = _identities(old.rules, old.heads, versions)
        order = np.argsort(new_ids)
        at = np.searchsorted(new_ids[order], old_ids)
        at_safe = np.minimum(at, max(count - 1, 0))
        same = np.zeros(len(old_ids), np.bool_)
        if count:
            same = (new_ids[order][at_safe] == old_ids) & ~moved
            to = order[at_safe[same]]
            memory.live[to], memory.base[to] = old.live[same], old.base[same]
            for name in ("retro", "found_day"):
                memory.head[name][to] = old.heads[name][same]
        is_open = ~same & (old.live["status"] >= 2)  # noqa: PLR2004  # active or clearing
        return [
            Retired(
                old.rules[int(h["rule"])].id,
                old.rules[int(h["rule"])].version,
                int(h["device"]),
                int(s["start"]),
            )
            for h, s in zip(old.heads[is_open], old.live[is_open], strict=True)
        ]


class _Kept(NamedTuple):
    """Conditions as they were before the rules changed."""

    rules: list[Rule]
    heads: np.ndarray
    live: np.ndarray
    base: np.ndarray


def _identities(
    rules: list[Rule], heads: np.ndarray, versions: dict[tuple[int, int], int]
) -> Ints:
    """Return one number per condition: rule and version, with its series or device."""
    if not len(heads):
        return _NO_INTS
    numbers = np.array(
        [versions.setdefault((rule.id, rule.version), len(versions)) for rule in rules], np.int64
    )
    codes = np.array([len(inputs_of(rule)) for rule in rules])
    is_multi = codes[heads["rule"]] > 1
    own = np.where(is_multi, heads["device"], heads["slot"])
    found: Ints = (numbers[heads["rule"]] << _SERIES_BITS) | own
    return found
