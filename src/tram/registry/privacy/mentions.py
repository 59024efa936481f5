"""A person named in free texts: found in every table that declares some, and taken out."""

import json
import re
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, Text, and_, cast, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.kernel.database import AnyRow
from tram.registry.kernel.personal_data import NOBODY, Subject, declared

__all__ = ("Mention", "find_mentions", "take_out")

Mention = tuple[Table, dict[str, Any], dict[str, Any]]
"""A row: its table, its key, and its texts as they were found."""


async def find_mentions(connection: AsyncConnection, subject: Subject) -> list[Mention]:
    """Return the rows whose free texts name the person; reads only, however many there are."""
    words = subject.words
    found: list[Mention] = []
    for declaration in declared().values():
        table = declaration.table
        columns = [table.c[name] for name in declaration.free]
        if not columns or not words:
            continue
        keys = list(table.primary_key.columns)
        rows = await connection.execute(
            select(*keys, *columns).where(
                or_(*(_names(c, word) for c in columns for word in words))
            )
        )
        found += [_mention(table, row) for row in rows]
    return found


async def take_out(connection: AsyncConnection, subject: Subject, mentions: list[Mention]) -> None:
    """Replace the person by nobody in these rows, where they still say what was found."""
    pattern = _pattern(subject)
    for table, key, texts in mentions:
        changed = {name: _without(text, pattern) for name, text in texts.items()}
        values = {name: text for name, text in changed.items() if text != texts[name]}
        if values:
            chosen = and_(*(table.c[name] == value for name, value in key.items()))
            await connection.execute(update(table).where(chosen).values(values))


def _mention(table: Table, row: AnyRow) -> Mention:
    fields = dict(row._mapping)  # noqa: SLF001  # SQLAlchemy documents it; the underscore avoids a clash
    key = {column.name: fields.pop(column.name) for column in table.primary_key.columns}
    return table, key, fields


def _names(column: Column[Any], word: str) -> ColumnElement[bool]:
    """Say in SQL whether a text or a JSON value may hold the word, in either way of writing it."""
    text = func.lower(cast(column, Text))
    spellings = {word.lower(), _ascii_lower(word), _ascii_lower(json.dumps(word)[1:-1])}
    spellings |= {json.dumps(word.lower())[1:-1]}
    return or_(*(text.contains(spelling, autoescape=True) for spelling in sorted(spellings)))


def _ascii_lower(word: str) -> str:
    """Return the word as SQLite lowers it: the letters of ASCII only."""
    return word.translate({code: code + 32 for code in range(ord("A"), ord("Z") + 1)})


def _pattern(subject: Subject) -> re.Pattern[str]:
    words = "|".join(re.escape(word) for word in sorted(subject.words, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)


def _without(value: Any, pattern: re.Pattern[str]) -> Any:  # noqa: ANN401  # any JSON value
    if isinstance(value, str):
        return pattern.sub(NOBODY, value)
    if isinstance(value, list):
        return [_without(item, pattern) for item in value]
    if isinstance(value, dict):
        return {_without(key, pattern): _without(item, pattern) for key, item in value.items()}
    return value
