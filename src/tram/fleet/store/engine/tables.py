"""The store's tables, format 1: each declared once, as the engine's DDL and as an Arrow schema.

Every row that comes from the log carries its identity ``(log_epoch, log_seq, row_no)``. The log's
sequence is part of each partition key, divided by more than it can reach: the engine then keeps
its least and greatest value per part, so a look-up of the newest identities reads no other part.
Times are Int64 UTC epoch milliseconds; ``zone`` -1, grant ``device`` 0 and ``metric`` '' mean any.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from tram.fleet.store.engine.engine import Engine

__all__ = (
    "CANDIDATES",
    "CARRIED",
    "DATABASE",
    "DIM_DEVICE",
    "DIM_GRANT",
    "DIM_ORG",
    "DIRTY",
    "EVENTS",
    "EXPECTED",
    "FROM_LOG",
    "GAPS",
    "MESSAGES",
    "MESSAGE_DAYS",
    "PROBE",
    "QUARANTINE",
    "READINGS",
    "REVISIONS",
    "ROLLUP_DAY",
    "ROLLUP_HOUR",
    "ROLLUP_MINUTE",
    "SERIES",
    "Table",
    "create_tables",
)

DATABASE = "tram"
MESSAGE_DAYS = 7
"""Days that accepted messages are listed (their readings stay)."""
QUARANTINE_DAYS = 90
"""Days that refused rows are kept for a person to look at."""

_STEP = "Delta, ZSTD(1)"
_PLAIN = "ZSTD(1)"
_NUMBER = "ALP, ZSTD(1)"
"""Numbers with few decimals in half the bytes; measured in docs/history.md."""
_NO_SEQUENCE = 1_000_000_000_000_000
_MONTH = "toYYYYMM(toDateTime(intDiv(received_at_ms, 1000), 'UTC'))"
_DAY = "toYYYYMMDD(toDateTime(intDiv(received_at_ms, 1000), 'UTC'))"
_SEQ = f"intDiv(log_seq, {_NO_SEQUENCE})"
_TIME = f"intDiv(observed_at_ms, {_NO_SEQUENCE})"
_LARGE_BLOCKS = "min_compress_block_size = 1048576, max_compress_block_size = 1048576"
"""The metrics of a device share their times: a large block holds them together."""
_FSYNC = "fsync_after_insert = 1, fsync_part_directory = 1"
_ARROW = {
    "UInt8": pa.uint8(),
    "UInt16": pa.uint16(),
    "UInt32": pa.uint32(),
    "UInt64": pa.uint64(),
    "Int64": pa.int64(),
    "Float64": pa.float64(),
    "String": pa.utf8(),
    "LowCardinality(String)": pa.utf8(),
    "Array(Int64)": pa.list_(pa.int64()),
}


class Table(NamedTuple):
    """One table: (name, type, codec) of each column, and what follows the columns in its DDL."""

    name: str
    columns: tuple[tuple[str, str, str], ...]
    rest: str
    number: str = ""
    """The column that completes a row's identity within its block."""

    @property
    def full_name(self) -> str:
        """Return the name with its database."""
        return f"{DATABASE}.{self.name}"

    @property
    def schema(self) -> pa.Schema:
        """Return the columns as Arrow types."""
        return pa.schema([(name, _ARROW[kind]) for name, kind, _ in self.columns])

    def of_lines(self, lines: Sequence[tuple[object, ...]]) -> pa.Table:
        """Return lines, of one value per column each, as rows of this table."""
        columns = zip(*lines, strict=True) if lines else [()] * len(self.columns)
        arrays = [
            pa.array(column, field.type)
            for column, field in zip(columns, self.schema, strict=True)
        ]
        return pa.Table.from_arrays(arrays, schema=self.schema)

    def ddl(self, *, has_alp: bool = True) -> str:
        """Return the statement that makes the table, in the engine's dialect."""
        columns = ", ".join(
            f"{name} {kind} CODEC({codec if has_alp or codec != _NUMBER else _PLAIN})"
            if codec
            else f"{name} {kind}"
            for name, kind, codec in self.columns
        )
        index = ", INDEX by_seq log_seq TYPE minmax GRANULARITY 1" if self.number else ""
        if "revision" in self.schema.names and self.number:
            index += ", INDEX by_revision revision TYPE minmax GRANULARITY 1"
        return f"CREATE TABLE IF NOT EXISTS {self.full_name} ({columns}{index}) {self.rest}"


