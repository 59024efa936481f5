"""Rollups made as readings come, together with those of dirty pairs, against a count by hand."""

from collections import defaultdict
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tram.domain.days import DAY_MS, VIETNAM_MS
from tram.domain.reading import Kind, Status
from tram.fleet.store.columns import ReadingColumns
from tram.fleet.store.engine.tables import ROLLUP_DAY, ROLLUP_HOUR
from tram.fleet.store.history.buckets import Buckets
from tram.fleet.store.history.dirty_buckets import Dirty, hours_of, series_of
from tram.fleet.store.history.gap_ledger import Ledger, TimedReadings
from tram.fleet.store.history.incremental_rollups import MINUTES_FROM_READINGS, Fresh

HOUR = 3_600_000
INTERVAL = 900_000


class Line(NamedTuple):
    """One reading."""

    series: int
    at: int
    value: float
    status: int = 0
    org: int = 2
    revision: int = 0
    kind: int = 0


class Figures(NamedTuple):
    """What a bucket says."""

    readings: int
    good: int
    numbers: int
    low: float
    high: float
    total: float
    last: float


LINES = st.builds(
    Line,
    series=st.integers(0, 2),
    at=st.integers(0, 200).map(lambda quarter: quarter * INTERVAL),
    value=st.integers(-9, 9).map(float),
    status=st.sampled_from([0, 0, 0, 1]),
    org=st.sampled_from([2, 2, 2, 2, 2, 2, 3]),
    revision=st.sampled_from([0] * 9 + [1]),
    kind=st.sampled_from([0, 0, 0, 1, 3]),
)
BATCHES = st.lists(
    st.tuples(st.lists(LINES, min_size=1, max_size=12), st.booleans()), min_size=1, max_size=8
)


def batch_of(lines: list[Line]) -> TimedReadings:
    """Return lines as the ingest has them."""
    count = len(lines)
    whole, small = np.zeros(count, np.int64), np.zeros(count, np.uint8)
    value = np.array([line.value for line in lines])
    kind = np.array([line.kind for line in lines], np.uint8)
    rows = ReadingColumns(
        seq=whole,
        row_no=whole,
        message=whole,
        device=np.array([100 + line.series for line in lines]),
        org_id=np.array([line.org for line in lines]),
        word=whole,
        observed_at_ms=np.array([line.at for line in lines]),
        kind=kind,
        f=np.where(kind == Kind.FLOAT, value, 0.0),
        i=np.where(kind == Kind.INTEGER, value, 0).astype(np.int64),
        s=pa.array([""] * count),
        status=np.array([line.status for line in lines], np.uint8),
        quality=small,
        received_at_ms=whole,
    )
    series = np.array([line.series for line in lines])
    return TimedReadings.of(rows, series, np.array([line.revision for line in lines]), ["t"])


def figures(lines: list[Line]) -> Figures:
    """Work out a bucket in the plainest way; of equal times the later line is the last."""
    good = [line for line in lines if line.status == Status.MEASURING]
    numbers = sorted((n for n in good if n.kind != Kind.TEXT), key=lambda line: line.at)
    values = [line.value for line in numbers]
    low, high, last = (min(values), max(values), values[-1]) if values else (0.0, 0.0, 0.0)
    return Figures(len(lines), len(good), len(values), low, high, sum(values), last)


