"""Numbers, times, units and names as people write them."""

import pytest

from tram.web.formats import moment, number, percent, reading_text, size_step
from tram.web.words.terms import bare_name, unit_text

MORNING_MS = 1_795_386_427_000  # 22 November 2026, 22:27:07 UTC: the next day in Quảng Ngãi


@pytest.mark.parametrize(("locale", "expected"), [("vi", "1.234.567,89"), ("en", "1,234,567.89")])
def test_numbers_carry_the_separators_of_the_language(locale: str, expected: str) -> None:
    assert number(1234567.891, locale, 2) == expected


def test_a_time_is_the_province_s_own() -> None:
    assert moment(MORNING_MS, "vi") == "23/11/2026 05:27:07"
    assert moment(MORNING_MS, "en") == "23 Nov 2026, 05:27:07"
    assert moment(None, "vi") == "–"


def test_a_share_is_never_rounded_to_all() -> None:
    assert percent(199, 200, "vi") == "99,5 %"
    assert percent(200, 200, "vi") == "100 %"
    assert percent(0, 0, "vi") == "–"


@pytest.mark.parametrize(
    ("value", "expected"), [(7.25, "7,25"), (12345, "12.345"), (True, "True"), ("mở", "mở")]
)
def test_a_reading_is_shown_as_it_came(value: bool | float | str, expected: str) -> None:
    assert reading_text(value, "vi") == expected


def test_units_are_written_as_people_do() -> None:
    assert [unit_text(unit) for unit in ("Cel", "ug/m3", "1", "mg/L")] == [
        "°C",
        "µg/m³",
        "",
        "mg/L",
    ]


def test_the_mark_replaces_the_ending_of_a_simulated_name() -> None:
    assert bare_name("Công tơ 001 (mô phỏng)") == "Công tơ 001"
    assert bare_name("Công tơ 001") == "Công tơ 001"


def test_a_bar_of_nothing_has_no_length() -> None:
    assert size_step(3, 4, 100) == 75.0
    assert size_step(0, 0, 100) == 0.0
