"""The store's tables as files: written while it runs, at one checkpoint, read into an empty folder.

Rows above the checkpoint are not in the files: they are in the log, which is saved for itself.
Dimensions are not either: the registry gives them anew. What the store remembers beside its tables
comes along: how far the rollups are, and until when raw readings may be gone.
"""

import hashlib
import shutil
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from tram.fleet.store.engine.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from tram.fleet.store.engine.engine import ChdbEngine, Engine
from tram.fleet.store.engine.tables import (
    CARRIED,
    DATABASE,
    FROM_LOG,
    SERIES,
    Table,
    create_tables,
)
from tram.fleet.store.history.retention import RETAINED_FILE
from tram.fleet.store.history.rollups import ROLLED_FILE
from tram.runtime.errors import Broken, Refused

__all__ = ("ExportManifest", "export_tables", "import_folder")

FORMAT = 1
_MANIFEST = "manifest.json"
_ROWS_PER_GROUP = 100_000
_SECONDS_MAX = 86_400

_LOG_SQL = (
    "SELECT * FROM {database:Identifier}.{table:Identifier}"
    " WHERE log_epoch != {epoch:Int64} OR log_seq <= {seq:Int64}"
)
_ALL_SQL = (
    "SELECT * FROM {database:Identifier}.{table:Identifier} WHERE {epoch:Int64} = {epoch:Int64}"
)


class File(msgspec.Struct, frozen=True):
    """One table's file: how many rows, and the SHA-256 of its bytes."""

    rows: int
    sha256: str


class ExportManifest(msgspec.Struct, frozen=True):
    """What an export holds."""

    checkpoint: Checkpoint
    files: dict[str, File]
    format: int = FORMAT
    states: dict[str, str] = {}
    """The SHA-256 of each file beside the tables, by its name."""


def export_tables(
    engine: Engine, folder: Path, checkpoint: Checkpoint, target: Path
) -> ExportManifest:
    """Write every table up to the checkpoint into an empty folder; the manifest comes last.

    ``folder`` is the store's own. Memory stays constant; rows that arrive meanwhile lie above the
    checkpoint. What the rollups hold is noted before they are read, what is gone after the
    readings are: neither note then says more than the files do.
    """
    target.mkdir(parents=True, exist_ok=True)
    if any(target.iterdir()):
        raise Refused("backup.not_empty", f"{target} is not empty.", "Choose a new folder.")
    states = _keep(folder, ROLLED_FILE, target)
    files = {table.name: _export(engine, table, checkpoint, target) for table in CARRIED}
    states |= _keep(folder, RETAINED_FILE, target)
    manifest = ExportManifest(checkpoint, files, states=states)
    (target / _MANIFEST).write_bytes(msgspec.json.encode(manifest))
    return manifest


def import_folder(source: Path, folder: Path) -> ExportManifest:
    """Make a store in an empty folder from an export; the checkpoint comes last.

    Raises:
        Refused: if the folder holds a store already, or the export is damaged or newer.
    """
    manifest = _read_manifest(source)
    if (folder / "chdb").exists() or read_checkpoint(folder) is not None:
        raise Refused("backup.store_exists", f"{folder} holds a telemetry store already.")
    engine = ChdbEngine(folder, _SECONDS_MAX)
    try:
        create_tables(engine)
        for table in CARRIED:
            if table.name in manifest.files:  # an older export has no rollups: they are rebuilt
                _import(engine, table, source, manifest.files[table.name])
    finally:
        engine.close()
    for name in manifest.states.keys() & {ROLLED_FILE, RETAINED_FILE}:
        shutil.copyfile(source / name, folder / name)
    write_checkpoint(folder, manifest.checkpoint)
    return manifest


def _keep(folder: Path, name: str, target: Path) -> dict[str, str]:
    """Copy a file of the store's folder, if it is there; return its digest by its name."""
    if not (folder / name).exists():
        return {}
    shutil.copyfile(folder / name, target / name)
    return {name: _digest(target / name)}


def _export(engine: Engine, table: Table, checkpoint: Checkpoint, target: Path) -> File:
    sql = _LOG_SQL if table.number else _ALL_SQL
    params = {
        "database": DATABASE,
        "table": table.name,
        "epoch": str(checkpoint.epoch),
        "seq": str(checkpoint.seq),
    }
    path = _path(target, table)
    rows = 0
    with pq.ParquetWriter(path, table.schema, compression="zstd") as writer:
        for part in engine.scan(sql, params):
            writer.write_table(part.cast(table.schema))
            rows += part.num_rows
    return File(rows, _digest(path))


def _import(engine: Engine, table: Table, source: Path, expected: File) -> None:
    path = _path(source, table)
    rows = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_ROWS_PER_GROUP):
            engine.insert(table.full_name, pa.Table.from_batches([batch]).cast(table.schema))
            rows += batch.num_rows
    if rows != expected.rows:
        raise Broken("backup.damaged", f"{path} has {rows} rows, not {expected.rows}.")


def _read_manifest(source: Path) -> ExportManifest:
    try:
        manifest = msgspec.json.decode((source / _MANIFEST).read_bytes(), type=ExportManifest)
    except (OSError, msgspec.DecodeError) as error:
        raise Refused(
            "backup.unreadable", f"{source} holds no export of a telemetry store ({error})."
        ) from error
    if manifest.format != FORMAT:
        raise Refused(
            "backup.newer",
            f"The export has format {manifest.format}, this version reads {FORMAT}.",
            "Use the version of Trạm that wrote it.",
        )
    _check_files(source, manifest)
    return manifest


def _check_files(source: Path, manifest: ExportManifest) -> None:
    """Refuse an export that lacks a file or holds another than it says."""
    needed = {table.name for table in (SERIES, *FROM_LOG)}
    digests = dict(manifest.states)
    for table in CARRIED:
        if table.name in manifest.files:
            digests[_path(source, table).name] = manifest.files[table.name].sha256
        elif table.name in needed:
            raise _damaged(_path(source, table))
    for name, digest in digests.items():
        if not (source / name).exists() or _digest(source / name) != digest:
            raise _damaged(source / name)


def _damaged(path: Path) -> Refused:
    return Refused("backup.damaged", f"{path} is missing or differs from the manifest.")


def _path(folder: Path, table: Table) -> Path:
    return folder / f"{table.name}.parquet"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
