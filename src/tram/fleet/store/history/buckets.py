"""Buckets of time as columns, and one open bucket per series in arrays."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt

from tram.fleet.store.columns import Ints, Mask

__all__ = ("BucketStep", "Buckets", "Level", "ends", "firsts", "keys_of", "reduced")

_PLACE_BITS = 32
_NEVER = np.iinfo(np.int32).min
"""Before every bucket that there is."""
_FIRST_ROOM = 1024

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int32]


class Buckets(NamedTuple):
    """Lines ordered by series and ``place``, which counts hours or days from the epoch.

    Without numbers ``low`` and ``high`` are infinite. A spoiled bucket is not known in full.
    """

    series: Ints
    place: Ints
    org_id: Ints
    pause_ms: Ints
    readings: Counts
    good: Counts
    numbers: Counts
    slots: Counts
    low: Floats
    high: Floats
    total: Floats
    last: Floats
    last_at_ms: Ints
    spoiled: Mask

    @property
    def columns(self) -> tuple[npt.NDArray[Any], ...]:
        """The columns in order, of whatever kind."""
        return self

    def where(self, chosen: npt.NDArray[Any]) -> Self:
        """Return the lines of a mask, or at these places."""
        if chosen.dtype == np.bool_ and bool(chosen.all()):
            return self
        return type(self)(*(column[chosen] for column in self))

    @classmethod
    def joined(cls, parts: Sequence["Buckets"]) -> "Buckets":
        """Return the lines of all parts, one after the other."""
        if len(parts) == 1:
            return parts[0]
        return cls(*map(np.concatenate, zip(_EMPTY, *parts, strict=True)))


_KINDS: dict[str, type] = dict.fromkeys(("low", "high", "total", "last"), np.float64)
_KINDS |= dict.fromkeys(("readings", "good", "numbers", "slots"), np.int32)
_KINDS["spoiled"] = np.bool_


def _empty(count: int) -> list[npt.NDArray[Any]]:
    return [np.zeros(count, _KINDS.get(name, np.int64)) for name in Buckets._fields]


_EMPTY = Buckets(*_empty(0))


class BucketStep(NamedTuple):
    """What new lines did: what closed (first, then later buckets), and what came too late.

    ``not_whole`` are the keys of what is not known in full.
    """

    closed: tuple[Buckets, Buckets]
    late: Buckets
    not_whole: Ints


class Level:
    """The open bucket of each series: the newest one that anything went to."""

    def __init__(self) -> None:
        self._open = Buckets(*_empty(_FIRST_ROOM))
        self._open.place.fill(_NEVER)
        self._is_open: Mask = np.zeros(_FIRST_ROOM, np.bool_)
        self._is_changed: Mask = np.zeros(_FIRST_ROOM, np.bool_)

    def begin(self, places: Ints, *, is_open: bool) -> None:
        """Start with the newest bucket of each series, of which nothing is known."""
        self._reserve(len(places))
        count = len(places)
        self._open.place[:count] = np.maximum(places, _NEVER)
        self._open.series[:count] = np.arange(count)
        self._open.spoiled[:count] = True
        self._is_open[:count] = is_open & (places > _NEVER)

    def late(self, lines: Buckets) -> Mask:
        """Return which lines belong to a bucket that has closed, or was never known in full."""
        self._reserve(int(lines.series.max(initial=0)) + 1)
        known, is_open = self._open.place[lines.series], self._is_open[lines.series]
        late: Mask = (lines.place < known) | ((lines.place == known) & ~is_open)
        return late

    def take(self, lines: Buckets) -> BucketStep:
        """Add lines, one for each series and bucket; a newer bucket closes the one before."""
        is_late = self.late(lines)
        late, lines = lines.where(is_late), lines.where(~is_late)
        if not len(lines.series):
            return BucketStep((_EMPTY, _EMPTY), late, keys_of(late))
        first, last = ends(lines.series)
        lines, older = self._meet(lines, first)
        not_whole = np.concatenate([keys_of(late), keys_of(lines)[lines.spoiled]])
        not_whole = np.concatenate([not_whole, keys_of(older)[older.spoiled]])
        self._keep(lines.where(last))
        closed = np.ones(len(lines.series), np.bool_)
        closed[last] = False
        return BucketStep((older, lines.where(closed)), late, not_whole)

    def _meet(self, lines: Buckets, first: npt.NDArray[np.intp]) -> tuple[Buckets, Buckets]:
        """Add what is open to the first lines of its series, or return it where they are newer."""
        series = lines.series[first]
        is_open = self._is_open[series]
        goes_on = is_open & (self._open.place[series] == lines.place[first])
        if goes_on.any():
            here = first[goes_on]
            pairs = Buckets.joined([self._open.where(series[goes_on]), lines.where(here)])
            both = pairs.where(np.argsort(pairs.series, kind="stable"))
            sums = reduced(both, firsts(both.series))
            both_of = zip(lines.columns, sums.columns, strict=True)
            lines = Buckets(*(_with(old, here, new) for old, new in both_of))
        return lines, self._open.where(series[is_open & ~goes_on])

    def close_before(self, place: int) -> Buckets:
        """Close and return what is open below a place."""
        series = np.flatnonzero(self._is_open & (self._open.place < place))
        self._is_open[series] = False
        return self._open.where(series)

    def changed(self) -> Buckets:
        """Return a copy of what is open and changed since the last call."""
        series = np.flatnonzero(self._is_open & self._is_changed)
        self._is_changed[series] = False
        return self._open.where(series)

    def places(self, series: Ints) -> Ints:
        """Return the newest bucket of each series."""
        self._reserve(int(series.max(initial=0)) + 1)
        places: Ints = self._open.place[series]
        return places

    def spoil(self, series: Ints, places: Ints) -> None:
        """Note that buckets are not known in full, where they are open."""
        self._reserve(int(series.max(initial=0)) + 1)
        self._open.spoiled[series[self._open.place[series] == places]] = True

    def _keep(self, lines: Buckets) -> None:
        for kept, new in zip(self._open.columns, lines.columns, strict=True):
            kept[lines.series] = new
        self._is_open[lines.series] = True
        self._is_changed[lines.series] = True

    def _reserve(self, count: int) -> None:
        room = len(self._is_open)
        if count <= room:
            return
        while room < count:
            room *= 2
        more = Buckets(*_empty(room - len(self._is_open)))
        more.place.fill(_NEVER)
        self._open = Buckets.joined([self._open, more])
        closed = np.zeros(len(more.series), np.bool_)
        self._is_open = np.concatenate([self._is_open, closed])
        self._is_changed = np.concatenate([self._is_changed, closed])


def keys_of(lines: Buckets) -> Ints:
    """Return one number for each series and bucket, as ``Dirty`` has for hours."""
    keys: Ints = (lines.series << _PLACE_BITS) | lines.place
    return keys


def firsts(ordered: Ints) -> npt.NDArray[np.intp]:
    """Return the place of the first of each number; equal ones lie side by side."""
    is_first = np.ones(len(ordered), np.bool_)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(is_first)


def ends(ordered: Ints) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Return the places of the first and of the last of each number."""
    first = firsts(ordered)
    return first, np.append(first[1:] - 1, len(ordered) - 1)


