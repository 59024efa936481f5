"""Files of every kind and encoding come in as the same table; what cannot be read says why."""

import io
import json
import unicodedata
import zipfile
from datetime import datetime

import openpyxl
import pytest
from msgspec.structs import replace

from tests.registry.world import refused
from tests.rollout.exchange.lists import (
    AROUND,
    HEADERS,
    csv_of,
    examined,
    faults_of,
    good_row,
    plan_for,
)
from tram.rollout.inventory.exchange import limits
from tram.rollout.inventory.exchange.examination import examine
from tram.rollout.inventory.exchange.files.reading import read_sheet
from tram.rollout.inventory.exchange.positions import Reference
from tram.rollout.inventory.exchange.station_columns import guess_columns

TONES = "\u0300\u0301\u0303\u0309\u0323"
GOOD = [good_row(number) for number in range(40)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_comes_in_whatever_its_encoding_and_delimiter(encoding: str, delimiter: str) -> None:
    text = csv_of(GOOD, delimiter=delimiter).decode()

    sheet = read_sheet(text.encode(encoding))

    assert sheet.headers == HEADERS
    assert [list(row.cells) for row in sheet.rows] == GOOD


def parted(letter: str) -> str:
    """A letter as the code page has it: the mark of its tone follows it."""
    marks = unicodedata.normalize("NFD", letter)
    tone = "".join(mark for mark in marks if mark in TONES)
    return unicodedata.normalize("NFC", "".join(m for m in marks if m not in TONES)) + tone


def test_vietnamese_code_page_comes_in_composed() -> None:
    text = csv_of(GOOD).decode()

    sheet = read_sheet("".join(map(parted, text)).encode("cp1258"))

    assert sheet.encoding == "cp1258"
    assert "Kinh độ" in sheet.headers
    assert sheet.rows[0].cells[3] == "Trạm số 0"


LETTERS = "àảãáạằẳẵắặăầẩẫấậâèẻẽéẹềểễếệêìỉĩíịòỏõóọồổỗốộôờởỡớợơùủũúụừửữứựưỳỷỹýỵđ"
# The same letters typed in the two fonts that offices had before Unicode, as Windows shows them.
TCVN3 = "µ¶·¸¹»¼½¾Æ¨ÇÈÉÊË©ÌÎÏÐÑÒÓÔÕÖª×ØÜÝÞßáâãäåæçèé«êëìíî¬ïñòóôõö÷øù\xadúûüýþ®"
VNI = [
    "aø",
    "aû",
    "aõ",
    "aù",
    "aï",
    "aè",
    "aú",
    "aü",
    "aé",
    "aë",
    "aê",
    "aà",
    "aå",
    "aã",
    "aá",
    "aä",
    "aâ",
    "eø",
    "eû",
    "eõ",
    "eù",
    "eï",
    "eà",
    "eå",
    "eã",
    "eá",
    "eä",
    "eâ",
    "ì",
    "æ",
    "ó",
    "í",
    "ò",
    "oø",
    "oû",
    "oõ",
    "où",
    "oï",
    "oà",
    "oå",
    "oã",
    "oá",
    "oä",
    "oâ",
    "ôø",
    "ôû",
    "ôõ",
    "ôù",
    "ôï",
    "ô",
    "uø",
    "uû",
    "uõ",
    "uù",
    "uï",
    "öø",
    "öû",
    "öõ",
    "öù",
    "öï",
    "ö",
    "yø",
    "yû",
    "yõ",
    "yù",
    "î",
    "ñ",
]


@pytest.mark.parametrize(
    ("name", "typed"), [("tcvn3", list(TCVN3)), ("vni", VNI)], ids=["tcvn3", "vni"]
)
def test_fonts_of_before_unicode_are_told_and_read(name: str, typed: list[str]) -> None:
    of_letter = dict(zip(LETTERS, typed, strict=True))
    text = csv_of(GOOD).decode()
    lower = "".join(c.lower() if c.lower() in of_letter else c for c in text)
    data = "".join(of_letter.get(letter, letter) for letter in lower).encode("latin-1")

    sheet = read_sheet(data)

    assert (sheet.encoding, sheet.sure) == (name, True)
    assert sheet.rows == read_sheet(lower.encode()).rows
    assert sheet.headers == read_sheet(lower.encode()).headers
    every = read_sheet(f"a,b\n{' '.join(typed)},x\n".encode("latin-1"), encoding=name)
    assert every.rows[0].cells[0] == " ".join(LETTERS)


def test_text_that_no_encoding_makes_vietnamese_is_asked_about() -> None:
    row = ["A1", "VNPT", "4G", "Straße Ürün Ångström", "", "1/3/2024", "108.5", "14.8", "", "", ""]
    headers = [header.encode("ascii", "ignore").decode() for header in HEADERS]
    sheet = read_sheet(csv_of([row], headers).decode().encode("latin-1"))

    assert not sheet.sure
    with refused("import.plan_wrong") as caught:
        examine(sheet, replace(plan_for(sheet), columns={}), AROUND)
    assert "encoding" in [fault.field for fault in caught.value.faults]


def test_title_rows_above_the_header_are_passed_over() -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["DANH SÁCH TRẠM BTS TỈNH QUẢNG NGÃI"])
    page.append([])
    page.append(list(HEADERS))
    for row in GOOD:
        page.append(row)
    file = io.BytesIO()
    book.save(file)

    sheet = read_sheet(file.getvalue())

    assert (sheet.format, sheet.headers) == ("xlsx", HEADERS)
    assert sheet.rows[0].number == 4
    assert len(sheet.rows) == len(GOOD)


