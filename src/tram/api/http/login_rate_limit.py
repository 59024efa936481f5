"""Log-in attempts per address: guessing is slow, and one guesser does not lock out the others.

A browser that somebody has logged in with before is not counted here: the registry counts it apart.
"""

from collections import OrderedDict, deque

from tram.domain.addresses import neighbourhood
from tram.runtime.errors import Unavailable

__all__ = ("LoginRateLimit",)

_ATTEMPTS_MAX = 60
"""An office shares one address: its people together may log in this often in a minute."""
_WINDOW_S = 60.0
_ADDRESSES_MAX = 10_000
"""Addresses remembered at once; beyond it the one seen longest ago is forgotten."""


class LoginRateLimit:
    """Counts attempts of each address (of each /64 in IPv6) in the last minute."""

    def __init__(self) -> None:
        self._attempts: OrderedDict[str, deque[float]] = OrderedDict()

    def attempt(self, address: str, now_s: float) -> None:
        """Count one attempt.

        Raises:
            Unavailable: ``login.too_often`` when the address tried too often within a minute.
        """
        place = neighbourhood(address)
        times = self._attempts.setdefault(place, deque())
        self._attempts.move_to_end(place)
        while times and times[0] <= now_s - _WINDOW_S:
            times.popleft()
        if len(times) >= _ATTEMPTS_MAX:
            raise Unavailable(
                "login.too_often",
                "Too many log-in attempts came from this address.",
                "Wait as long as Retry-After says, then try again.",
                retry_after_s=max(1, round(times[0] + _WINDOW_S - now_s)),
            )
        times.append(now_s)
        if len(self._attempts) > _ADDRESSES_MAX:
            self._attempts.popitem(last=False)
