"""The engine: (state, block) → (state, transitions), without clock and without I/O.

It owns its arrays and changes them in place; the same blocks in the same order always give the
same transitions. Time passes only in the blocks: ``run_ms`` grows by what lies between two blocks,
but by at most 30 seconds, so that while no gateway writes no device falls silent.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tram.fleet.block.block import Block
from tram.fleet.rules.arrays import (
    DEVICE_KEY_METRIC,
    METRIC_BITS,
    RING_MAX,
    SLOTS,
    STATE,
    TRANSITION,
    Array,
)
from tram.fleet.rules.binding import Binding, FailedRule, Retired
from tram.fleet.rules.facts import Facts, WrongFact
from tram.fleet.rules.kernel import run_rows, tick_missing
from tram.fleet.rules.kinds import Rule
from tram.fleet.rules.memory import Ints, bigger
from tram.fleet.rules.rows import BlockRows, block_rows
from tram.fleet.rules.table import ABSENT
from tram.registry.kernel.changes import Body

__all__ = ("Capacities", "RuleEngine")

STEP_MS_MAX = 30_000
"""Longest time that passes between two blocks: gateways write at least every ten seconds."""
TICK_MS = 1_000
_OUT_ROOM = 65_536
_DIRTY_ROOM = 4_096
_EPISODES_ROOM = RING_MAX // 2 + 2


class Capacities(NamedTuple):
    """How many lines the kernels' lists have at first: transitions, waiting conditions, episodes."""

    out: int = _OUT_ROOM
    dirty: int = _DIRTY_ROOM
    episodes: int = _EPISODES_ROOM


_ROOMS = Capacities()


