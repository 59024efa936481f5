"""The gap ledger: how often each series speaks, where it was silent, what came late, stuck clocks.

A silence longer than twice the expected interval is a gap. A reading that arrives later with a time
inside a gap splits it and leaves an entry that says when the gap was filled. A clock stands still
while new values keep coming under the time of the last one. Entries are written before the
checkpoint moves; a replay writes the same entries again, and equal keys are one entry.
"""

import threading
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tram.domain.reading import Quality
from tram.fleet.store.columns import Ints, Mask, ReadingColumns
from tram.fleet.store.engine.checkpoint import Checkpoint
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.engine.tables import EXPECTED, GAPS
from tram.fleet.store.state.snapshot import Arrays, Snapshot
from tram.fleet.store.views import EntryKind
from tram.runtime.errors import TramError

__all__ = ("GAP_INTERVALS", "Ledger", "TimedReadings")

GAP_INTERVALS = 2
"""A silence longer than so many expected intervals is a gap."""
STUCK_AFTER = 5
"""Values under one device time before its clock is called stuck."""
PAUSES_KEPT = 8
"""Pauses of which the median is the learned interval."""
_PAUSES_NEEDED = 3
"""Pauses before a known interval is changed."""
_NEVER = np.iinfo(np.int64).min
_FIRST_ROOM = 1024
_WHOLE_SECONDS_FROM_MS = 5_000
_LOW_BIT_COUNT = 16
_LOW_BITS = (1 << _LOW_BIT_COUNT) - 1

_LOAD_SQL = """
    SELECT series, max(observed_at_ms) AS newest, min(observed_at_ms) AS first
    FROM tram.readings
    WHERE bitAnd(quality, 2) = 0 AND (log_epoch != {epoch:Int64} OR log_seq <= {seq:Int64})
        AND @NEWER
    GROUP BY series
"""
_ABOVE = "log_epoch = {epoch:Int64} AND log_seq > {above:Int64}"
_OPEN_GAPS_SQL = """
    SELECT series, start_ms, end_ms, device, metric, org_id FROM tram.gaps FINAL
    WHERE gone = 0 AND kind = 1 AND series IN {series:Array(UInt32)}
        AND start_ms < {end_ms:Int64} AND end_ms > {start_ms:Int64}
"""


class TimedReadings(NamedTuple):
    """Readings of one batch that have a place on the time axis, with their series.

    ``order`` is that of series, then time.
    """

    rows: ReadingColumns
    series: Ints
    revision: Ints
    words: list[str]
    order: npt.NDArray[np.intp]

    @classmethod
    def of(
        cls, rows: ReadingColumns, series: Ints, revision: Ints, words: list[str]
    ) -> "TimedReadings":
        """Return the readings whose time is plausible."""
        placed = (rows.quality & np.uint8(Quality.CLOCK_FAR_OFF)) == 0
        if not placed.all():
            rows, series, revision = rows.where(placed), series[placed], revision[placed]
        return cls(rows, series, revision, words, _order(series, rows.observed_at_ms))


class _Steps(NamedTuple):
    """Readings ordered by series and time, each with the time of the one before it."""

    series: Ints
    times: Ints
    before: Ints
    starts: Mask
    """The first of its series in the batch."""
    onward: Mask
    """Later than everything before."""
    gap: Mask


class _Stuck(NamedTuple):
    """Readings that come again under the newest time: which rows, their series; who moves on."""

    mask: Mask
    again: Ints
    moving: Ints


