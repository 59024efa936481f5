"""Files made to take all there is: each is refused by the limit that it breaks, read apart."""

import io
import sqlite3
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import shapely

from tests.registry.world import refused
from tests.rollout.exchange.lists import AROUND, csv_of, good_row, plan_for
from tests.rollout.exchange.loaded import Libraries, loaded
from tram.rollout.inventory.areas.reading import RequestedLayer, features_in
from tram.rollout.inventory.exchange import limits
from tram.rollout.inventory.exchange.examination import examine
from tram.rollout.inventory.exchange.files.reading import read_sheet
from tram.rollout.inventory.exchange.reader_process import (
    READER,
    Examine,
    Look,
    examine_list,
    look,
    restored,
)
from tram.runtime.errors import Refused
from tram.runtime.messages import SENTENCES
from tram.runtime.processes.child import Bounds, Children

TOO_LARGE = {
    code.removeprefix("limits."): text for code, text in SENTENCES.items() if "limits." in code
}
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(sheet: str, strings: str = "", *, before: str = "", parts: int = 0) -> bytes:
    """A workbook of one sheet, written by hand: no library would write these."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
            '<sheet name="A" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r1" Type="x" '
            'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="x/sharedStrings" '
            'Target="/xl/sharedStrings.xml"/></Relationships>',
        )
        whole = f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
        archive.writestr("xl/worksheets/sheet1.xml", before + whole)
        if strings:
            archive.writestr("xl/sharedStrings.xml", strings)
        for number in range(parts):
            archive.writestr(f"{number}.xml", "")
    return file.getvalue()


def row_of(texts: Sequence[str]) -> str:
    """A row whose texts stand in its cells."""
    cells = (f"<c t='inlineStr'><is><t>{text}</t></is></c>" for text in texts)
    return f"<row>{''.join(cells)}</row>"


def geopackage(*layers: str, rows: str = "") -> bytes:
    """A database with the tables of a GeoPackage, and whatever else it is told to have."""
    with sqlite3.connect(":memory:") as database:
        database.executescript(
            "CREATE TABLE gpkg_spatial_ref_sys (srs_name, srs_id INTEGER PRIMARY KEY, organization,"
            " organization_coordsys_id, definition, description);"
            "CREATE TABLE gpkg_contents (table_name, data_type, srs_id);"
            "CREATE TABLE gpkg_geometry_columns (table_name, column_name, geometry_type_name, srs_id);"
            "INSERT INTO gpkg_spatial_ref_sys VALUES ('x', 4326, 'EPSG', 4326, '', '');"
            "CREATE TABLE plain (fid INTEGER PRIMARY KEY, geom BLOB, ten TEXT);"
            + "".join(
                f"INSERT INTO gpkg_contents VALUES ('{name}', 'features', 4326);"
                f"INSERT INTO gpkg_geometry_columns VALUES ('{name}', 'geom', 'POINT', 4326);"
                for name in layers
            )
            + rows
        )
        return database.serialize()


POINT = "47500001e6100000" + shapely.to_wkb(shapely.Point(108.8, 15.1), hex=True)
ENDLESS = (
    "CREATE VIEW v AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
    " SELECT n.i AS fid, p.geom AS geom, p.ten AS ten FROM n, plain p;"
    f"INSERT INTO plain VALUES (1, x'{POINT}', 'A');"
)
COMPUTED = (
    "CREATE TABLE computed (fid INTEGER PRIMARY KEY, geom BLOB,"
    " x TEXT GENERATED ALWAYS AS (hex(zeroblob(10000000))) VIRTUAL);"
    "INSERT INTO computed (fid, geom) VALUES (1, NULL);"
)
WIDE = "".join(f'<row r="{n}"><c r="ZZZ{n}"><v>1</v></c></row>' for n in range(1, 4_000))
SPARSE = "".join(f'<row r="{n}"><c r="ALL{n}"><v>1</v></c></row>' for n in range(1, 3_500))
DEEP = "[" * 50_000 + "]" * 50_000
BILLION = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'

HOSTILE: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "cells in column ZZZ": (lambda: workbook(WIDE), "import.too_large", "row"),
    "one far cell a row": (lambda: workbook(SPARSE), "import.too_large", "cells"),
    "three million strings": (
        lambda: workbook("", f'<sst xmlns="{MAIN}" uniqueCount="3000000"/>'),
        "import.too_large",
        "strings",
    ),
    "a row of four million cells": (
        lambda: workbook("<row>" + "<c><v>1</v></c>" * 4_000_000 + "</row>"),
        "import.too_large",
        "row",
    ),
    "entities of entities": (
        lambda: workbook("<row><c t='str'><v>&b;</v></c></row>", before=BILLION),
        "import.unreadable",
        "The workbook declares types of its own.",
    ),
    "thousands of parts": (lambda: workbook("", parts=2_000), "import.too_large", "parts"),
    "a line of four million cells": (
        lambda: b"a,b\n" + b"," * 4_000_000,
        "import.too_large",
        "row",
    ),
    "a cell without end": (lambda: b'a,b\n"' + b"x" * 2_000_000, "import.too_large", "cell"),
    "a point nested deep": (
        (
            '{"type": "FeatureCollection", "features": [{"geometry":'
            f' {{"type": "Point", "coordinates": {DEEP}}}}}]}}'
        ).encode,
        "import.unreadable",
        "The file is not a GeoJSON FeatureCollection.",
    ),
    "a property nested deep": (
        (
            f'{{"x": {DEEP}, "features": [{{"geometry": null, "properties": {{"a": {DEEP}}}}}]}}'
        ).encode,
        "import.unreadable",
        "The file is not a GeoJSON FeatureCollection.",
    ),
    "names without end": (
        (
            '{"features": [{"properties": {'
            + ",".join(f'"n{number}": 1' for number in range(300))
            + "}}]}"
        ).encode,
        "import.too_large",
        "columns",
    ),
    "a view that never ends": (
        lambda: geopackage("v", rows=ENDLESS),
        "import.unreadable",
        "The layer is a view: only plain tables are read.",
    ),
    "a value larger than it may be": (
        lambda: geopackage(
            "plain", rows="INSERT INTO plain VALUES (1, NULL, hex(zeroblob(9000000)));"
        ),
        "import.too_large",
        "shape",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_list_is_refused_by_its_limit(name: str, tmp_path: Path) -> None:
    make, code, said = HOSTILE[name]
    path = tmp_path / "list"
    path.write_bytes(make())

    with refused(code) as error:
        await READER.call(1, look, Look(path=str(path)))

    assert error.value.sentence == TOO_LARGE.get(said, said)
    assert error.value.reason.code in SENTENCES


async def test_wide_sheet_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "list"
    path.write_bytes(workbook(WIDE.replace("<v>1</v>", "") + WIDE))
    bounds = Bounds(cpu_s=20, wall_s=60.0, memory_bytes=32 * 1024 * 1024, answer_bytes=1_000_000)
    small = Children(
        "tests", (look.__module__,), bounds, at_once=1, waiting_max=1, each_waiting_max=1
    )

    with refused("import.too_large") as error:  # by its limit, not for lack of memory
        await small.call(1, look, Look(path=str(path)))

    assert error.value.sentence == TOO_LARGE["row"]
    small.close()


async def test_table_beside_a_view_is_read_and_computed_columns_are_not(tmp_path: Path) -> None:
    path = tmp_path / "list.gpkg"
    path.write_bytes(geopackage("v", "plain", "computed", rows=ENDLESS + COMPUTED))

    seen = await READER.call(1, look, Look(path=str(path)))
    with refused("import.unreadable"):
        await READER.call(1, look, Look(path=str(path), sheet="v"))

    assert (seen.sheet, seen.headers, seen.samples) == (
        "plain",
        ("lon", "lat", "ten"),
        [["108.8", "15.1", "A"]],
    )


@pytest.mark.parametrize("name", ["a view that never ends", "a point nested deep"])
@pytest.mark.parametrize("layer", ["commune", "fibre"])
async def test_hostile_borders_are_refused(name: str, layer: str, tmp_path: Path) -> None:
    path = tmp_path / "borders"
    path.write_bytes(HOSTILE[name][0]())

    with refused("geo.unreadable"):
        await READER.call(1, features_in, RequestedLayer(str(path), layer))


def test_damaged_archive_is_no_workbook() -> None:
    """Each place of the archive's own records is damaged in turn; no library's error comes out."""
    whole = workbook("<row><c><v>1</v></c></row><row><c><v>2</v></c></row>")
    first, last = whole.index(b"PK\x01\x02"), len(whole)

    for at in (*range(4, 30), *range(first, first + 46), *range(last - 22, last)):
        damaged = whole[:at] + bytes([whole[at] ^ 0x59]) + whole[at + 1 :]
        try:
            read_sheet(damaged)
        except Refused as error:
            assert error.code in {"import.unreadable", "import.too_large"}  # noqa: PT017  # or it is read


def test_strings_are_counted_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "<si><t>a</t></si>" * 101
    data = workbook("<row><c t='s'><v>0</v></c></row>", f'<sst xmlns="{MAIN}">{text}</sst>')
    monkeypatch.setattr(limits, "STRINGS_MAX", 100)

    with refused("import.too_large") as error:
        read_sheet(data)

    assert error.value.sentence == TOO_LARGE["strings"]


def test_sentences_state_the_limits() -> None:
    numbers = {
        "rows": limits.ROWS_MAX, "columns": limits.COLUMNS_MAX, "row": limits.ROW_CELLS_MAX,
        "cells": limits.CELLS_MAX, "cell": limits.CELL_CHARACTERS_MAX,
        "strings": limits.STRINGS_MAX, "parts": limits.PARTS_MAX, "layers": limits.LAYERS_MAX,
        "vertices": limits.VERTICES_MAX, "bytes": limits.FILE_BYTES_MAX // 1024**2,
        "unpacked": limits.UNPACKED_BYTES_MAX // 1024**2, "shape": limits.SHAPE_BYTES_MAX // 1024**2,
    }  # fmt: skip

    assert numbers.keys() == TOO_LARGE.keys()
    assert all(f"{n:,}" in TOO_LARGE[what] for what, n in numbers.items())


async def test_what_is_examined_apart_is_what_is_examined_here(tmp_path: Path) -> None:
    rows = [[*good_row(number)] for number in range(40)]
    rows[3][6], rows[4][5] = "sai", ""
    data = csv_of(rows)
    path = tmp_path / "list.csv"
    path.write_bytes(data)
    plan = plan_for(read_sheet(data))
    heard: list[tuple[int, int]] = []

    apart = await READER.call(
        1,
        examine_list,
        Examine(path=str(path), plan=plan, around=AROUND),
        lambda *at: heard.append(at),
    )
    here = examine(read_sheet(data), plan, AROUND)

    assert restored(apart.drafts) == here.drafts
    assert (apart.rows, apart.errors, apart.failed_rows) == (40, 1, 1)
    assert heard == [(0, 40)]


def test_escapes_of_a_workbook_are_signs_wherever_its_texts_stand() -> None:
    texts = ("Mã", "a_x000D_\nb", "x005F_", "_x005F_x0041_")
    cells = "".join(f"<c t='s'><v>{number}</v></c>" for number in range(4))
    shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
    found = read_sheet(
        workbook(f"<row>{cells}</row>{row_of(texts)}", f'<sst xmlns="{MAIN}">{shared}</sst>')
    )

    assert found.headers == ("Mã", "a b", "x005F_", "_x0041_")
    assert found.rows[0].cells == ("Mã", "a\r\nb", "x005F_", "_x0041_")


async def test_a_child_finds_loaded_what_reads_its_file() -> None:
    """Loading the library of workbooks takes a child four times what reading a small list does."""
    libraries = ["openpyxl", "shapely"]

    assert await READER.call(1, loaded, Libraries(libraries)) == libraries
