"""A block as the rows that rules judge: keys, times and values side by side."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tram.domain.reading import Kind, Quality, Status
from tram.fleet.block.block import Block
from tram.fleet.rules.arrays import METRIC_BITS
from tram.fleet.rules.memory import Ints
from tram.runtime.errors import Refused

__all__ = ("UNNAMED", "BlockRows", "MetricNumbers", "block_rows")

UNNAMED: Final[int] = 2**METRIC_BITS - 1
"""In place of a number: no rule names this metric. Devices invent names, rules choose among them."""


class MetricNumbers:
    """Numbers of the metrics that rules name, from 1; 0 stands for the whole device."""

    def __init__(self, names: list[str] | None = None) -> None:
        self.names: list[str] = names or [""]
        self._numbers: dict[str, int] = {name: number for number, name in enumerate(self.names)}

    def of(self, name: str) -> int:
        """Return the number of a metric, ``UNNAMED`` when no rule names it."""
        return self._numbers.get(name, UNNAMED)

    def name(self, name: str) -> int:
        """Return the number of a metric that a rule names.

        Raises:
            Refused: ``alarm.metrics_full`` when every number is taken; none is ever given twice.
        """
        number = self._numbers.get(name)
        if number is None:
            number = len(self.names)
            if number >= UNNAMED:
                raise Refused("alarm.metrics_full", "The rules name as many metrics as they may.")
            self._numbers[name] = number
            self.names.append(name)
        return number


@dataclass(frozen=True, slots=True)
class BlockRows:
    """``keys`` = device and metric; ``firsts`` are the first rows of messages.

    ``groups`` number rows of one message and moment; a value that is no measurement is NaN.
    """

    keys: Ints
    firsts: Ints
    groups: Ints
    times: Ints
    values: npt.NDArray[np.float64]


def block_rows(block: Block, numbers: MetricNumbers) -> BlockRows:
    """Return the rows of a block; text, calibration and faults are heard but not judged."""
    readings = block.readings
    message = _array(readings["message"], 0).astype(np.int64)
    if not len(message):
        empty = np.zeros(0, np.int64)
        return BlockRows(empty, empty, empty, empty, np.zeros(0))
    device = _array(block.messages["device"], 0).astype(np.int64)[message]
    times = _array(readings["observed_at_ms"], 0)
    is_far = (_array(readings["quality"], 0) & int(Quality.CLOCK_FAR_OFF)) != 0
    times = np.where(is_far, block.header.received_at_ms, times)
    changes = np.flatnonzero((message[1:] != message[:-1]) | (times[1:] != times[:-1])) + 1
    groups = np.zeros(len(message), np.int64)
    groups[changes] = 1
    firsts = np.append(0, np.flatnonzero(message[1:] != message[:-1]) + 1)
    keys = (device << METRIC_BITS) | _metrics(readings["metric"], numbers)
    return BlockRows(keys, firsts, np.cumsum(groups), times, _values(readings))


def _values(readings: pa.Table) -> npt.NDArray[np.float64]:
    kind = _array(readings["kind"], 0)
    values: npt.NDArray[np.float64] = np.where(
        kind == Kind.FLOAT, _array(readings["f"], np.nan), _array(readings["i"], 0)
    ).astype(np.float64)
    is_heard_only = (kind == Kind.TEXT) | (_array(readings["status"], 0) != Status.MEASURING)
    values[is_heard_only | ~np.isfinite(values)] = np.nan
    return values


def _metrics(column: pa.ChunkedArray, numbers: MetricNumbers) -> Ints:
    parts = [np.zeros(0, np.int64)]
    for chunk in column.chunks:
        codes = np.array([numbers.of(word) for word in chunk.dictionary.to_pylist()], np.int64)
        parts.append(codes[chunk.indices.to_numpy()])
    return np.concatenate(parts)


def _array(column: pa.ChunkedArray, null: float) -> Any:  # noqa: ANN401  # an array of the column's own type
    if column.null_count:
        column = pc.fill_null(column, null)
    return column.to_numpy()