_IDENTITY = (("log_epoch", "Int64", _STEP), ("log_seq", "Int64", _STEP))

READINGS = Table(
    "readings",
    (
        ("series", "UInt32", _STEP),
        ("observed_at_ms", "Int64", _STEP),
        ("kind", "UInt8", _PLAIN),
        ("f", "Float64", _NUMBER),
        ("i", "Int64", _PLAIN),
        ("s", "String", _PLAIN),
        ("status", "UInt8", _PLAIN),
        ("quality", "UInt8", _PLAIN),
        ("revision", "UInt32", _PLAIN),
        ("org_id", "Int64", _STEP),
        *_IDENTITY,
        ("row_no", "UInt32", _STEP),
        ("received_at_ms", "Int64", _STEP),
    ),
    f"ENGINE = MergeTree PARTITION BY ({_MONTH}, {_SEQ}, {_TIME})"
    f" ORDER BY (series, observed_at_ms) SETTINGS {_FSYNC}, {_LARGE_BLOCKS}",
    "row_no",
)
MESSAGES = Table(
    "messages",
    (
        ("device", "Int64", _STEP),
        ("received_at_ms", "Int64", _STEP),
        ("org_id", "Int64", _PLAIN),
        ("protocol", "UInt8", _PLAIN),
        ("qos", "UInt8", _PLAIN),
        ("packet_id", "UInt16", _PLAIN),
        ("fingerprint", "UInt64", _PLAIN),
        ("idempotency_key", "String", _PLAIN),
        ("first_row", "UInt32", _STEP),
        ("rows", "UInt32", _PLAIN),
        *_IDENTITY,
        ("message_no", "UInt32", _STEP),
    ),
    f"ENGINE = MergeTree PARTITION BY ({_DAY}, {_SEQ}) ORDER BY (device, received_at_ms)"
    f" TTL toDateTime(intDiv(received_at_ms, 1000), 'UTC') + INTERVAL {MESSAGE_DAYS} DAY"
    f" SETTINGS {_FSYNC}, ttl_only_drop_parts = 1",
    "message_no",
)
EVENTS = Table(
    "events",
    (
        ("device", "Int64", _STEP),
        ("at_ms", "Int64", _STEP),
        ("org_id", "Int64", _PLAIN),
        ("kind", "UInt8", _PLAIN),
        ("code", "String", _PLAIN),
        ("detail", "String", _PLAIN),
        ("boot", "LowCardinality(String)", ""),
        *_IDENTITY,
        ("event_no", "UInt32", _STEP),
        ("received_at_ms", "Int64", _STEP),
    ),
    f"ENGINE = MergeTree PARTITION BY ({_MONTH}, {_SEQ}) ORDER BY (device, at_ms)"
    f" SETTINGS {_FSYNC}",
    "event_no",
)
QUARANTINE = Table(
    "quarantine",
    (
        ("device", "Int64", _PLAIN),
        ("metric", "String", _PLAIN),
        ("observed_at_ms", "Int64", _PLAIN),
        ("value", "String", _PLAIN),
        ("reason", "LowCardinality(String)", ""),
        ("detail", "String", _PLAIN),
        ("org_id", "Int64", _STEP),
        *_IDENTITY,
        ("row_no", "UInt32", _PLAIN),
        ("received_at_ms", "Int64", _PLAIN),
    ),
    f"ENGINE = MergeTree PARTITION BY ({_MONTH}, {_SEQ}) ORDER BY (device, received_at_ms)"
    f" TTL toDateTime(intDiv(received_at_ms, 1000), 'UTC') + INTERVAL {QUARANTINE_DAYS} DAY"
    f" SETTINGS {_FSYNC}, ttl_only_drop_parts = 1",
    "row_no",
)
SERIES = Table(
    "series",
    (
        ("series", "UInt32", _STEP),
        ("device", "Int64", _PLAIN),
        ("metric", "String", _PLAIN),
    ),
    f"ENGINE = MergeTree ORDER BY series SETTINGS {_FSYNC}",
)
CANDIDATES = Table(
    "candidates",
    (("series", "UInt32", ""), ("observed_at_ms", "Int64", "")),
    "ENGINE = Memory",
)
"""Pairs that one batch asks about; never kept."""
PROBE = Table(
    "probe", (("at_ms", "Int64", ""),), f"ENGINE = MergeTree ORDER BY at_ms SETTINGS {_FSYNC}"
)
"""Where the store tries whether anything can be written at all."""
DIM_ORG = Table(
    "dim_org",
    (("org", "Int64", ""), ("ancestors", "Array(Int64)", ""), ("version", "Int64", "")),
    f"ENGINE = ReplacingMergeTree(version) ORDER BY org SETTINGS {_FSYNC}",
)
DIM_DEVICE = Table(
    "dim_device",
    (
        ("device", "Int64", ""),
        ("org", "Int64", ""),
        ("zone", "Int64", ""),
        ("sector", "LowCardinality(String)", ""),
        ("interval_ms", "Int64", ""),
        ("gone", "UInt8", ""),
        ("version", "Int64", ""),
    ),
    f"ENGINE = ReplacingMergeTree(version) ORDER BY device SETTINGS {_FSYNC}",
)
DIM_GRANT = Table(
    "dim_grant",
    (
        ("grant_id", "Int64", ""),
        ("device", "Int64", ""),
        ("metric", "String", ""),
        ("from_org", "Int64", ""),
        ("to_org", "Int64", ""),
        ("until_ms", "Int64", ""),
        ("gone", "UInt8", ""),
        ("version", "Int64", ""),
    ),
    f"ENGINE = ReplacingMergeTree(version) ORDER BY grant_id SETTINGS {_FSYNC}",
)
_BUCKET = (
    ("metric", "LowCardinality(String)", ""),
    ("series", "UInt32", _STEP),
    ("bucket_ms", "Int64", _STEP),
    ("org_id", "Int64", _STEP),
    ("device", "Int64", _STEP),
    ("readings", "UInt32", _STEP),
    ("good", "UInt32", _STEP),
    ("numbers", "UInt32", _STEP),
    ("low", "Float64", _NUMBER),
    ("high", "Float64", _NUMBER),
    ("total", "Float64", _NUMBER),
    ("last", "Float64", _NUMBER),
    ("last_at_ms", "Int64", _STEP),
)
"""One bucket of time of one series and owner: all readings, the good ones (measuring and valid),
and least, greatest, sum and last over the ``numbers`` among the good."""
_VERSION = ("version", "Int64", _STEP)


