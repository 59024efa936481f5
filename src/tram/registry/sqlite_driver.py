"""SQLite connections that survive the cancelling of whoever waits for them.

A cancelled wait does not stop the statement that runs in the connection's thread. Closing the
connection with that statement's cursor still open leaves it half alive inside SQLite, and its locks
with it: every later writer would find the database busy. So a cancelled wait first lets the
statement end and closes its cursor.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiosqlite

__all__ = ("sqlite_connector",)

CHUNK_ROWS = 64


def sqlite_connector(file: str) -> Callable[[], Awaitable[aiosqlite.Connection]]:
    """Return a function that opens a connection to the file."""

    async def connect() -> aiosqlite.Connection:
        connector = partial(sqlite3.connect, file, check_same_thread=False)
        return await _PatientConnection(connector).opened()

    return connect


class _PatientConnection(aiosqlite.Connection):
    """Ends every operation before it lets a cancellation pass."""

    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, CHUNK_ROWS)
        # A connection that nobody closed must not keep the process from ending.
        self._thread.daemon = True

    async def opened(self) -> aiosqlite.Connection:
        """Connect; when that fails, leave no thread behind that would speak to a closed loop."""
        try:
            return await self
        except BaseException:
            self._thread.join()
            raise

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # the driver's own
        if not self._running or not self._connection:
            raise ValueError("Connection closed")  # the words that SQLAlchemy knows
        operation: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((operation, partial(fn, *args, **kwargs)))
        try:
            return await asyncio.shield(operation)
        except asyncio.CancelledError:
            await _ended(operation)
            if operation.exception() is None and isinstance(operation.result(), sqlite3.Cursor):
                self._tx.put_nowait((None, operation.result().close))
            raise


async def _ended(operation: asyncio.Future[Any]) -> None:
    """Wait for the end of an operation, however often the waiting is cancelled."""
    while not operation.done():
        try:
            await asyncio.wait({operation})
        except asyncio.CancelledError:
            continue
