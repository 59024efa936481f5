"""GeoPackages (OGC 12-128): the plain tables of a database that a stranger wrote, and nothing else.

A database may hold views that never end, triggers, functions in its columns and pages that lead in
circles. So it is opened from memory, of its schema only plain tables are believed, an authorizer
allows reading them and nothing else, and rows, values and steps are counted.
"""

import sqlite3
import struct
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import msgspec

from tram.rollout.inventory.exchange import limits

__all__ = ("GeoPackageLayer", "read_layer")

_STEPS_AT_ONCE = 100_000
_STEPS_MAX = 20_000
"""How often so many steps of SQLite's machine may be taken for one file."""
_WAL_MARKS = slice(18, 20)
_HEADER = struct.Struct("<2sBBi")
_ENVELOPES = (0, 32, 48, 48, 64)
_SCHEMA = ("gpkg_contents", "gpkg_geometry_columns", "gpkg_spatial_ref_sys", "sqlite_master")


class GeoPackageLayer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer: the names of all, and of this one its system, columns, shapes (WKB) and rows."""

    name: str
    names: tuple[str, ...]
    crs: str
    columns: tuple[str, ...]
    shapes: list[bytes | None]
    rows: list[tuple[Any, ...]]


def read_layer(data: bytes, wanted: str = "") -> GeoPackageLayer:
    """Return a layer by its name; the first that is a plain table without one.

    Raises:
        Refused: ``import.unreadable``, ``import.too_large``.
    """
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as database:
        try:
            return _read(_opened(database, data), wanted)
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise limits.too_large("rows") from error
            raise _damaged() from error
        except sqlite3.DataError as error:  # a value beyond SQLite's own limit
            raise limits.too_large("shape") from error
        except (sqlite3.Error, OverflowError, UnicodeDecodeError) as error:
            raise _damaged() from error


def _opened(database: sqlite3.Connection, data: bytes) -> sqlite3.Connection:
    """Put the file into a database in memory that can be read only, by plain questions."""
    content = bytearray(data)
    content[_WAL_MARKS] = b"\x01\x01"  # its log, if it had one, did not come with it
    database.deserialize(bytes(content))
    for setting in ("trusted_schema = off", "query_only = on", "cell_size_check = on"):
        database.execute(f"PRAGMA {setting}")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.SHAPE_BYTES_MAX)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.text_factory = lambda text: text.decode("utf-8", "replace")
    left = [_STEPS_MAX]

    def watch() -> bool:
        left[0] -= 1
        return left[0] < 0

    database.set_progress_handler(watch, _STEPS_AT_ONCE)
    return database


def _read(database: sqlite3.Connection, wanted: str) -> GeoPackageLayer:
    layers = _layers(database)
    plain = [name for name, kind in layers if kind == "table"]
    names = tuple(name for name, _ in layers)
    if wanted and wanted not in names:
        raise limits.unreadable("file.layer", name=wanted, names=", ".join(names))
    if not layers:
        raise _damaged()
    name = wanted or (plain[0] if plain else names[0])
    if name not in plain:
        raise limits.unreadable("file.layer_view")
    return _table(database, name, names)


def _layers(database: sqlite3.Connection) -> list[tuple[str, str]]:
    """Return the layers that have shapes, each with what it is in the schema."""
    question = (
        "SELECT c.table_name, CASE WHEN m.sql LIKE 'CREATE TABLE%' THEN m.type ELSE 'other' END "
        "FROM gpkg_contents c JOIN gpkg_geometry_columns g ON g.table_name = c.table_name "
        "JOIN sqlite_master m ON m.name = c.table_name AND m.type IN ('table', 'view') "
        "ORDER BY c.rowid LIMIT ?"
    )
    _allow(database, _SCHEMA, functions=("like",))
    found = database.execute(question, (limits.LAYERS_MAX + 1,)).fetchall()
    if len(found) > limits.LAYERS_MAX:
        raise limits.too_large("layers")
    return [(str(name), str(kind)) for name, kind in found]


def _table(database: sqlite3.Connection, name: str, names: tuple[str, ...]) -> GeoPackageLayer:
    shape_column, crs = _shape_of(database, name)
    database.set_authorizer(None)
    listed = database.execute(f"PRAGMA table_xinfo({_quoted(name)})").fetchall()
    # Numbers of columns: name, type, default, key, hidden; hidden ones are computed, by anything.
    kept = [(row[1], str(row[2]).upper(), row[5]) for row in listed if row[6] == 0]
    if len(kept) > limits.COLUMNS_MAX:
        raise limits.too_large("columns")
    columns = [column for column, _, is_key in kept if column != shape_column and not is_key]
    if not any(column == shape_column for column, _, _ in kept):
        raise limits.unreadable("file.layer_empty")
    truths = {column for column, kind, _ in kept if kind.startswith("BOOL")}
    _allow(database, (name,))
    asked = ", ".join(_quoted(column) for column in (shape_column, *columns))
    shapes: list[bytes | None] = []
    rows: list[tuple[Any, ...]] = []
    for shape, *values in database.execute(f"SELECT {asked} FROM {_quoted(name)}"):  # noqa: S608  # quoted
        shapes.append(_wkb(shape))
        rows.append(tuple(_plain(v, c in truths) for c, v in zip(columns, values, strict=True)))
        if len(rows) > limits.ROWS_MAX:
            raise limits.too_large("rows")
        if len(rows) * (len(columns) + 1) > limits.CELLS_MAX:
            raise limits.too_large("cells")
    return GeoPackageLayer(
        name=name, names=names, crs=crs, columns=tuple(columns), shapes=shapes, rows=rows
    )


def _shape_of(database: sqlite3.Connection, name: str) -> tuple[str, str]:
    """Return the column of a layer's shapes and their system."""
    _allow(database, _SCHEMA)
    found = database.execute(
        "SELECT g.column_name, s.organization, s.organization_coordsys_id, s.definition "
        "FROM gpkg_geometry_columns g LEFT JOIN gpkg_spatial_ref_sys s ON s.srs_id = g.srs_id "
        "WHERE g.table_name = ?",
        (name,),
    ).fetchone()
    column, organisation, number, definition = found
    if str(organisation).upper() == "EPSG":
        return str(column), f"EPSG:{number}"
    is_defined = isinstance(definition, str) and definition.lower() != "undefined"
    return str(column), definition if is_defined else ""


