"""Readings as files: CSV, Parquet and XLSX, written while they are read, with constant memory."""

import io
import tempfile
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from tram.domain.cells import SHEET_ROWS_MAX, cell_text, sheet_cell
from tram.domain.days import MOMENTS_END_MS, MOMENTS_START_MS, moment_of
from tram.domain.reading import Quality, Status
from tram.fleet.store.engine.streams import ByteParts
from tram.runtime.errors import Refused

__all__ = ("FORMATS", "XLSX_ROWS_MAX", "FileFormat", "file_format", "file_name")

XLSX_ROWS_MAX = SHEET_ROWS_MAX - 1
"""A sheet's rows, less its header."""
_READ_BYTES = 1 << 20
_BYTE_ORDER_MARK = "\ufeff".encode()


class FileFormat(NamedTuple):
    """How batches become bytes, the media type, and the most rows (0: no limit)."""

    write: Callable[[Iterator[pa.RecordBatch]], Iterator[bytes]]
    media_type: str
    rows_max: int = 0


def file_format(kind: str) -> FileFormat:
    """Return the format of a kind of file.

    Raises:
        Refused: ``export.format``.
    """
    if kind not in FORMATS:
        raise Refused(
            "export.format", "There is no such kind of file.", f"Use one of: {', '.join(FORMATS)}."
        )
    return FORMATS[kind]


def file_name(kind: str, start_ms: int, end_ms: int) -> str:
    """Return the name of a file of readings from one moment until before another."""
    return f"readings-{_day(start_ms)}-{_day(end_ms - 1)}.{kind}"


def _csv(batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """Yield CSV: times as ISO 8601 in Vietnam, words for status and quality."""
    yield _BYTE_ORDER_MARK
    is_first = True
    for batch in batches:
        sink = io.BytesIO()
        table = _in_words(batch)
        options = pa_csv.WriteOptions(include_header=is_first)
        pa_csv.write_csv(table, sink, options)
        is_first = False
        yield sink.getvalue()


def _parquet(batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """Yield Parquet: one row group per batch, codes and times as numbers."""
    sink = ByteParts()
    writer = None
    for batch in batches:
        writer = writer or pq.ParquetWriter(sink, batch.schema, compression="zstd")
        writer.write_batch(batch)
        yield from sink.take()
    if writer is not None:
        writer.close()
    yield from sink.take()


def _xlsx(batches: Iterator[pa.RecordBatch]) -> Iterator[bytes]:
    """Yield a workbook with one sheet; it grows on disk, not in memory."""
    # A process that writes no workbook starts without what it needs.
    from openpyxl import Workbook  # noqa: PLC0415

    with tempfile.TemporaryFile() as file:
        book = Workbook(write_only=True)
        sheet = book.create_sheet("readings")
        is_first = True
        for batch in batches:
            table = _in_words(batch)
            if is_first:
                sheet.append(table.column_names)
                is_first = False
            for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
                sheet.append([sheet_cell(value) for value in row])
        book.save(cast("IO[bytes]", file))
        file.seek(0)
        while part := file.read(_READ_BYTES):
            yield part


FORMATS = {
    "csv": FileFormat(_csv, "text/csv; charset=utf-8"),
    "parquet": FileFormat(_parquet, "application/vnd.apache.parquet"),
    "xlsx": FileFormat(
        _xlsx,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        XLSX_ROWS_MAX,
    ),
}


def _in_words(batch: pa.RecordBatch) -> pa.Table:
    """Return a batch as a person reads it; no text can be taken for a formula."""
    table = pa.Table.from_batches([batch])
    columns = {
        "time": _moments(table["observed_at_ms"]),
        "device": table["device"],
        "metric": _as_cells(table["metric"]),
        "number": table["number"],
        "text": _as_cells(table["text"]),
        "status": _words(table["status"], _STATUS_WORDS),
        "quality": _words(table["quality"], _QUALITY_WORDS),
        "revision": table["revision"],
        "received": _moments(table["received_at_ms"]),
    }
    return pa.table(columns)


def _moments(column: pa.ChunkedArray) -> pa.Array:
    """Return times as ISO 8601 in Vietnam; a number that no calendar has stays that number."""
    span = pc.min_max(column).as_py()
    least, most = span["min"], span["max"]
    if least is not None and (least < MOMENTS_START_MS or most >= MOMENTS_END_MS):
        return pa.array([None if at is None else _moment(at) for at in column.to_pylist()])
    times = column.cast(pa.timestamp("ms", "UTC"))
    local = pc.local_timestamp(times.cast(pa.timestamp("ms", "Asia/Ho_Chi_Minh")))
    return pc.binary_join_element_wise(pc.strftime(local, "%Y-%m-%dT%H:%M:%S"), "+07:00", "")


def _moment(at_ms: int) -> str:
    moment = moment_of(at_ms)
    if moment is None:
        return str(at_ms)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='milliseconds')}+07:00"


def _as_cells(column: pa.ChunkedArray) -> pa.Array:
    """Return texts as a cell of a sheet can hold them; each different one is looked at once."""
    encoded = column.cast(pa.utf8()).combine_chunks().dictionary_encode()
    texts = [cell_text(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(texts, pa.utf8()).take(encoded.indices)


def _words(column: pa.ChunkedArray, words: list[str]) -> pa.ChunkedArray:
    return pa.array(words, pa.utf8()).take(column.combine_chunks())


def _flags(number: int) -> str:
    return " ".join(flag.name.lower() for flag in Quality(number) if flag.name)


_STATUS_WORDS = [
    Status(number).name.lower() if number in set(Status) else str(number) for number in range(256)
]
_QUALITY_WORDS = [_flags(number & 31) for number in range(256)]


def _day(at_ms: int) -> str:
    moment = moment_of(at_ms)
    return str(at_ms) if moment is None else f"{moment:%Y%m%d}"
