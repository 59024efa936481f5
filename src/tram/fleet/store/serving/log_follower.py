"""Follows the log: read ahead, decoded in runs, inserted, then taken into the arrays."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from tram.fleet.log.nats_connection import DOUBTS
from tram.fleet.log.reader import StreamMessage
from tram.fleet.store.engine.checkpoint import Checkpoint
from tram.fleet.store.engine.engine import EngineError
from tram.fleet.store.ingest.backlog import Backlog
from tram.fleet.store.ingest.ingest import Applied, Ingest, LogRun, read_run
from tram.fleet.store.interfaces import StorePorts
from tram.fleet.store.serving.history import History
from tram.fleet.store.serving.live_publisher import CATCHING_UP_MS
from tram.fleet.store.serving.opening import Opened
from tram.fleet.store.serving.rollup_schedule import make_room
from tram.fleet.store.settings import StoreSettings
from tram.fleet.store.state.snapshot import Snapshot
from tram.runtime.clock import Clock
from tram.runtime.errors import Unavailable, is_of_the_entry
from tram.runtime.logging import get_logger
from tram.runtime.watch.loops import LOOPS, Heartbeat

__all__ = ("LogFollower",)

END_INTERVAL_S = 1.0
RETRY_S = 1.0
QUIET_S = 300.0
"""A batch takes seconds; a loop that says nothing for longer hangs."""
_DECODING, _INSERTING = 0, 1
"""Slots of the footprint."""

log = get_logger()


class LogFollower:
    """Brings the log into the tables and the arrays, in its order, whatever happens to a block."""

    def __init__(
        self,
        opened: Opened,
        ports: StorePorts,
        settings: StoreSettings,
        clock: Clock,
        in_thread: Callable[..., Awaitable[Any]],
    ) -> None:
        self._opened = opened
        self._ports = ports
        self._batch_s = settings.batch_ms / 1000
        self._clock = clock
        self._in_thread = in_thread
        self._backlog = Backlog(settings.batch_rows)
        self._wanted = asyncio.Semaphore(1)
        self._decoded: asyncio.Queue[LogRun] = asyncio.Queue()
        self._heartbeat: Heartbeat | None = None
        self._prints = ports.inspector.footprint
        self.problem: str | None = None
        """Why readings wait in the log, if they do."""
        self.last_seq = 0
        """How far the log reaches."""
        self.applied: Checkpoint | None = None
        """How far the arrays are; None until something was applied."""

    def loops(self) -> tuple[Callable[[], Coroutine[Any, Any, None]], ...]:
        """Return what runs for ever."""
        return self._read, self._decode, self._ingest, self._watch_end

    def blocks_ahead(self) -> int:
        """Return how many blocks of the log are not in the tables."""
        return self.last_seq - self._opened.ingest.checkpoint.seq

    def snapshot(self) -> Snapshot:
        """Copy the arrays as they are between two batches."""
        assert self.applied is not None
        opened = self._opened
        arrays = opened.latest.frozen() | opened.history.frozen(opened.latest.count)
        place = (self.applied.epoch, self.applied.seq, self._clock.now_ms())
        return Snapshot(*place, arrays, dict(opened.latest.text))

    async def _read(self) -> None:
        """Read ahead of the inserts, as far as memory allows."""
        after = self._opened.ingest.checkpoint.seq
        async for entry in self._ports.reader.read(after):
            self.last_seq = max(self.last_seq, entry.seq)
            await self._backlog.add(entry)

    async def _decode(self) -> None:
        """Decode run after run, each as large as came in the meantime, one ahead of the inserts."""
        batch_s = self._batch_s
        started_s = self._clock.monotonic_s() - batch_s
        heartbeat = LOOPS.begin("blocks decoded", QUIET_S)
        while True:
            heartbeat.rest()
            is_whole = await self._backlog.arrived()
            wait_s = started_s + batch_s - self._clock.monotonic_s()
            if wait_s > 0 and not is_whole:
                await self._clock.sleep(wait_s)  # few large inserts; after a pause none waits
            await self._wanted.acquire()  # what waits may grow until somebody can take it
            started_s = self._clock.monotonic_s()
            for place, entries in enumerate(self._prints.parted(self._backlog.take())):
                if place:
                    await self._wanted.acquire()
                await self._decode_part(entries, heartbeat)
                heartbeat.reach(entries[-1].seq)

    async def _decode_part(self, entries: Sequence[StreamMessage], heartbeat: Heartbeat) -> None:
        """Decode one part; what a predecessor may have died at is done alone, to its end."""
        first, last = entries[0].seq, entries[-1].seq
        is_suspect = self._prints.is_suspect(first)
        is_out = self._prints.must_examine(first) and await self._takes_out(entries[0], heartbeat)
        heartbeat.work(f"block {first}")
        self._prints.step(_DECODING, first, last)
        try:
            run = LogRun(entries, [], [], is_skipped=True) if is_out else None
            run = run or await self._in_thread(read_run, entries)
        finally:
            self._prints.lift(_DECODING)
        await self._decoded.put(run)
        if is_suspect:
            heartbeat.rest()
            await self._decoded.join()
            if last >= self._prints.last:
                self._prints.absolve()

    async def _ingest(self) -> None:
        """Insert run after run."""
        heartbeat = self._heartbeat = LOOPS.begin("readings stored", QUIET_S)
        heartbeat.reach(self._opened.ingest.checkpoint.seq)
        while True:
            heartbeat.rest()
            run = await self._decoded.get()
            self._wanted.release()
            await make_room(self._opened.history)
            await self._take(run, heartbeat)
            heartbeat.reach(run.entries[-1].seq)
            self._decoded.task_done()

    async def _take(self, run: LogRun, heartbeat: Heartbeat) -> None:
        """Bring a run into the tables; what alone brings the store down is taken out of it."""
        heartbeat.work(f"block {run.entries[0].seq}")
        try:
            applied = await self._process(run, heartbeat)
        except Exception as error:
            if run.is_skipped or not is_of_the_entry(error):
                raise
            log.exception("batch raised, taken apart", first_seq=run.entries[0].seq)
            self._opened.ingest.in_doubt(run)
            if len(run.entries) == 1:
                if not await self._takes_out(run.entries[0], heartbeat):
                    raise
                await self._take(LogRun(run.entries, [], [], is_skipped=True), heartbeat)
                return
            for entry in run.entries:
                await self._take(await self._in_thread(read_run, [entry]), heartbeat)
        else:
            self._apply(applied)

    async def _takes_out(self, entry: StreamMessage, heartbeat: Heartbeat) -> bool:
        """Let a block be examined alone; tell whether it is to blame, and lies in quarantine now."""
        epoch = self._opened.ingest.checkpoint.epoch
        while True:
            heartbeat.wait(f"block {entry.seq} is examined")
            try:
                return await self._ports.inspector.takes_out(epoch, entry.seq, entry.payload)
            except (Unavailable, OSError) as error:
                self.problem = f"Block {entry.seq} stands in the way: {error}"
                await self._clock.sleep(RETRY_S)

    async def _process(self, run: LogRun, heartbeat: Heartbeat) -> Applied:
        """Process a run until it is on disk, however long the engine is away."""
        opened = self._opened
        ingest = opened.ingest
        while True:
            self._prints.step(_INSERTING, run.entries[0].seq, run.entries[-1].seq)
            try:
                applied: Applied = await self._in_thread(_exclusively, opened.history, ingest, run)
            except (EngineError, Unavailable, OSError) as error:
                self.problem = f"Readings wait in the log: {error}"
                heartbeat.wait(self.problem)
                log.exception("batch failed, trying again", first_seq=run.entries[0].seq)
                ingest.in_doubt(run)
                self._prints.lift(_INSERTING)  # waiting is no work on it
                await self._clock.sleep(RETRY_S)
            else:
                self.problem = None
                return applied
            finally:
                self._prints.lift(_INSERTING)

    def _apply(self, applied: Applied) -> None:
        """Let every array follow what is on disk now."""
        opened = self._opened
        opened.latest.enter(applied.new_series)
        opened.devices.hear(applied.boots, self._clock.monotonic_s())
        if applied.rows is not None and applied.series is not None:
            assert applied.revision is not None
            assert applied.messages is not None
            assert applied.events is not None
            changed = opened.latest.apply(applied.rows, applied.series, applied.revision)
            heard = opened.devices.apply(applied.messages, applied.events)
            age_ms = self._clock.now_ms() - applied.checkpoint.received_at_ms
            # What changes while nobody looks is on the page that is opened next.
            if age_ms < CATCHING_UP_MS and self._ports.live.is_watched():
                opened.frames.note(changed, heard)
        self.applied = applied.checkpoint
        opened.purge.note(applied.checkpoint.seq, applied.checkpoint.received_at_ms)

    async def _watch_end(self) -> None:
        """Know how far the log reaches, also while it cannot be read."""
        while True:
            with contextlib.suppress(*DOUBTS):
                self.last_seq = max(self.last_seq, (await self._ports.reader.state()).last_seq)
                if self._heartbeat is not None:
                    self._heartbeat.know(self.last_seq)
            await asyncio.sleep(END_INTERVAL_S)


def _exclusively(history: History, ingest: Ingest, run: LogRun) -> Applied:
    """Process a run while nobody corrects readings."""
    with history.writing:
        if history.has_moved:
            raise Unavailable("store.moved", "The store has moved and starts again.")
        return ingest.process(run)
