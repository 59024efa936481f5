"""Frees the log of blocks that are in the tables and old enough that nobody doubts them."""

import asyncio
from collections import deque

from tram.fleet.log.nats_connection import DOUBTS
from tram.fleet.store.interfaces import StorePorts
from tram.runtime.clock import Clock
from tram.runtime.logging import get_logger

__all__ = ("KEEP_MINUTES", "LogPurge")

KEEP_MINUTES = 10
"""Blocks younger than this are never purged from the log (``LogSettings.keep_minutes``)."""
PURGE_INTERVAL_S = 60.0
_PLACES_MAX = 10_000

log = get_logger()


class LogPurge:
    """Remembers when which blocks came, and purges the old ones."""

    def __init__(self, ports: StorePorts, clock: Clock, keep_minutes: int) -> None:
        self._ports = ports
        self._clock = clock
        self._keep_ms = keep_minutes * 60_000
        self._places: deque[tuple[int, int]] = deque(maxlen=_PLACES_MAX)

    def note(self, seq: int, received_at_ms: int) -> None:
        """Remember that everything up to a block is in the tables."""
        self._places.append((seq, received_at_ms))

    async def run(self, epoch: int) -> None:
        """Purge for ever."""
        while True:
            await asyncio.sleep(PURGE_INTERVAL_S)
            below = self.purgeable(epoch)
            try:
                if below is not None:
                    await self._ports.reader.purge_below(below)
            except DOUBTS as error:
                log.info("log not purged now", error=repr(error))

    def purgeable(self, epoch: int) -> int | None:
        """Return the first sequence that must stay, None if nothing may go yet."""
        needed = self._ports.others.needed_from(epoch)
        if needed is None:
            return None
        oldest_ms = self._clock.now_ms() - self._keep_ms
        below = None
        while self._places and self._places[0][0] < needed and self._places[0][1] < oldest_ms:
            below = self._places.popleft()[0] + 1
        return below
