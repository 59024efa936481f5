"""Files to sheets: CSV in any usual encoding, XLSX, GeoJSON (RFC 7946), GeoPackage (OGC 12-128)."""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from typing import Any

import msgspec
import shapely

from tram.domain.text import normal
from tram.rollout.inventory.exchange import limits
from tram.rollout.inventory.exchange.files.encodings import ENCODINGS, read_text
from tram.rollout.inventory.exchange.files.geopackage import read_layer
from tram.rollout.inventory.exchange.sheet import Cell, Line, Sheet, SheetRow
from tram.rollout.inventory.exchange.station_columns import header_score

__all__ = ("FeatureCollection", "FileKind", "flat", "kind_of", "read_sheet")

_HEADER_WITHIN_ROWS = 20
_HEADER_NAMES_MIN = 2
_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_ROWS = 50
_LON, _LAT = "lon", "lat"
Place = dict[str, Any]
_NOWHERE: Place = {_LON: None, _LAT: None}
_BLANKS = codecs.BOM_UTF8 + b" \r\n\t"
_FORMULA_STARTS = ("=", "+", "-", "@")
_WHOLE_MAX = 2**53
"""Larger whole numbers are no coordinates and no counts: they are kept as text."""

csv.field_size_limit(limits.CELL_CHARACTERS_MAX)


class FileKind(Enum):
    """What a file is, whatever its name."""

    CSV = "csv"
    XLSX = "xlsx"
    GEOJSON = "geojson"
    GEOPACKAGE = "gpkg"


def kind_of(data: bytes) -> FileKind:
    """Return what a file is by its first bytes; a text that begins like nothing else is a table."""
    if data.startswith(b"PK\x03\x04"):
        return FileKind.XLSX
    if data.startswith(b"SQLite format 3\x00"):
        return FileKind.GEOPACKAGE
    return FileKind.GEOJSON if data.lstrip(_BLANKS).startswith(b"{") else FileKind.CSV


def read_sheet(data: bytes, *, sheet: str = "", encoding: str = "") -> Sheet:
    """Return the table in a file; its kind is told by its first bytes, not by its name.

    Args:
        data: The file.
        sheet: Name of the sheet or layer; the first with rows without it.
        encoding: Of a CSV file; found by trying without it.

    Raises:
        Refused: ``import.unreadable`` with what is wrong, ``import.too_large``.
    """
    if len(data) > limits.FILE_BYTES_MAX:
        raise limits.too_large("bytes")
    if not data.strip():
        raise limits.unreadable("file.empty")
    kind = kind_of(data)
    if kind is FileKind.XLSX:
        found = _read_xlsx(data, sheet)
    elif kind is FileKind.GEOPACKAGE:
        found = _read_geopackage(data, sheet)
    elif kind is FileKind.GEOJSON:
        found = _read_geojson(data)
    else:
        found = _read_csv(data, encoding)
    if not found.rows:
        raise limits.unreadable("file.only_header")
    return found


def _read_csv(data: bytes, encoding: str) -> Sheet:
    found = read_text(data, encoding)
    if found is None:
        names = ", ".join(ENCODINGS)
        if encoding:
            raise limits.unreadable("file.encoding", name=encoding, names=names)
        raise limits.unreadable("file.encoding_unknown", names=names)
    try:
        lines = list(_filled(_csv_lines(found.text, _delimiter_of(found.text))))
    except csv.Error as error:
        if "field larger" in str(error):
            raise limits.too_large("cell") from error
        raise limits.unreadable("file.csv", why=str(error)) from error
    made = _from_lines("csv", lines)
    return msgspec.structs.replace(made, encoding=found.encoding, sure=found.sure)


def _csv_lines(text: str, delimiter: str) -> Iterator[Line]:
    """Yield the rows with their numbers; rows and cells are counted as they come."""
    cells = 0
    physical = _narrow(io.StringIO(text, newline=""), delimiter)
    for number, line in enumerate(csv.reader(physical, delimiter=delimiter), start=1):
        cells += len(line)
        if len(line) > limits.ROW_CELLS_MAX:
            raise limits.too_large("row")
        if cells > limits.CELLS_MAX:
            raise limits.too_large("cells")
        yield number, list(line)


