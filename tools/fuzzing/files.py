"""Hostile files: sheets, packages and lists that are small to send and endless to read."""

import io
import json
import random
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

__all__ = ("FILES", "endless_package", "hostile_file", "sheet", "wide_sheet")

_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/sharedStrings.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_HEADER = ("ma", "ten", "nha mang", "cong nghe", "kinh do", "vi do")


def sheet(rows: str, strings: str = "") -> bytes:
    """Return an XLSX whose sheet holds these rows of XML, and these shared strings."""
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="a" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="s" sheetId="1" r:id="a"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">'
        f'<Relationship Id="a" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="b" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        "</Relationships>",
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{rows}</sheetData>'
        "</worksheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{strings}</sst>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def wide_sheet(rows: int = 3_000) -> bytes:
    """Return a sheet with one cell far to the right in every row."""
    lines = (
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="ZZZ{n}"><v>1</v></c></row>'
        for n in range(1, rows + 1)
    )
    return sheet("".join(lines))


def many_strings(count: int = 3_000_000) -> bytes:
    """Return a sheet of one row with millions of shared strings."""
    return sheet('<row r="1"><c r="A1" t="s"><v>0</v></c></row>', "<si><t>x</t></si>" * count)


def long_row(count: int = 4_000_000) -> bytes:
    """Return a sheet with one row of millions of cells."""
    return sheet("<row>" + "<c><v>1</v></c>" * count + "</row>")


def endless_package() -> bytes:
    """Return a GeoPackage whose layer is a view that never ends."""
    endless = (
        "CREATE VIEW layer AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid+1 FROM n) "
        "SELECT fid, NULL AS geom, 'x' AS name FROM n"
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.gpkg")
        with sqlite3.connect(file) as base:
            base.executescript(
                "PRAGMA application_id=1196444487; PRAGMA user_version=10300;"
                "CREATE TABLE gpkg_spatial_ref_sys(srs_name TEXT, srs_id INTEGER PRIMARY KEY, "
                "organization TEXT, organization_coordsys_id INTEGER, definition TEXT, description TEXT);"
                "INSERT INTO gpkg_spatial_ref_sys VALUES('WGS 84',4326,'EPSG',4326,'x','');"
                "CREATE TABLE gpkg_contents(table_name TEXT PRIMARY KEY, data_type TEXT, identifier TEXT, "
                "description TEXT, last_change TEXT, min_x, min_y, max_x, max_y, srs_id INTEGER);"
                "INSERT INTO gpkg_contents VALUES('layer','features','layer','','2026-01-01',0,0,1,1,4326);"
                "CREATE TABLE gpkg_geometry_columns(table_name TEXT, column_name TEXT, "
                "geometry_type_name TEXT, srs_id INTEGER, z INTEGER, m INTEGER);"
                f"INSERT INTO gpkg_geometry_columns VALUES('layer','geom','POINT',4326,0,0);{endless};"
            )
        base.close()
        return file.read_bytes()


def bomb() -> bytes:
    """Return an archive that unpacks to a gigabyte."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(64):
                part.write(b" " * 2**24)
    return out.getvalue()


def deep_json() -> bytes:
    """Return GeoJSON nested a hundred thousand deep."""
    return b'{"type":"FeatureCollection","features":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def long_line() -> bytes:
    """Return a list with one line of millions of columns."""
    return ",".join(_HEADER).encode() + b"\n" + b"1," * 4_000_000 + b"\n"


def odd_list(rng: random.Random) -> bytes:
    """Return a list of stations, each row with something odd."""
    cells = (
        "\x00",
        "9" * 400,
        "1e308",
        "NaN",
        "①",
        "\u202e",
        "=1+1",
        '"',
        "9999-12-31",
        "108,8",
        "15.1",
    )
    lines = [",".join(_HEADER)]
    lines += [
        ",".join(rng.choice(cells) for _ in _HEADER) for _ in range(rng.choice((1, 50, 5_000)))
    ]
    return "\n".join(lines).encode("utf-8", "replace")


def many_points(rng: random.Random) -> bytes:
    """Return GeoJSON with odd shapes."""
    odd: tuple[object, ...] = (None, [], [1e308, -1e308], [[[]]], "x", [108.8, 15.1], [181, 91])
    features = [
        {
            "type": "Feature",
            "geometry": {
                "type": rng.choice(("Point", "Polygon", "X")),
                "coordinates": rng.choice(odd),
            },
            "properties": {"ma": n},
        }
        for n in range(200)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


FILES: dict[str, Callable[[random.Random], bytes]] = {
    "wide.xlsx": lambda _rng: wide_sheet(),
    "strings.xlsx": lambda _rng: many_strings(),
    "row.xlsx": lambda _rng: long_row(),
    "bomb.xlsx": lambda _rng: bomb(),
    "endless.gpkg": lambda _rng: endless_package(),
    "deep.geojson": lambda _rng: deep_json(),
    "line.csv": lambda _rng: long_line(),
    "odd.csv": odd_list,
    "odd.geojson": many_points,
    "random.xlsx": lambda rng: b"PK\x03\x04" + rng.randbytes(5_000),
    "random.gpkg": lambda rng: b"SQLite format 3\x00" + rng.randbytes(5_000),
}


_made: dict[str, bytes] = {}


def hostile_file(name: str, rng: random.Random) -> bytes:
    """Return a file of this name; what does not depend on the seed is made once."""
    if name.startswith(("odd", "random")):
        return FILES[name](rng)
    if name not in _made:
        _made[name] = FILES[name](rng)
    return _made[name]
