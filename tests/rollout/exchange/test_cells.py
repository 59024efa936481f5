"""Cells as offices type them: numbers, degrees, days, words; and what cannot be read."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.domain.days import VIETNAM_TIME
from tram.rollout.inventory.exchange.cells import (
    day_of,
    decimal_sign_of,
    degrees_of,
    life_of,
    life_text,
    number_of,
    state_of,
    technologies_of,
    text_of,
    truth_of,
)
from tram.rollout.inventory.exchange.faults import CellError
from tram.rollout.inventory.stations.views import Life

STATES = st.sampled_from(["planned", "building", "on-air", "off"])


@pytest.mark.parametrize(
    ("cell", "sign", "number"),
    [
        (35, ".", 35), (35.5, ",", 35.5), ("35", ".", 35), (" 35,5 ", ",", 35.5),
        ("1,672,345.5", ".", 1672345.5), ("1.672.345,5", ",", 1672345.5),
        ("1 672 345,5", ",", 1672345.5), ("1\u00a0672", ".", 1672), ("-12.5", ".", -12.5),
        ("1.5e3", ".", 1500), ("15.1205", ",", 15.1205), ("15.120", ",", 15120),
    ],
)  # fmt: skip
def test_numbers_with_either_decimal_sign(cell, sign, number):
    assert number_of(cell, sign, -1e7, 1e7) == number


@pytest.mark.parametrize(
    ("cell", "sign"),
    [
        ("", "."), ("cao", "."), ("1,67,345", "."), ("1672,345.5", "."), ("1.5.5", "."),
        ("12,5,5", ","), ("1e999", "."), ("nan", "."), ("inf", "."), ("0x1F", "."), ("1_000", "."),
        (True, "."), (date(2025, 7, 30), "."), ("35 m", "."), ("--5", "."),
    ],
)  # fmt: skip
def test_what_is_no_number_is_told_so(cell, sign):
    with pytest.raises(CellError) as caught:
        number_of(cell, sign, -1e7, 1e7)
    assert caught.value.reason == "number"


@pytest.mark.parametrize("cell", [3, 200, "3", "200"])
def test_bounds_belong_to_what_they_bound(cell):
    assert number_of(cell, ".", 3, 200) == float(cell)


@pytest.mark.parametrize("cell", [2.999, 200.001, "2.999", "200.001", float("nan"), float("inf")])
def test_a_number_beyond_its_bounds_is_told_them(cell):
    with pytest.raises(CellError) as caught:
        number_of(cell, ".", 3, 200)
    assert (caught.value.reason, caught.value.more) == ("range", {"least": "3", "most": "200"})


@given(st.floats(-1e6, 1e6), st.sampled_from([".", ","]))
def test_a_number_is_read_as_a_spreadsheet_shows_it(value, sign):
    thousands = "." if sign == "," else ","
    shown = f"{value:,.4f}".replace(",", "T").replace(".", sign).replace("T", thousands)
    assert number_of(shown, sign, -1e7, 1e7) == pytest.approx(value, abs=1e-4)


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["15,1205", "15,3"], ","), (["1.205,5"], ","), (["1,205.5"], "."), (["1,205,300"], "."),
        (["15.1", None, 7], "."), ([], "."), (["", "108,80"], ","),
    ],
)  # fmt: skip
def test_a_column_tells_its_decimal_sign(cells, sign):
    assert decimal_sign_of(cells) == sign


@pytest.mark.parametrize(
    ("cell", "degrees"),
    [
        (15.12, 15.12), ("15.12", 15.12), ("15°07'12\"N", 15.12), ("15° 07’ 12”", 15.12),
        ("15º7'12''B", 15.12), ("15°07,2'", 15.12), ("108°48'Đ", 108.8), ("108o48'E", 108.8),
        ("15°07'12″S", -15.12), ("108°48'W", -108.8), ("108°48'T", -108.8), ("15°", 15),
    ],
)  # fmt: skip
def test_degrees_in_either_language(cell, degrees):
    assert degrees_of(cell, ".", 180) == pytest.approx(degrees, abs=1e-9)


@pytest.mark.parametrize("cell", ["15°60'", "15°07'60\"", "15°07'12\"X", "15 độ", "°"])
def test_degrees_that_no_map_has(cell):
    with pytest.raises(CellError):
        degrees_of(cell, ".", 180)


def test_degrees_beyond_the_pole_are_told_their_bounds():
    with pytest.raises(CellError) as caught:
        degrees_of("90°00'01\"", ".", 90)
    assert caught.value.more == {"least": "-90", "most": "90"}
    assert degrees_of("90°00'00\"", ".", 90) == 90


@pytest.mark.parametrize(
    "cell",
    [
        date(2025, 7, 30), datetime(2025, 7, 30, 8, 15, tzinfo=VIETNAM_TIME), "30/07/2025", "30/7/2025", "30-07-2025",
        "30.7.2025", "2025-07-30", "2025/7/30", " 30/07/2025 ", "2025-07-30 00:00:00",
        "2025-07-30T00:00:00",
    ],
)  # fmt: skip
def test_days_as_people_write_them(cell):
    assert day_of(cell) == date(2025, 7, 30)


@pytest.mark.parametrize(
    "cell",
    [
        "", "30/7/25", "31/02/2025", "07/30/2025", "2025", "tháng 7", 45868, "٣٠/٠٧/٢٠٢٥",
        "31/12/1989", "01/01/2101", date(1989, 12, 31), "2025-07-30 08:00:00",
    ],
)  # fmt: skip
def test_what_is_no_day_is_told_so(cell):
    with pytest.raises(CellError) as caught:
        day_of(cell)
    assert caught.value.reason == "day"


@pytest.mark.parametrize("cell", ["01/01/1990", "31/12/2100"])
def test_the_first_and_the_last_year_are_years(cell):
    assert day_of(cell).year in {1990, 2100}


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("5G", ("5G",)), ("4g/5G", ("4G", "5G")), ("4G, 5G; 4G", ("4G", "5G")),
        ("LTE và NR", ("4G", "5G")), ("gNodeB", ("5G",)), ("(UMTS)", ("3G",)), ("2G+GSM", ("2G",)),
    ],
)  # fmt: skip
def test_technologies_by_all_their_names(cell, found):
    assert technologies_of(cell) == found


@pytest.mark.parametrize("cell", ["", "6G", "4G/6G", None, "/"])
def test_a_technology_that_nobody_has(cell):
    with pytest.raises(CellError) as caught:
        technologies_of(cell)
    assert caught.value.reason == "technology"


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        ("Đang phát sóng", "on-air"), ("ON AIR", "on-air"), ("Dự kiến", "planned"),
        ("chưa triển khai", "planned"), ("Đang lắp đặt", "building"), ("Thu hồi", "off"),
        ("Đã tháo dỡ", "off"),
    ],
)  # fmt: skip
def test_states_by_the_words_of_operators(cell, state):
    assert state_of(cell) == state


def test_yes_and_no_in_both_languages():
    assert all(map(truth_of, ("Có", "x", "TRUE", "1", 1, True, "đúng")))
    assert not any(map(truth_of, ("Không", "", None, 0, False, "sai", "No")))
    for reader, cell in ((truth_of, "có lẽ"), (state_of, "đẹp")):
        with pytest.raises(CellError):
            reader(cell)


@given(
    st.dictionaries(st.dates(date(1990, 1, 1), date(2100, 1, 1)), STATES, min_size=1, max_size=9)
)
def test_a_history_is_read_as_it_was_exported(states):
    life = tuple(Life(day, states[day]) for day in sorted(states))
    assert life_of(life_text(life)) == life


@pytest.mark.parametrize(
    "cell",
    [
        "", ";", "2024-06-01", "2024-06-01 flying", "2024-13-01 off", "on-air 2024-06-01",
        "2024-06-01 off; 2024-05-01 on-air", "2024-06-01 off; 2024-06-01 on-air",
    ],
)  # fmt: skip
def test_a_history_out_of_order_is_none(cell):
    with pytest.raises(CellError) as caught:
        life_of(cell)
    assert caught.value.reason == "life"


def test_a_text_is_measured_after_it_is_tidied():
    assert text_of("  Trạm \t 1 ", 6) == "Trạm 1"
    with pytest.raises(CellError) as caught:
        text_of("Trạm 12", 6)
    assert (caught.value.reason, caught.value.more) == ("too-long", {"most": "6"})
    with pytest.raises(CellError, match="unprintable"):
        text_of("Trạm\u202e1", 20)
