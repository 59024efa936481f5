"""Takeovers: how often a client id is taken over, and how long a newcomer waits for it.

Two boards with one name end each other's connection for ever, thousands of times a minute. A device
that comes back after a broken connection takes its own name over once; whoever does so again and
again waits a little longer each time, and who has the name keeps it meanwhile.
"""

from collections import OrderedDict
from typing import Final

from tram.domain.ids import DeviceId
from tram.runtime.clock import Clock

__all__ = ("CALM_S", "FREE", "REMEMBERED_MAX", "WAIT_S_FIRST", "WAIT_S_MAX", "Takeovers")

FREE: Final = 5
"""So many takeovers of one name follow each other without a wait."""
CALM_S: Final = 60.0
"""After this time without a takeover, a name is as any other."""
WAIT_S_FIRST: Final = 0.5
WAIT_S_MAX: Final = 10.0
REMEMBERED_MAX: Final = 10_000

_Key = tuple[DeviceId, str]


class Takeovers:
    """The names of clients that were taken over of late, with how often and when."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._seen: OrderedDict[_Key, tuple[int, float]] = OrderedDict()

    def note(self, key: _Key) -> None:
        """Count a takeover."""
        count = self._count(key)
        self._seen[key] = count + 1, self._clock.monotonic_s()
        self._seen.move_to_end(key)
        if len(self._seen) > REMEMBERED_MAX:
            self._seen.popitem(last=False)

    def wait_s(self, key: _Key) -> float:
        """Return how long the next newcomer waits before it may take a name over."""
        more = self._count(key) - FREE
        if more < 0:
            return 0.0
        return min(WAIT_S_FIRST * 2.0 ** min(more, 10), WAIT_S_MAX)

    def is_contested(self, key: _Key) -> bool:
        """Whether newcomers wait for this name."""
        return self._count(key) >= FREE

    def _count(self, key: _Key) -> int:
        count, last_s = self._seen.get(key, (0, 0.0))
        return count if self._clock.monotonic_s() - last_s < CALM_S else 0
