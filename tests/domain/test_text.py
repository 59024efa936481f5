"""Search finds Vietnamese names however they are typed."""

import re
import sys
import unicodedata
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.domain.days import MOMENTS_END_MS, MOMENTS_START_MS, local_day, moment_of
from tram.domain.text import fold, normal, one_line, visible
from tram.registry.kernel.checks import Checked


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Khu kinh tế Dung Quất", "khu kinh te dung quat"),
        ("ĐẮK TÔ", "dak to"),
        ("Đặc khu Lý Sơn", "dac khu ly son"),
        ("  hai\u00a0 khoảng\ttrắng ", "hai khoang trang"),
        ("Tru\u031bo\u031b\u0300ng", "truong"),
    ],
)
def test_folding(text: str, key: str) -> None:
    assert fold(text) == key


def test_normal_form_is_composed() -> None:
    assert normal("Qua\u0302\u0301t") == "Quất"


def test_what_is_hidden_is_what_unicode_calls_so() -> None:
    """Also code points that are not assigned yet, in the ranges of the formats."""
    for number in range(sys.maxunicode + 1):
        sign = chr(number)
        is_hidden = unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        if is_hidden or number & 0xFFFE == 0xFFFE:
            assert visible(f"a{sign}b") != f"a{sign}b", hex(number)
        elif sign.isprintable():
            assert visible(sign) == sign, hex(number)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Trạm\u202e 1", "Trạm[U+202E] 1"),
        ("a\x00b\x7fc", "a␀b␡c"),
        ("a\nb\u2028c", "a␊b[U+2028]c"),
        ("\ud800", "[U+D800]"),
        ("\ufeffx\uffff", "[U+FEFF]x[U+FFFF]"),
        ("①🙂中文 Đăk Tô", "①🙂中文 Đăk Tô"),
    ],
)
def test_signs_that_nobody_sees_are_named(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert shown.isprintable()


def test_one_line_is_one_line() -> None:
    assert one_line(" a\r\nBcc: x@y\u2028z\t") == "a Bcc: x@y z"


@pytest.mark.parametrize(
    "text",
    [
        "Bơm\u202e1", "Bơm\u2066", "Bơm\u200b1", "Bơm\u200f", "Bơm\ufeff", "Bơm\x01", "Bơm\x00",
        "Bơm\nhai", "Bơm\r\nhai", "Bơm\u2028hai", "Bơm\x85hai", "\ud800", "\uffff", "\ue000",
        "e" + "\u0301" * 9,
    ],
)  # fmt: skip
def test_a_name_that_cannot_be_shown_is_refused_with_field_sign_and_remedy(text: str) -> None:
    checked = Checked()

    checked.text("name", text, 200)

    (fault,) = checked.faults
    assert fault.field == "name"
    assert re.fullmatch(
        r"Holds U\+[0-9A-F]{4,6} at place \d+, which cannot be shown here\.", fault.sentence
    )
    assert fault.hint == "Take this sign away."


def test_what_people_write_in_names_is_kept() -> None:
    checked = Checked()
    said = ["Trạm ① 🙂 中文", "  hai\u00a0 khoảng\ttrắng\n", "Qua\u0302\u0301t", "ЖК-7 (Ω)"]

    kept = [checked.text("name", text, 200) for text in said]

    assert checked.faults == []
    assert kept == ["Trạm ① 🙂 中文", "hai khoảng trắng", "Quất", "ЖК-7 (Ω)"]


def test_a_note_keeps_its_lines_and_a_paragraph_has_one() -> None:
    checked = Checked()

    note = checked.lines("note", " một\r\n\r\n  hai\tba \u2028bốn\n", 200)
    prose = checked.prose("text", "một\nhai\u2029ba", 200)

    assert (note, prose, checked.faults) == ("một\n\nhai ba\nbốn", "một hai ba", [])
    checked.lines("note", "một\n\u202ehai", 200)
    assert checked.faults[0].sentence.startswith("Holds U+202E at place 5")


def test_a_text_of_a_hundred_thousand_signs_is_too_long_and_no_more() -> None:
    checked = Checked()

    checked.lines("note", "\u202ex" * 50_000, 500, shortest=0)

    assert [fault.sentence for fault in checked.faults] == ["Needs 0 to 500 characters."]


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_stored_time_is_a_moment_or_none(at_ms: int) -> None:
    moment = moment_of(at_ms)

    assert moment is None or round(moment.timestamp() * 1000) == at_ms
    assert (moment is None) == (not MOMENTS_START_MS <= at_ms < MOMENTS_END_MS)
    assert date.min <= local_day(at_ms) <= date.max