class Tables:
    """Two rollup tables that are written as the store does it."""

    def __init__(self) -> None:
        ledger = Ledger(None)
        ledger.declare(np.arange(3), np.full(3, INTERVAL))
        self.fresh = Fresh(Dirty(), ledger)
        self.lines: list[Line] = []
        self.hours: dict[tuple, Figures] = {}
        self.days: dict[tuple, Figures] = {}

    def note(self, lines: list[Line]) -> None:
        """Take a batch."""
        self.lines += lines
        self.fresh.note(batch_of(lines))

    def write(self, before_ms: int) -> None:
        """Write what has closed, then what is dirty."""
        taken = self.fresh.take(before_ms)
        self._put(self.hours, taken.hours, ROLLUP_HOUR)
        self._put(self.days, taken.days, ROLLUP_DAY)
        keys = list(zip(series_of(taken.pairs), hours_of(taken.pairs), strict=True))
        for series, hour in keys:
            groups = defaultdict(list)
            for line in self.lines:
                if (line.series, line.at // HOUR) == (series, hour):
                    groups[series, hour * HOUR, line.org].append(line)
            self.hours |= {key: figures(lines) for key, lines in groups.items()}
        for series, day in {(s, day_ms(h * HOUR)) for s, h in keys}:
            groups = defaultdict(list)
            for line in self.lines:
                hour = (line.series, line.at // HOUR * HOUR, line.org)
                if (line.series, day_ms(line.at)) == (series, day) and hour in self.hours:
                    groups[series, day, line.org].append(line)
            self.days |= {key: figures(lines) for key, lines in groups.items()}

    def _put(self, table: dict[tuple, Figures], buckets: Buckets, declared: object) -> None:
        for row in self.fresh.table(buckets, declared, 1).to_pylist():
            key = (row["series"], row["bucket_ms"], row["org_id"])
            table[key] = Figures(*(row[name] for name in Figures._fields))


def day_ms(at: int) -> int:
    return (at + VIETNAM_MS) // DAY_MS * DAY_MS - VIETNAM_MS


def by_hand(lines: list[Line], bucket_of: object) -> dict[tuple, Figures]:
    groups = defaultdict(list)
    for line in lines:
        groups[line.series, bucket_of(line.at), line.org].append(line)
    return {key: figures(lines) for key, lines in groups.items()}


def without_last(table: dict[tuple, Figures]) -> dict[tuple, Figures]:
    """Of equal times any value may be the last."""
    return {key: one._replace(last=0.0) for key, one in table.items()}


@given(BATCHES, st.booleans())
def test_every_bucket_is_right_in_the_end(batches, in_order) -> None:
    tables = Tables()
    times = iter(sorted(line.at for lines, _ in batches for line in lines))
    for lines, is_written in batches:
        tables.note([line._replace(at=next(times)) for line in lines] if in_order else lines)
        if is_written:
            tables.write(max(line.at for line in tables.lines) // HOUR * HOUR)
    tables.write(10 * DAY_MS)

    assert without_last(tables.hours) == without_last(
        by_hand(tables.lines, lambda at: at // HOUR * HOUR)
    )
    assert without_last(tables.days) == without_last(by_hand(tables.lines, day_ms))


def test_readings_in_order_need_no_look_at_the_table() -> None:
    tables = Tables()
    for start in range(0, 96, 6):
        tables.note(
            [Line(k % 3, (start + k) * INTERVAL, float(k), status=k == 4) for k in range(6)]
        )

    taken = tables.fresh.take(10 * DAY_MS)

    assert not len(taken.pairs)
    tables._put(tables.hours, taken.hours, ROLLUP_HOUR)
    tables._put(tables.days, taken.days, ROLLUP_DAY)
    assert tables.hours == by_hand(tables.lines, lambda at: at // HOUR * HOUR)
    assert tables.days == by_hand(tables.lines, day_ms)
    assert taken.days.slots.sum() == 96


def test_a_late_hour_spoils_the_day_of_an_hour_that_closes_with_it() -> None:
    tables = Tables()
    tables.note([Line(0, 40 * HOUR, 1.0)])
    tables.note([Line(0, 42 * HOUR, 2.0), Line(0, 17 * HOUR, 3.0)])
    tables.write(42 * HOUR)
    tables.write(10 * DAY_MS)

    assert tables.days == by_hand(tables.lines, day_ms)


def test_corrected_unknown_and_busy_hours_are_worked_out_from_the_table() -> None:
    tables = Tables()
    tables.fresh.load(np.array([5 * HOUR]))
    tables.note([Line(0, 5 * HOUR + 1, 1.0), Line(0, 6 * HOUR, 1.0)])  # the day is not known
    tables.note([Line(1, 30 * HOUR, 1.0), Line(1, 31 * HOUR, 2.0)])
    tables.fresh.spoil(1, np.array([30 * HOUR, 31 * HOUR]))
    tables.note([Line(2, 1_000 * k, 1.0) for k in range(MINUTES_FROM_READINGS)])

    pairs = tables.fresh.take(10 * DAY_MS).pairs

    found = {(int(s), int(h)) for s, h in zip(series_of(pairs), hours_of(pairs), strict=True)}
    assert found == {(0, 5), (0, 6), (1, 30), (1, 31), (2, 0)}


def test_what_could_not_be_written_is_taken_again() -> None:
    tables = Tables()
    tables.note([Line(0, k * HOUR, 1.0) for k in range(4)] + [Line(0, HOUR, 2.0, revision=1)])

    taken = tables.fresh.take(10 * DAY_MS)
    tables.fresh.put_back(taken)
    tables.write(10 * DAY_MS)

    assert tables.hours == by_hand(tables.lines, lambda at: at // HOUR * HOUR)
    assert tables.fresh.waiting == 0
