"""What operators ask of the store as a whole: how it stands, its tables as files, another home."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from tram.fleet.store.engine.engine import EngineError
from tram.fleet.store.engine.http_client import HttpEngine
from tram.fleet.store.engine.moved import Home, MoveReport
from tram.fleet.store.serving.backup import ExportManifest, export_tables
from tram.fleet.store.serving.log_follower import LogFollower
from tram.fleet.store.serving.opening import Opened
from tram.fleet.store.views import StoreStatus
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, Unavailable

__all__ = ("Operations",)

_MOVED_S = 1.0
"""Until the store ends after a move: the answer is on its way by then."""


@dataclass(frozen=True, slots=True)
class Operations:
    """Acts on the store as a whole; nobody's scope limits it."""

    opened: Opened
    follower: LogFollower
    folder: Path
    query_seconds_max: int
    clock: Clock
    in_thread: Callable[..., Awaitable[Any]]
    stop: asyncio.Event

    async def run(self, name: str, body: bytes) -> object:
        """Carry out ``/tram/<name>``.

        Raises:
            Refused: ``store.question`` if there is no such operation or it cannot be carried out.
            Unavailable: ``store.behind`` or ``store.failed``.
        """
        try:
            match name:
                case "status":
                    return self._status()
                case "heard":
                    await self.opened.dimensions.wait_for(msgspec.json.decode(body, type=int))
                    return None
                case "export":
                    return await self._export(Path(msgspec.json.decode(body, type=str)))
                case "move":
                    return await self._move(msgspec.json.decode(body, type=Home))
                case _:
                    raise Refused("store.question", f"There is no question '{name}'.")
        except msgspec.DecodeError as error:
            raise Refused("store.question", f"The question cannot be read ({error}).") from error
        except EngineError as error:
            raise Unavailable("store.failed", error.sentence) from error

    def _status(self) -> StoreStatus:
        opened, follower = self.opened, self.follower
        checkpoint = follower.applied or opened.checkpoint
        return StoreStatus(
            epoch=checkpoint.epoch,
            checkpoint_seq=checkpoint.seq,
            lag_blocks=max(0, follower.last_seq - checkpoint.seq),
            dimensions_version=opened.dimensions.version,
            series=opened.latest.count,
            devices=len(opened.dimensions.devices()),
            rolled_seq=opened.history.rolled.seq,
            rolled_until_ms=opened.history.rolled.open_ms,
            problem=follower.problem,
            **msgspec.structs.asdict(checkpoint.counters),
        )

    async def _export(self, target: Path) -> ExportManifest:
        """Write every table at one checkpoint into an empty folder."""
        if not target.is_absolute():
            raise Refused("store.question", "The folder of an export is an absolute path.")
        opened = self.opened
        manifest: ExportManifest = await self.in_thread(
            export_tables, opened.engine, self.folder, opened.ingest.checkpoint, target
        )
        return manifest

    async def _move(self, home: Home) -> MoveReport:
        """Move the tables to a server; the store then ends, to be started again on it."""
        report: MoveReport = await self.in_thread(self._moved, home)
        asyncio.get_running_loop().call_later(_MOVED_S, self.stop.set)
        return report

    def _moved(self, home: Home) -> MoveReport:
        """Copy, compare and mark."""
        target = HttpEngine(home.url, home.key, self.query_seconds_max)
        ingest = self.opened.ingest
        try:
            return self.opened.history.move(
                target, home, self.folder, lambda: (ingest.checkpoint, self.clock.now_ms())
            )
        finally:
            target.close()
