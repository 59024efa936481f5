"""Deadlines of very many connections with one timer: a wheel of half-second slots."""

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

__all__ = ("TICK_S", "Deadlines", "Watched")

TICK_S: Final = 0.5


class Watched(Protocol):
    """What has deadlines; ``due`` belongs to the wheel."""

    due: int

    def overdue(self) -> None:
        """Act on the deadline: end, or watch again."""
        ...


class Deadlines:
    """Calls ``overdue`` of each watched thing once its time has come, never early.

    ``tick`` counts half seconds; ``failed`` is told what one of them raised, and the others go on.
    """

    def __init__(self, failed: Callable[[Watched, Exception], None]) -> None:
        self._failed = failed
        self.tick = 1
        self._slots: dict[int, set[Watched]] = {}

    def watch(self, watched: Watched, seconds: float) -> None:
        """Set the only deadline of ``watched``, instead of an earlier one."""
        self.forget(watched)
        watched.due = self.tick + 1 + int(seconds / TICK_S)
        self._slots.setdefault(watched.due, set()).add(watched)

    def forget(self, watched: Watched) -> None:
        """Take the deadline away, if there is one."""
        slot = self._slots.get(watched.due)
        if slot is not None:
            slot.discard(watched)

    async def run(self) -> None:
        """Turn the wheel until cancelled."""
        loop = asyncio.get_running_loop()
        next_s = loop.time()
        while True:
            next_s = max(next_s + TICK_S, loop.time())
            await asyncio.sleep(next_s - loop.time())
            self.advance()

    def advance(self) -> None:
        """Turn the wheel by one slot."""
        self.tick += 1
        for watched in self._slots.pop(self.tick, ()):
            try:
                watched.overdue()
            except Exception as error:  # noqa: BLE001  # the wheel turns for everybody
                self._failed(watched, error)
