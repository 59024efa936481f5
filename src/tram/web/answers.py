"""What a page shows while the store gives no answer."""

from collections.abc import Awaitable
from typing import TypeVar

from tram.runtime.errors import Unavailable

__all__ = ("if_answered",)

_Found = TypeVar("_Found")


async def if_answered(question: Awaitable[_Found]) -> _Found | None:
    """Return the store's answer, or None while it gives none: the rest of the page still stands."""
    try:
        return await question
    except Unavailable:
        return None
