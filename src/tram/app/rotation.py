"""A log file that never grows beyond a bound: at the limit it becomes ``.1`` and starts anew."""

from pathlib import Path

__all__ = ("RotatingFile",)

_BYTES_MAX = 10 * 1024 * 1024
_OLD_FILES = 3
_TAIL_BYTES = 2_000


class RotatingFile:
    """Appends bytes; keeps the newest ``_OLD_FILES`` full files beside the current one."""

    def __init__(self, path: Path, bytes_max: int = _BYTES_MAX) -> None:
        self.path = path
        self._bytes_max = bytes_max
        self._file = path.open("ab", buffering=0)
        self._bytes = path.stat().st_size

    def write(self, chunk: bytes) -> None:
        """Append; a full disk must not stop the product, so what cannot be written is let go."""
        if self._bytes + len(chunk) > self._bytes_max:
            self._rotate()
        try:
            self._file.write(chunk)
        except OSError:
            return
        self._bytes += len(chunk)

    def tail(self) -> str:
        """Return the end of the current file."""
        text = self.path.read_bytes()[-_TAIL_BYTES:].decode("utf-8", "replace").strip()
        return text.splitlines()[-1] if text else "it wrote nothing"

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _rotate(self) -> None:
        self._file.close()
        for number in range(_OLD_FILES, 0, -1):
            older = self._numbered(number - 1) if number > 1 else self.path
            if older.exists():
                older.replace(self._numbered(number))
        self._file = self.path.open("ab", buffering=0)
        self._bytes = 0

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")
