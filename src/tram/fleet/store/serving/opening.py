"""Opens a store's folder: the engine, and every array rebuilt as of the checkpoint."""

from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from tram.fleet.store.columns import Ints
from tram.fleet.store.engine.checkpoint import Checkpoint, read_checkpoint
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.engine.insertion import Insertion
from tram.fleet.store.engine.move import open_engine
from tram.fleet.store.engine.tables import create_tables
from tram.fleet.store.history.dirty_buckets import Dirty
from tram.fleet.store.history.gap_ledger import Ledger
from tram.fleet.store.history.incremental_rollups import Fresh
from tram.fleet.store.history.retention import Retention, parse_rules
from tram.fleet.store.history.rollups import Roller
from tram.fleet.store.ingest.duplicate_messages import Repeats
from tram.fleet.store.ingest.ingest import Ingest, IngestState
from tram.fleet.store.interfaces import StorePorts
from tram.fleet.store.queries.corrections import Corrections
from tram.fleet.store.serving.history import History, HistoryParts
from tram.fleet.store.serving.live_publisher import LiveFrames
from tram.fleet.store.serving.log_purge import KEEP_MINUTES, LogPurge
from tram.fleet.store.settings import StoreSettings
from tram.fleet.store.state.devices import DeviceBoard
from tram.fleet.store.state.dimensions import Dimensions
from tram.fleet.store.state.latest import LatestBoard
from tram.fleet.store.state.series import SeriesIndex
from tram.fleet.store.state.snapshot import read_snapshot
from tram.runtime.clock import Clock
from tram.runtime.errors import TramError
from tram.runtime.watch.quarantine import Quarantine

__all__ = ("Opened", "Opening")


@dataclass(frozen=True, slots=True)
class Opened:
    """What exists while the store is open."""

    engine: Engine
    ingest: Ingest
    latest: LatestBoard
    devices: DeviceBoard
    dimensions: Dimensions
    ledger: Ledger
    frames: LiveFrames
    history: History
    purge: LogPurge
    checkpoint: Checkpoint
    """As of which the arrays were rebuilt."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What opening a folder needs of its surroundings; it blocks the thread."""

    settings: StoreSettings
    folder: Path
    ports: StorePorts
    clock: Clock
    keep_minutes: int = KEEP_MINUTES

    def open(self, epoch: int) -> Opened:
        """Open the engine and rebuild every array as of the checkpoint."""
        checkpoint = read_checkpoint(self.folder) or Checkpoint(epoch=epoch)
        if checkpoint.epoch != epoch:  # the log was made anew: its numbers start again
            checkpoint = msgspec.structs.replace(checkpoint, epoch=epoch, seq=0)
        engine = open_engine(self.settings, self.folder, self.ports.make_engine)
        try:
            return self._load(engine, checkpoint)
        except TramError:
            engine.close()
            raise

    def _keep(self, epoch: int, seq: int, payload: bytes, reason: str) -> None:
        """Keep a block that cannot be read: in the installation's quarantine, or the folder's own."""
        if self.ports.inspector.quarantine is not None:
            self.ports.inspector.keep(epoch, seq, payload, reason)
        else:
            own = Quarantine(self.folder / "quarantine", self.clock)
            own.keep("store", "block", (epoch, seq), payload, reason)

    def _load(self, engine: Engine, checkpoint: Checkpoint) -> Opened:
        create_tables(engine)
        cap = self.settings.keys_per_device
        series_index, corrections = SeriesIndex(engine, cap), Corrections(engine)
        latest, devices, dimensions = LatestBoard(), DeviceBoard(), Dimensions(self.folder)
        known = series_index.load()
        latest.enter(known)
        finished = corrections.finish()
        snapshot = read_snapshot(self.folder, checkpoint, len(series_index))
        latest.load(engine, checkpoint, snapshot)
        devices.load(engine, checkpoint, self.clock.monotonic_s())
        dimensions.load(engine)
        series_index.count_names(known, lambda device: _owner(dimensions, device))
        repeats = Repeats(engine)
        repeats.load(checkpoint.epoch, checkpoint.seq, checkpoint.received_at_ms)
        insertion = Insertion(engine, self.clock.now_ms)
        insertion.look_around(checkpoint.epoch, checkpoint.seq)
        ledger, dirty = Ledger(engine), Dirty()
        ledger.load(checkpoint, snapshot)
        fresh = Fresh(dirty, ledger)
        fresh.load(ledger.newest(len(series_index)))
        rules = parse_rules(self.settings.retention)
        retention = Retention(engine, self.folder, dirty, rules)

        def floors(series: Ints) -> Ints:
            """Return from when on the rollups of each series may still change."""
            if not retention.has_gone:
                return np.zeros(len(series), np.int64)
            return retention.floors([latest.metric[number] for number in series.tolist()])

        roller = Roller(engine, self.folder, fresh, ledger.intervals, floors)
        roller.load(checkpoint.epoch)
        parts = IngestState(
            engine, self.folder, series_index, repeats, insertion, ledger, fresh,
            self.clock.now_ms, self._keep,
        )  # fmt: skip
        ingest = Ingest(parts, latest, checkpoint, cap)
        boards = latest, devices, dimensions
        history = History(
            HistoryParts(engine, latest, dimensions, ledger, fresh, roller, corrections, retention)
        )
        if finished is not None:
            history.mark(finished)
        return Opened(
            engine,
            ingest,
            *boards,
            ledger,
            LiveFrames(*boards),
            history,
            LogPurge(self.ports, self.clock, self.keep_minutes),
            checkpoint,
        )


def _owner(dimensions: Dimensions, device: int) -> int | None:
    line = dimensions.device(device)
    return None if line is None else line.org