class RuleEngine:
    """Rules, devices and the states of all conditions."""

    def __init__(self, *, step_ms_max: int = STEP_MS_MAX, rooms: Capacities = _ROOMS) -> None:
        self._step_ms_max = step_ms_max
        self.facts = Facts()
        self.binding = Binding(self.facts)
        self.run_ms = 0
        self.received_ms = 0
        self.seq = 0
        self.rows_judged = 0
        self.last_tick = 0
        self._out = np.zeros(rooms.out, TRANSITION)
        self._work = np.zeros(1, STATE)
        self._old = np.zeros((rooms.episodes, 3), np.float64)
        self._new = self._old.copy()
        self._dirty = np.zeros(rooms.dirty, np.int64)
        self._marks = np.zeros(1, np.int8)
        self._values = np.zeros(SLOTS, np.float64)

    def set_rules(self, rules: Sequence[Rule]) -> list[Retired]:
        """Judge by these rules from now on; an unchanged version keeps its states.

        Returns the episodes that were open and belong to no rule any more.
        """
        return self.binding.set_rules(rules, self.run_ms)

    def set_facts(self, version: int, bodies: Sequence[Body]) -> list[Retired]:
        """Take changes of devices and organisations; returns the episodes that they end."""
        self.facts.apply(bodies)
        self.facts.version = version
        return self.binding.facts_changed(self.run_ms)

    def take_failed(self) -> list[FailedRule]:
        """Take away what was left out since the last call."""
        failed, self.binding.failed = self.binding.failed, []
        return failed

    def take_wrong_facts(self) -> list[WrongFact]:
        """Take away the devices whose facts could not be taken since the last call."""
        wrong, self.facts.wrong = self.facts.wrong, []
        return wrong

    def take_retired(self) -> list[Retired]:
        """Take away the episodes that ended while blocks were judged, since the last call."""
        retired, self.binding.retired = self.binding.retired, []
        return retired

    def apply(self, seq: int, block: Block) -> Array:
        """Judge one block and return its transitions (``arrays.TRANSITION``), in order."""
        self._pass_time(block.header.received_at_ms)
        self.seq = seq
        parts = self._judge(block_rows(block, self.binding.metric_numbers))
        return self._said(parts + self._tick())

    def wait(self, now_ms: int) -> Array:
        """Let time pass without a block and return the transitions of silence."""
        self._pass_time(now_ms)
        return self._said(self._tick())

    def _pass_time(self, received_ms: int) -> None:
        if self.received_ms:
            self.run_ms += min(max(0, received_ms - self.received_ms), self._step_ms_max)
        self.received_ms = max(self.received_ms, received_ms)
        self.binding.now_ms = self.received_ms
        self.binding.cut_loans(self.run_ms)

    def _said(self, parts: list[Array]) -> Array:
        found = np.concatenate(parts) if parts else self._out[:0].copy()
        found["seq"] = self.seq
        return found

    @property
    def has_rules(self) -> bool:
        """Whether any block needs to be judged."""
        return bool(self.binding.rules)

    def pass_over(self, seq: int, received_ms: int) -> None:
        """Go on beyond a block that no rule asks for."""
        self._pass_time(received_ms)
        self.seq = seq
        self.last_tick = self.run_ms // TICK_MS

    def _judge(self, rows: BlockRows) -> list[Array]:
        if not len(rows.keys) or not self.binding.rules:
            return []
        series = self._series_of(rows.keys)
        device = np.full(len(series), ABSENT, np.int64)
        device[rows.firsts] = self._known(rows.keys[rows.firsts] & ~DEVICE_MASK)
        self._widen(series, rows)
        self.rows_judged += len(series)
        columns = (series, device, rows.groups, rows.times, rows.values)
        try:
            return self._run(columns)
        except BaseException:
            self._marks[:] = 0  # what waited is given up with the block
            raise

    def _run(self, columns: tuple[Array, Array, Array, Array, Array]) -> list[Array]:
        room = self.binding.room
        self._marks = _at_least(self._marks, room.instance_count)
        stack = int(self.binding.compiled.parameters["steps"].max(initial=0))
        self._values = _at_least(self._values, SLOTS + stack)
        parts: list[Array] = []
        place = (0, -1, 0)
        while place[0] < len(columns[0]):
            count, *following = run_rows(
                self.binding.compiled, room.memory, columns, place,
                (self.run_ms, self.received_ms), room.widest, self._out,
                (self._work, self._old, self._new, self._dirty, self._marks, self._values),
            )  # fmt: skip
            if count:
                parts.append(self._out[:count].copy())
            elif tuple(following) == place:
                self._make_room()
            place = (following[0], following[1], following[2])
        return parts

    def _make_room(self) -> None:
        """Double what one reading may need: as many lines as its rules have to say."""
        self._out = bigger(self._out, 2 * len(self._out))
        self._dirty = bigger(self._dirty, 2 * len(self._dirty))
        self._old = bigger(self._old, min(2 * len(self._old), _EPISODES_ROOM))
        self._new = bigger(self._new, min(2 * len(self._new), _EPISODES_ROOM))

    def _tick(self) -> list[Array]:
        if self.run_ms // TICK_MS == self.last_tick:
            return []
        self.last_tick = self.run_ms // TICK_MS
        silent = self.binding.silent()
        parts: list[Array] = []
        place = 0
        while place < len(silent):
            count, place = tick_missing(
                self.binding.compiled, self.binding.room.memory, silent, place,
                (self.run_ms, self.received_ms), self._out,
            )  # fmt: skip
            if count:
                parts.append(self._out[:count].copy())
        return parts

    def _series_of(self, keys: Ints) -> Ints:
        found = self.binding.room.keys.find(keys)
        if (found == ABSENT).any():
            self.binding.meet(np.unique(keys[found == ABSENT]), self.run_ms)
            found = self.binding.room.keys.find(keys)
        return np.maximum(found, ABSENT)

    def _known(self, keys: Ints) -> Ints:
        return np.maximum(self.binding.room.keys.find(keys), ABSENT)

    def _widen(self, series: Ints, rows: BlockRows) -> None:
        horizons = self.binding.horizons
        if horizons is None:
            return
        bound = series >= 0
        touched, place, counts = np.unique(series[bound], return_inverse=True, return_counts=True)
        newest = np.full(len(touched), -(2**62), np.int64)
        np.maximum.at(newest, place, rows.times[bound])
        self.binding.room.widen_rings(touched, counts, horizons[touched], newest)


def _at_least(array: Array, count: int) -> Array:
    found: Array = array if len(array) >= count else bigger(array, count)
    return found


DEVICE_MASK = 2**METRIC_BITS - 1
assert DEVICE_KEY_METRIC == 0, "a key without its metric is the device's own"
