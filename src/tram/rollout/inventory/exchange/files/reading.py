"""Files to sheets: CSV in any usual encoding, XLSX, GeoJSON (RFC 7946), GeoPackage (OGC 12-128)."""

import codecs
import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec
import shapely

from tram.domain.text import normal
from tram.rollout.inventory.exchange.columns import header_score
from tram.rollout.inventory.exchange.files.encodings import ENCODINGS, read_text
from tram.rollout.inventory.exchange.files.geopackage import read_layer
from tram.rollout.inventory.exchange.files.workbook import Line, Workbook
from tram.rollout.inventory.exchange.limits import (
    CELL_CHARACTERS_MAX,
    CELLS_MAX,
    COLUMNS_MAX,
    FILE_BYTES_MAX,
    HEADER_CHARACTERS_MAX,
    ROW_CELLS_MAX,
    ROWS_MAX,
    VERTICES_MAX,
    too_large,
    unreadable,
)
from tram.rollout.inventory.exchange.sheet import Cell, Sheet, SheetRow

__all__ = ("flat", "read_sheet")

_HEADER_WITHIN_ROWS = 20
_HEADER_NAMES_MIN = 2
_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_ROWS = 50
_LON, _LAT = "lon", "lat"
_FORMULA_STARTS = ("=", "+", "-", "@")
_WHOLE_MAX = 2**53
"""Larger whole numbers are no coordinates and no counts: they are kept as text."""

csv.field_size_limit(CELL_CHARACTERS_MAX)


def read_sheet(data: bytes, *, sheet: str = "", encoding: str = "") -> Sheet:
    """Return the table in a file; its kind is told by its first bytes, not by its name.

    Args:
        data: The file.
        sheet: Name of the sheet or layer; the first with rows without it.
        encoding: Of a CSV file; found by trying without it.

    Raises:
        Refused: ``import.unreadable`` with what is wrong, ``import.too_large``.
    """
    if len(data) > FILE_BYTES_MAX:
        raise too_large("bytes")
    if not data.strip():
        raise unreadable("file.empty")
    reader: Callable[[bytes, str, str], Sheet] = _read_csv
    if data.startswith(b"PK\x03\x04"):
        reader = _read_xlsx
    elif data.startswith(b"SQLite format 3\x00"):
        reader = _read_geopackage
    elif data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        reader = _read_geojson
    found = reader(data, sheet, encoding)
    if not found.rows:
        raise unreadable("file.only_header")
    return found


def _read_csv(data: bytes, _sheet: str, encoding: str) -> Sheet:
    found = read_text(data, encoding)
    if found is None:
        names = ", ".join(ENCODINGS)
        if encoding:
            raise unreadable("file.encoding", name=encoding, names=names)
        raise unreadable("file.encoding_unknown", names=names)
    text, delimiter = found.text, _delimiter_of(found.text)
    try:
        lines = list(_filled(_csv_lines(text, delimiter)))
    except csv.Error as error:
        if "field larger" in str(error):
            raise too_large("cell") from error
        raise unreadable("file.csv", why=str(error)) from error
    made = _from_lines("csv", lines, encoding=found.encoding, delimiter=delimiter)
    return msgspec.structs.replace(made, sure=found.sure)


def _csv_lines(text: str, delimiter: str) -> Iterator[Line]:
    """Yield the rows with their numbers; rows and cells are counted as they come."""
    cells = 0
    physical = _narrow(io.StringIO(text, newline=""), delimiter)
    for number, line in enumerate(csv.reader(physical, delimiter=delimiter), start=1):
        cells += len(line)
        if len(line) > ROW_CELLS_MAX:
            raise too_large("row")
        if cells > CELLS_MAX:
            raise too_large("cells")
        yield number, list(line)


def _narrow(lines: Iterable[str], delimiter: str) -> Iterator[str]:
    """Refuse a line with too many delimiters before anybody makes cells of it."""
    for line in lines:
        # A cell in quotation marks may hold delimiters, but not that many.
        if len(line) > ROW_CELLS_MAX and line.count(delimiter) > max(
            ROW_CELLS_MAX, line.count('"') and CELL_CHARACTERS_MAX
        ):
            raise too_large("row")
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


def _read_xlsx(data: bytes, sheet: str, _encoding: str) -> Sheet:
    book = Workbook(io.BytesIO(data))
    try:
        names = tuple(book.sheets)
        if sheet and sheet not in names:
            raise unreadable("file.sheet", name=sheet, names=", ".join(names))
        for name in [sheet] if sheet else names:
            lines = list(_filled(book.lines(name)))
            if lines:
                return msgspec.structs.replace(
                    _from_lines("xlsx", lines), sheet=name, sheets=names
                )
    finally:
        book.close()
    raise unreadable("file.sheets_empty")


def _filled(lines: Iterable[Line]) -> Iterator[Line]:
    """Yield the rows that hold something, as many as there may be."""
    count = 0
    for number, line in lines:
        if not _is_filled(line):
            continue
        count += 1
        if count > ROWS_MAX + _HEADER_WITHIN_ROWS:
            raise too_large("rows")
        yield number, line


