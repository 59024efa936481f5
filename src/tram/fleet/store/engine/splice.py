"""Joins the engine's Arrow chunks, each a complete stream, into one stream.

A reader stops at the first end-of-stream mark; without this it silently loses all later rows.
"""

import struct
from collections.abc import Iterable, Iterator

from tram.runtime.errors import Broken

__all__ = ("spliced",)

_END_OF_STREAM = b"\xff\xff\xff\xff\x00\x00\x00\x00"
_CONTINUATION = b"\xff\xff\xff\xff"


def spliced(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the first chunk's schema, every chunk's batches, and one end mark.

    Yields nothing for no chunk: the caller then has no schema to send.
    """
    seen = False
    for chunk in chunks:
        if not chunk:
            continue
        if not chunk.endswith(_END_OF_STREAM):
            raise Broken("store.chunk", "The engine sent a cut Arrow chunk.")
        yield chunk[_schema_length(chunk) if seen else 0 : -len(_END_OF_STREAM)]
        seen = True
    if seen:
        yield _END_OF_STREAM


def _schema_length(chunk: bytes) -> int:
    """Return the length of the schema message at the start (it has no body)."""
    if not chunk.startswith(_CONTINUATION):
        raise Broken("store.chunk", "The engine sent an Arrow chunk without its schema.")
    (metadata_bytes,) = struct.unpack_from("<i", chunk, len(_CONTINUATION))
    return len(_CONTINUATION) + 4 + int(metadata_bytes)
