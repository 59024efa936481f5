"""Find devices by parts of words, and count them no further than anybody reads."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    column,
    func,
    literal_column,
    select,
    table,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.kernel.access import is_readable, readable_numbers
from tram.registry.kernel.device_rows import THERE
from tram.registry.kernel.tables import devices
from tram.registry.kernel.viewer import Viewer

__all__ = ("COUNTED_MAX", "Found", "find")

COUNTED_MAX = 10_000
"""Where counting stops: a list that is longer is said to be longer."""
_SORTED_MAX = 2_000
"""Up to so many matches are sorted; more are met soon enough when walking in the order of names."""
_PART_CHARACTERS = 3
# The full-text index of SQLite: made and kept by triggers, so no table of ours.
_parts = table("device_search", column("rowid"))
_MATCH: ColumnElement[str] = literal_column("device_search.device_search")

Condition = ColumnElement[bool]


class Found:
    """The devices of one search: their conditions, and how many they are up to a bound."""

    def __init__(self, conditions: list[Condition], counted: int) -> None:
        self.conditions = conditions
        self.total = min(counted, COUNTED_MAX)
        self.is_exact = counted <= COUNTED_MAX

    def in_order_of_names(self, rows: Select[Any]) -> Select[Any]:
        """Order a list of them: few by sorting, many by walking the index of names.

        Left alone, SQLite walks the whole index also for the few rows of a small organisation.
        """
        many = self.total > _SORTED_MAX
        name = devices.c.folded if many else devices.c.folded.concat("")
        return rows.where(*self.conditions).order_by(name, devices.c.id)


async def find(
    connection: AsyncConnection,
    viewer: Viewer,
    now_ms: int,
    words: list[str],
    filters: list[Condition],
) -> Found:
    """Find the viewer's devices that have every word somewhere in name or code.

    The cheap conditions stand first, for SQLite takes them in this order. What narrows the search
    to few rows is asked first and then named as well: whom the viewer reaches, and, with SQLite,
    its index of parts (PostgreSQL uses its own by itself). Words of one or two characters have no
    parts: they are looked for in every name.
    """
    conditions = [THERE, *(devices.c.folded.contains(word, autoescape=True) for word in words)]
    conditions += [*filters, is_readable(viewer, now_ms)]
    rows = select(devices.c.id)
    reached = readable_numbers(viewer, now_ms, COUNTED_MAX + 1)
    is_narrow = await _count(connection, reached) <= COUNTED_MAX
    if is_narrow:
        conditions.append(devices.c.id.in_(reached))
    elif connection.dialect.name == "sqlite" and (parts := _matching(words)) is not None:
        if await _count(connection, parts) <= COUNTED_MAX:
            conditions.append(devices.c.id.in_(parts))
        else:
            match = parts.subquery()
            rows = rows.join(match, match.c.rowid == devices.c.id)
    return Found(conditions, await _count(connection, rows.where(*conditions)))


def _matching(words: list[str]) -> Select[Any] | None:
    """Return the numbers of the devices that have the longer words, None without such words."""
    phrases = [word.replace('"', '""') for word in words if len(word) >= _PART_CHARACTERS]
    if not phrases:
        return None
    wanted = " ".join(f'"{phrase}"' for phrase in phrases)
    return select(_parts.c.rowid).where(_MATCH.op("MATCH")(wanted))


async def _count(connection: AsyncConnection, rows: Select[Any] | CompoundSelect[Any]) -> int:
    """Count rows; one more than ``COUNTED_MAX`` stands for any number beyond it."""
    some = rows.limit(COUNTED_MAX + 1).subquery()
    statement = select(func.count()).select_from(some)
    count: int = (await connection.execute(statement)).scalar_one()
    return count
