"""Which buckets of which series hold rows that no rollup has seen: pairs (series, hour)."""

import threading

import numpy as np

from tram.domain.days import HOUR_MS
from tram.fleet.store.columns import Ints

__all__ = ("Dirty", "distinct", "hours_of", "pair_keys", "series_of")

_HOUR_BITS = 32
_PARTS_MAX = 64
"""Parts collected before they are made one."""


class Dirty:
    """Grows with every batch, shrinks with every rebuild; two threads may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._parts: list[Ints] = []

    def __len__(self) -> int:
        with self._lock:
            return len(self._joined())

    def mark(self, series: Ints, times: Ints) -> None:
        """Note the hours of these readings (UTC epoch milliseconds)."""
        if len(series):
            self.put(distinct(pair_keys(series, times)))

    def put(self, keys: Ints) -> None:
        """Note pairs by their keys, each once."""
        with self._lock:
            self._parts.append(keys)
            if len(self._parts) > _PARTS_MAX:
                self._joined()

    def take(self, before_ms: int) -> Ints:
        """Return and forget the pairs whose hour ends at or before a time, ordered by hour."""
        with self._lock:
            keys = self._joined()
            closed = (hours_of(keys) + 1) * HOUR_MS <= before_ms
            self._parts = [keys[~closed]]
        taken = keys[closed]
        order = np.lexsort((series_of(taken), hours_of(taken)))
        ordered: Ints = taken[order]
        return ordered

    def _joined(self) -> Ints:
        if len(self._parts) != 1:
            joined = np.concatenate(self._parts) if self._parts else np.empty(0, np.int64)
            self._parts = [distinct(joined)]
        return self._parts[0]


def distinct(keys: Ints) -> Ints:
    """Return each number once, in order; for many different numbers faster than ``np.unique``."""
    if not len(keys):
        return keys
    ordered = np.sort(keys)
    first: Ints = ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])]
    return first


def pair_keys(series: Ints, times: Ints) -> Ints:
    """Return one number for each pair of a series and the hour of a time."""
    keys: Ints = (series << _HOUR_BITS) | (times // HOUR_MS)
    return keys


def series_of(keys: Ints) -> Ints:
    """Return the series of pairs."""
    series: Ints = keys >> _HOUR_BITS
    return series


def hours_of(keys: Ints) -> Ints:
    """Return the hours of pairs, counted from the epoch."""
    hours: Ints = keys & ((1 << _HOUR_BITS) - 1)
    return hours
