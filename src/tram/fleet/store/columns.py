"""Blocks as columns: what many blocks hold, side by side, without a Python object per row."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tram.fleet.block.block import Block, decode_block
from tram.runtime.errors import Broken

__all__ = (
    "BlockColumns",
    "Events",
    "Ints",
    "Messages",
    "Numbered",
    "ReadingColumns",
    "gather",
    "read_block",
)

Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_NEEDED_OF_READINGS = ("message", "metric", "observed_at_ms", "kind", "status", "quality")


class Numbered(NamedTuple):
    """A decoded block and its sequence in the log."""

    seq: int
    block: Block


@dataclass(slots=True)
class _Columns:
    """Columns of one length; texts are Arrow arrays, everything else numpy arrays."""

    def __len__(self) -> int:
        return len(getattr(self, fields(self)[0].name))

    def where(self, mask: Mask) -> Self:
        """Return the lines where the mask is true."""
        if bool(mask.all()):
            return self
        chosen = pa.array(mask)
        parts = (getattr(self, field.name) for field in fields(self))
        return type(self)(
            *(part.filter(chosen) if isinstance(part, pa.Array) else part[mask] for part in parts)
        )


@dataclass(slots=True)
class ReadingColumns(_Columns):
    """Readings; ``word`` indexes ``BlockColumns.words``, ``message`` the messages' lines."""

    seq: Ints
    row_no: Ints
    message: Ints
    device: Ints
    org_id: Ints
    word: Ints
    observed_at_ms: Ints
    kind: npt.NDArray[np.uint8]
    f: npt.NDArray[np.float64]
    i: Ints
    s: pa.StringArray
    status: npt.NDArray[np.uint8]
    quality: npt.NDArray[np.uint8]
    received_at_ms: Ints


@dataclass(slots=True)
class Messages(_Columns):
    """Accepted messages; ``first_row`` and ``rows`` say which readings were theirs."""

    seq: Ints
    number: Ints
    device: Ints
    org_id: Ints
    packet_id: Ints
    duplicate: Mask
    qos: Ints
    protocol: Ints
    fingerprint: npt.NDArray[np.uint64]
    idempotency_key: pa.StringArray
    first_row: Ints
    rows: Ints
    received_at_ms: Ints


@dataclass(slots=True)
class Events(_Columns):
    """Presence, refusals and attributes; ``boot`` is the gateway boot that saw them."""

    seq: Ints
    number: Ints
    device: Ints
    org_id: Ints
    at_ms: Ints
    kind: Ints
    code: pa.StringArray
    detail: pa.StringArray
    boot: pa.StringArray
    received_at_ms: Ints


@dataclass(slots=True)
class BlockColumns:
    """Everything that a run of blocks holds; ``words`` are the metric keys that occur."""

    rows: ReadingColumns
    messages: Messages
    events: Events
    words: list[str]


def read_block(seq: int, payload: bytes) -> Numbered:
    """Decode a block and make sure that its columns fit together.

    Raises:
        Broken: if they do not, or the bytes are no block that this version reads.
    """
    block = decode_block(payload)
    readings = block.readings
    holes = any(readings[name].null_count for name in _NEEDED_OF_READINGS)
    holes = holes or any(column.null_count for column in block.messages.columns)
    holes = holes or any(column.null_count for column in block.events.columns)
    greatest = pc.max(readings["message"]).as_py()
    if holes or (greatest is not None and greatest >= block.messages.num_rows):
        raise Broken("block.damaged", "A block in the log has holes or rows without a message.")
    return Numbered(seq, block)


