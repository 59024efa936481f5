"""Rollups of hours and days made from the readings of a batch, without a look at the table.

Readings come nearly in the order of time: while a series moves on, its open hour and its open day
are one line of arrays, which closes when a newer one begins. What is not that simple (an earlier
hour, a revision, another owner, minutes too) *spoils* its bucket: that hour is noted as dirty, and
so are the hours of its day that follow, to be worked out from the raw rows as always.
"""

import threading
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tram.domain.days import DAY_MS, HOUR_MS, VIETNAM_MS
from tram.domain.reading import Kind, Quality, Status
from tram.fleet.store.columns import Ints
from tram.fleet.store.engine.tables import ROLLUP_DAY, Table
from tram.fleet.store.history.buckets import Buckets, Level, firsts, keys_of, reduced
from tram.fleet.store.history.dirty_buckets import Dirty, distinct
from tram.fleet.store.history.gap_ledger import Ledger, TimedReadings

__all__ = ("MINUTES_FROM_READINGS", "Fresh", "Taken")

_INVALID = np.uint8(Quality.INVALID)

MINUTES_FROM_READINGS = 120
"""An hour with at least so many readings has minutes too; of others the raw rows serve."""
_FIRST_ROOM = 1024


class Taken(NamedTuple):
    """Closed buckets to be written, and the dirty pairs, of one moment."""

    hours: Buckets
    days: Buckets
    pairs: Ints


