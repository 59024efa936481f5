"""Stations to files that the reader takes back whole: CSV, XLSX, GeoJSON, GeoPackage."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import numpy as np
import shapely

from tram.domain.cells import SHEET_ROWS_MAX, cell_text, sheet_cell, sheet_text
from tram.domain.text import visible
from tram.rollout.inventory.exchange.cells import life_text
from tram.rollout.inventory.exchange.faults import RowFault, fault_text
from tram.rollout.inventory.exchange.positions import Reference, from_wgs84
from tram.rollout.inventory.exchange.sheet import Cell, Sheet, shown
from tram.rollout.inventory.exchange.station_columns import COLUMN_OF, SECTOR_COLUMNS
from tram.rollout.inventory.stations.views import Sector, Station
from tram.runtime.errors import Refused
from tram.runtime.i18n import LOCALES, N_, catalog_of

__all__ = ("FORMATS", "MEDIA_TYPES", "export", "failed_rows")

FORMATS = ("csv", "xlsx", "geojson", "gpkg")
MEDIA_TYPES: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
}
_NOTE = N_("Holds simulated stations: not for official figures.")
_NOT_OF_STATIONS = {*SECTOR_COLUMNS, "easting", "northing", "old_commune", "old_district"}
_OF_STATIONS = tuple(key for key in COLUMN_OF if key not in _NOT_OF_STATIONS)
_BYTE_ORDER_MARK = "\ufeff"

Record = dict[str, Cell]


def export(
    stations: Sequence[Station],
    form: str,
    *,
    locale: str = "vi",
    reference: Reference = Reference(),  # noqa: B008  # frozen
) -> bytes:
    """Return the stations as a file, one row for each sector; one where there is none.

    Maps are always in WGS 84; tables also in VN-2000 when the reference says so.
    """
    reference = reference if form in {"csv", "xlsx"} else Reference()
    records, columns = _records(stations, reference), _columns(reference)
    is_synthetic = any(station.synthetic for station in stations)
    if form == "geojson":
        return _geojson(columns, records, is_synthetic)
    if form == "gpkg":
        return _geopackage(columns, records)
    headers = _headers(columns, locale)
    lines = [[record.get(column) for column in columns] for record in records]
    if form == "csv":
        return _csv(headers, lines)
    return _xlsx(headers, lines, catalog_of(locale).gettext(_NOTE) if is_synthetic else "")


def failed_rows(
    sheet: Sheet, faults: Sequence[RowFault], form: str, *, locale: str = "vi"
) -> bytes:
    """Return the rows that an error keeps out, as they were, with what is wrong and what to do."""
    by_row: dict[int, list[RowFault]] = {}
    for fault in faults:
        if fault.grade == "error":
            by_row.setdefault(fault.row, []).append(fault)
    words = map(catalog_of(locale).gettext, (N_("Row"), N_("Fault"), N_("Remedy")))
    lines: list[list[Cell]] = []
    for row in sheet.rows:
        if row.number in by_row:
            texts = [
                (f"{fault.column}: " if fault.column else "", *fault_text(fault, locale))
                for fault in by_row[row.number]
            ]
            said = " ".join(f"{place}{sentence}" for place, sentence, _ in texts)
            remedy = " ".join(dict.fromkeys(remedy for _, _, remedy in texts))
            lines.append([*row.cells, row.number, said, remedy])
    headers = [*sheet.headers, *(f"# {word}" for word in words)]
    return _xlsx(headers, lines) if form == "xlsx" else _csv(headers, lines)


def _columns(reference: Reference) -> tuple[str, ...]:
    at = _OF_STATIONS.index("lon")
    return (*_OF_STATIONS[:at], *reference.columns, *_OF_STATIONS[at + 2 :], *SECTOR_COLUMNS)


def _headers(columns: Sequence[str], locale: str) -> list[str]:
    return [
        getattr(COLUMN_OF[key], "header_vi" if locale == "vi" else "header_en") for key in columns
    ]


def _records(stations: Sequence[Station], reference: Reference) -> list[Record]:
    xs, ys = from_wgs84(
        reference, [item.lon for item in stations], [item.lat for item in stations]
    )
    across, up = reference.columns
    places = 3 if reference.is_projected else 7
    records = []
    for station, x, y in zip(stations, xs.tolist(), ys.tolist(), strict=True):
        base = _record(station) | {across: round(x, places), up: round(y, places)}
        records += [base | _sector(sector) for sector in station.sectors] or [base]
    return records


def _record(station: Station) -> Record:
    last: dict[str, date] = {life.state: life.since for life in station.life}
    plain = {name: getattr(station, name, None) for name in _OF_STATIONS}
    return plain | {
        "operator": station.operator_name,
        "on_air_on": last.get("on-air"),
        "off_on": last.get("off"),
        "life": life_text(tuple(station.life)),
    }


def _sector(sector: Sector) -> Record:
    values = msgspec.structs.asdict(sector)
    return {"sector": values.pop("code"), **values}


def _csv(headers: Sequence[str], lines: Sequence[Sequence[Cell]]) -> bytes:
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([cell_text(header) for header in headers])
    writer.writerows([[_safe(cell) for cell in line] for line in lines])
    return (_BYTE_ORDER_MARK + target.getvalue()).encode()


def _safe(cell: Cell) -> str:
    """Return a text that no spreadsheet takes for a formula; the reader takes the mark away."""
    return cell_text(cell) if isinstance(cell, str) else shown(cell)


def _xlsx(headers: Sequence[str], lines: Sequence[Sequence[Cell]], note: str = "") -> bytes:
    if len(lines) > SHEET_ROWS_MAX - 2:
        raise Refused(
            "export.too_long",
            f"A sheet holds {SHEET_ROWS_MAX} rows; these are {len(lines)}.",
            "Take the same list as CSV, or filter it.",
        )
    # A process that writes no workbook starts without what it needs.
    import openpyxl  # noqa: PLC0415

    book = openpyxl.Workbook(write_only=True)
    page = book.create_sheet("Trạm")
    page.freeze_panes = "A3" if note else "A2"
    if note:
        page.append([note])
    bold = [_text_cell(page, sheet_text(header)) for header in headers]
    for cell in bold:
        cell.font = openpyxl.styles.Font(bold=True)
    page.append(bold)
    for line in lines:
        page.append([_book_cell(page, cell) for cell in line])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _book_cell(page: Any, cell: Cell) -> Any:  # noqa: ANN401  # openpyxl has no types
    """Return a cell; a text that begins like a formula stays a text."""
    if isinstance(cell, bool):
        return shown(cell)
    if not isinstance(cell, str):
        return sheet_cell(cell)
    text = sheet_text(cell)
    return _text_cell(page, text) if text.startswith("=") else text


def _text_cell(page: Any, text: str) -> Any:  # noqa: ANN401  # likewise
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415  # as above

    made = WriteOnlyCell(page, text)
    made.data_type = "s"
    return made


def _geojson(columns: Sequence[str], records: Sequence[Record], is_synthetic: bool) -> bytes:  # noqa: FBT001  # private
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [record["lon"], record["lat"]]},
            "properties": {
                name: _seen(record.get(name)) for name in columns if name not in {"lon", "lat"}
            },
        }
        for record in records
    ]
    both = " ".join(catalog_of(locale).gettext(_NOTE) for locale in LOCALES)
    note = {"note": both} if is_synthetic else {}
    return msgspec.json.encode({"type": "FeatureCollection", **note, "features": features})


def _geopackage(columns: Sequence[str], records: Sequence[Record]) -> bytes:
    names = [name for name in columns if name not in {"lon", "lat"}]
    points = shapely.points(
        [float(str(record["lon"])) for record in records],
        [float(str(record["lat"])) for record in records],
    )
    # Loading it takes ten times what reading does, which needs this module too.
    import pyogrio  # noqa: PLC0415

    target = io.BytesIO()
    pyogrio.raw.write(
        target,
        np.asarray(shapely.to_wkb(points), dtype=object),
        field_data=[_column(name, records) for name in names],
        fields=names,
        geometry_type="Point",
        crs="EPSG:4326",
        layer="stations",
        driver="GPKG",
    )
    return target.getvalue()


def _column(name: str, records: Sequence[Record]) -> Any:  # noqa: ANN401  # numpy array
    values = [record.get(name) for record in records]
    if COLUMN_OF[name].bounds:
        return np.array([np.nan if value is None else float(str(value)) for value in values])
    return np.array(
        [None if value is None else _seen(shown(value)) for value in values], dtype=object
    )


def _seen(cell: Cell) -> Cell:
    """Return a value that every map program can read and show."""
    return visible(cell, "\n\t") if isinstance(cell, str) else cell
