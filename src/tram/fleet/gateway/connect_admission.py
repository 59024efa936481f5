"""The turnstile: when thousands connect at once, they come in by small groups.

What lies between two groups is the time in which everybody else is read and answered.
"""

import asyncio
from collections import deque
from typing import Final

__all__ = ("GROUP", "PAUSE_S", "ConnectAdmission")

GROUP: Final = 40
"""So many come in together: a few milliseconds of work."""
PAUSE_S: Final = 0.004


class ConnectAdmission:
    """Lets newcomers in, in the order they came; nobody waits while few come."""

    def __init__(self) -> None:
        self._room = GROUP
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    async def enter(self) -> None:
        """Return when the caller may come in."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PAUSE_S, self._next)
        if self._room and not self._waiting:
            self._room -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        await turn

    def _next(self) -> None:
        """Begin a group."""
        self._timer = None
        self._room = GROUP
        while self._room and self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # who waited for it may have gone
                turn.set_result(None)
                self._room -= 1
        if self._room < GROUP:
            self._timer = asyncio.get_running_loop().call_later(PAUSE_S, self._next)
