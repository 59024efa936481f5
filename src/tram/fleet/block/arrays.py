"""Columns of Arrow from NumPy, two batches of lines made one, and a table read back from its stream."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tram.runtime.errors import Broken

__all__ = ("in_order", "plain_array", "read_table", "where")

_INFLATED_MAX: Final = 256
"""LZ4 makes at most so many bytes of one: a stream that asks for more memory is damaged."""


def plain_array(column: npt.NDArray[Any]) -> pa.Array:
    """Return a column without copying it, and without pyarrow loading pandas to look at it."""
    return pa.Array.from_buffers(
        pa.from_numpy_dtype(column.dtype), len(column), [None, pa.py_buffer(column)]
    )


def where(there: npt.NDArray[np.bool_], column: npt.NDArray[Any]) -> pa.Array:
    """Return a column that holds nothing where ``there`` is false."""
    bits = pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.Array.from_buffers(
        pa.from_numpy_dtype(column.dtype), len(column), [bits, pa.py_buffer(column)]
    )


def in_order(
    first: tuple[pa.RecordBatch, npt.NDArray[Any]], second: tuple[pa.RecordBatch, npt.NDArray[Any]]
) -> pa.RecordBatch:
    """Return two batches as one, in the order of the numbers that stand beside their lines."""
    together = pa.Table.from_batches([first[0], second[0]]).unify_dictionaries()
    order = np.argsort(np.concatenate([first[1], second[1]]), kind="stable")
    whole = together.combine_chunks().take(plain_array(order))
    return whole.combine_chunks().to_batches()[0]


def read_table(section: memoryview, schema: pa.Schema) -> pa.Table:
    """Return the table of a stream; damage that only its columns' contents show is not looked for.

    Raises:
        Broken: ``block.damaged`` if the bytes are no such table.
        MemoryError: if there is no memory for what a sound stream may hold.
    """
    if not section:
        return schema.empty_table()
    # Waking a pool of threads for a block takes longer than decoding it.
    options = pa.ipc.IpcReadOptions(use_threads=False)
    try:
        with pa.ipc.open_stream(pa.py_buffer(section), options=options) as stream:
            table = stream.read_all()
        return table if table.schema == schema else table.cast(schema)
    except (pa.ArrowException, ValueError, OSError) as error:
        if isinstance(error, MemoryError):
            pa.allocate_buffer(_INFLATED_MAX * len(section))
        raise Broken("block.damaged", f"A block in the log cannot be read ({error}).") from error
