"""The way in and out of one connection, from its beginning to its end."""

from typing import Any, Final

__all__ = ("NO_SLOT", "StreamTransport")

NO_SLOT: Final = -1
"""The place of a connection that the batch reader does not read."""


class StreamTransport:
    """What asyncio reads and writes for a connection; it has none before the beginning and after the end.

    ``slot`` is its place in the batch reader.
    """

    __slots__ = ("_stream", "is_open", "slot")

    def __init__(self) -> None:
        self._stream: Any = None  # asyncio.Transport
        self.is_open = False
        """Whether something can be written."""
        self.slot = NO_SLOT

    def begin(self, stream: Any, write_bytes_max: int) -> None:  # noqa: ANN401  # asyncio's transport
        """Take asyncio's transport, and how much may wait in it before no more is read."""
        self._stream = stream
        self.is_open = True
        stream.set_write_buffer_limits(write_bytes_max)

    def end(self) -> Any:  # noqa: ANN401  # asyncio's transport
        """Give asyncio's transport back; nothing is read or written after it."""
        stream, self._stream = self._stream, None
        self.is_open = False
        return stream

    def leave(self) -> None:
        """Leave the batch reader; the transport may be in none."""

    def listen(self, *, wanted: bool) -> None:
        """Read or stop reading; the transport is open."""
        if wanted:
            self._stream.resume_reading()
        else:
            self._stream.pause_reading()

    def write(self, data: bytes | bytearray) -> None:
        """Write after what was written before; the transport is open."""
        self._stream.write(data)

    @property
    def is_closing(self) -> bool:
        """Whether it is at its end, though that was not told yet."""
        return self._stream is None or bool(self._stream.is_closing())

    @property
    def has_unsent(self) -> bool:
        """Whether something written earlier has not left yet."""
        return bool(self._stream.get_write_buffer_size())

    def detail(self, name: str) -> Any:  # noqa: ANN401  # asyncio's objects
        """Return what asyncio knows of the transport (``socket``, ``ssl_object``), None where it has none."""
        return self._stream.get_extra_info(name)
