"""Where personal data lies: every table declares its columns, each place its purpose and ground.

Whoever keeps a table declares it beside its definition. A test holds the declarations against the
schema: a text, a JSON value, bytes, or a reference to a person that nobody declared fails it. What
a person is shown of themselves, and what erasing them does, follow from these declarations alone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    LargeBinary,
    String,
    Table,
    func,
    or_,
    select,
)

from tram.registry.kernel.tables import audit, metadata

__all__ = (
    "ASKED_FOR",
    "DELETE",
    "DUTY",
    "KEEP",
    "NOBODY",
    "TASK",
    "TILL_ERASED",
    "ByPerson",
    "DataPlace",
    "Declared",
    "Subject",
    "authored",
    "authorship",
    "by_mail",
    "declare",
    "declared",
    "must_be_declared",
    "places",
    "signed",
)

NOBODY: Final = "Người đã xoá"
"""What stands where the name of an erased person stood."""
DELETE: Final = "delete"
KEEP: Final = "keep"
# Grounds, and the span that most has.
ASKED_FOR: Final = "the service asked for"
TASK: Final = "the organisation's task"
DUTY: Final = "legal duty to prove"
TILL_ERASED: Final = "until erased on request"
_KEY: Final = "personal data"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the data is about; ``mail`` is None too where somebody else has the same address."""

    id: int
    login: str
    name: str
    mail: str | None
    words: tuple[str, ...]
    """What nobody else is called by: looked for in free texts."""


Whose: TypeAlias = Callable[[Table, Subject], ColumnElement[bool]]
"""The rows of a table that are about somebody."""


@dataclass(frozen=True, slots=True)
class ByPerson:
    """Rows that name the person by number."""

    column: str = "person_id"

    def __call__(self, table: Table, subject: Subject) -> ColumnElement[bool]:
        """Return the condition on the table's rows."""
        return table.c[self.column] == subject.id


_BY_PERSON: Final = ByPerson()


@dataclass(frozen=True, slots=True)
class DataPlace:
    """One place where something of a person lies.

    ``erase`` is DELETE, KEEP (with ``ground`` for it), or what the columns become instead.
    Purposes, grounds and spans are words that the pages translate (``web/words/privacy.py``).
    """

    data: tuple[str, ...]
    purpose: str
    ground: str
    kept: str
    whose: Whose = _BY_PERSON
    erase: str | Mapping[str, object] = DELETE
    secret: tuple[str, ...] = ()
    """Columns that the person is not shown: digests, sealed secrets."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One table: its places, its free texts (where somebody may be named), and its plain columns."""

    table: Table
    places: tuple[DataPlace, ...]
    free: tuple[str, ...]
    plain: tuple[str, ...]
    persons: tuple[str, ...]
    """References to people by number alone: they name nobody once the person is erased."""


def declare(
    table: Table,
    *places: DataPlace,
    free: tuple[str, ...] = (),
    plain: tuple[str, ...] = (),
    persons: tuple[str, ...] = (),
) -> None:
    """Enter what a table holds; once for each table.

    The references by which places find their rows belong to ``persons`` by themselves.
    """
    found = [place.whose.column for place in places if isinstance(place.whose, ByPerson)]
    persons = (*(name for name in found if must_be_declared(table.c[name])), *persons)
    declaration = Declared(table, places, free, plain, tuple(dict.fromkeys(persons)))
    metadata.info.setdefault(_KEY, {})[table.name] = declaration


def declared() -> Mapping[str, Declared]:
    """Return the declarations by the name of the table."""
    found: Mapping[str, Declared] = metadata.info.get(_KEY, {})
    return found


def places() -> Iterator[tuple[Table, DataPlace]]:
    """Yield every place of every table, in the order in which they are declared."""
    for declaration in declared().values():
        for place in declaration.places:
            yield declaration.table, place


def must_be_declared(column: Column[Any]) -> bool:
    """Say whether a column can hold or lead to personal data."""
    leads = column.name == "person_id" or any(
        key.target_fullname == "people.id" for key in column.foreign_keys
    )
    return leads or isinstance(column.type, String | JSON | LargeBinary)


def by_mail(column: str) -> Whose:
    """Rows that name the person by mail address, whatever its case."""
    return lambda table, subject: func.lower(table.c[column]) == (subject.mail or "").lower()


def authored(noun: str, column: str = "id") -> Whose:
    """Rows whose author only the journal knows, by the noun's number in a column."""
    return lambda table, subject: table.c[column].in_(
        select(audit.c.noun_id).where(audit.c.noun == noun, audit.c.person_id == subject.id)
    )


def signed(column: str, within: Whose) -> Whose:
    """Rows of these that bear the person's name, or that of a program of theirs."""
    return lambda table, subject: (
        within(table, subject)
        & or_(
            table.c[column] == subject.name,
            table.c[column].startswith(f"{subject.name} (", autoescape=True),
        )
    )


def authorship(*names: str, whose: Whose = _BY_PERSON) -> DataPlace:  # frozen
    """Return the place of an author's name on a record that outlives them."""
    return DataPlace(
        names,
        "responsibility for acts",
        TASK,
        "with the record, without the name once erased",
        whose,
        erase=dict.fromkeys(names, NOBODY),
    )
