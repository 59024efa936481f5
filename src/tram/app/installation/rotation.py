"""Log files that never grow beyond a bound: at the limit one becomes ``.1`` and starts anew."""

import io
from pathlib import Path

from tram.app.installation.data_folder import DataFolder
from tram.runtime.logging import start_logging

__all__ = ("RotatingFile", "log_into")

_BYTES_MAX = 10 * 1024 * 1024
_OLD_FILES = 3
_TAIL_BYTES = 2_000


class RotatingFile(io.RawIOBase):
    """Appends bytes; keeps the newest ``_OLD_FILES`` full files beside the current one."""

    def __init__(self, path: Path, bytes_max: int = _BYTES_MAX) -> None:
        self.path = path
        self._bytes_max = bytes_max
        self._file = path.open("ab", buffering=0)
        self._bytes = path.stat().st_size

    def writable(self) -> bool:
        """Return True: it is there to be written."""
        return True

    def write(self, chunk: object) -> int:
        """Append; a full disk must not stop the product, so what cannot be written is let go."""
        raw = bytes(chunk)  # type: ignore[call-overload]  # any buffer
        if self._bytes + len(raw) > self._bytes_max:
            self._rotate()
        try:
            self._file.write(raw)
        except OSError:
            return len(raw)
        self._bytes += len(raw)
        return len(raw)

    def tail(self) -> str:
        """Return the last line of the current file."""
        text = self.path.read_bytes()[-_TAIL_BYTES:].decode("utf-8", "replace").strip()
        return text.splitlines()[-1] if text else "it wrote nothing"

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

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


def log_into(folder: DataFolder, role: str) -> None:
    """Keep this process's warnings in the folder's logs: the terminal is for people."""
    file = RotatingFile(folder.logs / f"{role}.log")
    text = io.TextIOWrapper(io.BufferedWriter(file), encoding="utf-8", line_buffering=True)
    start_logging(role, level="warning", file=text)
