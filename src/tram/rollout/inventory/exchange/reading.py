"""Files to sheets: CSV in any usual encoding, XLSX, GeoJSON (RFC 7946), GeoPackage (OGC 12-128)."""

import codecs
import csv
import io
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import time
from typing import Any

import msgspec
import openpyxl
import pyogrio
import shapely
from openpyxl.utils.exceptions import InvalidFileException

from tram.domain.text import normal
from tram.rollout.inventory.exchange.columns import header_score
from tram.rollout.inventory.exchange.encodings import ENCODINGS, read_text
from tram.rollout.inventory.exchange.sheet import Cell, Row, Sheet
from tram.runtime.errors import Refused

__all__ = ("ROWS_MAX", "read_sheet")

ROWS_MAX = 100_000
COLUMNS_MAX = 200
_XLSX_BYTES_MAX = 512 * 1024 * 1024
"""What a workbook may unpack to: a small file can hold a very large one."""
_HEADER_WITHIN_ROWS = 20
_HEADER_NAMES_MIN = 2
_DELIMITERS = (",", ";", "\t", "|")
_SNIFFED_ROWS = 50
_LON, _LAT = "lon", "lat"
_FORMULA_STARTS = ("=", "+", "-", "@")


def read_sheet(data: bytes, *, sheet: str = "", encoding: str = "") -> Sheet:
    """Return the table in a file; its kind is told by its first bytes, not by its name.

    Args:
        data: The file.
        sheet: Name of the sheet or layer; the first with rows without it.
        encoding: Of a CSV file; found by trying without it.

    Raises:
        Refused: ``import.unreadable`` with what is wrong, ``import.too_large``.
    """
    if not data.strip():
        raise _unreadable("The file is empty.")
    reader: Callable[[bytes, str, str], Sheet] = _read_csv
    if data.startswith(b"PK\x03\x04"):
        reader = _read_xlsx
    elif data.startswith(b"SQLite format 3\x00"):
        reader = _read_geopackage
    elif data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        reader = _read_geojson
    found = reader(data, sheet, encoding)
    if not found.rows:
        raise _unreadable("The table has a header, but no rows.")
    return found


def _read_csv(data: bytes, _sheet: str, encoding: str) -> Sheet:
    found = read_text(data, encoding)
    if found is None:
        raise _unreadable(
            f"The text is not in {encoding or 'any encoding that is known here'}.",
            f"Save the file as CSV UTF-8, or name its encoding: {', '.join(ENCODINGS)}.",
        )
    text, delimiter = found.text, _delimiter_of(found.text)
    try:
        lines = list(_bounded(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)))
    except csv.Error as error:
        raise _unreadable(f"The file is not CSV: {error}.") from error
    made = _from_lines("csv", lines, encoding=found.encoding, delimiter=delimiter)
    return msgspec.structs.replace(made, sure=found.sure)


def _delimiter_of(text: str) -> str:
    """Return the mark that parts most rows into the same number of cells, more than one."""
    best, best_score = _DELIMITERS[0], (0, 0)
    for delimiter in _DELIMITERS:
        widths: list[int] = []
        try:
            for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
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
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > _XLSX_BYTES_MAX:
                raise _too_large()
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise _unreadable("The file is not a workbook (.xlsx).") from error
    names = tuple(book.sheetnames)
    if sheet and sheet not in names:
        raise _unreadable(f"The workbook has no sheet {sheet!r}: it has {', '.join(names)}.")
    try:
        for name in [sheet] if sheet else names:
            lines = list(_bounded(_xlsx_lines(book[name])))
            if any(_is_filled(line) for line in lines):
                return msgspec.structs.replace(
                    _from_lines("xlsx", lines), sheet=name, sheets=names
                )
    finally:
        book.close()
    raise _unreadable("Every sheet of the workbook is empty.")


def _xlsx_lines(page: Any) -> Iterator[list[Cell]]:  # noqa: ANN401  # openpyxl has no types
    page.reset_dimensions()
    for line in page.iter_rows(values_only=True):
        yield [cell.isoformat() if isinstance(cell, time) else cell for cell in line]


def _from_lines(
    form: str, lines: Sequence[Sequence[Cell]], *, encoding: str = "", delimiter: str = ""
) -> Sheet:
    """Find the header among the first rows: lists often begin with a title."""
    filled = [at for at, line in enumerate(lines[:_HEADER_WITHIN_ROWS]) if _is_filled(line)]
    if not filled:
        raise _unreadable("The file has no rows.")
    scores = {at: header_score(lines[at]) for at in filled}
    at = max(filled, key=lambda index: (scores[index], -index))
    # One cell may look like a name of a column by chance.
    if scores[at] < _HEADER_NAMES_MIN:
        at = filled[0]
    headers = _headers_of(lines[at])
    rows = [
        _row(number, line, len(headers))
        for number, line in enumerate(lines[at + 1 :], start=at + 2)
        if _is_filled(line)
    ]
    return Sheet(
        format=form,
        headers=headers,
        rows=tuple(rows),
        header_row=at + 1,
        encoding=encoding,
        delimiter=delimiter,
    )


def _headers_of(line: Sequence[Cell]) -> tuple[str, ...]:
    """Return one name for each column, made unique; empty ones at the end are cut."""
    texts = [" ".join(normal(str(cell)).split()) if cell is not None else "" for cell in line]
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) > COLUMNS_MAX:
        raise _unreadable(f"The table has more than {COLUMNS_MAX} columns.")
    seen: dict[str, int] = {}
    headers = []
    for at, text in enumerate(texts, start=1):
        name = text or f"#{at}"
        seen[name] = seen.get(name, 0) + 1
        headers.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(headers)


