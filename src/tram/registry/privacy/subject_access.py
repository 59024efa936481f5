"""Personal data on request: everything kept about a person, and its removal."""

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import LargeBinary, Select, Table, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

import tram.registry.privacy.declarations  # noqa: F401  # declares the registry's own places
from tram.domain.ids import OrgId, PersonId
from tram.domain.text import fold
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.database import fields_of
from tram.registry.kernel.personal_data import DELETE, NOBODY, DataPlace, Subject, places
from tram.registry.kernel.repository import Repository, change_row
from tram.registry.kernel.tables import assignments, audit, people, sessions
from tram.registry.kernel.viewer import Viewer
from tram.registry.people.known_browsers import tidy_browsers
from tram.registry.people.people import changeable_person
from tram.registry.people.tables import api_tokens as tokens
from tram.registry.people.tables import challenges, identities, invitations
from tram.registry.people.wrong_guesses import Guess, clear_failures
from tram.registry.privacy.mentions import find_mentions, take_out

__all__ = ("DataKept", "PersonalData", "SubjectAccess")

AUDIT_ROWS_MAX = 10_000
PLACE_ROWS_MAX = 1_000
WORD_CHARACTERS_MIN = 6
"""A name or login shorter than this, and of one word, is looked for in no text: it would fit others."""
INVITATION_KEPT_MS = 30 * 86_400_000
_SECRET = frozenset({"digest", "password_hash", "totp", "totp_step", "csrf", "folded"})


class DataKept(msgspec.Struct, frozen=True, kw_only=True):
    """One place where something of a person is kept: for what, on which ground, for how long.

    ``erased`` says what erasing does: ``delete``, ``blank`` (the record stays without the person)
    or ``keep``. ``rows`` are the newest 1,000 of ``count``, without secrets.
    """

    table: str
    columns: list[str]
    purpose: str
    ground: str
    kept: str
    erased: str
    count: int
    rows: list[dict[str, Any]]


