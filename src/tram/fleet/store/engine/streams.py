"""Tables as Arrow streams, and bytes in parts as files: one to read, one whose content is taken."""

import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa

__all__ = ("ByteParts", "Pipe", "arrow_bytes", "arrow_table", "whole_reader")

_READ_BYTES = 1 << 20


class Pipe(io.RawIOBase):
    """Bytes that arrive in parts, as a file that is read once from its start."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  # any writable buffer
        """Fill a buffer as far as the next part reaches; 0 at the end."""
        while not self._rest:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._rest = memoryview(part)
        target = memoryview(buffer).cast("B")
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


class ByteParts(io.RawIOBase):
    """Where a writer writes; what it wrote is taken out in parts."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401  # any buffer
        """Keep the bytes until they are taken."""
        part = bytes(data)
        self._parts.append(part)
        self._written += len(part)
        return len(part)

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._written

    def take(self) -> Iterator[bytes]:
        """Yield what was written since the last call."""
        parts, self._parts = self._parts, []
        yield from parts


def whole_reader(pipe: Pipe) -> io.BufferedReader:
    """Return a reader that never stops short of what is asked for, save at the end."""
    return io.BufferedReader(pipe, _READ_BYTES)


def arrow_bytes(table: pa.Table) -> bytes:
    """Return a table as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue())


def arrow_table(content: bytes) -> pa.Table:
    """Return the whole table of an Arrow stream."""
    with pa.ipc.open_stream(content) as stream:
        return stream.read_all()
