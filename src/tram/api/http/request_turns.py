"""Turns at the web process: so many requests of one organisation are worked on at the same time.

Before that, what is shown takes turns at being looked up: a thousand requests sent together with one
cookie or token wait behind each other, not somebody else's behind them.

A question over years, a letter, a trial of a rule or a search takes a core or a connection to the
database for a while. Whoever asks many of them at once waits for their own turns, not the others.
What is being sent holds no turn: a slow reader of an export keeps nobody waiting.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tram.domain.ids import OrgId
from tram.runtime.errors import Unavailable
from tram.runtime.turns import Turns

__all__ = ("AT_ONCE", "EACH_AT_ONCE", "entry_turn", "request_turn")

AT_ONCE: Final = 64
EACH_AT_ONCE: Final = 16
WAITING_MAX: Final = 2_000
EACH_WAITING_MAX: Final = 200
WAIT_S_MAX: Final = 20.0
ENTRIES_AT_ONCE: Final = 8
"""Look-ups of sessions and tokens; each takes a connection to the database for a millisecond."""
ENTRIES_EACH_AT_ONCE: Final = 4
_ENTRIES = Turns(
    "log-ins to be looked up",
    ENTRIES_AT_ONCE,
    waiting_max=None,  # connections are bounded where they are accepted
    each_at_once=ENTRIES_EACH_AT_ONCE,
)
_TURNS = Turns(
    "requests",
    AT_ONCE,
    waiting_max=WAITING_MAX,
    each_at_once=EACH_AT_ONCE,
    each_waiting_max=EACH_WAITING_MAX,
)


@asynccontextmanager
async def entry_turn(secret: str) -> AsyncIterator[None]:
    """Wait for a turn of a cookie or token to be looked up, and hold it."""
    async with _ENTRIES.turn(secret):
        yield


@asynccontextmanager
async def request_turn(org: OrgId) -> AsyncIterator[None]:
    """Wait for a turn of an organisation and hold it.

    Raises:
        Unavailable: ``queue.full`` when too many wait, or this one waited for 20 seconds.
    """
    try:
        async with asyncio.timeout(WAIT_S_MAX):
            await _TURNS.take(org)
    except TimeoutError:
        raise Unavailable(
            "queue.full", "Too many wait for requests already.", "Try again in a moment.", 5
        ) from None
    try:
        yield
    finally:
        _TURNS.give_back(org)