class PersonalData(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept about one person; secrets are left out, for nobody can read them.

    ``places`` is the whole list; the fields before it are its best-known parts by themselves.
    """

    person: dict[str, Any]
    roles: list[dict[str, Any]]
    sessions: list[dict[str, Any]]
    tokens: list[dict[str, Any]]
    identities: list[dict[str, Any]]
    acts: list[dict[str, Any]]
    places: list[DataKept]


class SubjectAccess(Repository):
    """What the law gives people: to see what is kept about them, and to have it removed."""

    async def export(self, viewer: Viewer) -> PersonalData:
        """Return everything kept about the viewer, their newest 10,000 acts included."""
        viewer.needs_person()
        async with self._database.read() as connection:
            (person,) = await _rows(connection, select(people).where(people.c.id == viewer.person))
            acts = (
                select(audit)
                .where(audit.c.person_id == viewer.person)
                .order_by(audit.c.id.desc())
                .limit(AUDIT_ROWS_MAX)
            )
            return PersonalData(
                person=person,
                roles=await _rows(connection, _of(assignments, viewer)),
                sessions=await _rows(connection, _of(sessions, viewer)),
                tokens=await _rows(connection, _of(tokens, viewer)),
                identities=await _rows(connection, _of(identities, viewer)),
                acts=await _rows(connection, acts),
                places=await _kept(connection, PersonId(viewer.person or 0), PLACE_ROWS_MAX),
            )

    async def kept(self, viewer: Viewer) -> list[DataKept]:
        """Return where something of the viewer is kept and how much, without the rows."""
        viewer.needs_person()
        async with self._database.read() as connection:
            return await _kept(connection, PersonId(viewer.person or 0), 0)

    async def erased(self, persons: set[int]) -> set[int]:
        """Return which of these people are erased: what else keeps their names shows nobody."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(people.c.id).where(
                    people.c.id.in_(sorted(persons)), people.c.erased_ms.is_not(None)
                )
            )
            return set(found.scalars())

    async def erase(self, viewer: Viewer, person: PersonId) -> None:
        """Remove who a person is, everywhere that is declared, and shut them out.

        What the declarations keep on a legal ground stays; the journal shows it without the name.

        Raises:
            Refused: ``person.unknown``, ``access.denied``: who may change the person may erase it.
        """
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            await changeable_person(connection, viewer, person)
            # Looked for before the writing begins: no one waits for it.
            mentions = await find_mentions(connection, await _subject(connection, person))
        async with self._database.write() as connection:
            row = await changeable_person(connection, viewer, person)
            subject = await _subject(connection, person)
            # First the texts as they were found, then what the declarations leave of the rows.
            await take_out(connection, subject, mentions)
            for table, place in places():
                await _erase(connection, table, place, subject)
            await clear_failures(connection, Guess(f"login:{subject.login}"))
            await clear_failures(connection, Guess(f"person:{person}"))
            await change_row(connection, people, person, **_nobody(person, now_ms))
            entry = AuditEntry("person.erase", person, OrgId(row.org))
            await record(connection, viewer, now_ms, entry)

    async def tidy(self) -> None:
        """Remove what has outlived its purpose: invitations over for 30 days, dead sessions."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            await connection.execute(
                delete(invitations).where(invitations.c.expires_ms < now_ms - INVITATION_KEPT_MS)
            )
            await connection.execute(delete(sessions).where(sessions.c.expires_ms <= now_ms))
            await connection.execute(delete(challenges).where(challenges.c.expires_ms <= now_ms))
            await tidy_browsers(connection, now_ms)


async def _subject(connection: AsyncConnection, person: PersonId) -> Subject:
    """Return whom to look for; not by an address or a name that somebody else has as well."""
    row = (await connection.execute(select(people).where(people.c.id == person))).one()
    others = select(people.c.id).where(people.c.id != person, people.c.erased_ms.is_(None))
    named = await connection.execute(others.where(people.c.name == row.name))
    mail = row.email
    if mail:
        same = await connection.execute(others.where(func.lower(people.c.email) == mail.lower()))
        mail = None if same.first() else mail
    words = [row.login] if named.first() else [row.login, row.name]
    telling = [word for word in words if len(word) >= WORD_CHARACTERS_MIN or " " in word]
    return Subject(row.id, row.login, row.name, mail, (*telling, *([mail] if mail else [])))


async def _erase(
    connection: AsyncConnection, table: Table, place: DataPlace, subject: Subject
) -> None:
    chosen = place.whose(table, subject)
    if place.erase == DELETE:
        await connection.execute(delete(table).where(chosen))
    elif isinstance(place.erase, Mapping) and place.erase:
        await connection.execute(update(table).where(chosen).values(dict(place.erase)))


async def _kept(connection: AsyncConnection, person: PersonId, rows_max: int) -> list[DataKept]:
    subject = await _subject(connection, person)
    return [
        await _kept_there(connection, table, place, (subject, rows_max))
        for table, place in places()
    ]


async def _kept_there(
    connection: AsyncConnection, table: Table, place: DataPlace, wanted: tuple[Subject, int]
) -> DataKept:
    subject, rows_max = wanted
    chosen = place.whose(table, subject)
    counted = await connection.execute(select(func.count()).select_from(table).where(chosen))
    shown = [
        column
        for column in table.columns
        if not isinstance(column.type, LargeBinary) and column.name not in place.secret
    ]
    newest = next(iter(table.primary_key.columns)).desc()
    statement = select(*shown).where(chosen).order_by(newest).limit(rows_max)
    return DataKept(
        table=f"{table.name}",  # a plain word: SQLAlchemy has its own kind
        columns=list(place.data),
        purpose=place.purpose,
        ground=place.ground,
        kept=place.kept,
        erased=_effect(place),
        count=counted.scalar_one(),
        rows=await _rows(connection, statement) if rows_max else [],
    )


def _effect(place: DataPlace) -> str:
    return place.erase if isinstance(place.erase, str) else "blank"


def _nobody(person: PersonId, now_ms: int) -> dict[str, Any]:
    return {
        "login": f"erased-{person}",
        "name": NOBODY,
        "folded": fold(NOBODY),
        "password_hash": "",
        "email": None,
        "totp": None,
        "disabled": True,
        "erased_ms": now_ms,
    }


def _of(table: Table, viewer: Viewer) -> Select[Any]:
    return select(table).where(table.c.person_id == viewer.person)


async def _rows(connection: AsyncConnection, statement: Select[Any]) -> list[dict[str, Any]]:
    return [
        {f"{name}": value for name, value in fields_of(row).items() if name not in _SECRET}
        for row in await connection.execute(statement)
    ]
