"""A long list in parts of a bounded length, so that no page takes long to make or to read."""

from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

__all__ = ("ListPart", "part_of")

T = TypeVar("T")


class ListPart(NamedTuple, Generic[T]):
    """Some of ``total`` items, from the one with number ``first`` (from 1) on; ``number`` of ``parts``."""

    items: Sequence[T]
    number: int
    parts: int
    first: int
    total: int

    @property
    def last(self) -> int:
        """Number of the last item here."""
        return self.first + len(self.items) - 1


def part_of(items: Sequence[T], number: int, size: int) -> ListPart[T]:
    """Return a part of at most ``size`` items; a number beyond the ends names the part at that end."""
    count = max(1, -(-len(items) // size))
    number = min(max(number, 1), count)
    start = (number - 1) * size
    return ListPart(items[start : start + size], number, count, start + 1, len(items))
