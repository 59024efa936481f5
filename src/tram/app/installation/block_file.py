"""Blocks outside the log: a file of ``sequence (u64), length (u32), block`` one after another."""

import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from tram.runtime.errors import Broken

__all__ = ("BlockFileWriter", "read_blocks")

_HEAD = struct.Struct("<QI")


class BlockFileWriter:
    """Appends blocks in order of their sequence."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self.last_seq = 0
        self.count = 0

    def add(self, seq: int, payload: bytes) -> None:
        """Append one block."""
        self._file.write(_HEAD.pack(seq, len(payload)))
        self._file.write(payload)
        self.last_seq = seq
        self.count += 1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()


def read_blocks(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield sequence and bytes of each block.

    Raises:
        Broken: if the file ends within a block.
    """
    with path.open("rb") as file:
        while head := file.read(_HEAD.size):
            if len(head) < _HEAD.size:
                raise Broken("backup.cut", f"{path.name} ends within a block.")
            seq, length = _HEAD.unpack(head)
            payload = file.read(length)
            if len(payload) < length:
                raise Broken("backup.cut", f"{path.name} ends within a block.")
            yield seq, payload
