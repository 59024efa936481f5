"""When rollups are written: every few seconds, less often while many readings wait in the log."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from tram.fleet.store.engine.checkpoint import Checkpoint
from tram.fleet.store.engine.engine import EngineError
from tram.fleet.store.serving.history import History
from tram.runtime.clock import Clock
from tram.runtime.logging import get_logger
from tram.runtime.watch.loops import LOOPS, Heartbeat

__all__ = ("Rolling", "make_room")

ROLL_INTERVAL_S = 5.0
ROLL_INTERVAL_BEHIND_S = 300.0
"""Between rebuilds while the log is far ahead: fewer and larger, the next as soon as it is read."""
BEHIND_BLOCKS = 2_000  # a minute of them: a store that is busy for a moment rolls as usual
BUSY_BLOCKS, CAUGHT_UP_BLOCKS = 200, 10
"""From more than the one to less than the other, a backlog is read: its rollups follow at once."""
_LOOK_INTERVAL_S = 0.5
QUIET_S = 900.0
"""Rebuilding many hours takes minutes; a loop that says nothing for longer hangs."""
_WAITING_MAX = 3_000_000

log = get_logger()


@dataclass(frozen=True, slots=True)
class Rolling:
    """Keeps the rollups up with the readings."""

    history: History
    clock: Clock
    place: Callable[[], Checkpoint]
    """Up to where readings are in the table."""
    blocks_ahead: Callable[[], int]
    """How many blocks of the log are not."""
    in_thread: Callable[..., Awaitable[Any]]

    async def run(self) -> None:
        """Write rollups for ever."""
        heartbeat = LOOPS.begin("rollups", QUIET_S)
        while True:
            place = self.place()
            heartbeat.work(f"readings up to block {place.seq}")
            await self._try(self.history.roll, place.epoch, place.seq, self.clock.now_ms())
            heartbeat.reach(place.seq)
            await self._rest(heartbeat)

    async def _rest(self, heartbeat: Heartbeat) -> None:
        """Wait between two rebuilds; what waits is written in large runs meanwhile."""
        rested_s, most, ahead = 0.0, 0, 0
        while rested_s < (ROLL_INTERVAL_BEHIND_S if ahead > BEHIND_BLOCKS else ROLL_INTERVAL_S):
            await asyncio.sleep(_LOOK_INTERVAL_S)
            rested_s += _LOOK_INTERVAL_S
            ahead = self.blocks_ahead()
            most = max(most, ahead)
            if most > BUSY_BLOCKS and ahead < CAUGHT_UP_BLOCKS:
                return
            heartbeat.heartbeat()
            await self._try(self.history.flush, self.clock.now_ms())

    async def _try(self, work: Callable[..., object], *arguments: object) -> None:
        try:
            await self.in_thread(work, *arguments)
        except (EngineError, OSError):
            log.exception("rollups not written, trying again")


async def make_room(history: History) -> None:
    """Wait until not too many buckets wait in memory."""
    while True:
        if history.waiting <= _WAITING_MAX:
            return
        await asyncio.sleep(_LOOK_INTERVAL_S / 10)
