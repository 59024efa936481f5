"""Time as an argument: the system clock, and one that a test moves by hand."""

import asyncio
import time
from typing import Protocol

__all__ = ("Clock", "ManualClock", "SystemClock")


class Clock(Protocol):
    """What the product asks of time."""

    def now_ms(self) -> int:
        """Return the UTC epoch in milliseconds."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds that never go back, for intervals."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait without blocking the loop."""
        ...


class SystemClock:
    """The machine's clock."""

    def now_ms(self) -> int:
        """Return the UTC epoch in milliseconds."""
        return time.time_ns() // 1_000_000

    def monotonic_s(self) -> float:
        """Return seconds that never go back, for intervals."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait without blocking the loop."""
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock for tests and simulations; it moves only when told, or when slept on."""

    def __init__(self, now_ms: int) -> None:
        self._start_ms = now_ms
        self._now_ms = now_ms

    def now_ms(self) -> int:
        """Return the UTC epoch in milliseconds."""
        return self._now_ms

    def monotonic_s(self) -> float:
        """Return seconds since this clock was made."""
        return (self._now_ms - self._start_ms) / 1000

    def advance(self, milliseconds: int) -> None:
        """Move time forward."""
        self._now_ms += milliseconds

    async def sleep(self, seconds: float) -> None:
        """Advance by the wait, and give other tasks their turn."""
        self.advance(int(seconds * 1000))
        await asyncio.sleep(0)
