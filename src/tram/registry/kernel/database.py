"""The one way to the database: short read and write transactions on SQLite or PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    contextmanager,
    nullcontext,
)
from typing import Any, TypeAlias, TypeVar

import msgspec
from sqlalchemy import Connection, Row, Select, Table, event, func, make_url, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from tram.registry.kernel.sqlite_driver import sqlite_connector
from tram.registry.kernel.tables import counters
from tram.runtime.errors import Broken, Refused, Unavailable

__all__ = (
    "TRANSACTION_ROWS_MAX",
    "AnyRow",
    "Database",
    "fields_of",
    "one_row",
    "struct_of",
    "take_ids",
    "take_numbers",
    "translated",
)

AnyRow: TypeAlias = Row[*tuple[Any, ...]]
S = TypeVar("S", bound=msgspec.Struct)

TRANSACTION_ROWS_MAX = 5_000
POOL_CONNECTIONS = 5
POOL_OVERFLOW = 10
POOL_WAIT_S = 10
_WRITES = "tram_writes"
# SQLite: locks and what the disk refuses. PostgreSQL: classes of lost connections, serialisation
# and deadlock, lack of resources, and shutdown.
_PASSING_CODES = (
    "SQLITE_BUSY",
    "SQLITE_LOCKED",
    "SQLITE_CANTOPEN",
    "SQLITE_READONLY",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "08",
    "40001",
    "40P01",
    "53",
    "57P",
)
_DAMAGE_CODES = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "XX001", "XX002")
# PostgreSQL's class of values that no column takes.
_VALUE_CODES = ("22",)


class Database:
    """An engine whose transactions are either reads (one snapshot) or writes (one at a time).

    SQLite writers queue on a lock inside the process and on ``BEGIN IMMEDIATE`` between processes,
    so that no transaction is ever upgraded and fails half-way.
    """

    def __init__(self, url: str) -> None:
        self.engine = _make_engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._writer: AbstractAsyncContextManager[object] = (
            asyncio.Lock() if self.is_sqlite else nullcontext()
        )

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a read transaction; everything read in it is one snapshot of the database."""
        with translated():
            async with self.engine.connect() as connection:
                if not self.is_sqlite:
                    await connection.execution_options(
                        isolation_level="REPEATABLE READ", postgresql_readonly=True
                    )
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a write transaction; it commits at the end, or leaves nothing behind."""
        with translated():
            async with self._writer, self.engine.connect() as connection:
                await connection.execution_options(**{_WRITES: True})
                async with connection.begin():
                    yield connection

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


async def take_numbers(connection: AsyncConnection, counter: str, count: int) -> int:
    """Take ``count`` numbers of a counter and return the first.

    The counter's row stays locked until the transaction ends, so numbers have no gaps and are in
    the order of the commits.
    """
    statement = (
        update(counters)
        .where(counters.c.name == counter)
        .values(value=counters.c.value + count)
        .returning(counters.c.value)
    )
    last: int = (await connection.execute(statement)).scalar_one()
    return last - count + 1


async def take_ids(connection: AsyncConnection, table: Table, count: int) -> list[int]:
    """Return numbers for ``count`` new rows of a table, inside the write transaction that adds them.

    Rows that bring their numbers go in with one statement; rows whose numbers the database gives
    back in order go in one by one on SQLite.
    """
    if connection.dialect.name == "sqlite":
        # The only writer: nobody else takes the numbers after the last.
        newest = (await connection.execute(select(func.max(table.c.id)))).scalar() or 0
        return list(range(newest + 1, newest + 1 + count))
    following = func.nextval(func.pg_get_serial_sequence(table.name, "id"))
    statement = select(following).select_from(func.generate_series(1, count))
    return list((await connection.execute(statement)).scalars())


def fields_of(row: AnyRow) -> dict[str, Any]:
    """Return a row's values by column label."""
    return dict(row._mapping)  # noqa: SLF001  # SQLAlchemy documents it; the underscore avoids a clash


async def one_row(connection: AsyncConnection, question: Select[Any], missing: Refused) -> AnyRow:
    """Return the one row that there is; without one, ``missing`` is raised."""
    row: AnyRow | None = (await connection.execute(question)).one_or_none()
    if row is None:
        raise missing
    return row


def struct_of(row: AnyRow, kind: type[S], **more: object) -> S:
    """Return a struct of the row's columns that are named like its fields, and of ``more``."""
    fields = fields_of(row)
    found = {name: fields[name] for name in kind.__struct_fields__ if name in fields}
    return kind(**{**found, **more})


def _make_engine(url: str) -> AsyncEngine:
    """Return the engine of a database address."""
    if url.startswith("sqlite+aiosqlite:"):
        engine = create_async_engine(
            url,
            async_creator=sqlite_connector(make_url(url).database or ""),
            pool_size=POOL_CONNECTIONS,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=POOL_WAIT_S,
        )
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    if url.startswith("postgresql+asyncpg:"):
        return create_async_engine(
            url,
            pool_size=POOL_CONNECTIONS,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=POOL_WAIT_S,
            pool_pre_ping=True,
        )
    raise Refused(
        "registry.url_wrong",
        "The registry's address is of an unknown kind.",
        "Use sqlite+aiosqlite:///FILE or postgresql+asyncpg://USER:PASSWORD@HOST/NAME.",
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401  # the driver's own
    # None stops the driver from opening transactions by itself: _begin_sqlite does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the drivers raise into our families; a bug in our SQL passes unchanged."""
    try:
        yield
    except OverflowError as error:
        raise _out_of_range() from error
    except (OSError, PoolTimeoutError) as error:
        raise _unreachable() from error
    except DBAPIError as error:
        code = _code(error)
        if code.startswith(_VALUE_CODES):
            raise _out_of_range() from error
        if code.startswith(_DAMAGE_CODES):
            raise Broken(
                "registry.damaged",
                "The registry's database is damaged.",
                "Restore the last backup with 'tram restore'.",
            ) from error
        if error.connection_invalidated or code.startswith(_PASSING_CODES):
            raise _unreachable() from error
        raise


def _code(error: DBAPIError) -> str:
    """Return the driver's stable name of the error, empty when it has none."""
    return getattr(error.orig, "sqlite_errorname", "") or getattr(error.orig, "sqlstate", "") or ""


def _out_of_range() -> Refused:
    return Refused(
        "request.out_of_range", "A number or text in the request is beyond any possible value."
    )


def _unreachable() -> Unavailable:
    return Unavailable(
        "registry.unavailable",
        "The registry's database does not answer at the moment.",
        "Try again; if it lasts, run 'tram doctor'.",
    )