def _from_lines(
    form: str, lines: Sequence[Line], *, encoding: str = "", delimiter: str = ""
) -> Sheet:
    """Find the header among the first rows: lists often begin with a title."""
    if not lines:
        raise unreadable("file.no_rows")
    scores = [header_score(line) for _, line in lines[:_HEADER_WITHIN_ROWS]]
    at = max(range(len(scores)), key=lambda index: (scores[index], -index))
    # One cell may look like a name of a column by chance.
    if scores[at] < _HEADER_NAMES_MIN:
        at = 0
    headers = _headers_of(lines[at][1])
    rows = [_row(number, line, len(headers)) for number, line in lines[at + 1 :]]
    if len(rows) > ROWS_MAX:
        raise too_large("rows")
    return Sheet(
        format=form,
        headers=headers,
        rows=tuple(rows),
        header_row=lines[at][0],
        encoding=encoding,
        delimiter=delimiter,
    )


def _headers_of(line: Sequence[Cell]) -> tuple[str, ...]:
    """Return one name for each column, made unique; empty ones at the end are cut."""
    texts = [
        " ".join(normal(str(cell)).split())[:HEADER_CHARACTERS_MAX] if cell is not None else ""
        for cell in line
    ]
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) > COLUMNS_MAX:
        raise too_large("columns")
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


class _Feature(msgspec.Struct):
    geometry: _Point | None = None
    properties: dict[str, Any] | None = None


class _Collection(msgspec.Struct):
    features: list[_Feature]
    crs: Any = None


def _read_geojson(data: bytes, _sheet: str, _encoding: str) -> Sheet:
    try:
        found = msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8), type=_Collection)
        features = [(_place_of(item.geometry), item.properties or {}) for item in found.features]
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise unreadable("file.geojson") from error
    names = list(dict.fromkeys(name for _, properties in features for name in properties))
    named = found.crs.get("properties") if isinstance(found.crs, dict) else None
    crs = str(named.get("name", "")) if isinstance(named, dict) else ""
    return _from_features("geojson", names, features, crs)


def _place_of(point: _Point | None) -> tuple[Any, Any]:
    if point is None or point.type != "Point":
        return (None, None)
    lon, lat, *_ = [*msgspec.json.decode(point.coordinates, type=list[Any]), None, None]
    return (lon, lat)


def _read_geopackage(data: bytes, sheet: str, _encoding: str) -> Sheet:
    layer = read_layer(data, sheet)
    try:
        points = shapely.from_wkb(layer.shapes)
    except shapely.errors.ShapelyError as error:
        raise unreadable("file.shape") from error
    if shapely.get_num_coordinates(points).sum() > VERTICES_MAX:
        raise too_large("vertices")
    xs, ys = shapely.get_x(points), shapely.get_y(points)
    features = [
        (
            (float(xs[at]), float(ys[at])) if xs[at] == xs[at] else (None, None),
            dict(zip(layer.columns, values, strict=True)),
        )
        for at, values in enumerate(layer.rows)
    ]
    made = _from_features("gpkg", layer.columns, features, layer.crs)
    return msgspec.structs.replace(made, sheet=layer.name, sheets=layer.names)


def _from_features(
    form: str,
    names: Sequence[str],
    features: Sequence[tuple[tuple[Any, Any], dict[str, Any]]],
    crs: str,
) -> Sheet:
    """Put points and properties into one table; properties that repeat the point give way."""
    kept = [name for name in names if name not in {_LON, _LAT}]
    has_points = any(place[0] is not None for place, _ in features)
    headers = ([_LON, _LAT] if has_points else [n for n in (_LON, _LAT) if n in names]) + kept
    _must_fit(len(features), len(headers))
    rows = [
        SheetRow(
            number,
            tuple(
                _geo_cell(name, place, properties) if has_points else flat(properties.get(name))
                for name in headers
            ),
        )
        for number, (place, properties) in enumerate(features, start=1)
    ]
    return Sheet(format=form, headers=tuple(headers), rows=tuple(rows), header_row=0, crs=crs)


def _must_fit(rows: int, columns: int) -> None:
    """Refuse a table before it is laid out: every feature may bring names of its own."""
    if rows > ROWS_MAX:
        raise too_large("rows")
    if columns > COLUMNS_MAX:
        raise too_large("columns")
    if rows * columns > CELLS_MAX:
        raise too_large("cells")


def _geo_cell(name: str, place: tuple[Any, Any], properties: dict[str, Any]) -> Cell:
    if name == _LON:
        return flat(place[0])
    return flat(place[1]) if name == _LAT else flat(properties.get(name))


def flat(value: Any) -> Cell:  # noqa: ANN401  # any JSON
    """Return a value of JSON as a cell can have it."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _WHOLE_MAX:
        return str(value)
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return msgspec.json.encode(value).decode()