def reduced(lines: Buckets, starts: npt.NDArray[np.intp]) -> Buckets:
    """Make one line of the lines from each start up to the next; another owner spoils it."""
    if len(starts) == len(lines.series):
        return lines
    first = lines.where(starts)
    place = np.where(lines.numbers > 0, np.arange(len(lines.series)), -1)
    best = np.maximum(np.maximum.reduceat(place, starts), starts)
    return first._replace(
        readings=_sums(lines.readings, starts),
        good=_sums(lines.good, starts),
        numbers=_sums(lines.numbers, starts),
        slots=_sums(lines.slots, starts),
        low=np.minimum.reduceat(lines.low, starts),
        high=np.maximum.reduceat(lines.high, starts),
        total=np.add.reduceat(lines.total, starts),
        last=lines.last[best],
        last_at_ms=lines.last_at_ms[best],
        spoiled=np.logical_or.reduceat(lines.spoiled, starts)
        | ~_is_same(lines.org_id, starts)
        | ~_is_same(lines.pause_ms, starts),
    )


def _with(
    column: npt.NDArray[Any], places: npt.NDArray[np.intp], values: npt.NDArray[Any]
) -> npt.NDArray[Any]:
    column = column.copy()
    column[places] = values
    return column


def _sums(column: Counts, starts: npt.NDArray[np.intp]) -> Counts:
    sums: Counts = np.add.reduceat(column, starts, dtype=np.int32)
    return sums


def _is_same(column: Ints, starts: npt.NDArray[np.intp]) -> Mask:
    """Return whether all lines of each part have one value."""
    same: Mask = np.minimum.reduceat(column, starts) == np.maximum.reduceat(column, starts)
    return same
