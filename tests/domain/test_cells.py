"""Whatever stands in a row, its CSV and its workbook are read back by another reader."""

import csv
import io
import math
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from tram.domain.cells import (
    CELL_UNITS_MAX,
    FORMULA_STARTS,
    csv_cell,
    sheet_cell,
    sheet_text,
    unescaped,
)
from tram.domain.text import visible

# This reader takes "x005F_" away wherever it stands, which no spreadsheet does.
texts = st.text(st.characters(exclude_categories=()), max_size=40).filter(
    lambda text: "x005F_" not in text
)
zones = st.none() | st.just(ZoneInfo("Asia/Ho_Chi_Minh"))
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    texts,
    st.dates(),
    st.datetimes(timezones=zones),
)


@settings(max_examples=60)
@given(st.lists(st.lists(values, min_size=3, max_size=3), min_size=1, max_size=5))
def test_every_row_comes_back_from_a_workbook(rows: list[list[object]]) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("rows")
    for row in rows:
        sheet.append(["x", *map(sheet_cell, row)])
    written = io.BytesIO()
    book.save(written)

    read = load_workbook(io.BytesIO(written.getvalue())).active
    found = [row[1:4] for row in read.iter_rows(values_only=True)]
    assert len(found) == len(rows)
    for row, cells in zip(rows, found, strict=True):
        for value, cell in zip(row, (*cells, None, None, None), strict=False):
            _same_in_a_book(value, cell)


def _same_in_a_book(value: object, cell: object) -> None:
    if isinstance(value, str):
        shown = (cell or "").removeprefix("'" if value.startswith(FORMULA_STARTS) else "")
        assert visible(shown, "\n\t") == shown
        assert len(shown) >= len(value.replace("\r\n", "\n"))
    elif isinstance(value, bool) or value is None:
        assert cell == value
    elif isinstance(value, int | float):
        if abs(value) < 10**15:
            assert cell == pytest.approx(value, rel=1e-14)
        else:
            assert str(cell) in {str(value), "NaN", "∞", "-∞"}
    elif value.year <= 1900 or getattr(value, "tzinfo", None):
        assert cell == value.isoformat()
    else:
        assert isinstance(cell, date)


@settings(max_examples=200)
@given(st.lists(st.lists(values, min_size=2, max_size=2), min_size=1, max_size=5))
def test_every_row_comes_back_from_csv(rows: list[list[object]]) -> None:
    target = io.StringIO()
    csv.writer(target, lineterminator="\r\n").writerows(
        [["x", *map(csv_cell, row)] for row in rows]
    )
    written = target.getvalue().encode()

    found = list(csv.reader(io.StringIO(written.decode(), newline=""), strict=True))
    assert [len(row) for row in found] == [3] * len(rows)
    for row in found:
        for cell in row[1:]:
            assert visible(cell, "\n\t") == cell
            assert not cell.startswith(("=", "@", "\t", "\n"))


def test_a_text_beyond_a_cell_ends_by_saying_so() -> None:
    for long in ("a" * 100_000, "🙂" * 40_000, "=" * 32_767):
        cell = str(sheet_cell(long))

        assert len(cell.encode("utf-16-le")) // 2 <= CELL_UNITS_MAX
        assert cell.endswith("characters]")
    assert sheet_cell("b" * CELL_UNITS_MAX) == "b" * CELL_UNITS_MAX


def test_what_a_sheet_counts_otherwise_stays_as_it_is_written() -> None:
    assert sheet_cell(2**63) == "9223372036854775808"
    assert sheet_cell(math.nan) == csv_cell(math.nan) == "NaN"
    assert csv_cell(-math.inf) == "-∞"
    assert sheet_cell(date(1899, 12, 31)) == "1899-12-31"
    assert sheet_cell(date(2025, 7, 30)) == date(2025, 7, 30)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x005F_", "x005F_"),
        ("_x005F_", "_x005F_x005F_"),
        ("=pump_x000D_", "=pump_x005F_x000D_"),
        ("_x000d__x000A_", "_x005F_x000d__x005F_x000A_"),
        ("_xD83D__x12_x1234", "_x005F_xD83D__x12_x1234"),
    ],
)
def test_a_text_that_reads_like_an_escape_stays_itself(text: str, written: str) -> None:
    assert sheet_text(text) == written
    assert unescaped(written) == text
    assert sheet_cell(text) == ("'" if text.startswith("=") else "") + written


def test_what_a_spreadsheet_escapes_is_read_as_the_sign_it_is() -> None:
    assert unescaped("Trạm_x000D_\n1") == "Trạm\r\n1"
    assert unescaped("_xD83D__xDE42_") == "🙂"
    assert unescaped("a_xD83D_b") == "a�b"
