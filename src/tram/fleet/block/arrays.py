"""Columns of Arrow from NumPy, and two batches of lines made one."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

__all__ = ("in_order", "plain_array", "where")


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
