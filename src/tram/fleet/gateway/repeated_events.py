"""What may happen again and again: told at once, then once a minute with how often it was."""

from collections.abc import Hashable
from typing import Final

from tram.runtime.clock import Clock

__all__ = ("EVERY_S", "REMEMBERED_MAX", "Recurring")

EVERY_S: Final = 60.0
REMEMBERED_MAX: Final = 10_000
"""Kinds of happenings remembered; beyond, the one that began first is told anew."""


class Recurring:
    """Counts happenings by their key, so that thousands of one kind become a few words."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: dict[Hashable, tuple[float, int]] = {}

    def many(self, key: Hashable) -> int:
        """Count one more; return how many there were since the last word, 0 if it is too early."""
        now_s = self._clock.monotonic_s()
        since_s, count = self._seen.get(key, (float("-inf"), 0))
        if now_s - since_s < EVERY_S:
            self._seen[key] = since_s, count + 1
            return 0
        self._seen.pop(key, None)
        if len(self._seen) >= REMEMBERED_MAX:
            del self._seen[next(iter(self._seen))]
        self._seen[key] = now_s, 0
        return count + 1