def _narrow(lines: Iterable[str], delimiter: str) -> Iterator[str]:
    """Refuse a line with too many delimiters before anybody makes cells of it."""
    for line in lines:
        # A cell in quotation marks may hold delimiters, but not that many.
        if len(line) > limits.ROW_CELLS_MAX and line.count(delimiter) > max(
            limits.ROW_CELLS_MAX, line.count('"') and limits.CELL_CHARACTERS_MAX
        ):
            raise limits.too_large("row")
        yield line


def _delimiter_of(text: str) -> str:
    """Return the mark that parts most rows into the same number of cells, more than one."""
    best, best_score = _DELIMITERS[0], (0, 0)
    for delimiter in _DELIMITERS:
        widths: list[int] = []
        try:
            lines = _narrow(io.StringIO(text, newline=""), delimiter)
            for line in csv.reader(lines, delimiter=delimiter):
                widths.append(len(line))
                if len(widths) == _SNIFFED_ROWS:
                    break
        except csv.Error:
            continue
        usual = max(set(widths), key=widths.count)
        score = (widths.count(usual), usual) if usual > 1 else (0, 0)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _read_xlsx(data: bytes, sheet: str) -> Sheet:
    # A process that reads no workbook starts without what it needs.
    from tram.rollout.inventory.exchange.files.workbook import Workbook  # noqa: PLC0415

    book = Workbook(io.BytesIO(data))
    try:
        names = tuple(book.sheets)
        if sheet and sheet not in names:
            raise limits.unreadable("file.sheet", name=sheet, names=", ".join(names))
        for name in [sheet] if sheet else names:
            lines = list(_filled(book.lines(name)))
            if lines:
                return msgspec.structs.replace(
                    _from_lines("xlsx", lines), sheet=name, sheets=names
                )
    finally:
        book.close()
    raise limits.unreadable("file.sheets_empty")


