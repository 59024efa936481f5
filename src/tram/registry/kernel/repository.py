"""What the repositories of all nouns do with rows: list them as views, find, make and change one."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Executable, Select, Table, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.kernel.database import AnyRow, Database, fields_of
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = (
    "KeyedRepository",
    "Repository",
    "add_row",
    "change_row",
    "count_rows",
    "found_row",
    "read_view",
)

T = TypeVar("T")


class Repository:
    """The rows of one noun, read and written in short transactions."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def _rows(self, statement: Select[Any]) -> Sequence[AnyRow]:
        """Return what one statement finds, in a read transaction of its own."""
        async with self._database.read() as connection:
            rows: Sequence[AnyRow] = (await connection.execute(statement)).all()
            return rows

    async def _views(self, view: type[T], statement: Select[Any]) -> list[T]:
        """Return what one statement finds, each row as the struct that its columns are named for."""
        return [view(**fields_of(row)) for row in await self._rows(statement)]


class KeyedRepository(Repository):
    """A repository that knows secrets of devices again by the installation's key."""

    def __init__(self, database: Database, clock: Clock, hmac_key: bytes) -> None:
        super().__init__(database, clock)
        self._hmac_key = hmac_key


async def found_row(
    connection: AsyncConnection, statement: Select[Any], unknown: Refused
) -> AnyRow:
    """Return the one row that a statement finds; raise the refusal where it finds none."""
    row: AnyRow | None = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise unknown
    return row


async def count_rows(connection: AsyncConnection, *chosen: ColumnElement[bool]) -> int:
    """Return how many rows fulfil conditions; they name the table."""
    counted = await connection.execute(select(func.count()).where(*chosen))
    number: int = counted.scalar_one()
    return number


async def read_view(connection: AsyncConnection, view: type[T], statement: Executable) -> T:
    """Return the one row of a statement as the struct that its columns are named for."""
    return view(**fields_of((await connection.execute(statement)).one()))


async def add_row(connection: AsyncConnection, table: Table, values: Mapping[str, Any]) -> int:
    """Write a row; return the number that the database gives it."""
    made = await connection.execute(insert(table).values(values).returning(table.c.id))
    number: int = made.scalar_one()
    return number


async def change_row(
    connection: AsyncConnection, table: Table, number: int, /, **values: object
) -> None:
    """Change columns of the row with this number."""
    await connection.execute(update(table).where(table.c.id == number).values(values))
