"""Marks between the pages of a list: where the next page starts, opaque to the outside."""

import base64
import binascii
from collections.abc import Sequence
from typing import Protocol

import msgspec
from sqlalchemy import ColumnElement, Table, tuple_

from tram.domain.bounds import is_number, number_of
from tram.registry.kernel.database import AnyRow
from tram.runtime.errors import Refused

__all__ = ("PAGE_ROWS_MAX", "bounded", "is_after", "next_after", "next_key", "number_after")

PAGE_ROWS_MAX = 1_000
_key_decoder = msgspec.json.Decoder(tuple[str, int])


class _Numbered(Protocol):
    @property
    def id(self) -> int: ...


def bounded(limit: int) -> int:
    """Return how many rows a page holds at most when ``limit`` are asked for."""
    return max(1, min(limit, PAGE_ROWS_MAX))


def next_after(items: Sequence[_Numbered], limit: int) -> str | None:
    """Return the mark after the last item, or None when the list ends with this page."""
    return str(items[-1].id) if items and len(items) == limit else None


def number_after(mark: str) -> int:
    """Return the row number of a mark."""
    number = 0 if mark == "0" else number_of(mark)
    if number is None:
        raise _wrong()
    return number


def next_key(rows: Sequence[AnyRow], limit: int) -> str | None:
    """Return the mark after the last row in the order of folded names, None at the list's end."""
    if not rows or len(rows) < limit:
        return None
    return base64.urlsafe_b64encode(msgspec.json.encode((rows[-1].folded, rows[-1].id))).decode()


def is_after(table: Table, mark: str) -> ColumnElement[bool]:
    """Match the rows after a mark in the order of folded names."""
    return tuple_(table.c.folded, table.c.id) > tuple_(*_key_of(mark))


def _key_of(mark: str) -> tuple[str, int]:
    try:
        folded, number = _key_decoder.decode(base64.urlsafe_b64decode(mark.encode()))
    except (binascii.Error, msgspec.MsgspecError, UnicodeError):
        raise _wrong() from None
    if not is_number(number):
        raise _wrong()
    return folded, number


def _wrong() -> Refused:
    return Refused(
        "page.mark_wrong", "This page mark is not one of ours.", "Start at the first page."
    )