def _rollup(name: str, period: str, more: tuple[tuple[str, str, str], ...] = ()) -> Table:
    return Table(
        name,
        (*_BUCKET, *more, _VERSION),
        f"ENGINE = ReplacingMergeTree(version) PARTITION BY {period}"
        f" ORDER BY (metric, series, bucket_ms, org_id) SETTINGS {_FSYNC}, index_granularity = 2048",
    )


_BUCKET_MONTH = "toYYYYMM(toDateTime(intDiv(bucket_ms, 1000), 'UTC'))"
_BUCKET_YEAR = "toYear(toDateTime(intDiv(bucket_ms, 1000), 'UTC'))"
ROLLUP_MINUTE = _rollup("rollup_minute", _BUCKET_MONTH)
"""Minutes of those hours that hold at least two readings a minute on average."""
ROLLUP_HOUR = _rollup("rollup_hour", _BUCKET_YEAR)
ROLLUP_DAY = _rollup(
    "rollup_day",
    _BUCKET_YEAR,
    (("slots", "UInt32", _STEP), ("interval_ms", "Int64", _STEP)),
)
"""Vietnamese days; ``slots`` counts the expected readings that came, at ``interval_ms``."""
EXPECTED = Table(
    "expected",
    (
        ("series", "UInt32", _STEP),
        ("device", "Int64", _STEP),
        ("metric", "LowCardinality(String)", ""),
        ("interval_ms", "Int64", _STEP),
        ("first_ms", "Int64", _STEP),
        _VERSION,
    ),
    f"ENGINE = ReplacingMergeTree(version) ORDER BY series SETTINGS {_FSYNC}",
)
"""How often a series should speak, and since when it does."""
GAPS = Table(
    "gaps",
    (
        ("series", "UInt32", _STEP),
        ("kind", "UInt8", _PLAIN),
        ("start_ms", "Int64", _STEP),
        ("end_ms", "Int64", _STEP),
        ("device", "Int64", _STEP),
        ("metric", "LowCardinality(String)", ""),
        ("org_id", "Int64", _STEP),
        ("readings", "UInt32", _PLAIN),
        ("noted_at_ms", "Int64", _STEP),
        ("gone", "UInt8", _PLAIN),
        _VERSION,
    ),
    f"ENGINE = ReplacingMergeTree(version) ORDER BY (series, kind, start_ms) SETTINGS {_FSYNC}",
)
"""The gap ledger: silences, what filled them late, and clocks that stood still."""
REVISIONS = Table(
    "revisions",
    (
        ("revision_id", "Int64", ""),
        ("series", "UInt32", ""),
        ("device", "Int64", ""),
        ("metric", "String", ""),
        ("org_id", "Int64", ""),
        ("start_ms", "Int64", ""),
        ("end_ms", "Int64", ""),
        ("operation", "String", ""),
        ("factor", "Float64", ""),
        ("offset", "Float64", ""),
        ("reverts", "Int64", ""),
        ("person", "Int64", ""),
        ("person_name", "String", ""),
        ("reason", "String", ""),
        ("at_ms", "Int64", ""),
        ("rows", "Int64", ""),
    ),
    f"ENGINE = MergeTree ORDER BY (series, revision_id) SETTINGS {_FSYNC}",
)
"""What people corrected or declared invalid: who, why, when."""
DIRTY = Table(
    "dirty",
    (("pair", "UInt64", ""), ("interval_ms", "Int64", "")),
    "ENGINE = Memory",
)
"""The buckets that one rebuild is about; never kept."""
FROM_LOG = (MESSAGES, EVENTS, QUARANTINE, READINGS)
"""The tables whose rows carry an identity."""
DERIVED = (ROLLUP_MINUTE, ROLLUP_HOUR, ROLLUP_DAY, EXPECTED, GAPS)
"""What the store works out from the readings."""
CARRIED = (SERIES, *FROM_LOG, REVISIONS, *DERIVED)
"""The tables that a backup or a move takes along; the others are made anew."""
_ALL = (*CARRIED, CANDIDATES, DIRTY, PROBE, DIM_ORG, DIM_DEVICE, DIM_GRANT)
_ADDED = ((DIM_DEVICE, "interval_ms Int64 DEFAULT 0"),)
"""Columns that came after a table was first made."""


def create_tables(engine: Engine) -> None:
    """Make the database and every table and column that is not there yet."""
    engine.command("SET enable_alp_codec = 1")
    engine.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
    for table in _ALL:
        engine.command(table.ddl(has_alp=engine.has_alp))
    for table, column in _ADDED:
        engine.command(f"ALTER TABLE {table.full_name} ADD COLUMN IF NOT EXISTS {column}")
