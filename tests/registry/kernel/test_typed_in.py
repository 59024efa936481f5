"""What people type in: kept in one form, measured at both edges, every fault with its field."""

import math
from contextlib import suppress
from datetime import date

import pytest

from tram.domain.bounds import DAY_MAX, DAY_MIN, MOMENT_MS_MAX
from tram.registry.kernel.checks import (
    SEARCH_CHARACTERS_MAX,
    SEARCH_WORDS_MAX,
    Checked,
    search_words,
)
from tram.runtime.errors import Fault, Refused


def found(checked: Checked) -> list[tuple[str, str]]:
    """Return field and code of what is refused in the end."""
    refusal = Refused("thing.wrong", "This cannot be kept.")
    with suppress(Refused):
        checked.done(refusal)
    return [(fault.field, fault.code) for fault in refusal.faults]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Trạm   bơm\t số 1 ", "Trạm bơm số 1"),
        ("Tra\u0323m", "Trạm"),  # two signs that are one letter
        ("Cảng Sa Kỳ", "Cảng Sa Kỳ"),
    ],
)
def test_a_name_is_kept_in_one_form(typed: str, kept: str) -> None:
    checked = Checked()

    assert checked.text("name", typed, 20) == kept
    assert found(checked) == []


@pytest.mark.parametrize(
    ("length", "codes"),
    [(0, ["text.length"]), (1, []), (5, []), (6, ["text.length"])],
)
def test_a_text_is_measured_at_both_edges_in_letters_not_bytes(
    length: int, codes: list[str]
) -> None:
    for kind in ("text", "prose", "lines"):
        checked = Checked()
        getattr(checked, kind)("name", "ặ" * length, 5)
        assert [code for _, code in found(checked)] == codes, kind


@pytest.mark.parametrize(
    ("typed", "sign", "place"),
    [
        ("Trạm\u202e1", "U+202E", 5),  # turns the direction of reading
        ("a\x00b", "U+0000", 2),
        ("một\nhai", "U+000A", 4),
        ("một\u2028hai", "U+2028", 4),
        ("\u200btên", "U+200B", 1),
        ("a" + "\u0301" * 6, "U+0301", 6),  # composed with its first mark; four may stay
    ],
)
def test_a_sign_that_no_name_needs_is_named_with_its_place(
    typed: str, sign: str, place: int
) -> None:
    checked = Checked()

    checked.text("name", typed, 50)

    (fault,) = checked.faults
    assert (fault.field, fault.code) == ("name", "sign.unfit")
    assert fault.params == {"sign": sign, "place": place}
    assert sign in fault.sentence


def test_a_note_keeps_its_lines_and_a_paragraph_becomes_one() -> None:
    checked = Checked()

    typed = "\nMột  hai \r\n\r\n ba\u2028bốn\n"
    assert checked.lines("note", typed, 50) == "Một hai\n\nba\nbốn"
    assert checked.prose("text", typed, 50) == "Một hai ba bốn"
    checked.lines("note", "a\tb\x07", 50)
    assert found(checked) == [("note", "sign.unfit")]


def test_a_text_that_is_too_long_is_said_to_be_so_and_nothing_else() -> None:
    checked = Checked()

    checked.text("name", "\u202e" * 9, 5)

    assert found(checked) == [("name", "text.length")]


@pytest.mark.parametrize(
    ("lon", "lat", "fields"),
    [
        (None, None, []),
        (-180.0, -90.0, []),
        (180.0, 90.0, []),
        (180.001, 15.0, ["lon"]),
        (108.0, -90.001, ["lat"]),
        (math.nan, math.nan, ["lon", "lat"]),
        (math.inf, -math.inf, ["lon", "lat"]),
        (108.0, None, ["lon"]),
        (None, 91.0, ["lon", "lat"]),
    ],
)
def test_a_position_is_on_earth_and_whole(
    lon: float | None, lat: float | None, fields: list[str]
) -> None:
    checked = Checked()

    checked.position(lon, lat)

    assert [field for field, _ in found(checked)] == fields


def test_days_and_moments_are_kept_up_to_their_bounds() -> None:
    checked = Checked()
    for day in (None, DAY_MIN, DAY_MAX):
        checked.day("on", day)
    for moment in (None, 0, MOMENT_MS_MAX):
        checked.moment("at_ms", moment)
    assert found(checked) == []

    checked.day("first", date(1899, 12, 31))
    checked.day("last", date(2101, 1, 1))
    checked.moment("since_ms", -1)
    checked.moment("until_ms", MOMENT_MS_MAX + 1)

    assert found(checked) == [
        ("first", "day.beyond"),
        ("last", "day.beyond"),
        ("since_ms", "moment.beyond"),
        ("until_ms", "moment.beyond"),
    ]


def test_addresses_come_back_as_they_can_be_used_or_say_why_not() -> None:
    checked = Checked()

    assert checked.mail("email", " phong@trạm.vn ") == "phong@xn--trm-tgz.vn"
    assert checked.web("url", " https://iot.example/x ") == "https://iot.example/x"
    assert found(checked) == []
    assert checked.mail("email", "phong") == ""
    checked.web("url", "ftp://iot.example")
    checked.web("hook", "https://a:b@iot.example")

    assert found(checked) == [
        ("email", "mail.unreadable"),
        ("url", "address.begins_wrong"),
        ("hook", "address.with_user"),
    ]


def test_a_choice_names_what_there_is_to_choose() -> None:
    checked = Checked()

    checked.choice("kind", "unit", ("unit", "commune"))
    checked.choice("kind", "Unit", ("unit", "commune"))

    (fault,) = checked.faults
    assert fault == Fault("kind", "choice.unknown", {"choices": "unit, commune"})
    assert "unit, commune" in f"{fault.sentence} {fault.hint}"


def test_nothing_wrong_raises_nothing_and_all_that_is_wrong_comes_in_order() -> None:
    assert found(Checked()) == []
    checked = Checked()
    checked.unless(0, "b", "zone.not_found")
    checked.unless([1], "c", "zone.not_found")
    checked.unless(None, "a", "profile.not_found")

    assert found(checked) == [("b", "zone.not_found"), ("a", "profile.not_found")]


def test_a_search_is_folded_and_bounded() -> None:
    assert search_words("  Trạm ĐO\x00 Số  1 ") == ["tram", "do", "so", "1"]
    assert search_words("") == []
    many = [f"w{number}" for number in range(20)]
    assert search_words(" ".join(many)) == many[:SEARCH_WORDS_MAX]
    assert search_words("a" * 1_000) == ["a" * SEARCH_CHARACTERS_MAX]