def gather(blocks: Sequence[Numbered]) -> BlockColumns:
    """Put the blocks' columns side by side, in log order."""
    counts = np.array([block.messages.num_rows for _, block in blocks], np.int64)
    words: dict[str, int] = {}
    codes = [_codes(block.readings["metric"], words) for _, block in blocks]
    readings = pa.concat_tables([block.readings.drop_columns(["metric"]) for _, block in blocks])
    lengths = np.array([block.readings.num_rows for _, block in blocks], np.int64)
    messages = _messages(blocks, counts)
    message = _ints(readings["message"]) + np.repeat(np.cumsum(counts) - counts, lengths)
    rows = ReadingColumns(
        seq=_of_block([seq for seq, _ in blocks], lengths),
        row_no=_numbers(lengths),
        message=message,
        device=messages.device[message],
        org_id=messages.org_id[message],
        word=np.concatenate(codes),
        observed_at_ms=_ints(readings["observed_at_ms"]),
        kind=_array(readings["kind"], 0),
        f=_array(readings["f"], 0.0),
        i=_array(readings["i"], 0),
        s=_texts(readings["s"]),
        status=_array(readings["status"], 0),
        quality=_array(readings["quality"], 0),
        received_at_ms=messages.received_at_ms[message],
    )
    _count_rows(messages, rows)
    return BlockColumns(rows, messages, _events(blocks), list(words))


def _messages(blocks: Sequence[Numbered], counts: Ints) -> Messages:
    table = pa.concat_tables([block.messages for _, block in blocks])
    return Messages(
        seq=_of_block([seq for seq, _ in blocks], counts),
        number=_numbers(counts),
        device=_ints(table["device"]),
        org_id=_ints(table["org"]),
        packet_id=_ints(table["packet_id"]),
        duplicate=table["duplicate"].to_numpy(),
        qos=_ints(table["qos"]),
        protocol=_ints(table["protocol"]),
        fingerprint=table["fingerprint"].to_numpy(),
        idempotency_key=_texts(table["idempotency_key"]),
        first_row=np.zeros(table.num_rows, np.int64),
        rows=np.zeros(table.num_rows, np.int64),
        received_at_ms=_of_block([b.header.received_at_ms for _, b in blocks], counts),
    )


def _events(blocks: Sequence[Numbered]) -> Events:
    counts = np.array([block.events.num_rows for _, block in blocks], np.int64)
    table = pa.concat_tables([block.events for _, block in blocks])
    boots = np.repeat(np.array([block.header.boot for _, block in blocks], object), counts)
    return Events(
        seq=_of_block([seq for seq, _ in blocks], counts),
        number=_numbers(counts),
        device=_ints(table["device"]),
        org_id=_ints(table["org"]),
        at_ms=_ints(table["at_ms"]),
        kind=_ints(table["kind"]),
        code=_texts(table["code"]),
        detail=_texts(table["detail"]),
        boot=pa.array(boots, pa.utf8()),
        received_at_ms=_of_block([b.header.received_at_ms for _, b in blocks], counts),
    )


def _count_rows(messages: Messages, rows: ReadingColumns) -> None:
    """Note for each message where its rows start and how many there are."""
    messages.rows = np.bincount(rows.message, minlength=len(messages)).astype(np.int64)
    with_rows, first = np.unique(rows.message, return_index=True)
    messages.first_row[with_rows] = rows.row_no[first]


def _codes(column: pa.ChunkedArray, words: dict[str, int]) -> Ints:
    """Return for each row the place of its metric key in ``words``, which grows as needed."""
    parts = [np.empty(0, np.int64)]
    for chunk in column.chunks:
        places = [words.setdefault(word, len(words)) for word in chunk.dictionary.to_pylist()]
        parts.append(np.array(places, np.int64)[chunk.indices.to_numpy()])
    return np.concatenate(parts)


def _of_block(values: Sequence[int], counts: Ints) -> Ints:
    return np.repeat(np.array(values, np.int64), counts)


def _numbers(counts: Ints) -> Ints:
    """Return 0, 1, 2, … anew within each block."""
    starts = np.cumsum(counts) - counts
    return np.arange(int(counts.sum()), dtype=np.int64) - np.repeat(starts, counts)


def _ints(column: pa.ChunkedArray) -> Ints:
    array: Ints = column.to_numpy().astype(np.int64)
    return array


def _array(column: pa.ChunkedArray, null: float) -> Any:  # noqa: ANN401  # an array of the column's own type
    return pc.fill_null(column, null).to_numpy()


def _texts(column: pa.ChunkedArray) -> pa.StringArray:
    filled = pc.fill_null(column, "").combine_chunks()
    return filled if isinstance(filled, pa.Array) else pa.chunked_array(filled).combine_chunks()
