"""Room for states: arrays that grow, and the tables that find a line in them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from tram.fleet.rules.arrays import (
    HEAD,
    METRIC_BITS,
    NEVER,
    RING_MAX,
    RING_MIN,
    SERIES,
    SLOTS,
    STATE,
    Array,
    Memory,
)
from tram.fleet.rules.table import KeyTable

__all__ = ("StateMemory", "bigger")

_FIRST = 1024

Ints = npt.NDArray[np.int64]


class StateMemory:
    """Series, conditions and the links between them; lines are only ever added."""

    def __init__(self) -> None:
        self.series_count = self.instance_count = self.link_count = self.slot_count = 0
        self.ring_used = 0
        self.widest = 0
        """The most links of one series: what one reading can reach."""
        self._links_of: Ints = np.zeros(_FIRST, np.int64)
        self.keys = KeyTable()
        self.memory = Memory(
            series=np.zeros(_FIRST, SERIES),
            ring_t=np.zeros(_FIRST, np.int64),
            ring_v=np.zeros(_FIRST, np.float64),
            link_instance=np.zeros(_FIRST, np.int64),
            link_next=np.zeros(_FIRST, np.int64),
            head=np.zeros(_FIRST, HEAD),
            live=np.zeros(_FIRST, STATE),
            base=np.zeros(_FIRST, STATE),
            slots=np.zeros((_FIRST, SLOTS), np.int64),
        )

    def add_series(self, devices: Ints, metrics: Ints) -> Ints:
        """Add series and return their lines."""
        lines = self.series_count + np.arange(len(devices))
        self.series_count += len(devices)
        rings = self.ring_used + RING_MIN * np.arange(len(devices))
        self.ring_used += RING_MIN * len(devices)
        self._need(series=self.series_count, ring_t=self.ring_used, ring_v=self.ring_used)
        series = self.memory.series
        series["device"][lines], series["metric"][lines] = devices, metrics
        series["ring"][lines], series["room"][lines] = rings, RING_MIN
        for name in ("base_t", "last_t"):
            series[name][lines] = NEVER
        series["first"][lines] = -1
        return lines

    def add_instances(self, rules: Ints, devices: Ints, slots: Ints) -> Ints:
        """Add conditions in their first state and return their lines."""
        lines = self.instance_count + np.arange(len(rules))
        self.instance_count += len(rules)
        count = self.instance_count
        self._need(head=count, live=count, base=count)
        head = self.memory.head
        for columns in (head, self.memory.live, self.memory.base):
            columns[lines] = np.zeros((), columns.dtype)  # what stood there was another's
        head["rule"][lines], head["device"][lines], head["slot"][lines] = rules, devices, slots
        head["found_day"][lines] = -1
        for states in (self.memory.live, self.memory.base):
            states["ref_t"][lines] = NEVER
            states["start"][lines] = NEVER
        return lines

    def add_slots(self, count: int) -> Ints:
        """Add lines of empty slots."""
        lines = self.slot_count + np.arange(count)
        self.slot_count += count
        self._need(slots=self.slot_count)
        self.memory.slots[lines] = -1
        return lines

    def link(self, series: Ints, instances: Ints) -> None:
        """Let the readings of series reach conditions; links of one series lie side by side."""
        order = np.lexsort((instances, series))
        series, instances = series[order], instances[order]
        lines = self.link_count + np.arange(len(series))
        self.link_count += len(series)
        self._need(link_instance=self.link_count, link_next=self.link_count)
        self.memory.link_instance[lines] = instances
        is_last = np.append(series[1:] != series[:-1], True)[: len(series)]
        is_first = np.append(True, series[1:] != series[:-1])[: len(series)]
        before = self.memory.series["first"][series]
        self.memory.link_next[lines] = np.where(is_last, before, lines + 1)
        self.memory.series["first"][series[is_first]] = lines[is_first]
        self._count_links(series)

    def forget_conditions(self) -> None:
        """Take away all conditions and links; series and their readings stay."""
        self.instance_count = self.link_count = self.slot_count = 0
        self.memory.series["first"][: self.series_count] = -1
        self._links_of[:] = self.widest = 0

    def restore(self, arrays: dict[str, Array], counts: dict[str, int]) -> None:
        """Take the arrays of a snapshot and how many of their lines are used."""
        for name, count in counts.items():
            setattr(self, name, count)
        self.memory = Memory(
            **{
                name: array if len(array) else getattr(self.memory, name)
                for name, array in arrays.items()
            }
        )
        owners = np.arange(self.series_count)
        links = self.memory.series["first"][: self.series_count].copy()
        while len(links):
            owners, links = owners[links >= 0], links[links >= 0]
            self._count_links(owners)
            links = self.memory.link_next[links]

    def keep_series(self, keep: npt.NDArray[np.bool_], metrics: Ints) -> Ints:
        """Forget all series but these, which have new metric numbers; return each one's new line."""
        count = self.series_count
        lines = np.flatnonzero(keep)
        moved = np.full(count, -1, np.int64)
        moved[lines] = np.arange(len(lines))
        series = self.memory.series[lines]
        rooms = series["room"].astype(np.int64)
        rings = np.cumsum(rooms) - rooms
        source = np.repeat(series["ring"] - rings, rooms) + np.arange(int(rooms.sum()))
        series["ring"], series["metric"] = rings, metrics[lines]
        self.series_count, self.ring_used = len(lines), len(source)
        kept = {
            "series": series, "ring_t": self.memory.ring_t[source],
            "ring_v": self.memory.ring_v[source],
        }  # fmt: skip
        # An empty array has no line that the kernels could look at.
        self.memory = self.memory._replace(**{n: bigger(a, _FIRST) for n, a in kept.items()})
        self._links_of = bigger(self._links_of[:count][lines], _FIRST)
        self.keys = KeyTable()
        keys = (series["device"] << METRIC_BITS) | series["metric"]
        self.keys.put(keys, np.arange(len(lines), dtype=np.int64))
        return moved

    def forget_readings(self, devices: Ints) -> None:
        """Empty the series of these devices: what was measured for others is not judged on."""
        series = self.memory.series[: self.series_count]
        lines = np.flatnonzero(np.isin(series["device"], devices))
        for name in ("length", "head"):
            series[name][lines] = 0
        for name in ("base_t", "last_t"):
            series[name][lines] = NEVER

    def widen_rings(self, series: Ints, incoming: Ints, horizon_ms: Ints, newest: Ints) -> None:
        """Make rings longer that would lose readings which a window still needs."""
        lines = self.memory.series[series]
        is_short = (lines["length"] + incoming > lines["room"]) & (lines["room"] < RING_MAX)
        for place in np.flatnonzero(is_short & (horizon_ms > 0)).tolist():
            s = int(series[place])
            line = self.memory.series[s]
            oldest = self.memory.ring_t[line["ring"] + line["head"]]
            if line["length"] == 0 or oldest > newest[place] - horizon_ms[place]:
                self._widen(s, int(incoming[place]))

    def _widen(self, s: int, incoming: int) -> None:
        line = self.memory.series[s]
        old = int(line["ring"]) + (int(line["head"]) + np.arange(line["length"])) % int(
            line["room"]
        )
        room = int(line["room"])
        while room < min(line["length"] + incoming, RING_MAX):
            room *= 2
        start, self.ring_used = self.ring_used, self.ring_used + room
        self._need(ring_t=self.ring_used, ring_v=self.ring_used)
        for ring in (self.memory.ring_t, self.memory.ring_v):
            ring[start : start + len(old)] = ring[old]
        line = self.memory.series[s : s + 1]
        line["ring"], line["room"], line["head"] = start, room, 0

    def _count_links(self, series: Ints) -> None:
        if not len(series):
            return
        if int(series.max()) >= len(self._links_of):
            self._links_of = bigger(self._links_of, int(series.max()) + 1)
        np.add.at(self._links_of, series, 1)
        self.widest = max(self.widest, int(self._links_of[series].max()))

    def _need(self, **counts: int) -> None:
        grown = {}
        for name, count in counts.items():
            array = getattr(self.memory, name)
            if count > len(array):
                grown[name] = bigger(array, count)
        if grown:
            self.memory = self.memory._replace(**grown)


def bigger(array: Array, count: int) -> Any:  # noqa: ANN401  # an array of the same type
    """Return the array with room for at least ``count`` lines."""
    room = max(len(array), 1)
    while room < count:
        room *= 2
    new = np.zeros((room, *array.shape[1:]), array.dtype)
    new[: len(array)] = array
    return new
