"""What the store knows of every series, as a file with its place in the log: a start is then quick.

All of it is in the tables too. Where the file is missing, damaged or of another log, it is worked
out from them; that takes a look at every reading.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tram.fleet.store.engine.checkpoint import Checkpoint
from tram.runtime.logging import get_logger
from tram.runtime.whole_files import replacing

__all__ = ("Arrays", "Snapshot", "keep_snapshots", "read_snapshot", "write_snapshot")

FORMAT = 1
INTERVAL_S = 60.0
_FILE = "series.arrow"
_TEXT = "text"

Arrays = dict[str, npt.NDArray[Any]]
"""Columns by name, one line per series."""

log = get_logger()


class Snapshot(NamedTuple):
    """Everything up to ``seq`` of the log's ``epoch``, and corrections up to ``taken_ms``."""

    epoch: int
    seq: int
    taken_ms: int
    arrays: Arrays
    texts: dict[int, str]

    def arrays_of(self, owner: str) -> Arrays:
        """Return the columns whose names begin with ``owner.``, without it."""
        start = f"{owner}."
        return {
            name.removeprefix(start): array
            for name, array in self.arrays.items()
            if name.startswith(start)
        }


async def keep_snapshots(
    folder: Path, place: Callable[[], Checkpoint | None], take: Callable[[], Snapshot]
) -> None:
    """Write a snapshot once a minute while ``place`` moves, and a last one at the end."""
    written: Checkpoint | None = None
    try:
        while True:
            await asyncio.sleep(INTERVAL_S)
            if place() is not written:
                written = place()
                await asyncio.to_thread(_try_to_write, folder, take())
    finally:
        if place() is not written:
            _try_to_write(folder, take())


def _try_to_write(folder: Path, snapshot: Snapshot) -> None:
    try:
        write_snapshot(folder, snapshot)
    except OSError as error:
        log.warning("the snapshot of the series is not written", error=str(error))


def write_snapshot(folder: Path, snapshot: Snapshot) -> None:
    """Put the snapshot on disk, whole or not at all."""
    count = len(next(iter(snapshot.arrays.values()), ()))
    texts = pa.array([snapshot.texts.get(series) for series in range(count)], pa.utf8())
    table = pa.table(
        {**{name: pa.array(array) for name, array in snapshot.arrays.items()}, _TEXT: texts}
    )
    place = {"format": FORMAT, "epoch": snapshot.epoch, "seq": snapshot.seq}
    place["taken_ms"] = snapshot.taken_ms
    table = table.replace_schema_metadata({name: str(value) for name, value in place.items()})
    with (
        replacing(folder / _FILE) as file,
        pa.ipc.new_file(file, table.schema) as writer,
    ):
        writer.write_table(table)


def read_snapshot(folder: Path, checkpoint: Checkpoint, series: int) -> Snapshot | None:
    """Return the snapshot if it fits the checkpoint and the number of series, else None."""
    path = folder / _FILE
    if not path.exists():
        return None
    try:
        with path.open("rb") as file, pa.ipc.open_file(file) as reader:
            table = reader.read_all()
        place = {
            name.decode(): int(value) for name, value in (table.schema.metadata or {}).items()
        }
        snapshot = _taken(table, place)
    except (pa.ArrowInvalid, OSError, ValueError, KeyError) as error:
        log.warning("the snapshot of the series is not used", error=str(error))
        return None
    fits = snapshot.epoch == checkpoint.epoch and snapshot.seq <= checkpoint.seq
    return snapshot if fits and place["format"] == FORMAT and table.num_rows <= series else None


def _taken(table: pa.Table, place: dict[str, int]) -> Snapshot:
    texts = table[_TEXT]
    known = np.flatnonzero(texts.is_valid().to_numpy())
    return Snapshot(
        place["epoch"],
        place["seq"],
        place["taken_ms"],
        {name: table[name].to_numpy().copy() for name in table.column_names if name != _TEXT},
        {int(line): texts[int(line)].as_py() for line in known},
    )
