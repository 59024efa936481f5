"""Blocks that no part can bear: well framed, so that only reading their insides brings a process down."""

import pyarrow as pa

from tram.fleet.block.block import BOOT_ID_CHARS, BlockBuilder, BlockHeader, Message

_LENGTH = 70_001
"""A length that stands nowhere else in a small block."""
_HEAD = 8 + BOOT_ID_CHARS + 8 + 8
_WILD = 2_000_000_000


def _message() -> Message:
    return Message(1, 1, 0, duplicate=False, qos=0, protocol=1, fingerprint=1)  # type: ignore[arg-type]


def raising(boot: str) -> bytes:
    """Return a block whose reading names a metric that its dictionary does not have."""
    wild = pa.array([0, _WILD], pa.int32())
    return _spoilt(
        boot, "metric", pa.DictionaryArray.from_arrays(wild, pa.array(["x"]), safe=False)
    )


def crashing(boot: str) -> bytes:
    """Return a block whose text says that it ends far outside of the memory that it has."""
    block = _spoilt(boot, "s", pa.array(["y" * _LENGTH, "w"]))
    before, length, after = block.rpartition(_LENGTH.to_bytes(4, "little"))
    assert length
    return before + _WILD.to_bytes(4, "little") + after


def _spoilt(boot: str, name: str, column: pa.Array) -> bytes:
    """Return a block of two readings with one column put in the place of its own."""
    builder = BlockBuilder()
    builder.add_values(_message(), {"x": "y", "z": "w"}, 1_700_000_000_000, 0)
    raw = bytes(builder.encode(BlockHeader(boot, 1, 1_700_000_000_000)))
    lengths = [int.from_bytes(raw[_HEAD + 4 * k : _HEAD + 4 * k + 4], "little") for k in range(3)]
    body = _HEAD + 12
    readings, rest = raw[body : body + lengths[0]], raw[body + lengths[0] :]
    batch = pa.ipc.open_stream(readings).read_all().to_batches()[0]
    place = batch.schema.get_field_index(name)
    columns = [column if k == place else own for k, own in enumerate(batch.columns)]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=batch.schema))
    spoilt = sink.getvalue().to_pybytes()
    lengths[0] = len(spoilt)
    head = raw[:_HEAD] + b"".join(length.to_bytes(4, "little") for length in lengths)
    return head + spoilt + rest
