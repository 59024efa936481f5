"""The block: what a gateway collects in a few milliseconds and makes durable in one write.

Layout of format 1, little endian: magic ``TRAMBLK1``, boot id (16 ASCII bytes), number (u64),
received_at_ms (i64), then the byte lengths (3 × u32) of three Arrow IPC streams, then the streams;
a stream without lines has no bytes at all:

- readings: one line per value; ``message`` is the line of its message in the second stream
- messages: one line per accepted message, with what decides doubles
- events: presence, refusals and attributes, which are not readings
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import compress
from typing import Any, NamedTuple
from zlib import adler32, crc32

import numpy as np
import pyarrow as pa

from tram.domain.ids import DeviceId, OrgId
from tram.domain.reading import Kind, Status, Value, kind_of
from tram.fleet.block.arrays import in_order, plain_array, read_table, where
from tram.fleet.block.reader_columns import ReaderColumns
from tram.fleet.device.rows import Row
from tram.runtime.errors import Broken

__all__ = (
    "BOOT_ID_CHARS",
    "Block",
    "BlockBuilder",
    "BlockHeader",
    "Event",
    "EventKind",
    "Message",
    "decode_block",
    "decode_header",
    "encode_batches",
    "fingerprint",
)

MAGIC = b"TRAMBLK1"
BOOT_ID_CHARS = 16
_HEADER = struct.Struct("<8s16sQq3I")
_MEASURING = int(Status.MEASURING)
_RUN_NUMBERS = 5
_NUMBERS = {float, int, bool}
_KIND_OF: dict[type, int] = {
    float: int(Kind.FLOAT),
    int: int(Kind.INTEGER),
    bool: int(Kind.BOOLEAN),
}

READINGS = pa.schema(
    [
        ("message", pa.uint32()),
        ("metric", pa.dictionary(pa.int32(), pa.utf8())),
        ("observed_at_ms", pa.int64()),
        ("kind", pa.uint8()),
        ("f", pa.float64()),
        ("i", pa.int64()),
        ("s", pa.utf8()),
        ("status", pa.uint8()),
        ("quality", pa.uint8()),
    ]
)
MESSAGES = pa.schema(
    [
        ("device", pa.int64()),
        ("org", pa.int64()),
        ("packet_id", pa.uint16()),
        ("duplicate", pa.bool_()),
        ("qos", pa.uint8()),
        ("protocol", pa.uint8()),
        ("fingerprint", pa.uint64()),
        ("idempotency_key", pa.utf8()),
    ]
)
EVENTS = pa.schema(
    [
        ("device", pa.int64()),
        ("org", pa.int64()),
        ("at_ms", pa.int64()),
        ("kind", pa.uint8()),
        ("code", pa.utf8()),
        ("detail", pa.utf8()),
    ]
)
_EMPTY = {
    id(schema): pa.RecordBatch.from_arrays([pa.array([], f.type) for f in schema], schema=schema)
    for schema in (READINGS, MESSAGES, EVENTS)
}


class EventKind(IntEnum):
    """What happened to a device, other than a reading."""

    CONNECTED = 1
    DISCONNECTED = 2
    REFUSED = 3
    """A message was not accepted: ``code`` is the error code, ``detail`` says why."""
    ATTRIBUTE = 4
    """The device states a fact about itself: ``code`` is its name, ``detail`` its JSON value."""


class Protocol(IntEnum):
    """What a message came by; numbers from 128 belong to packages from elsewhere."""

    OTHER = 0
    MQTT = 1
    HTTP = 2

    @classmethod
    def _missing_(cls, _value: object) -> "Protocol":
        """Return OTHER for a protocol that only its own package knows."""
        return cls.OTHER


class Message(NamedTuple):
    """What the store needs of a message, once for all of its rows.

    ``fingerprint`` is a 64-bit hash of topic and payload; ``packet_id`` is 0 where there is none.
    """

    device: DeviceId
    org: OrgId
    packet_id: int
    duplicate: bool
    qos: int
    protocol: int
    fingerprint: int
    idempotency_key: str = ""


class Event(NamedTuple):
    """One event of a device at a time (UTC epoch milliseconds)."""

    device: DeviceId
    org: OrgId
    at_ms: int
    kind: int
    code: str = ""
    detail: str = ""


class BlockHeader(NamedTuple):
    """Who wrote the block, its number within the boot (from 1), and when it was closed."""

    boot: str
    number: int
    received_at_ms: int


@dataclass(frozen=True, slots=True)
class Block:
    """A decoded block; the three tables have the schemas of this module."""

    header: BlockHeader
    readings: pa.Table
    messages: pa.Table
    events: pa.Table


class BlockBuilder:
    """Collects messages and events; ``encode`` closes the block.

    Values are kept in columns from the start. What the values of one message share (its line, time,
    status and quality) is kept once, as a *run* over so many of them: five numbers in a flat list.
    What the batch reader takes lies in ``batch_columns`` and is joined in when the block closes.
    """

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._events: list[Event] = []
        self._metrics: list[str] = []
        self._values: list[Value] = []
        self._runs: list[int] = []
        self.batch_columns: ReaderColumns | None = None
        self._batch_lines = 0
        self._joints: list[tuple[int, int]] = []

    @property
    def is_empty(self) -> bool:
        """Whether nothing was added yet."""
        return not self.messages and not self._events

    @property
    def messages(self) -> int:
        """Return how many messages were added."""
        return len(self._messages) + self._batch_lines

    def join_batch(self) -> None:
        """Count what the batch reader has taken; messages added from now on stand behind it."""
        if self.batch_columns is not None:
            self._batch_lines = self.batch_columns.messages
            self._joints.append((len(self._messages), self._batch_lines))

    def add_message(self, message: Message, rows: Sequence[Row]) -> None:
        """Append one accepted message with its rows."""
        line = len(self._messages) + self._batch_lines
        self._messages.append(message)
        for metric, at_ms, value, status, quality in rows:
            self._metrics.append(metric)
            self._values.append(value)
            self._runs += (1, line, at_ms, status, quality)

    def add_values(
        self, message: Message, values: Mapping[str, Value], at_ms: int, quality: int
    ) -> None:
        """Append one accepted message whose values share their time and are measured."""
        messages = self._messages
        line = len(messages) + self._batch_lines
        self._runs += (len(values), line, at_ms, _MEASURING, quality)
        messages.append(message)
        self._metrics.extend(values)
        self._values.extend(values.values())

    def add_event(self, event: Event) -> None:
        """Append one event."""
        self._events.append(event)

    def encode(self, header: BlockHeader) -> bytes:
        """Return the block's bytes in format 1."""
        events = _columns(EVENTS, self._events)
        if not self._batch_lines:
            messages = _columns(MESSAGES, self._messages)
            return encode_batches(header, self._readings_batch(), messages, events)
        return encode_batches(header, *self._joined(), events)

    def drop_odd(self) -> list[Message]:
        """Drop values and events that no column takes; return the messages that lost some.

        Decoders let none of these through; should one ever do, it costs its sender and nobody else.
        """
        odd: list[Message] = []
        metrics: list[str] = []
        values: list[Value] = []
        start = 0
        for run in range(0, len(self._runs), _RUN_NUMBERS):
            many, line, at_ms = self._runs[run : run + 3]
            pairs = zip(self._metrics[start:][:many], self._values[start:][:many], strict=True)
            good = [pair for pair in pairs if _fits(pair, at_ms)]
            start += many
            if len(good) < many:
                self._runs[run] = len(good)
                self._runs[run + 2] = at_ms if -(2**63) <= at_ms < 2**63 else 0
                odd.append(self._messages[self._place_of(line)])
            metrics += [metric for metric, _ in good]
            values += [value for _, value in good]
        self._metrics, self._values = metrics, values
        self._events = [event for event in self._events if _is_event(event)]
        return odd

    def _place_of(self, line: int) -> int:
        """Return which of the messages taken by Python stands in a line of the block."""
        before = 0
        for start, joined in self._joints:
            if line >= start + joined:
                before = joined
        return line - before

    def _joined(self) -> tuple[pa.RecordBatch, pa.RecordBatch]:
        """Return values and messages, the batch reader's and the others, in the order they came."""
        columns = self.batch_columns
        assert columns is not None
        readings, messages = columns.readings_batch(READINGS), columns.messages_batch(MESSAGES)
        if not self._messages:
            return readings, messages
        lines = np.arange(len(self._messages))
        for start, before in self._joints:
            lines[start:] = np.arange(start, len(lines)) + before
        others = self._readings_batch()
        return (
            in_order(
                (readings, np.repeat(columns.column("line_of"), columns.column("rows_of"))),
                (others, others.column("message").to_numpy()),
            ),
            in_order(
                (messages, columns.column("line_of")), (_columns(MESSAGES, self._messages), lines)
            ),
        )

    def _readings_batch(self) -> pa.RecordBatch:
        if not self._metrics:
            return _columns(READINGS, [])
        runs = np.array(self._runs, np.int64).reshape(-1, _RUN_NUMBERS)
        message, at_ms, status, quality = np.repeat(runs[:, 1:], runs[:, 0], axis=0).T
        arrays = [
            plain_array(message.astype(np.uint32)),
            _words(self._metrics),
            plain_array(np.ascontiguousarray(at_ms)),
            *_value_columns(self._values),
            plain_array(status.astype(np.uint8)),
            plain_array(quality.astype(np.uint8)),
        ]
        return pa.RecordBatch.from_arrays(arrays, schema=READINGS)


