"""Log-in attempts per address: guessing is slow, and one guesser does not lock out the others."""

from collections import OrderedDict, deque

from tram.runtime.errors import Refused

__all__ = ("LoginThrottle",)

_ATTEMPTS_MAX = 60
"""An office shares one address: its people together may log in this often in a minute."""
_WINDOW_S = 60.0
_ADDRESSES_MAX = 10_000
"""Addresses remembered at once; beyond it the one seen longest ago is forgotten."""


class LoginThrottle:
    """Counts attempts of each address in the last minute."""

    def __init__(self) -> None:
        self._attempts: OrderedDict[str, deque[float]] = OrderedDict()

    def attempt(self, address: str, now_s: float) -> None:
        """Count one attempt.

        Raises:
            Refused: ``login.too_often`` when the address tried too often within a minute.
        """
        times = self._attempts.setdefault(address, deque())
        self._attempts.move_to_end(address)
        while times and times[0] <= now_s - _WINDOW_S:
            times.popleft()
        if len(times) >= _ATTEMPTS_MAX:
            raise Refused(
                "login.too_often",
                "Too many log-in attempts came from this address.",
                "Wait a minute, then try again.",
            )
        times.append(now_s)
        if len(self._attempts) > _ADDRESSES_MAX:
            self._attempts.popitem(last=False)