class Fresh:
    """Grows with every batch; what closed waits until somebody takes it. Two threads may use it."""

    def __init__(self, dirty: Dirty, ledger: Ledger) -> None:
        self._dirty = dirty
        self._ledger = ledger
        self._lock = threading.Lock()
        self._hours, self._days = Level(), Level()
        self._closed_hours: list[Buckets] = []
        self._closed_days: list[Buckets] = []
        self._word_ids: dict[str, int] = {}
        self._device: Ints = np.zeros(_FIRST_ROOM, np.int64)
        self._word: Ints = np.zeros(_FIRST_ROOM, np.int64)
        self.waiting = 0
        """Closed hours that nobody has taken yet."""

    def load(self, newest_ms: Ints) -> None:
        """Begin where each series stands: its open hour and day are not known in full."""
        known = newest_ms // HOUR_MS
        self._hours.begin(known, is_open=False)
        self._days.begin((newest_ms + VIETNAM_MS) // DAY_MS, is_open=True)

    def note(self, batch: TimedReadings) -> None:
        """Take the readings of a batch, which are in the table; call it once for each."""
        if not len(batch.series):
            return
        lines = _lines(batch)
        with self._lock:
            self._name(batch)
            is_late = self._hours.late(lines)
            if is_late.any():  # first: what closes now may belong to the same days
                late, lines = lines.where(is_late), lines.where(~is_late)
                self._dirty.put(keys_of(late))
                self._spoil_days(late.series, _day_of(late.place))
            step = self._hours.take(lines)
            for closed in step.closed:
                self._close(closed)

    def spoil(self, series: int, times: Ints) -> None:
        """Note that earlier readings of a series changed."""
        hours = distinct(times // HOUR_MS)
        numbers = np.full(len(hours), series, np.int64)
        with self._lock:
            self._dirty.mark(numbers, hours * HOUR_MS)
            self._hours.spoil(numbers, hours)
            self._spoil_days(numbers, _day_of(hours))

    def put_dirty(self, pairs: Ints) -> None:
        """Note pairs whose rollups are to be worked out from the table."""
        self._dirty.put(pairs)

    def take(self, before_ms: int) -> Taken:
        """Return what has closed, also by the clock; days that go on as far as they are."""
        with self._lock:
            self._close(self._hours.close_before(before_ms // HOUR_MS))
            days = self._days.changed()
            self._closed_days.append(_with_slots(days.where(~days.spoiled)))
            hours, days = self._taken()
            return Taken(hours, days, self._dirty.take(before_ms))

    def take_closed(self) -> Taken:
        """Return only what newer readings have closed."""
        with self._lock:
            return Taken(*self._taken(), np.empty(0, np.int64))

    def put_back(self, taken: Taken) -> None:
        """Keep what could not be written."""
        with self._lock:
            self._closed_hours.append(taken.hours)
            self._closed_days.append(taken.days)
            self.waiting += len(taken.hours.series)
            if len(taken.pairs):
                self._dirty.put(distinct(taken.pairs))

    def table(self, buckets: Buckets, table: Table, version: int) -> pa.Table:
        """Return buckets as rows of their rollup, in its order."""
        order = self._order(buckets)
        lines = buckets.where(order)
        words = self._word[lines.series].astype(np.int32)
        is_day = table is ROLLUP_DAY
        columns = {
            "metric": pa.DictionaryArray.from_arrays(
                pa.array(words), pa.array(list(self._word_ids), pa.utf8())
            ),
            "series": lines.series,
            "bucket_ms": lines.place * DAY_MS - VIETNAM_MS if is_day else lines.place * HOUR_MS,
            "org_id": lines.org_id,
            "device": self._device[lines.series],
            "readings": lines.readings,
            "good": lines.good,
            "numbers": lines.numbers,
            "low": np.where(lines.numbers > 0, lines.low, 0.0),
            "high": np.where(lines.numbers > 0, lines.high, 0.0),
            "total": lines.total,
            "last": lines.last,
            "last_at_ms": lines.last_at_ms,
            "slots": lines.slots,
            "interval_ms": lines.pause_ms,
            "version": np.full(len(order), version, np.int64),
        }
        arrays = {
            field.name: columns[field.name]
            if field.name == "metric"
            else pa.array(columns[field.name]).cast(field.type)
            for field in table.schema
        }
        return pa.table(arrays)

    def _order(self, buckets: Buckets) -> npt.NDArray[np.intp]:
        """Return the order by metric, series and bucket."""
        order = np.argsort(keys_of(buckets), kind="stable")
        names = list(self._word_ids)
        rank = np.empty(len(names), np.uint32)
        rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
        if len(names) <= np.iinfo(np.uint16).max:
            rank = rank.astype(np.uint16)  # so few are counted, not compared
        by_metric = np.argsort(rank[self._word[buckets.series[order]]], kind="stable")
        ordered: npt.NDArray[np.intp] = order[by_metric]
        return ordered

    def _taken(self) -> tuple[Buckets, Buckets]:
        hours, days = Buckets.joined(self._closed_hours), Buckets.joined(self._closed_days)
        self._closed_hours, self._closed_days, self.waiting = [], [], 0
        return hours, days

    def _close(self, hours: Buckets) -> None:
        """Let closed hours wait, and add them to their days."""
        if not len(hours.series):
            return
        pause = self._ledger.intervals(hours.series)
        per_hour = (HOUR_MS + pause - 1) // np.maximum(pause, 1)
        lines = hours._replace(
            place=_day_of(hours.place),
            pause_ms=pause,
            slots=np.where(pause == 0, 0, np.minimum(hours.readings, per_hour)).astype(np.int32),
            spoiled=hours.spoiled | (hours.readings >= MINUTES_FROM_READINGS),
        )
        days = reduced(lines, firsts(keys_of(lines)))
        step = self._days.take(days)
        slow = lines.spoiled
        if len(step.not_whole):
            slow |= np.isin(keys_of(lines), step.not_whole)
        if slow.any():
            self._dirty.put(keys_of(hours.where(slow)))
            hours = hours.where(~slow)
        if len(hours.series):
            self._closed_hours.append(hours)
            self.waiting += len(hours.series)
        for days in step.closed:
            self._closed_days.append(_with_slots(days.where(~days.spoiled)))

    def _spoil_days(self, series: Ints, days: Ints) -> None:
        """Spoil days that are open, or that begin with the hour that is open now."""
        self._days.spoil(series, days)
        hours = self._hours.places(series)
        begins = _day_of(hours) == days
        self._hours.spoil(series[begins], hours[begins])

    def _name(self, batch: TimedReadings) -> None:
        """Learn device and metric of the series of a batch."""
        room = int(batch.series.max()) + 1
        while room > len(self._device):
            self._device = np.concatenate([self._device, np.zeros_like(self._device)])
            self._word = np.concatenate([self._word, np.zeros_like(self._word)])
        ids = [self._word_ids.setdefault(word, len(self._word_ids)) for word in batch.words]
        places = batch.order[firsts(batch.series[batch.order])]
        series = batch.series[places]
        self._device[series] = batch.rows.device[places]
        self._word[series] = np.array(ids, np.int64)[batch.rows.word[places]]


def _lines(batch: TimedReadings) -> Buckets:
    """Return the readings of a batch as the hours of their series."""
    rows, order = batch.rows, batch.order
    good = (rows.status == int(Status.MEASURING)) & ((rows.quality & _INVALID) == 0)
    is_number = good & (rows.kind != int(Kind.TEXT))
    value = rows.f if not rows.kind.any() else np.where(rows.kind == 0, rows.f, rows.i)
    counted = value if is_number.all() else np.where(is_number, value, 0.0)
    zeros = np.zeros(len(rows), np.int32)
    lines = Buckets(
        series=batch.series,
        place=rows.observed_at_ms // HOUR_MS,
        org_id=rows.org_id,
        pause_ms=zeros.astype(np.int64),
        readings=zeros + np.int32(1),
        good=good.astype(np.int32),
        numbers=is_number.astype(np.int32),
        slots=zeros,
        low=np.where(is_number, value, np.inf),
        high=np.where(is_number, value, -np.inf),
        total=counted,
        last=counted,
        last_at_ms=np.where(is_number, rows.observed_at_ms, 0),
        spoiled=(batch.revision > 0) | ~np.isfinite(value),
    ).where(order)
    return reduced(lines, firsts(keys_of(lines)))


def _with_slots(days: Buckets) -> Buckets:
    """Return days with the expected readings that came: at most what fits, where hours hold none."""
    fitting = DAY_MS // np.maximum(days.pause_ms, 1) + 1
    few = np.minimum(days.readings, fitting).astype(np.int32)
    return days._replace(slots=np.where(days.pause_ms > HOUR_MS, few, days.slots))


def _day_of(hours: Ints) -> Ints:
    days: Ints = (hours * HOUR_MS + VIETNAM_MS) // DAY_MS
    return days