def encode_batches(
    header: BlockHeader,
    readings: pa.RecordBatch,
    messages: pa.RecordBatch,
    events: pa.RecordBatch | None = None,
) -> bytes:
    """Return a block's bytes from columns in the schemas of this module."""
    batches = (readings, messages, events or _columns(EVENTS, []))
    sections = [_stream(batch) for batch in batches]
    head = _HEADER.pack(
        MAGIC,
        header.boot.encode("ascii"),
        header.number,
        header.received_at_ms,
        *(len(section) for section in sections),
    )
    return head + b"".join(sections)


def _words(metrics: list[str]) -> pa.DictionaryArray:
    """Return a column of few words that occur often."""
    places = {word: place for place, word in enumerate(dict.fromkeys(metrics))}
    codes = np.fromiter(map(places.__getitem__, metrics), np.int32, len(metrics))
    return pa.DictionaryArray.from_arrays(plain_array(codes), pa.array(places, pa.utf8()))


def _fits(pair: tuple[str, Value], at_ms: int) -> bool:
    """Tell whether a value, its metric and its time can be written."""
    try:
        pa.array([at_ms], pa.int64())
        _words([pair[0]])
        _value_columns([pair[1]])
    except (pa.ArrowException, ValueError, OverflowError, TypeError):
        return False
    return True


