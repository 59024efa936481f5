"""The store's tables, format 1: each declared once, as the engine's DDL and as an Arrow schema.

Every row that comes from the log carries its identity ``(log_epoch, log_seq, row_no)``. The log's
sequence is part of each partition key, divided by more than it can reach: the engine then keeps
its least and greatest value per part, so a look-up of the newest identities reads no other part.
Times are Int64 UTC epoch milliseconds; ``zone`` -1, grant ``device`` 0 and ``metric`` '' mean any.
"""

from typing import NamedTuple

import pyarrow as pa

from tram.fleet.store.engine import Engine

__all__ = (
    "CANDIDATES",
    "DATABASE",
    "DIM_DEVICE",
    "DIM_GRANT",
    "DIM_ORG",
    "EVENTS",
    "FROM_LOG",
    "MESSAGES",
    "PROBE",
    "QUARANTINE",
    "READINGS",
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
_NO_SEQUENCE = 1_000_000_000_000_000
_MONTH = "toYYYYMM(toDateTime(intDiv(received_at_ms, 1000), 'UTC'))"
_DAY = "toYYYYMMDD(toDateTime(intDiv(received_at_ms, 1000), 'UTC'))"
_SEQ = f"intDiv(log_seq, {_NO_SEQUENCE})"
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

    def ddl(self) -> str:
        """Return the statement that makes the table."""
        columns = ", ".join(
            f"{name} {kind} CODEC({codec})" if codec else f"{name} {kind}"
            for name, kind, codec in self.columns
        )
        index = ", INDEX by_seq log_seq TYPE minmax GRANULARITY 1" if self.number else ""
        return f"CREATE TABLE IF NOT EXISTS {self.full_name} ({columns}{index}) {self.rest}"


_IDENTITY = (("log_epoch", "Int64", _PLAIN), ("log_seq", "Int64", _STEP))

READINGS = Table(
    "readings",
    (
        ("series", "UInt32", _STEP),
        ("observed_at_ms", "Int64", _STEP),
        ("kind", "UInt8", _PLAIN),
        ("f", "Float64", _PLAIN),
        ("i", "Int64", _PLAIN),
        ("s", "String", _PLAIN),
        ("status", "UInt8", _PLAIN),
        ("quality", "UInt8", _PLAIN),
        ("revision", "UInt32", _PLAIN),
        ("org_id", "Int64", _PLAIN),
        *_IDENTITY,
        ("row_no", "UInt32", _STEP),
        ("received_at_ms", "Int64", _STEP),
    ),
    f"ENGINE = MergeTree PARTITION BY ({_MONTH}, {_SEQ}) ORDER BY (series, observed_at_ms)"
    f" SETTINGS {_FSYNC}",
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
        ("org_id", "Int64", _PLAIN),
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
FROM_LOG = (MESSAGES, EVENTS, QUARANTINE, READINGS)
"""The tables whose rows carry an identity."""
_ALL = (*FROM_LOG, SERIES, CANDIDATES, PROBE, DIM_ORG, DIM_DEVICE, DIM_GRANT)


def create_tables(engine: Engine) -> None:
    """Make the database and every table that is not there yet."""
    engine.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
    for table in _ALL:
        engine.command(table.ddl())
