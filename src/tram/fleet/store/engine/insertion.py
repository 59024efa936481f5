"""Rows into tables exactly once: by their identity, whatever happened before.

Nothing relies on the engine to recognise a repeated insert. Where an insert failed or the process
ended in between, the identities that are there are read and only the missing rows are written.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from tram.fleet.store.columns import Ints
from tram.fleet.store.engine.engine import Engine, EngineError
from tram.fleet.store.engine.tables import FROM_LOG, PROBE, Table
from tram.runtime.errors import Unavailable
from tram.runtime.logging import get_logger

__all__ = ("BadRow", "Insertion", "LogSpan")

_ROW_NO_BITS = 32

log = get_logger()


class LogSpan(NamedTuple):
    """The range of the log that a batch covers, both ends included."""

    epoch: int
    first_seq: int
    last_seq: int


class BadRow(NamedTuple):
    """A row that the engine does not take, and what it said."""

    table: str
    seq: int
    number: int
    row: pa.Table
    sentence: str


class Insertion:
    """Writes the rows of one span at a time."""

    def __init__(self, engine: Engine, now_ms: Callable[[], int]) -> None:
        self._engine = engine
        self._now_ms = now_ms
        self._doubt_until = 0

    def look_around(self, epoch: int, seq: int) -> None:
        """After a start: find how far above the checkpoint rows may already be there."""
        for table in FROM_LOG:
            found = self._engine.query(
                "SELECT max(log_seq) AS seq FROM {database:Identifier}.{table:Identifier}"
                " WHERE log_epoch = {epoch:Int64} AND log_seq > {seq:Int64}",
                {"epoch": str(epoch), "seq": str(seq), **_name(table)},
            )
            self._doubt_until = max(self._doubt_until, found["seq"][0].as_py())

    def doubt(self, span: LogSpan) -> None:
        """Treat every row up to the end of the span as perhaps written."""
        self._doubt_until = max(self._doubt_until, span.last_seq)

    def insert(self, table: Table, rows: pa.Table, span: LogSpan) -> list[BadRow]:
        """Write the rows that are missing; return those that the engine does not take.

        Raises:
            Unavailable: if the engine takes nothing at all now; the span stays in doubt.
        """
        if not rows.num_rows:
            return []
        if span.first_seq <= self._doubt_until:
            rows = self._missing(table, rows, span)
        for _ in range(2):
            try:
                self._engine.insert(table.full_name, rows)
            except EngineError as error:
                self.doubt(span)
                log.warning("insert failed", table=table.name, error=error.sentence)
                rows = self._missing(table, rows, span)
            else:
                return []
        return self._bisect(table, rows, span)

    def _missing(self, table: Table, rows: pa.Table, span: LogSpan) -> pa.Table:
        found = self._engine.query(
            "SELECT log_seq, {number:Identifier} AS number"
            " FROM {database:Identifier}.{table:Identifier}"
            " WHERE log_epoch = {epoch:Int64}"
            " AND log_seq BETWEEN {first:Int64} AND {last:Int64}",
            {
                "number": table.number,
                "epoch": str(span.epoch),
                "first": str(span.first_seq),
                "last": str(span.last_seq),
                **_name(table),
            },
        )
        there = _identity(found["log_seq"], found["number"], span)
        mine = _identity(rows["log_seq"], rows[table.number], span)
        return rows.filter(pa.array(~np.isin(mine, there)))

    def _bisect(self, table: Table, rows: pa.Table, span: LogSpan) -> list[BadRow]:
        """Write in ever smaller parts until what fails is single rows."""
        if not rows.num_rows:
            return []
        try:
            self._engine.insert(table.full_name, rows)
        except EngineError as error:
            rows = self._missing(table, rows, span)
            if rows.num_rows == 0:
                return []
            if rows.num_rows == 1:
                self._probe(error)
                return [_bad(table, rows, error)]
        else:
            return []
        half = rows.num_rows // 2
        bad = self._bisect(table, rows.slice(0, half), span)
        return bad + self._bisect(table, rows.slice(half), span)

    def _probe(self, error: EngineError) -> None:
        """Make sure that it is the row, not the engine or the disk."""
        row = pa.table([pa.array([self._now_ms()], pa.int64())], schema=PROBE.schema)
        try:
            self._engine.insert(PROBE.full_name, row)
            self._engine.command(f"TRUNCATE TABLE {PROBE.full_name}")
        except EngineError:
            raise Unavailable(
                "store.unwritable",
                f"The telemetry store takes no rows now ({error.sentence}).",
                "Look at the free space of its disk; readings wait in the log.",
            ) from error


def _name(table: Table) -> dict[str, str]:
    database, _, name = table.full_name.partition(".")
    return {"database": database, "table": name}


def _identity(seq: pa.ChunkedArray, number: pa.ChunkedArray, span: LogSpan) -> Ints:
    within = seq.to_numpy() - span.first_seq
    identity: Ints = (within << _ROW_NO_BITS) | number.to_numpy().astype(np.int64)
    return identity


def _bad(table: Table, rows: pa.Table, error: EngineError) -> BadRow:
    seq, number = rows["log_seq"][0].as_py(), rows[table.number][0].as_py()
    return BadRow(table.name, seq, number, rows, error.sentence)
