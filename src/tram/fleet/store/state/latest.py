"""The newest value of every series, in arrays: what pages show without asking the engine.

Newest is by the device's time; a time flagged as far off is replaced by the moment of receipt, so
that a device with a broken clock neither freezes its own page nor never appears on it.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tram.domain.reading import PERSON_REVISIONS, Kind, Quality, Value, value_of
from tram.fleet.store.columns import Ints, ReadingColumns
from tram.fleet.store.engine.checkpoint import Checkpoint
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.state.duplicate_readings import comparable
from tram.fleet.store.state.series import NewSeries
from tram.fleet.store.state.snapshot import Arrays, Snapshot
from tram.fleet.store.views import LatestValue

__all__ = ("NEVER", "LatestBoard")

NEVER = np.iinfo(np.int64).min
"""In place of a time: there is no reading."""
_FIRST_ROOM = 1024
_FAR = np.uint8(Quality.CLOCK_FAR_OFF)

_LATEST_SQL = """
SELECT series, newest, tupleElement(last, 1) AS observed_at_ms,
    tupleElement(last, 2) AS received_at_ms, tupleElement(last, 3) AS kind,
    tupleElement(last, 4) AS f, tupleElement(last, 5) AS i, tupleElement(last, 6) AS s,
    tupleElement(last, 7) AS status, tupleElement(last, 8) AS quality,
    tupleElement(last, 9) AS org_id, tupleElement(last, 10) AS revision,
    if(bitAnd(quality, 2) = 2, received_at_ms, observed_at_ms) AS rank