def _row(number: int, line: Sequence[Cell], width: int) -> Row:
    cells = tuple(_unmarked(cell) for cell in line[:width])
    beyond = sum(1 for cell in line[width:] if cell is not None and cell != "")
    return Row(number, cells + (None,) * (width - len(cells)), beyond)


def _unmarked(cell: Cell) -> Cell:
    """Take away the mark that exports put before what a spreadsheet would take for a formula."""
    is_marked = isinstance(cell, str) and cell[:1] == "'" and cell[1:2] in _FORMULA_STARTS
    return cell[1:] if is_marked and isinstance(cell, str) else cell


def _is_filled(line: Sequence[Cell]) -> bool:
    return any(cell is not None and str(cell).strip() for cell in line)


def _bounded(lines: Iterator[Any]) -> Iterator[Any]:
    for number, line in enumerate(lines):
        if number > ROWS_MAX + _HEADER_WITHIN_ROWS:
            raise _too_large()
        yield line


def _read_geojson(data: bytes, _sheet: str, _encoding: str) -> Sheet:
    try:
        found = msgspec.json.decode(data.removeprefix(codecs.BOM_UTF8), type=dict[str, Any])
        features = [_as_feature(item) for item in found["features"]]
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError) as error:
        raise _unreadable("The file is not a GeoJSON FeatureCollection.") from error
    names = list(dict.fromkeys(name for _, properties in features for name in properties))
    named = found.get("crs")
    crs = str(named.get("properties", {}).get("name", "")) if isinstance(named, dict) else ""
    return _from_features("geojson", names, features, crs)


def _as_feature(item: dict[str, Any]) -> tuple[tuple[Any, Any], dict[str, Any]]:
    geometry, properties = item["geometry"], item.get("properties") or {}
    place = (None, None)
    if geometry is not None and geometry["type"] == "Point":
        place = tuple(geometry["coordinates"][:2])
    return place, properties


def _read_geopackage(data: bytes, sheet: str, _encoding: str) -> Sheet:
    with tempfile.NamedTemporaryFile(suffix=".gpkg") as file:
        # By its name: the library warns of a database without the ending of a GeoPackage.
        file.write(data)
        file.flush()
        layers, meta, shapes, columns = _layer_of(file.name, sheet)
    if len(shapes) > ROWS_MAX:
        raise _too_large()
    points = shapely.from_wkb(shapes)
    xs, ys = shapely.get_x(points), shapely.get_y(points)
    names = [str(name) for name in meta["fields"]]
    features = [
        (
            (float(xs[at]), float(ys[at])) if xs[at] == xs[at] else (None, None),
            {name: _plain(columns[i][at]) for i, name in enumerate(names)},
        )
        for at in range(len(shapes))
    ]
    made = _from_features("gpkg", names, features, str(meta["crs"] or ""))
    return msgspec.structs.replace(made, sheet=sheet or layers[0], sheets=tuple(layers))


def _layer_of(path: str, layer: str) -> tuple[list[str], Any, Any, Any]:
    """Return the names of all layers, then meta data, shapes and columns of one."""
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(path)]
        if layer and layer not in layers:
            raise _unreadable(f"The file has no layer {layer!r}: it has {', '.join(layers)}.")
        meta, _, shapes, columns = pyogrio.raw.read(
            path, layer=layer or layers[0], datetime_as_string=True
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, IndexError) as error:
        raise _unreadable("The file is not a GeoPackage that can be read.") from error
    if shapes is None:
        raise _unreadable("The layer has no points.")
    return layers, meta, shapes, columns


def _plain(value: Any) -> Cell:  # noqa: ANN401  # numpy scalars
    """Return a value of numpy as Python's own; NaN is no value."""
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124  # NaN
        return None
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and plain != plain:  # noqa: PLR0124  # NaN
        return None
    return plain if isinstance(plain, str | int | float | bool) else str(plain)


def _from_features(
    form: str,
    names: Sequence[str],
    features: Sequence[tuple[tuple[Any, Any], dict[str, Any]]],
    crs: str,
) -> Sheet:
    """Put points and properties into one table; properties that repeat the point give way."""
    if len(features) > ROWS_MAX:
        raise _too_large()
    kept = [name for name in names if name not in {_LON, _LAT}]
    has_points = any(place[0] is not None for place, _ in features)
    headers = ([_LON, _LAT] if has_points else [n for n in (_LON, _LAT) if n in names]) + kept
    rows = [
        Row(
            number,
            tuple(
                _geo_cell(name, place, properties) if has_points else _flat(properties.get(name))
                for name in headers
            ),
        )
        for number, (place, properties) in enumerate(features, start=1)
    ]
    return Sheet(format=form, headers=tuple(headers), rows=tuple(rows), header_row=0, crs=crs)


def _geo_cell(name: str, place: tuple[Any, Any], properties: dict[str, Any]) -> Cell:
    if name == _LON:
        return _flat(place[0])
    return _flat(place[1]) if name == _LAT else _flat(properties.get(name))


def _flat(value: Any) -> Cell:  # noqa: ANN401  # any JSON
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return msgspec.json.encode(value).decode()


def _unreadable(sentence: str, hint: str = "Send CSV, XLSX, GeoJSON or GeoPackage.") -> Refused:
    return Refused("import.unreadable", sentence, hint)


def _too_large() -> Refused:
    return Refused(
        "import.too_large",
        f"The file has more than {ROWS_MAX} rows or unpacks to more than 512 MB.",
        "Split it.",
    )
