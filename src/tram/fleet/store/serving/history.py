"""The keeper of the past: rollups that follow the readings, corrections, what is let go.

``roll`` and ``revise`` take ``writing``, as ingest does, only where they change readings; rebuilding
rollups goes on beside everything else.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tram.domain.days import HOUR_MS
from tram.domain.reading import Quality
from tram.fleet.store.engine.checkpoint import Checkpoint
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.engine.move import move_tables, write_home
from tram.fleet.store.engine.moved import Home, MoveReport
from tram.fleet.store.history.gap_ledger import Ledger
from tram.fleet.store.history.incremental_rollups import Fresh
from tram.fleet.store.history.retention import Retention
from tram.fleet.store.history.rollups import Rolled, Roller
from tram.fleet.store.queries.corrections import Corrected, Corrections
from tram.fleet.store.queries.questions import Asker, Correction
from tram.fleet.store.state.dimensions import Dimensions
from tram.fleet.store.state.latest import LatestBoard
from tram.fleet.store.state.snapshot import Arrays
from tram.runtime.errors import Unavailable

__all__ = ("History", "HistoryParts")


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
    """Keeps what answers questions about the past quickly."""

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

    def edge_ms(self) -> int:
        """Return until when rollups are complete."""
        return self._parts.roller.edge_ms

    @property
    def waiting(self) -> int:
        """Return how many closed hours are not written yet."""
        return self._parts.fresh.waiting

    def frozen(self, count: int) -> Arrays:
        """Return a copy of the ledger's arrays, for a snapshot."""
        return self._parts.ledger.frozen(count)

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

    def revise(self, series: int, wanted: Correction, asker: Asker, now_ms: int) -> Corrected:
        """Write a correction; what depends on it is worked out anew with the next ``roll``."""
        with self.writing:
            if self.has_moved:
                raise Unavailable("store.moved", "The store has moved and starts again.")
            corrected = self._parts.corrections.revise(series, wanted, asker, now_ms)
        self.mark(corrected)
        return corrected

    def mark(self, corrected: Corrected) -> None:
        """Note what a correction makes out of date."""
        rows = corrected.rows
        placed = (rows["quality"].to_numpy() & np.uint8(Quality.CLOCK_FAR_OFF)) == 0
        times = rows["observed_at_ms"].to_numpy()[placed]
        self._parts.fresh.spoil(corrected.series, times)

    def _declare(self) -> None:
        """Tell the ledger how often the profiles say that devices speak."""
        latest = self._parts.latest
        count = latest.count
        if count:
            devices = latest.numbers["device"][:count].astype(np.int64)
            intervals = self._parts.dimensions.intervals(devices)
            self._parts.ledger.declare(np.arange(count, dtype=np.int64), intervals)
