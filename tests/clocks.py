"""Clocks for servers under test: real waiting, chosen dates."""

from tram.runtime.clock import SystemClock


class ClockFrom(SystemClock):
    """Runs at the usual pace from a given date on, so that no test depends on when it runs."""

    def __init__(self, start_ms: int) -> None:
        self._start_ms = start_ms
        self._made_s = self.monotonic_s()

    def now_ms(self) -> int:
        return self._start_ms + int((self.monotonic_s() - self._made_s) * 1000)


class StoppedClock(SystemClock):
    """Waits as usual, but the date stays."""

    def __init__(self, now_ms: int) -> None:
        self._now_ms = now_ms

    def now_ms(self) -> int:
        return self._now_ms