def _is_event(event: Event) -> bool:
    try:
        _columns(EVENTS, [event])
    except (pa.ArrowException, ValueError, OverflowError, TypeError):
        return False
    return True


def _value_columns(values: list[Value]) -> list[pa.Array]:
    """Return the columns kind, f, i and s."""
    types = set(map(type, values))
    if types == {float}:
        many = len(values)
        return [
            plain_array(np.full(many, int(Kind.FLOAT), np.uint8)),
            pa.array(values, pa.float64()),
            pa.nulls(many, pa.int64()),
            pa.nulls(many, pa.utf8()),
        ]
    if types <= _NUMBERS:
        return _number_columns(values)
    kinds = [kind_of(value) for value in values]
    return [
        pa.array(kinds, pa.uint8()),
        pa.array(_only(Kind.FLOAT, kinds, values, float), pa.float64()),
        pa.array(_whole(kinds, values), pa.int64()),
        pa.array(_only(Kind.TEXT, kinds, values, str), pa.utf8()),
    ]


def _number_columns(values: list[Value]) -> list[pa.Array]:
    """Return the columns kind, f, i and s of numbers, without a step of Python for each."""
    kinds = np.fromiter(map(_KIND_OF.__getitem__, map(type, values)), np.uint8, len(values))
    whole = kinds != int(Kind.FLOAT)
    integers = np.zeros(len(values), np.int64)
    integers[whole] = list(compress(values, whole.tolist()))
    return [
        plain_array(kinds),
        where(~whole, np.array(values, np.float64)),
        where(whole, integers),
        pa.nulls(len(values), pa.utf8()),
    ]


