"""A good list with random damage: every damage is reported where it is, nothing else is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.rollout.exchange.lists import (
    AROUND,
    HEADERS,
    csv_of,
    examined,
    faults_of,
    good_row,
    plan_for,
)
from tram.rollout.inventory.exchange.examination import examine
from tram.rollout.inventory.exchange.faults import RowFault, fault_text
from tram.rollout.inventory.exchange.files.reading import read_sheet
from tram.rollout.inventory.exchange.plan import Neighbour
from tram.runtime.messages import SENTENCES

ROWS = 120
REASONS = sorted(code.removeprefix("row.") for code in SENTENCES if code.startswith("row."))
GOOD = [good_row(number) for number in range(ROWS)]
WHOLE = {draft.rows[0]: draft for draft in examined(csv_of(GOOD)).drafts}
# Column, what may stand in it that is wrong, and the reason that must be given.
DAMAGES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("Mã trạm", ("", "  "), "missing"),
    ("Mã trạm", ("x" * 81,), "too-long"),
    ("Doanh nghiệp", ("Beeline", "??"), "operator"),
    ("Doanh nghiệp", ("",), "missing"),
    ("Công nghệ", ("6G", "năm G", "4G/6G"), "technology"),
    ("Trạng thái", ("có lẽ", "?"), "state"),
    ("Ngày phát sóng", ("31/02/2024", "tháng 5", "2024", "5/24/2024", "12/03/24"), "day"),
    ("Ngày phát sóng", ("01/01/2026",), "future"),
    ("Kinh độ", ("abc", "108..5", "108,5,5x"), "number"),
    ("Kinh độ", ("1085", "nan", "inf"), "number range"),
    ("Kinh độ", ("15.1", "105.85"), "outside"),
    ("Vĩ độ", ("", " "), "missing"),
    ("Vĩ độ", ("21.03",), "outside"),
    ("Xã/phường", ("Xã Không Có", "Huyện Bình Sơn"), "commune"),
    ("Chiều cao cột (m)", ("cao", "4 2 m"), "number"),
    ("Chiều cao cột (m)", ("-3", "4200"), "range"),
    ("Ghi chú", ("x" * 501,), "too-long"),
)
damage = st.sampled_from(
    [(HEADERS.index(column), value, reason) for column, values, reason in DAMAGES for value in values]
)  # fmt: skip


@settings(max_examples=40)
@given(
    damages=st.dictionaries(st.integers(0, ROWS - 1), damage, max_size=12),
    blanks=st.sets(st.integers(0, ROWS), max_size=3),
)
def test_every_damage_is_named_and_nothing_else_is_lost(
    damages: dict[int, tuple[int, str, str]], blanks: set[int]
) -> None:
    rows = [list(row) for row in GOOD]
    for at, (column, value, _) in damages.items():
        rows[at][column] = value
    numbers = {}
    lines: list[list[str]] = []
    for at, row in enumerate(rows):
        if at in blanks:
            lines.append([])
        numbers[at] = len(lines) + 2
        lines.append(row)

    found = examined(csv_of(lines))

    said = {(fault.row, fault.column): fault for fault in found.faults}
    assert set(said) == {(numbers[at], HEADERS[d[0]]) for at, d in damages.items()}
    for at, (column, value, reasons) in damages.items():
        fault = said[numbers[at], HEADERS[column]]
        assert fault.reason in reasons.split()
        assert value.strip()[:200] in fault.value or not fault.value
    kept = {draft.rows[0]: draft for draft in found.drafts}
    assert set(kept) == {numbers[at] for at in range(ROWS) if at not in damages}
    for at in range(ROWS):
        if at not in damages:
            assert replace(kept[numbers[at]], rows=()) == replace(WHOLE[at + 2], rows=())


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_words_and_a_remedy(reason: str, locale: str) -> None:
    names = (
        "least",
        "most",
        "as_of",
        "known",
        "found",
        "given",
        "lon",
        "lat",
        "other",
        "wanted",
        "distance",
    )
    fault = RowFault(row=2, column="", value="", reason=reason, more=dict.fromkeys(names, "7"))

    sentence, remedy = fault_text(fault, locale)

    assert sentence.endswith(".")
    assert remedy.endswith(".")
    assert "%(" not in sentence + remedy


def test_same_station_twice_is_named_in_both_rows() -> None:
    found = examined(csv_of([good_row(1), good_row(2), good_row(1)]))

    assert [(fault.row, fault.reason) for fault in found.faults] == [
        (2, "other-row"),
        (4, "repeated"),
    ]
    assert [draft.rows for draft in found.drafts] == [(3,)]


def test_rows_of_one_station_are_its_sectors() -> None:
    headers = [*HEADERS, "Sector", "Góc phương vị", "EIRP"]
    rows = [[*good_row(1), str(i), str(i * 120), "62,5"] for i in range(3)]
    rows += [[*good_row(2), "1", "361", ""], [*good_row(2), "2", "120", ""]]
    rows += [[*good_row(3), "1", "0", ""], [*good_row(3), "1", "120", ""]]
    other = good_row(4)
    other[3] = "Tên khác"
    rows += [[*good_row(4), "1", "0", ""], [*other, "2", "0", ""]]
    rows += [[*good_row(5), "", "90", ""]]

    found = examined(csv_of(rows, headers))

    (draft,) = found.drafts
    assert draft.rows == (2, 3, 4)
    assert draft.sectors == tuple(
        {"sector": str(i), "azimuth_deg": i * 120, "eirp_dbm": 62.5} for i in range(3)
    )
    assert [(fault.row, fault.reason) for fault in found.faults] == [
        (5, "range"), (6, "other-row"), (7, "other-row"), (8, "sector-repeated"),
        (9, "other-row"), (10, "differs"), (11, "sector-without-code"),
    ]  # fmt: skip


def test_station_of_two_technologies_is_two_stations() -> None:
    row = good_row(1)
    row[2] = "4G/5G"

    found = examined(csv_of([row]))

    assert [draft.technology for draft in found.drafts] == ["4G", "5G"]


def test_near_duplicates_are_held_until_they_are_allowed() -> None:
    beside = good_row(3)
    beside[0], beside[6], beside[1], beside[2] = "QNI-B", "108.50510", "VNPT", "5G"
    data = csv_of([good_row(1), good_row(2), beside])

    found = examined(data)

    assert faults_of(found) == [(4, "Mã trạm", "QNI-B", "near")]
    assert found.faults[0].more == {"other": "QNI00001", "distance": "11"}
    assert {draft.code for draft in found.drafts} == {"QNI00001", "QNI00002"}
    assert len(examined(data, allow_near=True).drafts) == 3


def test_near_duplicate_of_what_is_on_the_list_is_held() -> None:
    around = replace(AROUND, neighbours=(Neighbour(2, "5G", "CU-7", 108.50510, 14.8),))
    sheet = read_sheet(csv_of([good_row(1)]))

    found = examine(sheet, plan_for(sheet), around)

    assert [(fault.reason, fault.more["other"]) for fault in found.faults] == [("near", "CU-7")]


def test_cells_mended_in_the_table_are_read_instead() -> None:
    row = good_row(1)
    row[6], row[5] = "sai", "cũng sai"
    data = csv_of([good_row(0), row])

    found = examined(data, fixes={3: {"Kinh độ": "108.505", "Ngày phát sóng": "02/03/2024"}})

    assert found.faults == ()
    assert replace(found.drafts[1], rows=()) == replace(WHOLE[3], rows=())
    assert len(examined(data).faults) == 2
