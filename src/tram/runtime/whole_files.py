"""Files that are on disk whole or not at all, whatever ends their writer meanwhile."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ("replacing", "write_private", "write_whole")

_COMMON = 0o666
_PRIVATE = 0o600


@contextmanager
def replacing(path: Path, mode: int = _COMMON) -> Iterator[IO[bytes]]:
    """Give a file that takes the place of ``path``, on disk, when the block ends without a fault.

    After a crash the old file or the new one is there, never a part of it.
    """
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_whole(path: Path, content: bytes) -> None:
    """Put a file on disk, whole or not at all."""
    with replacing(path) as file:
        file.write(content)


def write_private(path: Path, content: bytes) -> None:
    """Put a file that only its owner may read (0600) on disk, whole or not at all."""
    with replacing(path, _PRIVATE) as file:
        file.write(content)
