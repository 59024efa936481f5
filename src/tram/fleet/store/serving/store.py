"""The store: one process that turns the log into tables and answers every question about them."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tram.fleet.store.engine.engine import READERS
from tram.fleet.store.interfaces import StorePorts
from tram.fleet.store.serving.answering import Answering
from tram.fleet.store.serving.live_publisher import publish_frames
from tram.fleet.store.serving.log_follower import LogFollower
from tram.fleet.store.serving.log_purge import KEEP_MINUTES
from tram.fleet.store.serving.opening import Opened, Opening
from tram.fleet.store.serving.operations import Operations
from tram.fleet.store.serving.registry_changes import follow_registry
from tram.fleet.store.serving.rollup_schedule import Rolling
from tram.fleet.store.serving.server import Port, StorePages, serve
from tram.fleet.store.settings import StoreSettings
from tram.fleet.store.state.snapshot import keep_snapshots
from tram.runtime.clock import Clock
from tram.runtime.errors import first_of

__all__ = ("Store",)


class Store:
    """Opens a folder, runs the followers and the port over it, and closes it in good order."""

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
        self._keep_minutes = keep_minutes
        self._threads = ThreadPoolExecutor(READERS // 2, thread_name_prefix="store")
        self._opened: Opened | None = None
        self._follower: LogFollower | None = None

    def problem(self) -> str | None:
        """Return None while the store works, else one sentence."""
        if self._follower is None:
            return "The telemetry store is still starting."
        return self._follower.problem

    async def run(self, stop: asyncio.Event, port: int, key: str) -> None:
        """Open the folder, follow the log and answer on the port until ``stop``.

        Raises:
            Refused: if the folder or the port is taken, or a setting cannot be met.
            Broken: if the folder or the log needs a newer version.
        """
        opening = Opening(
            self._settings, self._folder, self._ports, self._clock, self._keep_minutes
        )
        epoch = await self._ports.reader.epoch()
        self._opened = opened = await self._in_thread(opening.open, epoch)
        self._follower = follower = LogFollower(
            opened, self._ports, self._settings, self._clock, self._in_thread
        )
        seconds_max = self._settings.query_seconds_max
        pages = StorePages(
            self.problem,
            Answering(opened, self._clock, self._in_thread).answer,
            Operations(
                opened, follower, self._folder, seconds_max, self._clock, self._in_thread, stop
            ).run,
        )
        app = Port(pages, opened.engine, key, seconds_max)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(loop) for loop in self._loops(opened, follower)]
                await serve(app, port, stop)
                for task in tasks:
                    task.cancel()
        except ExceptionGroup as error:
            raise first_of(error) from error
        finally:
            app.close()
            self._threads.shutdown(wait=True)  # a batch under way ends before the engine does
            opened.engine.close()

    def _loops(self, opened: Opened, follower: LogFollower) -> Iterator[Coroutine[Any, Any, None]]:
        """Yield what runs while the store is open."""
        clock, ports = self._clock, self._ports
        rolling = Rolling(
            opened.history,
            clock,
            lambda: opened.ingest.checkpoint,
            follower.blocks_ahead,
            self._in_thread,
        )
        yield from (loop() for loop in follower.loops())
        yield follow_registry(opened, ports.dimensions, clock, self._in_thread)
        yield publish_frames(opened.frames, ports.live, clock)
        yield opened.purge.run(opened.checkpoint.epoch)
        yield rolling.run()
        yield keep_snapshots(self._folder, lambda: follower.applied, follower.snapshot)

    async def _in_thread(self, call: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401  # whatever the call returns
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)
