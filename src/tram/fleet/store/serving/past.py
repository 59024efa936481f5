"""The keeper of the past: rollups that follow the readings, corrections, and questions about both.

All methods but ``roll`` and ``revise`` only read. Those two take ``writing``, as ingest does, only
where they change readings; rebuilding rollups goes on beside everything else.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tram.domain.reading import Quality
from tram.fleet.store.engine.checkpoint import Checkpoint
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.engine.move import move_tables, write_home
from tram.fleet.store.engine.moved import Home, MoveReport
from tram.fleet.store.history.dirty_buckets import HOUR_MS
from tram.fleet.store.history.gap_ledger import GAP_INTERVALS, EntryKind, Ledger
from tram.fleet.store.history.incremental_rollups import Fresh
from tram.fleet.store.history.retention import Retention
from tram.fleet.store.history.rollups import Rolled, Roller
from tram.fleet.store.queries.aggregates import aggregate
from tram.fleet.store.queries.completeness import completeness, ledger
from tram.fleet.store.queries.exports import ExportStatement, rows_asked
from tram.fleet.store.queries.limits import RowConditions, limits_of
from tram.fleet.store.queries.ranges import check_range, series_range
from tram.fleet.store.queries.scoping import readable
from tram.fleet.store.queries.setaside import quarantined
from tram.fleet.store.serving.corrections import Corrected, Corrections
from tram.fleet.store.state.dimensions import Dimensions
from tram.fleet.store.state.latest import LatestBoard
from tram.fleet.store.state.snapshot import Arrays
from tram.fleet.store.views import Asked, LedgerEntry, Series
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, Unavailable

__all__ = ("History", "HistoryParts")

COMPARED_MAX = 16


@dataclass(frozen=True, slots=True)
class HistoryParts:
    """What history works with."""

    engine: Engine
    latest: LatestBoard
    dimensions: Dimensions
    ledger: Ledger
    fresh: Fresh
    roller: Roller
    corrections: Corrections
    retention: Retention


class History:
    """Answers questions about the past and keeps what answers them quickly."""

    def __init__(self, parts: HistoryParts) -> None:
        self._parts = parts
        self.writing = threading.Lock()
        self._rolling = threading.Lock()
        self._retained_ms = 0
        self.has_moved = False
        """Whether the tables are elsewhere now: nothing is written here any more."""

    @property
    def rolled(self) -> Rolled:
        """Return how far the rollups are."""
        return self._parts.roller.rolled

    @property
    def waiting(self) -> int:
        """Return how many closed hours are not written yet."""
        return self._parts.fresh.waiting

    def frozen(self, count: int) -> Arrays:
        """Return a copy of the ledger's arrays, for a snapshot."""
        return self._parts.ledger.frozen(count)

    def calls(self) -> dict[str, Callable[[Asked, Clock], object]]:
        """Return the questions by name; each blocks its thread."""
        return {
            "range": self.range,
            "compare": self.compare,
            "aggregate": self.aggregate,
            "completeness": self.completeness,
            "gaps": self.gaps,
            "revisions": self.revisions,
            "quarantine": self.quarantine,
        }

    def roll(self, epoch: int, seq: int, now_ms: int) -> int:
        """Bring the rollups up to the rows that are in the table; return how many pairs."""
        with self._rolling:
            if self.has_moved:
                return 0
            done = self._roll(epoch, seq, now_ms)
            if not done:
                self._parts.roller.tidy()
                self._retain(now_ms)
            return done

    def flush(self, now_ms: int) -> None:
        """Write what waits of the rollups, if that is much."""
        with self._rolling:
            if not self.has_moved:
                self._parts.roller.flush(now_ms)

    def move(
        self, target: Engine, home: Home, folder: Path, place: Callable[[], tuple[Checkpoint, int]]
    ) -> MoveReport:
        """Move the tables to a server, compare them and mark the folder as moved."""

        def settle() -> None:
            """Let nobody write here again."""
            write_home(folder, home)
            self.has_moved = True

        with self._rolling:
            compared = move_tables(self._parts.engine, target, place, self.writing, settle)
        return MoveReport(home.url, compared)

    def _retain(self, now_ms: int) -> None:
        """Once an hour, let raw readings go that have passed their time."""
        parts = self._parts
        if not parts.retention.is_on or now_ms - self._retained_ms < HOUR_MS:
            return
        with self.writing:
            done = parts.retention.run(parts.latest.words, now_ms)
        if not done.different:
            self._retained_ms = now_ms

    def _roll(self, epoch: int, seq: int, now_ms: int) -> int:
        parts = self._parts
        series_index = parts.latest
        self._declare()
        done = parts.roller.roll(epoch, seq, now_ms)
        count = series_index.count
        devices = series_index.numbers["device"]
        parts.ledger.save(
            lambda number: (int(devices[number]), series_index.metric[number]), count, now_ms
        )
        return done

    def range(self, asked: Asked, clock: Clock) -> Series:
        """Return one metric over a range: raw, or thinned to ``points``."""
        check_range(asked)
        series = self._series(asked.device, asked.metric)
        if series is None:
            return Series(asked.metric, raw=True)
        edge_ms = self._parts.roller.edge_ms
        scope = readable(asked, clock.now_ms(), self._parts.dimensions)
        return series_range(self._parts.engine, series, asked, scope, edge_ms)

    def compare(self, asked: Asked, clock: Clock) -> list[Series]:
        """Return several metrics of several devices over one range, each as ``range`` does."""
        pairs = [(device, metric) for device in asked.devices or () for metric in asked.metrics]
        if not 1 <= len(pairs) <= COMPARED_MAX:
            raise Refused("store.question", f"Between 1 and {COMPARED_MAX} series are compared.")
        return [self.range(_one(asked, device, metric), clock) for device, metric in pairs]

    def aggregate(self, asked: Asked, clock: Clock) -> pa.Table:
        """Return one metric over everything in scope, by step and group."""
        edge_ms = self._parts.roller.edge_ms
        return aggregate(self._parts.engine, asked, self._limits(asked, clock), edge_ms)

    def completeness(self, asked: Asked, clock: Clock) -> pa.Table:
        """Return how much of what was expected came."""
        edge_ms = self._parts.roller.edge_ms
        return completeness(self._parts.engine, asked, self._limits(asked, clock), edge_ms)

    def gaps(self, asked: Asked, clock: Clock) -> list[LedgerEntry]:
        """Return the ledger's entries that touch a span, open silences first."""
        found = ledger(self._parts.engine, asked, self._limits(asked, clock))
        if asked.kind not in {None, int(EntryKind.GAP)} or not asked.device:
            return found
        return self._open_gaps(asked, clock.now_ms()) + found

    def revisions(self, asked: Asked, clock: Clock) -> object:
        """Return the journal of corrections of a device."""
        return self._parts.corrections.journal(asked, clock.now_ms())

    def quarantine(self, asked: Asked, clock: Clock) -> object:
        """Return the rows that were set aside."""
        return quarantined(self._parts.engine, asked, self._limits(asked, clock))

    def rows(self, asked: Asked, clock: Clock) -> ExportStatement:
        """Return the statement that streams an export."""
        return rows_asked(self._parts.engine, asked, self._limits(asked, clock))

    def revise(self, asked: Asked, clock: Clock) -> Corrected:
        """Write a correction; what depends on it is worked out anew with the next ``roll``."""
        series = self._series(asked.device, asked.metric)
        if series is None:
            raise Refused("revision.invalid", "metric: The device has no such metric.")
        with self.writing:
            if self.has_moved:
                raise Unavailable("store.moved", "The store has moved and starts again.")
            corrected = self._parts.corrections.revise(series, asked, clock.now_ms())
        self.mark(corrected)
        return corrected

    def mark(self, corrected: Corrected) -> None:
        """Note what a correction makes out of date."""
        rows = corrected.rows
        placed = (rows["quality"].to_numpy() & np.uint8(Quality.CLOCK_FAR_OFF)) == 0
        times = rows["observed_at_ms"].to_numpy()[placed]
        self._parts.fresh.spoil(corrected.series, times)

    def latest_all(self, asked: Asked, clock: Clock) -> pa.Table:
        """Return the newest value of every series that may be read, as columns.

        Of some metrics only, if the question names them.
        """
        latest, dimensions = self._parts.latest, self._parts.dimensions
        count = latest.count
        numbers = {name: column[:count] for name, column in latest.numbers.items()}
        rows = numbers | {"word": latest.metric_ids[:count]}
        mask = dimensions.readable(asked.scopes, rows, latest.words, clock.now_ms())
        mask &= latest.has_values(count)
        if asked.metrics:
            wanted = [place for place, word in enumerate(latest.words) if word in asked.metrics]
            mask &= np.isin(latest.metric_ids[:count], wanted)
        chosen = np.flatnonzero(mask)
        columns = {name: pa.array(column[chosen]) for name, column in numbers.items()}
        words = pa.DictionaryArray.from_arrays(
            pa.array(latest.metric_ids[chosen].astype(np.int32)), pa.array(latest.words, pa.utf8())
        )
        texts: list[str | None] = [None] * len(chosen)
        if latest.text:
            texts = [latest.text.get(number) for number in chosen.tolist()]
        return pa.table({"metric": words, **columns, "s": pa.array(texts, pa.utf8())})

    def _limits(self, asked: Asked, clock: Clock) -> RowConditions:
        """Return what limits a question: its scope, and the series of the devices it names."""
        return limits_of(asked, self._parts.latest, clock.now_ms(), self._parts.dimensions)

    def _open_gaps(self, asked: Asked, now_ms: int) -> list[LedgerEntry]:
        """Return the silences of a device that have not ended."""
        parts = self._parts
        entries = []
        for series in parts.latest.series_of.get(asked.device, ()):
            metric = parts.latest.metric[series]
            interval, newest = parts.ledger.pulse(series)
            is_wanted = asked.metric in {"", metric} and newest < asked.end_ms
            if not is_wanted or not interval or now_ms - newest <= GAP_INTERVALS * interval:
                continue
            orgs = parts.dimensions.readable_orgs(asked.scopes, asked.device, metric, now_ms)
            if int(parts.latest.numbers["org_id"][series]) in orgs:
                entry = (int(EntryKind.GAP), asked.device, metric, newest, now_ms, 0, now_ms)
                entries.append(LedgerEntry(*entry))
        return entries

    def _declare(self) -> None:
        """Tell the ledger how often the profiles say that devices speak."""
        latest = self._parts.latest
        count = latest.count
        if count:
            devices = latest.numbers["device"][:count].astype(np.int64)
            intervals = self._parts.dimensions.intervals(devices)
            self._parts.ledger.declare(np.arange(count, dtype=np.int64), intervals)

    def _series(self, device: int, metric: str) -> int | None:
        latest = self._parts.latest
        return next(
            (s for s in latest.series_of.get(device, ()) if latest.metric[s] == metric), None
        )


def _one(asked: Asked, device: int, metric: str) -> Asked:
    fields: dict[str, Any] = {name: getattr(asked, name) for name in Asked.__struct_fields__}
    return Asked(**(fields | {"device": device, "metric": metric}))