def _allow(
    database: sqlite3.Connection, tables: Sequence[str], *, functions: Sequence[str] = ()
) -> None:
    """Let questions read these tables, call these functions, and do nothing else."""
    known = {table.casefold() for table in tables} | {"sqlite_schema"}

    def judge(audit_entry: int, first: str | None, second: str | None, *_: object) -> int:
        is_fine = (
            audit_entry == sqlite3.SQLITE_SELECT
            or (audit_entry == sqlite3.SQLITE_READ and (first or "").casefold() in known)
            or (audit_entry == sqlite3.SQLITE_FUNCTION and (second or "").casefold() in functions)
        )
        return sqlite3.SQLITE_OK if is_fine else sqlite3.SQLITE_DENY

    database.set_authorizer(judge)


def _wkb(blob: object) -> bytes | None:
    """Return the shape within the blob of a GeoPackage, None for none."""
    if not isinstance(blob, bytes):
        return None
    if len(blob) < _HEADER.size or blob[:2] != b"GP":
        raise limits.unreadable("file.shape")
    flags = blob[3]
    kind = flags >> 1 & 7
    if kind >= len(_ENVELOPES) or flags & 0x20:
        raise limits.unreadable("file.shape")
    return None if flags & 0x10 else blob[_HEADER.size + _ENVELOPES[kind] :]


def _plain(value: object, is_truth: bool) -> Any:  # noqa: ANN401, FBT001  # private, any value
    """Return a value as a table has it; bytes are no value that a list can have."""
    if isinstance(value, bytes):
        return None
    return bool(value) if is_truth and isinstance(value, int) else value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _damaged() -> Exception:
    return limits.unreadable("file.geopackage")