def _filled(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the rows that hold something, as many as there may be."""
    count = 0
    for number, line in lines:
        if not _is_filled(line):
            continue
        count += 1
        if count > limits.ROWS_MAX + _HEADER_WITHIN_ROWS:
            raise limits.too_large("rows")
        yield number, line


def _from_lines(form: str, lines: Sequence[Line]) -> Sheet:
    """Find the header among the first rows: lists often begin with a title."""
    if not lines:
        raise limits.unreadable("file.no_rows")
    scores = [header_score(line) for _, line in lines[:_HEADER_WITHIN_ROWS]]
    at = max(range(len(scores)), key=lambda index: (scores[index], -index))
    # One cell may look like a name of a column by chance.
    if scores[at] < _HEADER_NAMES_MIN:
        at = 0
    headers = _headers_of(lines[at][1])
    rows = [_row(number, line, len(headers)) for number, line in lines[at + 1 :]]
    if len(rows) > limits.ROWS_MAX:
        raise limits.too_large("rows")
    return Sheet(format=form, headers=headers, rows=tuple(rows))


def _headers_of(line: Sequence[Cell]) -> tuple[str, ...]:
    """Return one name for each column, made unique; empty ones at the end are cut."""
    texts = [
        " ".join(normal(str(cell)).split())[: limits.HEADER_CHARACTERS_MAX]
        if cell is not None
        else ""
        for cell in line
    ]
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) > limits.COLUMNS_MAX:
        raise limits.too_large("columns")
    seen: dict[str, int] = {}
    headers = []
    for at, text in enumerate(texts, start=1):
        name = text or f"#{at}"
        seen[name] = seen.get(name, 0) + 1
        headers.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(headers)


def _row(number: int, line: Sequence[Cell], width: int) -> SheetRow:
    cells = tuple(_unmarked(cell) for cell in line[:width])
    beyond = sum(1 for cell in line[width:] if cell is not None and cell != "")
    return SheetRow(number, cells + (None,) * (width - len(cells)), beyond)


def _unmarked(cell: Cell) -> Cell:
    """Take away the mark that exports put before what a spreadsheet would take for a formula."""
    is_marked = isinstance(cell, str) and cell[:1] == "'" and cell[1:2] in _FORMULA_STARTS
    return cell[1:] if is_marked and isinstance(cell, str) else cell


def _is_filled(line: Sequence[Cell]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in line)


class _Point(msgspec.Struct):
    """Of a geometry only what a point has; other kinds have no position for a list."""

    type: str = ""
    coordinates: msgspec.Raw = msgspec.Raw(b"null")


class Feature(msgspec.Struct):
    """A feature of GeoJSON; its geometry is read by who needs it."""

    geometry: msgspec.Raw = msgspec.Raw(b"null")
    properties: dict[str, Any] | None = None


class FeatureCollection(msgspec.Struct):
    """A file of GeoJSON; ``crs`` is what files of before RFC 7946 say of their coordinates."""

    features: list[Feature]
    crs: Any = None


def _read_geojson(data: bytes) -> Sheet:
    try:
        found = msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8), type=FeatureCollection)
        features = [(_place_of(item.geometry), item.properties or {}) for item in found.features]
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise limits.unreadable("file.geojson") from error
    names = list(dict.fromkeys(name for _, properties in features for name in properties))
    return _from_features("geojson", names, features)


def _place_of(geometry: msgspec.Raw) -> Place:
    point = msgspec.json.decode(geometry, type=_Point | None)
    if point is None or point.type != "Point":
        return _NOWHERE
    lon, lat, *_ = [*msgspec.json.decode(point.coordinates, type=list[Any]), None, None]
    return {_LON: lon, _LAT: lat}


def _read_geopackage(data: bytes, sheet: str) -> Sheet:
    layer = read_layer(data, sheet)
    try:
        points = shapely.from_wkb(layer.shapes)
    except shapely.errors.ShapelyError as error:
        raise limits.unreadable("file.shape") from error
    if shapely.get_num_coordinates(points).sum() > limits.VERTICES_MAX:
        raise limits.too_large("vertices")
    xs, ys = shapely.get_x(points), shapely.get_y(points)
    features = [
        (
            {_LON: float(xs[at]), _LAT: float(ys[at])} if xs[at] == xs[at] else _NOWHERE,
            dict(zip(layer.columns, values, strict=True)),
        )
        for at, values in enumerate(layer.rows)
    ]
    made = _from_features("gpkg", layer.columns, features)
    return msgspec.structs.replace(made, sheet=layer.name, sheets=layer.names)


def _from_features(
    form: str, names: Sequence[str], features: Sequence[tuple[Place, dict[str, Any]]]
) -> Sheet:
    """Put points and properties into one table; properties that repeat the point give way."""
    kept = [name for name in names if name not in {_LON, _LAT}]
    has_points = any(place[_LON] is not None for place, _ in features)
    headers = ([_LON, _LAT] if has_points else [n for n in (_LON, _LAT) if n in names]) + kept
    _must_fit(len(features), len(headers))
    rows = []
    for number, (place, properties) in enumerate(features, start=1):
        values = properties | place if has_points else properties
        rows.append(SheetRow(number, tuple(flat(values.get(name)) for name in headers)))
    return Sheet(format=form, headers=tuple(headers), rows=tuple(rows))


def _must_fit(rows: int, columns: int) -> None:
    """Refuse a table before it is laid out: every feature may bring names of its own."""
    if rows > limits.ROWS_MAX:
        raise limits.too_large("rows")
    if columns > limits.COLUMNS_MAX:
        raise limits.too_large("columns")
    if rows * columns > limits.CELLS_MAX:
        raise limits.too_large("cells")


def flat(value: Any) -> Cell:  # noqa: ANN401  # any JSON
    """Return a value of JSON as a cell can have it."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _WHOLE_MAX:
        return str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return msgspec.json.encode(value).decode()
