"""What was read from the log and waits for the tables: bounded in bytes, taken in large runs."""

import asyncio
from collections import deque

from tram.fleet.log.reader import StreamMessage

__all__ = ("Backlog",)

PENDING_BYTES_MAX = 67_108_864
"""Block bytes read ahead of the inserts; beyond it the reader waits."""
LARGE_RUNS = 8
"""How much larger a run may be while readings wait."""
_BYTES_PER_ROW = 8
"""A row takes at least this much of a block: turns rows per run into bytes."""


class Backlog:
    """Entries of the log in their order; one task adds, one takes."""

    def __init__(self, rows_per_run: int) -> None:
        self._run_bytes = rows_per_run * _BYTES_PER_ROW
        self._entries: deque[StreamMessage] = deque()
        self._bytes = 0
        self._arrived = asyncio.Event()
        self._drained = asyncio.Event()

    async def add(self, entry: StreamMessage) -> None:
        """Append an entry; returns when there is room for the next."""
        self._entries.append(entry)
        self._bytes += len(entry.payload)
        self._arrived.set()
        while self._bytes > PENDING_BYTES_MAX:
            self._drained.clear()
            await self._drained.wait()

    async def arrived(self) -> bool:
        """Wait for an entry; return whether there are enough for a whole run."""
        await self._arrived.wait()
        return self._bytes >= self._run_bytes

    def take(self) -> list[StreamMessage]:
        """Return the first entries: a run, or a larger one while more than that waits."""
        run: list[StreamMessage] = []
        size = 0
        wanted = min(max(self._run_bytes, self._bytes // 2), self._run_bytes * LARGE_RUNS)
        while self._entries and (not run or size < wanted):
            run.append(self._entries.popleft())
            size += len(run[-1].payload)
        self._bytes -= size
        if not self._entries:
            self._arrived.clear()
        self._drained.set()
        return run
