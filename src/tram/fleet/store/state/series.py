"""Series: dense numbers for (device, metric), given in log order and never given twice."""

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from tram.fleet.store.columns import Ints
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.engine.tables import SERIES
from tram.runtime.errors import Broken

__all__ = ("CAPPED", "NAMES_PER_ORG_MAX", "NewSeries", "SeriesIndex")

CAPPED = -1
"""In place of a series: the device, or its organisation, has as many metrics as it may have."""
NAMES_PER_ORG_MAX: Final = 200_000
"""Metric keys that the devices of one organisation bring up; those of others cost it nothing."""
DEVICE_MAX: Final = 2**31 - 1
"""Greatest device that has series: a key holds its number above 32 bits for the metric's."""
_WORD_BITS = 32

NewSeries = tuple[int, int, str]
"""Series, device, metric."""


class SeriesIndex:
    """All series in memory, as one sorted array of (device, metric word); grows, never shrinks.

    What was assigned must be on disk before its readings: call ``save`` in between.
    """

    def __init__(self, engine: Engine, keys_per_device: int) -> None:
        self._engine = engine
        self._keys_per_device = keys_per_device
        self._words: dict[str, int] = {}
        self._keys: Ints = np.empty(0, np.int64)
        self._series: Ints = np.empty(0, np.int64)
        self._count_of: dict[int, int] = {}
        self._names_of: dict[int, int] = {}
        self._count = 0
        self._unsaved: list[NewSeries] = []
        self._unannounced: list[NewSeries] = []

    def __len__(self) -> int:
        return self._count

    def load(self) -> list[NewSeries]:
        """Read the series on disk; return them in order."""
        lines: list[NewSeries] = []
        sql = "SELECT series, device, metric FROM tram.series ORDER BY series"
        for part in self._engine.scan(sql):
            lines += zip(*(column.to_pylist() for column in part.columns), strict=True)
        if [line[0] for line in lines] != list(range(len(lines))):
            raise Broken("series.gap", "The series of the telemetry store have gaps.")
        self._enter(lines)
        return lines

    def count_names(self, lines: list[NewSeries], org_of: Callable[[int], int | None]) -> None:
        """Count each metric key of all series for the organisation whose device sent it first."""
        self._names_of.clear()
        first: dict[str, int] = {}
        for _, device, metric in lines:
            first.setdefault(metric, device)
        for device in first.values():
            org = org_of(device)
            if org is not None:
                self._names_of[org] = self._names_of.get(org, 0) + 1

    def assign(self, device: Ints, word: Ints, words: list[str], org: Ints) -> Ints:
        """Return the series of each row; new ones are numbered by first occurrence.

        Rows of a device that has all its metrics get ``CAPPED``, and so do keys that nobody has sent
        before once its organisation has brought up as many as it may.
        """
        if not len(word):
            return np.empty(0, np.int64)
        if int(device.max()) > DEVICE_MAX:
            series = np.full(len(word), CAPPED, np.int64)
            near = device <= DEVICE_MAX
            series[near] = self.assign(device[near], word[near], words, org[near])
            return series
        known = np.array([self._words.get(text, -1) for text in words], np.int64)
        series = self._find(_keys(device, known[word]))
        missing = np.flatnonzero((series == CAPPED) | (known[word] < 0))
        if len(missing):
            pairs = device[missing] * len(words) + word[missing]
            _, first = np.unique(pairs, return_index=True)
            self._enter_new((device, word, org), words, missing[np.sort(first)])
            known = np.array([self._words.get(text, -1) for text in words], np.int64)
            series[missing] = self._find(_keys(device[missing], known[word[missing]]))
            series[missing[known[word[missing]] < 0]] = CAPPED
        return series

    def save(self) -> None:
        """Write what is unsaved; on return it is on disk, once."""
        if not self._unsaved:
            return
        there = self._engine.query(
            "SELECT series FROM tram.series WHERE series >= {start:UInt32}",
            {"start": str(self._unsaved[0][0])},
        )
        saved = set(there["series"].to_pylist())
        lines = [line for line in self._unsaved if line[0] not in saved]
        self._engine.insert(SERIES.full_name, SERIES.of_lines(lines))
        self._unannounced += self._unsaved
        self._unsaved = []

    def announced(self) -> list[NewSeries]:
        """Return the series saved since the last call."""
        lines, self._unannounced = self._unannounced, []
        return lines

    def _find(self, key: Ints) -> Ints:
        if not len(self._keys):
            return np.full(len(key), CAPPED, np.int64)
        place = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
        return np.where(self._keys[place] == key, self._series[place], CAPPED)

    def _enter_new(self, rows: tuple[Ints, Ints, Ints], words: list[str], lines: Ints) -> None:
        """Number the pairs at these lines, as far as devices and organisations may have more."""
        new: list[NewSeries] = []
        taken: dict[int, int] = {}
        brought: set[str] = set()
        columns = (column[lines].tolist() for column in rows)
        for owner, place, org in zip(*columns, strict=True):
            text = words[place]
            have = taken.get(owner, self._count_of.get(owner, 0))
            if have >= self._keys_per_device:
                continue
            if text not in self._words and text not in brought:
                names = self._names_of.get(org, 0)
                if names >= NAMES_PER_ORG_MAX:
                    continue
                self._names_of[org] = names + 1
                brought.add(text)
            taken[owner] = have + 1
            new.append((self._count + len(new), owner, text))
        self._enter(new)
        self._unsaved += new

    def _enter(self, lines: list[NewSeries]) -> None:
        if not lines:
            return
        for _, device, metric in lines:
            self._words.setdefault(metric, len(self._words))
            self._count_of[device] = self._count_of.get(device, 0) + 1
        devices = np.array([line[1] for line in lines], np.int64)
        words = np.array([self._words[line[2]] for line in lines], np.int64)
        key = _keys(devices, words)
        order: npt.NDArray[np.intp] = np.argsort(key, kind="stable")
        place = np.searchsorted(self._keys, key[order])
        self._keys = np.insert(self._keys, place, key[order])
        self._series = np.insert(self._series, place, order + self._count)
        self._count += len(lines)


def _keys(device: Ints, word: Ints) -> Ints:
    keys: Ints = (device << _WORD_BITS) | word
    return keys