def fingerprint(content: bytes) -> int:
    """Return the 64 bits by which the same content sent again is known.

    Together with device and packet id it only has to tell a repetition from another message; a
    cryptographic hash costs four times as much and protects nothing here.
    """
    return crc32(content) << 32 | adler32(content)


def decode_header(payload: bytes) -> BlockHeader:
    """Read who wrote a block without touching its columns.

    Raises:
        Broken: if the bytes are not a block of a format that this version reads.
    """
    return _read_head(payload)[0]


def decode_block(payload: bytes) -> Block:
    """Read a whole block.

    Raises:
        Broken: if the bytes are not a block of a format that this version reads, or are damaged.
        MemoryError: if there is no memory for what a sound block may hold.
    """
    header, lengths = _read_head(payload)
    if _HEADER.size + sum(lengths) != len(payload):
        raise Broken("block.cut", "A block in the log is shorter or longer than its header says.")
    tables: list[pa.Table] = []
    start = _HEADER.size
    view = memoryview(payload)
    for length, schema in zip(lengths, (READINGS, MESSAGES, EVENTS), strict=True):
        tables.append(read_table(view[start : start + length], schema))
        start += length
    return Block(header, *tables)


def _read_head(payload: bytes) -> tuple[BlockHeader, tuple[int, ...]]:
    if len(payload) < _HEADER.size or not payload.startswith(MAGIC[:-1]):
        raise Broken("block.foreign", "A message in the log is not a block.")
    magic, boot, number, received_at_ms, *lengths = _HEADER.unpack_from(payload)
    if magic != MAGIC:
        raise Broken(
            "block.newer",
            f"A block in the log has format {magic[-1:]!r}, this version reads format 1.",
            "Start the version of Trạm that wrote it.",
        )
    try:
        name = boot.decode("ascii")
    except UnicodeDecodeError:
        raise Broken("block.damaged", "A block in the log names no boot.") from None
    return BlockHeader(name, number, received_at_ms), tuple(lengths)


def _columns(schema: pa.Schema, lines: Sequence[tuple[object, ...]]) -> pa.RecordBatch:
    if not lines:
        return _EMPTY[id(schema)]
    columns = zip(*lines, strict=True)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _stream(batch: pa.RecordBatch) -> bytes:
    if batch.num_rows == 0:
        return b""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    return bytes(sink.getvalue().to_pybytes())


def _only(
    wanted: Kind, kinds: list[Kind], values: Sequence[object], convert: Callable[[Any], object]
) -> list[object]:
    return [
        convert(value) if kind is wanted else None
        for kind, value in zip(kinds, values, strict=True)
    ]


def _whole(kinds: list[Kind], values: Sequence[Any]) -> list[int | None]:
    """Return integers and booleans, which share one column."""
    return [
        int(value) if kind is Kind.INTEGER or kind is Kind.BOOLEAN else None
        for kind, value in zip(kinds, values, strict=True)
    ]