FROM (
    SELECT r.series AS series,
        maxOrNullIf(r.observed_at_ms, bitAnd(r.quality, 3) = 0) AS newest,
        argMax(
            (r.observed_at_ms, r.received_at_ms, r.kind, r.f, r.i, r.s, r.status,
                r.quality, r.org_id, r.revision),
            (if(bitAnd(r.quality, 2) = 2, r.received_at_ms, r.observed_at_ms), r.revision,
                r.log_epoch, r.log_seq, r.row_no)
        ) AS last
    FROM tram.readings AS r
    WHERE (r.log_epoch != {epoch:Int64} OR r.log_seq <= {seq:Int64}) AND @NEWER
    GROUP BY r.series
)
"""
_ALL = "1"
_ABOVE = "r.log_epoch = {epoch:Int64} AND r.log_seq > {above:Int64}"
_CORRECTED = "r.revision >= {people:UInt32} AND r.received_at_ms >= {since_ms:Int64}"
"""What came after a snapshot: two statements, as each finds its rows by an index."""
_MARGIN_MS = 60_000


class LatestBoard:
    """One line per series; lines are entered in the order of their numbers."""

    def __init__(self) -> None:
        self.count = 0
        self.metric: list[str] = []
        self.words: list[str] = []
        self.metric_ids: Ints = np.zeros(_FIRST_ROOM, np.int64)
        """The place of each series' metric in ``words``."""
        self._word_ids: dict[str, int] = {}
        self.text: dict[int, str] = {}
        self.series_of: dict[int, list[int]] = {}
        self.numbers = {
            name: np.zeros(_FIRST_ROOM, kind)
            for name, kind in (
                ("device", np.int64),
                ("org_id", np.int64),
                ("observed_at_ms", np.int64),
                ("received_at_ms", np.int64),
                ("i", np.int64),
                ("f", np.float64),
                ("kind", np.uint8),
                ("status", np.uint8),
                ("quality", np.uint8),
            )
        }
        self._rank: Ints = np.full(_FIRST_ROOM, NEVER, np.int64)
        self._newest: Ints = np.full(_FIRST_ROOM, NEVER, np.int64)
        self._revision: Ints = np.zeros(_FIRST_ROOM, np.int64)

    def enter(self, lines: Iterable[NewSeries]) -> None:
        """Make room for new series."""
        for series, device, metric in lines:
            while series >= len(self._rank):
                self._grow()
            self.numbers["device"][series] = device
            self.metric.append(metric)
            if metric not in self._word_ids:
                self._word_ids[metric] = len(self.words)
                self.words.append(metric)
            self.metric_ids[series] = self._word_ids[metric]
            self.series_of.setdefault(device, []).append(series)
        self.count = len(self.metric)

    def load(self, engine: Engine, checkpoint: Checkpoint, snapshot: Snapshot | None) -> None:
        """Rebuild what was known at the checkpoint, from a snapshot on or from the table alone."""
        place = {"epoch": str(checkpoint.epoch), "seq": str(checkpoint.seq)}
        if snapshot is None:
            self._take_from(engine, _LATEST_SQL.replace("@NEWER", _ALL), place)
            return
        for name, array in snapshot.arrays_of("latest").items():
            self._column(name)[: len(array)] = array
        self.text |= snapshot.texts
        place["above"] = str(snapshot.seq)
        place["people"] = str(PERSON_REVISIONS)
        place["since_ms"] = str(snapshot.taken_ms - _MARGIN_MS)
        for newer in (_ABOVE, _CORRECTED):
            self._take_from(engine, _LATEST_SQL.replace("@NEWER", newer), place)

    def frozen(self) -> Arrays:
        """Return a copy of everything but texts and names, for a snapshot."""
        names = (*(self.numbers.keys() - {"device"}), "rank", "newest", "revision")
        return {f"latest.{name}": self._column(name)[: self.count].copy() for name in names}

    def _column(self, name: str) -> npt.NDArray[Any]:
        own = {"rank": self._rank, "newest": self._newest, "revision": self._revision}
        return own[name] if name in own else self.numbers[name]

    def _take_from(self, engine: Engine, sql: str, place: dict[str, str]) -> None:
        """Take the newest reading of each series from a statement, where it is newer."""
        for part in engine.scan(sql, place):
            series = part["series"].to_numpy().astype(np.int64)
            newest = pc.fill_null(part["newest"], NEVER).to_numpy()
            self._newest[series] = np.maximum(self._newest[series], newest)
            rank, revision = part["rank"].to_numpy(), part["revision"].to_numpy()
            before = self._rank[series]
            is_again = (rank == before) & (revision >= self._revision[series])
            lines = np.flatnonzero((rank > before) | is_again)
            changed = series[lines]
            self._rank[changed] = rank[lines]
            self._revision[changed] = revision[lines]
            for name in self.numbers.keys() - {"device"}:
                self.numbers[name][changed] = part[name].to_numpy()[lines]
            texts = part["s"].take(pa.array(lines)).to_pylist()
            for number, text in zip(changed.tolist(), texts, strict=True):
                if text:
                    self.text[number] = text
                else:
                    self.text.pop(number, None)

    def newest_of(self, series: Ints) -> Ints:
        """Return the newest plausible device time of each series, ``NEVER`` where there is none."""
        known = np.minimum(series, len(self._newest) - 1)
        newest: Ints = np.where(series < self.count, self._newest[known], NEVER)
        return newest

    def apply(self, rows: ReadingColumns, series: Ints, revision: Ints) -> Ints:
        """Take a batch's rows; return the series whose newest value changed.

        Of one time the greatest revision counts: a person's goes before what the device sends.
        """
        if not len(rows):
            return series
        far = (rows.quality & _FAR) != 0
        plain = comparable(rows.quality) & ~far
        np.maximum.at(self._newest, series[plain], rows.observed_at_ms[plain])
        rank = np.where(far, rows.received_at_ms, rows.observed_at_ms)
        order = np.lexsort((rank, series))  # stable: of equal times the later row wins
        last = np.append(np.flatnonzero(np.diff(series[order])), len(order) - 1)
        best = order[last]
        before = self._rank[series[best]]
        is_again = (rank[best] == before) & (revision[best] >= self._revision[series[best]])
        best = best[(rank[best] > before) | is_again]
        changed: Ints = series[best]
        self._rank[changed] = rank[best]
        self._revision[changed] = revision[best]
        for name, column in self.numbers.items():
            if name != "device":
                column[changed] = getattr(rows, name)[best]
        self._take_texts(rows, changed, best)
        return changed

    def correct(self, series: int, rows: pa.Table) -> bool:
        """Take the corrected value of the newest reading, if it is among the rows."""
        newest = int(self.numbers["observed_at_ms"][series])
        for row in rows.to_pylist():
            if row["observed_at_ms"] == newest:
                for name in ("kind", "f", "i", "status", "quality"):
                    self.numbers[name][series] = row[name]
                self._revision[series] = row["revision"]
                if row["kind"] == Kind.TEXT:
                    self.text[series] = row["s"]
                return True
        return False

    def has_value(self, series: int) -> bool:
        """Return whether the series has a reading."""
        return bool(self._rank[series] != NEVER)

    def has_values(self, count: int) -> npt.NDArray[np.bool_]:
        """Return which of the first ``count`` series have a reading."""
        mask: npt.NDArray[np.bool_] = self._rank[:count] != NEVER
        return mask

    def value(self, series: int) -> Value:
        """Return the newest value in its own kind."""
        at = self.numbers
        number = (float(at["f"][series]), int(at["i"][series]), self.text.get(series, ""))
        return value_of(int(at["kind"][series]), *number)

    def view(self, series: int) -> LatestValue:
        """Return the newest reading of a series."""
        at = self.numbers
        return LatestValue(
            metric=self.metric[series],
            kind=int(at["kind"][series]),
            value=self.value(series),
            status=int(at["status"][series]),
            quality=int(at["quality"][series]),
            observed_at_ms=int(at["observed_at_ms"][series]),
            received_at_ms=int(at["received_at_ms"][series]),
        )

    def _take_texts(self, rows: ReadingColumns, changed: Ints, best: npt.NDArray[np.intp]) -> None:
        texts = rows.kind[best] == Kind.TEXT
        for series in changed[~texts].tolist() if self.text else ():
            self.text.pop(series, None)
        for series, line in zip(changed[texts].tolist(), best[texts].tolist(), strict=True):
            self.text[series] = rows.s[line].as_py()

    def _grow(self) -> None:
        room = len(self._rank)
        for name, column in self.numbers.items():
            self.numbers[name] = np.concatenate([column, np.zeros(room, column.dtype)])
        self.metric_ids = np.concatenate([self.metric_ids, np.zeros(room, np.int64)])
        self._revision = np.concatenate([self._revision, np.zeros(room, np.int64)])
        empty = np.full(room, NEVER, np.int64)
        self._rank = np.concatenate([self._rank, empty])
        self._newest = np.concatenate([self._newest, empty])
