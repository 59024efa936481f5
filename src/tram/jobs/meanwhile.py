"""A long call that cannot tell of itself where people look: something is done every so often meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

__all__ = ("meanwhile",)

T = TypeVar("T")


async def meanwhile(
    work: Coroutine[Any, Any, T], every_s: float, look: Callable[[], Awaitable[None]]
) -> T:
    """Await work, call ``look`` every so often and once more at its end; return what comes of it."""
    working = asyncio.create_task(work)  # noqa: TID251  # awaited below, whatever happens
    try:
        while not working.done():
            await asyncio.wait([working], timeout=every_s)
            await look()
    finally:
        if not working.done():
            working.cancel()
            await asyncio.wait([working])
    return await working