def test_numbers_and_dates_of_a_spreadsheet_keep_their_kind() -> None:
    book = openpyxl.Workbook()
    book.active.append(list(HEADERS))
    row: list[object] = [*good_row(1)]
    row[5] = datetime(2024, 3, 2)  # noqa: DTZ001  # as a workbook has it
    row[6], row[7], row[9] = 108.505, 14.8, 42
    book.active.append(row)
    file = io.BytesIO()
    book.save(file)

    found = examined(file.getvalue())

    assert found.faults == ()
    assert found.drafts == examined(csv_of([good_row(1)])).drafts


def test_only_the_named_sheet_is_read() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Bìa"
    book.active.append(["Tờ bìa"])
    page = book.create_sheet("Trạm")
    page.append(list(HEADERS))
    page.append(good_row(0))
    file = io.BytesIO()
    book.save(file)

    sheet = read_sheet(file.getvalue(), sheet="Trạm")

    assert (sheet.sheets, sheet.headers) == (("Bìa", "Trạm"), HEADERS)
    with refused("import.unreadable"):
        read_sheet(file.getvalue(), sheet="Không có")


def test_geojson_point_is_the_position() -> None:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [108.8, 15.1]},
            "properties": {"code": "A1", "operator": "VNPT", "technology": "5G", "more": {"x": 1}},
        }
    ]
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()

    (draft,) = examined(data).drafts

    assert (draft.key, draft.given["lon"], draft.given["lat"]) == ((2, "5G", "A1"), 108.8, 15.1)


@pytest.mark.parametrize(
    "data",
    [
        b"", b"  \n", b"{}", b'{"features": 3}', b"PK\x03\x04 not a zip", "Mã trạm\n".encode(),
        b"SQLite format 3\x00 but nothing else", b"\x81\x8d\x8f,\xff\n1,2\n",
    ],
    ids=range(8),
)  # fmt: skip
def test_file_that_cannot_be_read_says_so(data: bytes) -> None:
    with refused("import.unreadable"):
        read_sheet(data)


def test_workbook_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 2_000_000)
    monkeypatch.setattr(limits, "UNPACKED_BYTES_MAX", 1_000_000)

    with refused("import.too_large"):
        read_sheet(file.getvalue())


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("Mã BTS", "code"), ("SITE ID", "code"), ("Nhà mạng", "operator"), ("Loại trạm", "technology"),
        ("Tình trạng", "state"), ("Ngày on air", "on_air_on"), ("Đơn vị sở hữu cột", "mast_owner"),
        ("Độ cao anten (m)", "height_m"), ("Góc phương vị", "azimuth_deg"), ("Huyện/TX/TP", "old_district"),
        ("Địa chỉ trước sáp nhập", "address_before"), ("Phường/xã", "commune"),
    ],
)  # fmt: skip
def test_columns_are_known_by_their_usual_names(header: str, field: str) -> None:
    sheet = read_sheet(csv_of([["x", "y"]], [header, "Cột lạ"]))

    assert guess_columns(sheet) == {field: header}


def test_x_points_north_and_y_east_in_vietnamese_lists() -> None:
    rows = [["A", "1672345,5", "567890,25"], ["B", "1680000,0", "571000,0"]]
    sheet = read_sheet(csv_of(rows, ["Mã trạm", "X", "Y"], delimiter=";"))

    columns = guess_columns(sheet)

    assert (columns["northing"], columns["easting"]) == ("X", "Y")
    degrees = read_sheet(csv_of([["A", "108,8", "15,1"]], ["Mã trạm", "X", "Y"], delimiter=";"))
    assert guess_columns(degrees) | {"code": ""} == {"code": "", "lon": "X", "lat": "Y"}


@pytest.mark.parametrize(
    ("lon", "lat"),
    [("108,80", "15,12"), ("108.80", "15.12"), ("108°48'00\"", "15°07'12\"N"), ("108°48'", "15°7,2'")],
)  # fmt: skip
def test_degrees_are_read_however_written(lon: str, lat: str) -> None:
    row = good_row(1)
    row[6], row[7] = lon, lat

    (draft,) = examined(csv_of([row], delimiter=";")).drafts

    assert (draft.given["lon"], draft.given["lat"]) == (108.8, 15.12)


def test_plan_is_refused_with_all_that_it_lacks() -> None:
    sheet = read_sheet(csv_of([["x"]], ["Cột lạ"]))

    with refused("import.plan_wrong") as caught:
        examine(sheet, plan_for(sheet, reference=None), AROUND)

    assert {fault.field for fault in caught.value.faults} == {
        "columns.code", "reference", "operator", "technology",
    }  # fmt: skip
    with refused("import.plan_wrong") as caught:
        examine(sheet, plan_for(sheet, reference=Reference("vn2000-tm3")), AROUND)
    assert "meridian" in {fault.field for fault in caught.value.faults}


def test_row_with_more_cells_than_the_header_is_a_fault() -> None:
    found = examined(csv_of([good_row(0), [*good_row(1), "thừa"]]))

    assert [(fault.row, fault.reason) for fault in found.faults] == [(3, "cells")]
    assert faults_of(found)[0][0] == 3
