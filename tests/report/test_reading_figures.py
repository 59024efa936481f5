"""Figures as a letter prints them: written by the decree, and read again by the rules."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.domain.days import end_of_day_ms, local_day, start_of_day_ms
from tram.report.checks.case import DOCUMENT_NUMBER, number_in, ratio_in
from tram.report.formats import day_long, day_short, decimal_text, number_text, percent_text

DAYS = st.dates(date(1970, 1, 2), date(2100, 12, 31))


@given(st.integers(0, 10**12))
def test_a_number_is_read_as_it_was_written(number):
    written = number_text(number)
    assert number_in(written) == number
    assert all(len(group) == 3 for group in written.split(".")[1:])


@given(st.decimals(0, 10**6, places=4))
def test_a_decimal_is_rounded_half_up_and_read_again(number):
    written = decimal_text(number, 2)
    if number < 1000:
        assert abs(ratio_in(written) - number) <= Decimal("0.005")
    assert len(written.split(",")[1]) == 2


@pytest.mark.parametrize(
    ("number", "places", "text"),
    [
        ("0.005", 2, "0,01"),
        ("2.675", 2, "2,68"),  # half up, where a float would go down
        ("1234567.891", 1, "1.234.567,9"),
        ("-4.365", 2, "-4,37"),
        ("7", 0, "7"),
        ("1E+3", 1, "1.000,0"),
    ],
)
def test_decimals_as_the_decree_has_them(number, places, text):
    assert decimal_text(Decimal(number), places) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [(0, 813, "0,00"), (1, 3, "33,33"), (2, 3, "66,67"), (5, 5, "100,00"), (3, 0, ""), (0, 0, "")],
)
def test_a_share_of_nothing_is_not_told(part, whole, text):
    assert percent_text(part, whole) == text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2.635", 2635), (" 115 ", 115), ("0", 0), ("", None), ("–", None), ("4,36", None),
        ("-5", None), ("1 203", None), ("²", None), ("①", None), ("12 trạm", None),
    ],
)  # fmt: skip
def test_what_is_no_whole_number_is_none(text, number):
    assert number_in(text) == number


@pytest.mark.parametrize(
    ("text", "ratio"),
    [
        ("4,36", Decimal("4.36")), ("0.49", Decimal("0.49")), (" 9,24 ", Decimal("9.24")),
        ("", None), ("4,36 %", None), ("1.234,5", None), ("NaN", None), ("sNaN", None),
        ("Infinity", None), ("-inf", None),
    ],
)  # fmt: skip
def test_what_is_no_ratio_is_none(text, ratio):
    assert ratio_in(text) == ratio


@given(DAYS)
def test_a_day_begins_where_the_day_before_ended(day):
    assert start_of_day_ms(day) == end_of_day_ms(day - timedelta(days=1)) + 1
    assert local_day(start_of_day_ms(day)) == local_day(end_of_day_ms(day)) == day
    assert local_day(start_of_day_ms(day) - 1) == day - timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "short", "long"),
    [
        (date(2025, 7, 30), "30/7/2025", "ngày 30 tháng 7 năm 2025"),
        (date(2025, 1, 9), "09/01/2025", "ngày 09 tháng 01 năm 2025"),
        (date(2025, 2, 10), "10/02/2025", "ngày 10 tháng 02 năm 2025"),
        (date(2025, 3, 1), "01/3/2025", "ngày 01 tháng 3 năm 2025"),
        (date(2025, 12, 31), "31/12/2025", "ngày 31 tháng 12 năm 2025"),
    ],
)
def test_small_days_and_the_first_two_months_have_a_nought(day, short, long):
    assert (day_short(day), day_long(day)) == (short, long)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Kế hoạch số 359-KH/TU ngày", ["359-KH/TU"]),
        ("3228/CVT-TTĐLCL và 912/QĐ-BKHCN", ["3228/CVT-TTĐLCL", "912/QĐ-BKHCN"]),
        ("167 /TB-UBND", ["167 /TB-UBND"]),
        ("ngày 30/7/2025, đạt 4/19 trạm", []),
    ],
)
def test_documents_are_found_by_their_numbers(text, found):
    assert DOCUMENT_NUMBER.findall(text) == found