class Ledger:
    """One line per series, in arrays; used by the thread that ingests."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.RLock()
        self._newest: Ints = np.full(_FIRST_ROOM, _NEVER, np.int64)
        self._first: Ints = np.full(_FIRST_ROOM, _NEVER, np.int64)
        self._same: Ints = np.zeros(_FIRST_ROOM, np.int64)
        self._learned: Ints = np.zeros(_FIRST_ROOM, np.int64)
        self._declared: Ints = np.zeros(_FIRST_ROOM, np.int64)
        self._pauses: Ints = np.zeros((_FIRST_ROOM, PAUSES_KEPT), np.int64)
        self._pause_count: Ints = np.zeros(_FIRST_ROOM, np.int64)
        self._unsaved: Mask = np.zeros(_FIRST_ROOM, np.bool_)

    def load(self, checkpoint: Checkpoint, snapshot: Snapshot | None) -> None:
        """Rebuild what was known at the checkpoint, from a snapshot on or from the tables alone."""
        place = {"epoch": str(checkpoint.epoch), "seq": str(checkpoint.seq)}
        newer = "1"
        if snapshot is not None:
            for name, array in snapshot.arrays_of("ledger").items():
                self._reserve(len(array))
                getattr(self, f"_{name}")[: len(array)] = array
            newer, place["above"] = _ABOVE, str(snapshot.seq)
        for part in self._engine.scan(_LOAD_SQL.replace("@NEWER", newer), place):
            series = part["series"].to_numpy().astype(np.int64)
            self._reserve(int(series.max(initial=0)))
            self._newest[series] = np.maximum(self._newest[series], part["newest"].to_numpy())
            first, known = part["first"].to_numpy(), self._first[series]
            self._first[series] = np.where(known == _NEVER, first, np.minimum(known, first))
        for part in self._engine.scan("SELECT series, interval_ms FROM tram.expected FINAL"):
            series = part["series"].to_numpy().astype(np.int64)
            self._reserve(int(series.max(initial=0)))
            self._learned[series] = part["interval_ms"].to_numpy()

    def newest(self, count: int) -> Ints:
        """Return the newest time of the first ``count`` series, far below 0 where there is none."""
        with self._lock:
            self._reserve(count)
            return self._newest[:count].copy()

    def frozen(self, count: int) -> Arrays:
        """Return a copy of the first and the newest time of the first ``count`` series."""
        with self._lock:
            self._reserve(count)
            return {
                "ledger.newest": self._newest[:count].copy(),
                "ledger.first": self._first[:count].copy(),
            }

    def intervals(self, series: Ints) -> Ints:
        """Return the expected interval of each series (ms), 0 while it is not known."""
        with self._lock:
            self._reserve(int(series.max(initial=0)))
            learned, declared = self._learned[series], self._declared[series]
        intervals: Ints = np.where(declared > 0, declared, learned)
        return intervals

    def declare(self, series: Ints, interval_ms: Ints) -> None:
        """Take intervals that somebody stated; 0 returns to what is learned."""
        with self._lock:
            self._reserve(int(series.max(initial=0)))
            changed = self._declared[series] != interval_ms
            self._declared[series] = interval_ms
            self._unsaved[series[changed]] = True

    def note(self, batch: TimedReadings) -> int:
        """Write what a batch says about gaps; return how many entries that were."""
        with self._lock:
            return self._note(batch)

    def _note(self, batch: TimedReadings) -> int:
        series, order = batch.series, batch.order
        if not len(series):
            return 0
        self._reserve(int(series.max()))
        times = batch.rows.observed_at_ms
        steps = self._steps(series[order], times[order])
        entries = self._late_entries(batch)
        if steps.gap.any():
            ends = (steps.before[steps.gap], steps.times[steps.gap])
            entries.append(_entries(batch, order[steps.gap], EntryKind.GAP, *ends))
        stuck = self._stuck(batch)
        entries += self._stuck_entries(batch, stuck)
        if entries:
            self._engine.insert(GAPS.full_name, pa.concat_tables(entries))
        self._advance(steps, stuck)  # only now: a batch whose insert fails comes again
        return sum(table.num_rows for table in entries)

    def pulse(self, series: int) -> tuple[int, int]:
        """Return the expected interval of a series (0 while unknown) and its newest time."""
        with self._lock:
            return int(self.intervals(np.array([series]))[0]), int(self._newest[series])

    def save(self, name_of: Callable[[int], tuple[int, str]], count: int, version: int) -> None:
        """Write the expected intervals that changed among the first ``count`` series.

        ``name_of`` gives device and metric of a series.
        """
        with self._lock:
            series = np.flatnonzero((self._unsaved & (self._first != _NEVER))[:count])
            if not len(series):
                return
            table = self._expected(
                series, [name_of(number) for number in series.tolist()], version
            )
            self._unsaved[series] = False
        try:
            self._engine.insert(EXPECTED.full_name, table)
        except TramError:
            with self._lock:
                self._unsaved[series] = True
            raise

    def _expected(self, series: Ints, lines: list[tuple[int, str]], version: int) -> pa.Table:
        columns = [
            pa.array(series).cast(pa.uint32()),
            pa.array([line[0] for line in lines], pa.int64()),
            pa.array([line[1] for line in lines], pa.utf8()),
            pa.array(self.intervals(series)),
            pa.array(self._first[series]),
            pa.array(np.full(len(series), version, np.int64)),
        ]
        return pa.table(columns, schema=EXPECTED.schema)

    def _steps(self, series: Ints, times: Ints) -> _Steps:
        """Compare each reading with the one before it; the rows come ordered by series, time."""
        starts = np.ones(len(series), np.bool_)
        starts[1:] = np.diff(series) != 0
        newest = self._newest[series]
        before = np.empty(len(times), np.int64)
        before[1:] = times[:-1]
        before[starts] = newest[starts]
        before = np.maximum(before, newest)
        onward = (times > before) & (before != _NEVER)
        pause = np.where(onward, times - before, 0)
        interval = self.intervals(series)
        gap = (interval > 0) & (pause > GAP_INTERVALS * interval)
        return _Steps(series, times, before, starts, onward, gap)

    def _advance(self, steps: _Steps, stuck: _Stuck) -> None:
        """Move every line on to its newest reading."""
        self._same[stuck.moving] = 0
        np.add.at(self._same, stuck.again, 1)
        onward = steps.onward
        self._learn(steps.series[onward], (steps.times - steps.before)[onward])
        last = np.append(np.flatnonzero(steps.starts)[1:] - 1, len(steps.series) - 1)
        ended = steps.series[last]
        fresh = self._first[ended] == _NEVER
        self._first[ended[fresh]] = steps.times[steps.starts][fresh]
        self._unsaved[ended[fresh]] = True
        self._newest[ended] = np.maximum(self._newest[ended], steps.times[last])

    def _learn(self, series: Ints, pause: Ints) -> None:
        """Remember one pause of each series; a median that moved is the new interval."""
        if not len(series):
            return
        series, place = np.unique(series, return_index=True)
        slot = self._pause_count[series] % PAUSES_KEPT
        self._pauses[series, slot] = pause[place]
        self._pause_count[series] += 1
        have = np.minimum(self._pause_count[series], PAUSES_KEPT)
        kept = np.sort(self._pauses[series], axis=1)
        middle = PAUSES_KEPT - have + (have - 1) // 2
        median = _rounded(kept[np.arange(len(series)), middle])
        old = self._learned[series]
        moved = (np.abs(median - old) * 10 > old) & ((have >= _PAUSES_NEEDED) | (old == 0))
        self._learned[series[moved]] = median[moved]
        self._unsaved[series[moved]] = True

    def _stuck(self, batch: TimedReadings) -> _Stuck:
        rows, series = batch.rows, batch.series
        newest = self._newest[series]
        again = (batch.revision > 0) & (rows.observed_at_ms == newest)
        return _Stuck(again, series[again], series[rows.observed_at_ms > newest])

    def _stuck_entries(self, batch: TimedReadings, stuck: _Stuck) -> list[pa.Table]:
        """Return an entry for each series whose clock stands still now."""
        if not len(stuck.again):
            return []
        rows, series = batch.rows, batch.series
        still, first, counts = np.unique(series[stuck.mask], return_index=True, return_counts=True)
        counts = counts + self._same[still]
        lines = np.flatnonzero(stuck.mask)[first][counts >= STUCK_AFTER]
        if not len(lines):
            return []
        at, until = rows.observed_at_ms[lines], rows.received_at_ms[lines]
        counts = counts[counts >= STUCK_AFTER]
        return [_entries(batch, lines, EntryKind.STUCK_CLOCK, at, until, readings=counts)]

    def _late_entries(self, batch: TimedReadings) -> list[pa.Table]:
        """Split the gaps into which late readings fall."""
        rows, series = batch.rows, batch.series
        late = np.flatnonzero(rows.observed_at_ms < self._newest[series])
        if not len(late):
            return []
        times = rows.observed_at_ms[late]
        found = self._engine.query(
            _OPEN_GAPS_SQL,
            {
                "series": str(np.unique(series[late]).tolist()),
                "start_ms": str(int(times.min())),
                "end_ms": str(int(times.max())),
            },
        )
        tables: list[pa.Table] = []
        for gap in found.to_pylist():
            start, end = gap["start_ms"], gap["end_ms"]
            lines = late[(series[late] == gap["series"]) & (times > start) & (times < end)]
            if len(lines):
                tables += self._split(batch, lines, start, end)
        return tables

    def _split(
        self, batch: TimedReadings, lines: npt.NDArray[np.intp], start: int, end: int
    ) -> list[pa.Table]:
        lines = lines[np.argsort(batch.rows.observed_at_ms[lines], kind="stable")]
        inside = batch.rows.observed_at_ms[lines]
        edges = np.concatenate([[start], inside, [end]])
        interval = int(self.intervals(batch.series[lines[:1]])[0])
        still = np.diff(edges) > GAP_INTERVALS * interval
        owners = np.append(lines, lines[-1])
        kept = still.copy()
        kept[0] = True  # the old entry's key: rewritten, or marked as gone
        gone = ~still[kept]
        pieces = _entries(
            batch, owners[kept], EntryKind.GAP, edges[:-1][kept], edges[1:][kept], gone=gone
        )
        filled = _entries(
            batch,
            lines[:1],
            EntryKind.LATE_FILL,
            inside[:1],
            inside[-1:],
            readings=np.array([len(lines)]),
        )
        return [pieces, filled]

    def _reserve(self, series: int) -> None:
        while series >= len(self._newest):
            room = len(self._newest)
            for name in ("_newest", "_first"):
                grown = np.concatenate([getattr(self, name), np.full(room, _NEVER, np.int64)])
                setattr(self, name, grown)
            for name in ("_same", "_learned", "_declared", "_pause_count", "_unsaved", "_pauses"):
                column = getattr(self, name)
                setattr(self, name, np.concatenate([column, np.zeros_like(column)]))


def _order(series: Ints, times: Ints) -> npt.NDArray[np.intp]:
    """Return the order by series, then time; arrival order is nearly it already.

    Numbers of 16 bits are ordered by counting, not by comparing.
    """
    order = np.argsort((series & _LOW_BITS).astype(np.uint16), kind="stable")
    if int(series.max(initial=0)) > _LOW_BITS:
        high = (series[order] >> _LOW_BIT_COUNT).astype(np.uint16)
        order = order[np.argsort(high, kind="stable")]
    step = np.diff(times[order])
    if ((step < 0) & (np.diff(series[order]) == 0)).any():
        order = np.lexsort((times, series))
    return order


def _rounded(pause: Ints) -> Ints:
    """Return an interval without the jitter of a clock: whole seconds where it is long."""
    seconds = (pause + 500) // 1000 * 1000
    rounded: Ints = np.where(pause >= _WHOLE_SECONDS_FROM_MS, seconds, pause)
    return rounded


def _entries(  # noqa: PLR0913, PLR0917  # the parts of an entry
    batch: TimedReadings,
    lines: npt.NDArray[np.intp],
    kind: EntryKind,
    start: Ints,
    end: Ints,
    readings: Ints | None = None,
    gone: Mask | None = None,
) -> pa.Table:
    rows, count = batch.rows, len(lines)
    words = [batch.words[word] for word in rows.word[lines].tolist()]
    columns = [
        pa.array(batch.series[lines]).cast(pa.uint32()),
        pa.array(np.full(count, kind, np.uint8)),
        pa.array(start),
        pa.array(end),
        pa.array(rows.device[lines]),
        pa.array(words, pa.utf8()),
        pa.array(rows.org_id[lines]),
        pa.array(np.zeros(count, np.int64) if readings is None else readings).cast(pa.uint32()),
        pa.array(rows.received_at_ms[lines]),
        pa.array(np.zeros(count, np.uint8) if gone is None else gone.astype(np.uint8)),
        pa.array(rows.received_at_ms[lines]),
    ]
    return pa.table(columns, schema=GAPS.schema)
