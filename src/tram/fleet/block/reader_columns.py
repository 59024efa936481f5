"""The columns of a block that the batch reader filled: the same memory as ``Block`` in ``batch_reader/reader.h``."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tram.domain.reading import Kind
from tram.fleet.block.arrays import plain_array, where
from tram.fleet.block.limits import BLOCK_BYTES_MAX, MESSAGES_MAX, ROWS_MAX

__all__ = ("BLOCK_LAYOUT", "ReaderColumns")

_MQTT: Final = 1

BLOCK_LAYOUT: Final = np.dtype(
    [
        *((name, np.uint32) for name in ("messages", "rows", "acks", "line")),
        *((name, np.uint64) for name in ("charge", "room")),
        *((name, np.int64, MESSAGES_MAX) for name in ("device", "org", "at_ms")),
        ("fingerprint", np.uint64, MESSAGES_MAX),
        *((name, np.uint32, MESSAGES_MAX) for name in ("line_of", "ack_slot", "ack_ticket")),
        *((name, np.uint16, MESSAGES_MAX) for name in ("packet_id", "rows_of", "ack_id")),
        *((name, np.uint8, MESSAGES_MAX) for name in ("qos", "quality")),
        ("f", np.float64, ROWS_MAX),
        ("i", np.int64, ROWS_MAX),
        ("metric", np.int32, ROWS_MAX),
        ("text_end", np.uint32, ROWS_MAX + 1),
        ("kind", np.uint8, ROWS_MAX),
        ("text", np.uint8, BLOCK_BYTES_MAX),
    ],
    align=True,
)


class ReaderColumns:
    """What the batch reader put into one block; ``names`` are the keys by their code."""

    __slots__ = ("_charges", "_head", "address", "names", "record")

    def __init__(self, names: list[str]) -> None:
        self.names = names
        self.record: npt.NDArray[np.void] = np.empty(1, BLOCK_LAYOUT)
        self.address = self.record.ctypes.data
        self._head = self.record.view(np.uint8)[:16].view(np.uint32)
        self._head[:] = 0
        self._charges = self.record.view(np.uint8)[16:32].view(np.uint64)

    @property
    def messages(self) -> int:
        """Return how many messages there are."""
        return int(self._head[0])

    @property
    def rows(self) -> int:
        """Return how many values there are."""
        return int(self._head[1])

    @property
    def charge(self) -> int:
        """Return what the messages since ``begin`` are charged."""
        return int(self._charges[0])

    @property
    def acks(self) -> int:
        """Return how many messages wait for PUBACK from the batch reader."""
        return int(self._head[2])

    def begin(self, line: int, room: int) -> None:
        """Say where the next message stands in the block and what it may be charged."""
        self._head[3] = line
        self._charges[:] = 0, room

    def packet_ids(self, first: int, many: int) -> list[int]:
        """Return the packet ids of so many messages, without those that have none (QoS 0)."""
        ids: list[int] = self.column("packet_id")[first : first + many].tolist()
        return [packet_id for packet_id in ids if packet_id]

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return the filled part of a column."""
        whole: npt.NDArray[Any] = self.record[name][0]
        if len(whole) == ROWS_MAX:
            return whole[: self.rows]
        return whole[: self.acks if name.startswith("ack_") else self.messages]

    def messages_batch(self, schema: pa.Schema) -> pa.RecordBatch:
        """Return the messages in the schema of a block."""
        many = self.messages
        arrays = [
            plain_array(self.column("device")),
            plain_array(self.column("org")),
            plain_array(self.column("packet_id")),
            pa.Array.from_buffers(pa.bool_(), many, [None, pa.py_buffer(bytes(many // 8 + 1))]),
            plain_array(self.column("qos")),
            plain_array(np.full(many, _MQTT, np.uint8)),
            plain_array(self.column("fingerprint")),
            # A text without characters takes none: its offsets are all 0.
            pa.Array.from_buffers(
                pa.utf8(), many, [None, pa.py_buffer(bytes(4 * many + 4)), pa.py_buffer(b"")]
            ),
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def readings_batch(self, schema: pa.Schema) -> pa.RecordBatch:
        """Return the values in the schema of a block."""
        many, rows_of = self.rows, self.column("rows_of")
        kinds = self.column("kind")
        is_float = kinds == int(Kind.FLOAT)
        is_whole = (kinds == int(Kind.INTEGER)) | (kinds == int(Kind.BOOLEAN))
        status = np.zeros(many, np.uint8)  # measuring
        arrays = [
            plain_array(np.repeat(self.column("line_of"), rows_of)),
            self._metrics(),
            plain_array(np.repeat(self.column("at_ms"), rows_of)),
            plain_array(kinds),
            where(is_float, self.column("f")),
            where(is_whole, self.column("i")),
            self._texts(kinds == int(Kind.TEXT)),
            plain_array(status),
            plain_array(np.repeat(self.column("quality"), rows_of)),
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _texts(self, is_text: npt.NDArray[np.bool_]) -> pa.Array:
        """Return the column of texts."""
        many = len(is_text)
        if not is_text.any():
            return pa.nulls(many, pa.utf8())
        ends = self.record["text_end"][0][: many + 1]
        text = self.record["text"][0][: ends[many]]
        there = pa.py_buffer(np.packbits(is_text, bitorder="little"))
        return pa.Array.from_buffers(
            pa.utf8(), many, [there, pa.py_buffer(ends), pa.py_buffer(text)]
        )

    def _metrics(self) -> pa.DictionaryArray:
        """Return the keys, with only those in the dictionary that this block names."""
        codes = self.column("metric")
        used = np.flatnonzero(np.bincount(codes))
        places = np.zeros(len(self.names), np.int32)
        places[used] = np.arange(len(used), dtype=np.int32)
        words = [self.names[code] for code in used.tolist()]
        return pa.DictionaryArray.from_arrays(
            plain_array(places[codes]), pa.array(words, pa.utf8())
        )
