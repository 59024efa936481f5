"""The greatest memory of a process while something runs."""

import threading
from pathlib import Path

__all__ = ("PeakMemory",)

_INTERVAL_S = 0.05
_KILOBYTES_PER_MB = 1_000.0


class PeakMemory:
    """Looks at a process's resident memory twenty times a second."""

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._before = self._now()
        self._peak = self._before
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def grown_mb(self) -> float:
        """Return by how much the process was larger than before, at most."""
        return (self._peak - self._before) / _KILOBYTES_PER_MB

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_INTERVAL_S):
            self._peak = max(self._peak, self._now())

    def _now(self) -> int:
        for line in self._status.read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        return 0
