"""Marks between pages: opaque, whole again when they come back, refused when they are not ours."""

import base64
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, String, Table
from sqlalchemy.dialects import sqlite

from tests.registry.world import refused
from tram.domain.bounds import NUMBER_MAX
from tram.registry.kernel.paging import bounded, is_after, next_key, number_after

NAMED = Table("named", MetaData(), Column("folded", String), Column("id", Integer))
SQLITE = sqlite.dialect()


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, NUMBER_MAX))
def test_a_mark_comes_back_as_it_went_and_fits_into_an_address(folded: str, number: int) -> None:
    mark = next_key([SimpleNamespace(folded=folded, id=number)], 1)

    assert set(is_after(NAMED, mark).compile(dialect=SQLITE).params.values()) == {folded, number}
    assert mark.isascii()
    assert not set(mark) & set("+/&#? ")


def test_the_last_page_has_no_mark() -> None:
    row = SimpleNamespace(folded="tram", id=1)

    assert [next_key(rows, 2) for rows in ([], [row])] == [None, None]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'["tram"]',
        b'["tram",1,2]',
        b'[1,"tram"]',
        b'["tram",0]',
        b'["tram",-1]',
        b'["tram",1.5]',
        b'["tram",8796093022208]',  # one beyond the greatest number of a row
        b'{"folded":"tram","id":1}',
        b"\xff\xfe",
    ],
)
def test_a_mark_that_holds_anything_else_is_refused(content: bytes) -> None:
    with refused("page.mark_wrong") as caught:
        is_after(NAMED, base64.urlsafe_b64encode(content).decode())

    assert caught.value.hint


@pytest.mark.parametrize("mark", ["?", "a", "W10", "Trạm", "\ud800", " ", "W10=\x00"])
def test_what_is_no_mark_at_all_is_refused_alike(mark: str) -> None:
    with refused("page.mark_wrong"):
        is_after(NAMED, mark)
    with refused("page.mark_wrong"):
        number_after(mark)


@pytest.mark.parametrize(("mark", "number"), [("0", 0), ("1", 1), (str(NUMBER_MAX), NUMBER_MAX)])
def test_a_number_marks_its_own_row(mark: str, number: int) -> None:
    assert number_after(mark) == number


@pytest.mark.parametrize("mark", ["", "-1", "1.0", "01x", str(NUMBER_MAX + 1), "9" * 5_000, "٣"])
def test_a_number_that_no_row_has_is_refused(mark: str) -> None:
    with refused("page.mark_wrong"):
        number_after(mark)


@pytest.mark.parametrize(
    ("asked", "given"), [(-5, 1), (0, 1), (1, 1), (1_000, 1_000), (1_001, 1_000)]
)
def test_what_is_asked_for_is_brought_within_bounds(asked: int, given: int) -> None:
    assert bounded(asked) == given
