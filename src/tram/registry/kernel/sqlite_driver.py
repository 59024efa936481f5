"""SQLite connections that survive the cancelling of whoever waits for them.

A cancelled wait does not stop the statement that runs in the connection's thread. Closing the
connection with that statement's cursor still open leaves it half alive inside SQLite, and its locks
with it: every later writer would find the database busy. So a cancelled wait first lets the
statement end and closes its cursor.
"""

import asyncio
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import aiosqlite

__all__ = ("sqlite_connector",)

CHUNK_ROWS = 64
BUSY_S_MAX = 10.0
"""Longest wait for another process that has the file to itself."""
_TRY_AGAIN_S = 0.02


def sqlite_connector(file: str) -> Callable[[], Awaitable[aiosqlite.Connection]]:
    """Return a function that opens a connection to the file."""

    async def connect() -> aiosqlite.Connection:
        return await _PatientConnection(partial(_open, file)).opened()

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


def _open(file: str) -> sqlite3.Connection:
    """Connect in WAL mode.

    Only the first connection of a file's life switches it, and SQLite calls no busy handler
    there: processes that start together must wait for each other by themselves.
    """
    connection = sqlite3.connect(file, check_same_thread=False, timeout=BUSY_S_MAX)
    pause = threading.Event()  # of the connection's own thread: nobody else waits
    for tries_left in reversed(range(int(BUSY_S_MAX / _TRY_AGAIN_S))):
        try:
            connection.execute("PRAGMA journal_mode=WAL").close()
            break
        except sqlite3.DatabaseError as error:
            if not tries_left or error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                connection.close()
                raise
        pause.wait(_TRY_AGAIN_S)
    return connection


async def _ended(operation: asyncio.Future[Any]) -> None:
    """Wait for the end of an operation, however often the waiting is cancelled."""
    while not operation.done():
        try:
            await asyncio.wait({operation})
        except asyncio.CancelledError:
            continue
