"""Pages of short lists, and the limits of all lists."""

from collections.abc import Sequence
from typing import TypeVar

from tram.runtime.errors import Fault, Refused

__all__ = ("LIMIT_DEFAULT", "LIMIT_MAX", "cut")

LIMIT_DEFAULT = 50
LIMIT_MAX = 500
_OFFSET_DIGITS_MAX = 9

_Item = TypeVar("_Item")


def cut(items: Sequence[_Item], cursor: str | None, limit: int) -> tuple[list[_Item], str | None]:
    """Return the page of a list held in memory, and the cursor of the next one.

    Raises:
        Refused: ``page.mark_wrong`` for a cursor that no page gave out.
    """
    start = _offset(cursor)
    end = start + limit
    return list(items[start:end]), str(end) if end < len(items) else None


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) <= _OFFSET_DIGITS_MAX):
        raise Refused(
            "page.mark_wrong",
            "This page mark is not one of ours.",
            "Start at the first page.",
            (Fault("cursor", "cursor.foreign"),),
        )
    return int(cursor)
