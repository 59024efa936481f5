"""The store: one process that turns the log into tables and answers every question about them."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from tram.fleet.log.nats_connection import DOUBTS
from tram.fleet.store.engine.checkpoint import Checkpoint
from tram.fleet.store.engine.engine import READERS, EngineError
from tram.fleet.store.engine.http_client import HttpEngine
from tram.fleet.store.engine.moved import Home, MoveReport
from tram.fleet.store.ingest.backlog import Backlog
from tram.fleet.store.ingest.ingest import Applied, Ingest, LogRun, read_run
from tram.fleet.store.interfaces import DimensionBatch, LogEntry, StorePorts
from tram.fleet.store.queries.exports import ExportStatement
from tram.fleet.store.serving.backup import ExportManifest, export_tables
from tram.fleet.store.serving.live_frames import CATCHING_UP_MS, FRAMES_INTERVAL_S
from tram.fleet.store.serving.opening import Opened, Opening
from tram.fleet.store.serving.past import History
from tram.fleet.store.serving.server import Port, serve
from tram.fleet.store.state.dimensions import DimensionRows
from tram.fleet.store.state.snapshot import Snapshot, keep_snapshots
from tram.fleet.store.views import Asked, StoreStatus
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, TramError, Unavailable, is_of_the_entry
from tram.runtime.logging import get_logger
from tram.runtime.settings import StoreSettings
from tram.runtime.watch.loops import LOOPS, Heartbeat

__all__ = ("Store",)

KEEP_MINUTES = 10
"""Blocks younger than this are never purged from the log (``LogSettings.keep_minutes``)."""
END_INTERVAL_S = 1.0
PURGE_INTERVAL_S = 60.0
RETRY_S = 1.0
QUIET_S = 300.0
"""A batch takes seconds; a loop that says nothing for longer hangs."""
_PLACES_MAX = 10_000
_DECODING, _INSERTING = 0, 1
"""Slots of the footprint."""

log = get_logger()


class Store:
    """Runs the ingest loop, the followers and the port over one folder."""

    def __init__(
        self,
        settings: StoreSettings,
        folder: Path,
        ports: StorePorts,
        clock: Clock,
        *,
        keep_minutes: int = KEEP_MINUTES,
    ) -> None:
        self._settings = settings
        self._folder = folder
        self._ports = ports
        self._clock = clock
        self._keep_ms = keep_minutes * 60_000
        self._opened: Opened | None = None
        self._problem: str | None = "The telemetry store is still starting."
        self._threads = ThreadPoolExecutor(READERS // 2, thread_name_prefix="store")
        self._backlog = Backlog(settings.batch_rows)
        self._wanted = asyncio.Semaphore(1)
        self._decoded: asyncio.Queue[LogRun] = asyncio.Queue()
        self._last_seq = 0
        self._heartbeat: Heartbeat | None = None
        self._prints = ports.inspector.footprint
        self._applied: Checkpoint | None = None
        """How far the arrays are; None until something was applied."""
        self._stop = asyncio.Event()
        self._places: deque[tuple[int, int]] = deque(maxlen=_PLACES_MAX)

    def problem(self) -> str | None:
        """Return None while the store works, else one sentence."""
        return self._problem

    async def run(self, stop: asyncio.Event, port: int, key: str) -> None:
        """Open the folder, follow the log and answer on the port until ``stop``.

        Raises:
            Refused: if the folder or the port is taken, or a setting cannot be met.
            Broken: if the folder or the log needs a newer version.
        """
        self._stop = stop
        epoch = await self._ports.reader.epoch()
        opening = Opening(
            self._settings, self._folder, self._ports, self._clock, self._ahead, self._in_thread
        )
        opened = await self._in_thread(opening.open, epoch)
        self._opened = opened
        app = Port(self, opened.engine, key, self._settings.query_seconds_max)
        self._problem = None
        try:
            await self._run_all(stop, port, app)
        except ExceptionGroup as group:
            raise _first(group) from group
        finally:
            app.close()
            self._threads.shutdown(wait=True)  # a batch under way ends before the engine does
            opened.engine.close()

    async def answer(self, call: str, asked: Asked) -> object:
        """Return what a ``/tram/<call>`` asks for.

        Raises:
            Refused: ``store.question`` if there is no such call or it cannot be answered.
            Unavailable: ``store.behind`` or ``store.failed``.
        """
        opened = self._open_now()
        special: dict[str, Callable[[], Awaitable[object]]] = {
            "status": self._told_status,
            "heard": lambda: opened.dimensions.wait_for(asked.needs_version),
            "export": lambda: self._export(Path(asked.folder)),
            "move": lambda: self._move(opened, Home(asked.url, asked.key)),
            "revise": lambda: self._revise(opened, asked),
        }
        if call in special:
            return await special[call]()
        if asked.needs_version:
            await opened.dimensions.wait_for(asked.needs_version)
        questions = opened.questions
        in_memory = {
            "latest": questions.latest,
            "states": questions.states,
            "summary": questions.summary,
        }
        by_sql: dict[str, Callable[[Asked, Clock], object]] = {
            **opened.history.calls(),
            "latest_all": opened.history.latest_all,
            "events": questions.events,
            "refusals": questions.refusals,
            "attributes": questions.attributes,
            "messages": questions.messages,
        }
        if call in in_memory:
            return in_memory[call](asked, self._clock)
        if call not in by_sql:
            raise Refused("store.question", f"There is no question '{call}'.")
        try:
            return await self._in_thread(by_sql[call], asked, self._clock)
        except EngineError as error:
            raise Unavailable("store.failed", error.sentence) from error

    async def rows(self, asked: Asked) -> ExportStatement:
        """Return the statement that streams an export.

        Raises:
            Refused: ``export.too_long`` if it has more rows than asked for.
            Unavailable: ``store.behind`` or ``store.failed``.
        """
        opened = self._open_now()
        await opened.dimensions.wait_for(asked.needs_version)
        try:
            rows: ExportStatement = await self._in_thread(opened.history.rows, asked, self._clock)
        except EngineError as error:
            raise Unavailable("store.failed", error.sentence) from error
        return rows

    async def _move(self, opened: Opened, home: Home) -> MoveReport:
        """Move the tables to a server; the store then ends, to be started again on it."""

        def move() -> MoveReport:
            """Copy, compare and mark."""
            target = HttpEngine(home.url, home.key, self._settings.query_seconds_max)
            try:
                return opened.history.move(
                    target, home, self._folder, lambda: (opened.ingest.checkpoint, self._now_ms())
                )
            finally:
                target.close()

        try:
            report: MoveReport = await self._in_thread(move)
        except EngineError as error:
            raise Unavailable("store.failed", error.sentence) from error
        asyncio.get_running_loop().call_later(1.0, self._stop.set)
        return report

    def _now_ms(self) -> int:
        return self._clock.now_ms()

    async def _revise(self, opened: Opened, asked: Asked) -> object:
        """Write a correction and let the newest value follow it."""
        try:
            corrected = await self._in_thread(opened.history.revise, asked, self._clock)
        except EngineError as error:
            raise Unavailable("store.failed", error.sentence) from error
        if opened.latest.correct(corrected.series, corrected.rows):
            opened.frames.note(np.array([corrected.series]), np.array([asked.device]))
        return corrected.revision

    def _ahead(self) -> int:
        return self._last_seq - self._open_now().ingest.checkpoint.seq

    async def _run_all(self, stop: asyncio.Event, port: int, app: Port) -> None:
        loops: tuple[Callable[[], Awaitable[None]], ...] = (
            self._read,
            self._decode,
            self._ingest,
            self._follow_registry,
            self._publish,
            self._purge,
            self._roll,
            self._keep_snapshots,
            self._watch_end,
        )
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_forever(loop)) for loop in loops]
            await serve(app, port, stop)
            for task in tasks:
                task.cancel()

    async def _read(self) -> None:
        """Read ahead of the inserts, as far as memory allows."""
        after = self._open_now().ingest.checkpoint.seq
        async for entry in self._ports.reader.read(after):
            self._last_seq = max(self._last_seq, entry.seq)
            await self._backlog.add(entry)

    async def _decode(self) -> None:
        """Decode run after run, each as large as came in the meantime, one ahead of the inserts."""
        batch_s = self._settings.batch_ms / 1000
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

    async def _decode_part(self, entries: Sequence[LogEntry], heartbeat: Heartbeat) -> None:
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
        heartbeat.reach(self._open_now().ingest.checkpoint.seq)
        while True:
            heartbeat.rest()
            run = await self._decoded.get()
            self._wanted.release()
            await self._open_now().rolling.make_room()
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
            self._open_now().ingest.in_doubt(run)
            if len(run.entries) == 1:
                if not await self._takes_out(run.entries[0], heartbeat):
                    raise
                await self._take(LogRun(run.entries, [], [], is_skipped=True), heartbeat)
                return
            for entry in run.entries:
                await self._take(await self._in_thread(read_run, [entry]), heartbeat)
        else:
            self._apply(applied)

    async def _takes_out(self, entry: LogEntry, heartbeat: Heartbeat) -> bool:
        """Let a block be examined alone; tell whether it is to blame, and lies in quarantine now."""
        epoch = self._open_now().ingest.checkpoint.epoch
        while True:
            heartbeat.wait(f"block {entry.seq} is examined")
            try:
                return await self._ports.inspector.takes_out(epoch, entry.seq, entry.payload)
            except (Unavailable, OSError) as error:
                self._problem = f"Block {entry.seq} stands in the way: {error}"
                await self._clock.sleep(RETRY_S)

    async def _process(self, run: LogRun, heartbeat: Heartbeat) -> Applied:
        """Process a run until it is on disk, however long the engine is away."""
        opened = self._open_now()
        ingest = opened.ingest
        while True:
            self._prints.step(_INSERTING, run.entries[0].seq, run.entries[-1].seq)
            try:
                applied: Applied = await self._in_thread(_exclusively, opened.history, ingest, run)
            except (EngineError, Unavailable, OSError) as error:
                self._problem = f"Readings wait in the log: {error}"
                heartbeat.wait(self._problem)
                log.exception("batch failed, trying again", first_seq=run.entries[0].seq)
                ingest.in_doubt(run)
                self._prints.lift(_INSERTING)  # waiting is no work on it
                await self._clock.sleep(RETRY_S)
            else:
                self._problem = None
                return applied
            finally:
                self._prints.lift(_INSERTING)

    def _apply(self, applied: Applied) -> None:
        """Let every array follow what is on disk now."""
        opened = self._open_now()
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
        opened.followed = applied.checkpoint
        self._applied = applied.checkpoint
        self._places.append((applied.checkpoint.seq, applied.checkpoint.received_at_ms))

    async def _follow_registry(self) -> None:
        opened = self._open_now()
        dimensions = opened.dimensions
        async for batch in self._ports.dimensions.follow(dimensions.version):
            dimensions.apply(batch.version, await self._save_dimensions(opened, batch))

    async def _save_dimensions(self, opened: Opened, batch: DimensionBatch) -> DimensionRows:
        while True:
            try:
                rows: DimensionRows = await self._in_thread(
                    opened.dimensions.save, opened.engine, batch
                )
            except (EngineError, OSError):
                log.exception("dimensions not written, trying again", version=batch.version)
                await self._clock.sleep(RETRY_S)
            else:
                return rows

    async def _publish(self) -> None:
        frames = self._open_now().frames
        live = self._ports.live
        while True:
            for payload in frames.take(self._clock) if live.is_watched() else ():
                await live.publish(payload)
            await asyncio.sleep(FRAMES_INTERVAL_S)

    async def _purge(self) -> None:
        """Free the log of what is in the tables and old enough that nobody doubts it."""
        while True:
            await asyncio.sleep(PURGE_INTERVAL_S)
            below = self._purgeable(self._open_now().ingest.checkpoint.epoch)
            try:
                if below is not None:
                    await self._ports.reader.purge_below(below)
            except DOUBTS as error:
                log.info("log not purged now", error=repr(error))

    async def _roll(self) -> None:
        await self._open_now().rolling.run()

    async def _keep_snapshots(self) -> None:
        opened = self._open_now()
        await keep_snapshots(self._folder, lambda: self._applied, lambda: self._taken(opened))

    def _taken(self, opened: Opened) -> Snapshot:
        """Copy the arrays as they are between two batches."""
        assert self._applied is not None
        arrays = opened.latest.frozen() | opened.history.frozen(opened.latest.count)
        place = (self._applied.epoch, self._applied.seq, self._clock.now_ms())
        return Snapshot(*place, arrays, dict(opened.latest.text))

    async def _watch_end(self) -> None:
        """Know how far the log reaches, also while it cannot be read."""
        while True:
            with contextlib.suppress(*DOUBTS):
                self._last_seq = max(self._last_seq, (await self._ports.reader.state()).last_seq)
                if self._heartbeat is not None:
                    self._heartbeat.know(self._last_seq)
            await asyncio.sleep(END_INTERVAL_S)

    def _purgeable(self, epoch: int) -> int | None:
        """Return the first sequence that must stay, None if nothing may go yet."""
        needed = self._ports.others.needed_from(epoch)
        if needed is None:
            return None
        oldest_ms = self._clock.now_ms() - self._keep_ms
        below = None
        while self._places and self._places[0][0] < needed and self._places[0][1] < oldest_ms:
            below = self._places.popleft()[0] + 1
        return below

    async def _export(self, target: Path) -> ExportManifest:
        opened = self._open_now()
        if not target.is_absolute():
            raise Refused("store.question", "The folder of an export is an absolute path.")
        checkpoint = opened.ingest.checkpoint
        try:
            manifest: ExportManifest = await self._in_thread(
                export_tables, opened.engine, self._folder, checkpoint, target
            )
        except EngineError as error:
            raise Unavailable("store.failed", error.sentence) from error
        return manifest

    async def _told_status(self) -> StoreStatus:
        return self._status()

    def _status(self) -> StoreStatus:
        opened = self._open_now()
        checkpoint = opened.followed
        counters = msgspec.structs.asdict(checkpoint.counters)
        return StoreStatus(
            epoch=checkpoint.epoch,
            checkpoint_seq=checkpoint.seq,
            lag_blocks=max(0, self._last_seq - checkpoint.seq),
            dimensions_version=opened.dimensions.version,
            series=opened.latest.count,
            devices=len(opened.dimensions.devices()),
            rolled_seq=opened.history.rolled.seq,
            rolled_until_ms=opened.history.rolled.open_ms,
            problem=self._problem,
            **counters,
        )

    def _open_now(self) -> Opened:
        if self._opened is None:
            raise Unavailable("store.starting", "The telemetry store is still starting.")
        return self._opened

    async def _in_thread(self, call: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401  # whatever the call returns
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)


def _first(group: ExceptionGroup[Exception]) -> Exception:
    """Return the error of ours that ended the loops, else the first of any kind."""
    tram = group.subgroup(TramError)
    first: Exception = (tram or group).exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


def _exclusively(history: History, ingest: Ingest, run: LogRun) -> Applied:
    """Process a run while nobody corrects readings."""
    with history.writing:
        if history.has_moved:
            raise Unavailable("store.moved", "The store has moved and starts again.")
        return ingest.process(run)


async def _forever(loop: Callable[[], Awaitable[None]]) -> None:
    await loop()
