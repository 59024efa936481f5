"""From the embedded engine to a server while the store runs: copied, compared, then switched.

Most rows are copied beside the ingest. What came meanwhile is copied while nothing is written; then
every table's count and hash are compared on both sides. Only if all are equal the folder is marked
as moved, and the store starts again on the server. The old tables stay where they are.
"""

import threading
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyarrow as pa

from tram.fleet.store.engine.checkpoint import Checkpoint
from tram.fleet.store.engine.engine import Engine
from tram.fleet.store.engine.http_client import HttpEngine
from tram.fleet.store.engine.moved import Compared, Home
from tram.fleet.store.engine.tables import (
    CARRIED,
    DATABASE,
    DIM_DEVICE,
    DIM_GRANT,
    DIM_ORG,
    EXPECTED,
    FROM_LOG,
    GAPS,
    REVISIONS,
    ROLLUP_DAY,
    ROLLUP_HOUR,
    ROLLUP_MINUTE,
    SERIES,
    Table,
    create_tables,
)
from tram.fleet.store.settings import StoreSettings
from tram.runtime.errors import Broken, Refused
from tram.runtime.whole_files import write_private

__all__ = (
    "move_tables",
    "open_engine",
    "read_home",
    "write_home",
)

_FILE = "moved.json"
_FIRST = (*FROM_LOG, ROLLUP_MINUTE, ROLLUP_HOUR, ROLLUP_DAY, EXPECTED)
"""Copied beside the ingest; nobody rolls meanwhile."""
_LAST = (SERIES, REVISIONS, GAPS, DIM_ORG, DIM_DEVICE, DIM_GRANT)
_EARLIER = (
    "(log_epoch != {epoch:Int64} OR log_seq <= {seq:Int64})"
    " AND NOT (@REVISED AND received_at_ms >= {at_ms:Int64})"
)


def move_tables(
    source: Engine,
    target: Engine,
    place: Callable[[], tuple[Checkpoint, int]],
    writing: threading.Lock,
    settle: Callable[[], None],
) -> list[Compared]:
    """Copy all tables and compare them; ``settle`` runs at the end, before anybody writes again.

    ``place`` returns the checkpoint and the time now.

    Raises:
        Refused: ``move.not_empty`` if the target holds readings already.
        Broken: ``move.differs`` if a table is not the same on both sides.
    """
    create_tables(target)
    if _count(target, "SELECT count() AS n FROM tram.readings"):
        raise Refused(
            "move.not_empty", "The server holds readings already.", "Choose an empty one."
        )
    checkpoint, at_ms = place()
    params = {"epoch": str(checkpoint.epoch), "seq": str(checkpoint.seq), "at_ms": str(at_ms)}
    for table in _FIRST:
        _copy(source, target, table, _earlier(table) if table.number else "1", params)
    with writing:
        for table in FROM_LOG:
            _copy(source, target, table, f"NOT ({_earlier(table)})", params)
        for table in _LAST:
            _copy(source, target, table, "1", {})
        compared = [_compare(source, target, table) for table in (*CARRIED, *_LAST[-3:])]
        settle()
    return compared


def open_engine(
    settings: StoreSettings, folder: Path, make_embedded: Callable[[Path, int], Engine]
) -> Engine:
    """Open the server that the settings or a move name, else the embedded engine."""
    home = read_home(folder)
    if settings.url:
        home = Home(settings.url, settings.server_key)
    if home is not None:
        return HttpEngine(home.url, home.key, settings.query_seconds_max)
    return make_embedded(folder, settings.query_seconds_max)


def read_home(folder: Path) -> Home | None:
    """Return where the tables of a folder have moved, None if they have not."""
    path = folder / _FILE
    return msgspec.json.decode(path.read_bytes(), type=Home) if path.exists() else None


def write_home(folder: Path, home: Home) -> None:
    """Mark the folder as moved, on disk, readable by its owner only."""
    write_private(folder / _FILE, msgspec.json.encode(home))


def _earlier(table: Table) -> str:
    revised = "revision > 0" if "revision" in table.schema.names else "0"
    return _EARLIER.replace("@REVISED", revised)


def _copy(
    source: Engine, target: Engine, table: Table, where: str, params: dict[str, str]
) -> None:
    sql = f"SELECT * FROM {table.full_name} WHERE {where}"  # noqa: S608  # our own names
    for part in source.scan(sql, params):
        target.insert(table.full_name, pa.Table.from_batches(part.to_batches()).cast(table.schema))


def _compare(source: Engine, target: Engine, table: Table) -> Compared:
    names = ", ".join(table.schema.names)
    final = "FINAL" if "Replacing" in table.rest else ""
    sql = (
        f"SELECT count() AS found, toString(sum(cityHash64({names}))) AS sums"  # noqa: S608  # likewise
        f" FROM {table.full_name} {final}"
    )
    mine, theirs = source.query(sql).to_pylist()[0], target.query(sql).to_pylist()[0]
    if mine != theirs:
        raise Broken(
            "move.differs",
            f"{DATABASE}.{table.name}: {mine['found']} rows here, {theirs['found']} there, or other"
            " content.",
            "Empty the server and move again; nothing was switched.",
        )
    return Compared(table.name, mine["found"], mine["sums"])


def _count(engine: Engine, sql: str) -> int:
    return int(engine.query(sql)["n"][0].as_py())
