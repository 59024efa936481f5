"""Personal data on request: everything kept about a person, and its removal."""

from typing import Any

import msgspec
from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId, PersonId
from tram.domain.text import fold
from tram.registry.audit import Deed, record
from tram.registry.browsers import tidy_browsers
from tram.registry.database import AnyRow, Database, fields_of
from tram.registry.people import changeable_person
from tram.registry.people_tables import (
    api_tokens,
    challenges,
    identities,
    invitations,
    known_browsers,
    recovery_codes,
)
from tram.registry.tables import assignments, audit, people, sessions
from tram.registry.viewer import Viewer
from tram.runtime.clock import Clock

__all__ = ("Personal", "PersonalData")

AUDIT_ROWS_MAX = 10_000
INVITATION_KEPT_MS = 30 * 86_400_000
_SECRET = frozenset({"digest", "password_hash", "totp", "totp_step", "csrf", "folded"})
NOBODY = "Người đã xoá"


class PersonalData(msgspec.Struct, frozen=True, kw_only=True):
    """All that is kept about one person; secrets are left out, for nobody can read them."""

    person: dict[str, Any]
    roles: list[dict[str, Any]]
    sessions: list[dict[str, Any]]
    tokens: list[dict[str, Any]]
    identities: list[dict[str, Any]]
    acts: list[dict[str, Any]]


class Personal:
    """What the law gives people: to see what is kept about them, and to have it removed."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

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
                tokens=await _rows(connection, _of(api_tokens, viewer)),
                identities=await _rows(connection, _of(identities, viewer)),
                acts=await _rows(connection, acts),
            )

    async def erase(self, viewer: Viewer, person: PersonId) -> None:
        """Remove who a person is, and shut them out; the audit keeps what they did.

        Raises:
            Refused: ``person.unknown``, ``access.denied``: who may change the person may erase it.
        """
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await changeable_person(connection, viewer, person)
            for table in (
                sessions,
                known_browsers,
                api_tokens,
                identities,
                challenges,
                recovery_codes,
            ):
                await connection.execute(delete(table).where(table.c.person_id == person))
            await connection.execute(delete(assignments).where(assignments.c.person_id == person))
            await _forget_invitations(connection, row)
            await connection.execute(
                update(people).where(people.c.id == person).values(_nobody(person, now_ms))
            )
            await record(connection, viewer, now_ms, Deed("person.erase", person, OrgId(row.org)))

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


async def _forget_invitations(connection: AsyncConnection, row: AnyRow) -> None:
    if row.email:
        await connection.execute(delete(invitations).where(invitations.c.email == row.email))


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


def _of(table: Any, viewer: Viewer) -> Any:  # noqa: ANN401  # any table with a person
    return select(table).where(table.c.person_id == viewer.person)


async def _rows(connection: AsyncConnection, statement: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # a select
    return [
        {name: value for name, value in fields_of(row).items() if name not in _SECRET}
        for row in await connection.execute(statement)
    ]
