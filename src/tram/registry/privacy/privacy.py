"""What people agree to, and what they ask for about their personal data; both are kept as proof."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.days import DAY_MS
from tram.domain.ids import OrgId, PersonId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import must_be_visible, org_is_visible
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import columns_of
from tram.registry.kernel.repository import (
    Repository,
    add_row,
    change_row,
    count_rows,
    found_row,
    read_view,
)
from tram.registry.kernel.tables import people
from tram.registry.kernel.viewer import Viewer
from tram.registry.people.people import visible_person
from tram.registry.privacy.tables import consents, data_requests
from tram.runtime.errors import Fault, Refused

__all__ = (
    "ALARM_MAIL",
    "KINDS",
    "WORDINGS",
    "ConsentRow",
    "DataRequest",
    "NewDataRequest",
    "Privacy",
)

ALARM_MAIL: Final = "alarm-mail"
WORDINGS: Final[Mapping[str, str]] = {ALARM_MAIL: "2026-11"}
"""What is asked to be agreed to, and the version of the words that it is asked in (``web``)."""
KINDS: Final = ("access", "correction", "erasure", "restriction", "withdrawal")
NOTE_CHARACTERS_MAX: Final = 1_000
OPEN_PER_PERSON_MAX: Final = 20
CONSENTS_PER_PERSON_MAX: Final = 200
LISTED_MAX: Final = 500


class ConsentRow(msgspec.Struct, frozen=True, kw_only=True):
    """Who agreed to what, in which version and language of the words, and when it was taken back."""

    id: int
    person: PersonId
    person_name: str
    purpose: str
    wording: str
    locale: str
    given_ms: int
    withdrawn_ms: int | None


class NewDataRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asks for about their data: one of KINDS, in their own words."""

    kind: str
    note: str
    days: int
    """Until when it must be answered."""


class DataRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request about personal data: received, due, and answered with what."""

    id: int
    person: PersonId
    person_name: str
    org: OrgId
    kind: str
    note: str
    received_ms: int
    due_ms: int
    answered_ms: int | None
    answer: str


class Privacy(Repository):
    """One's own consents and requests; those of the organisations in reach for who looks after people."""

    async def my_consents(self, viewer: Viewer) -> list[ConsentRow]:
        """Return what the viewer agreed to, the newest first, what was taken back included."""
        viewer.needs_person()
        mine = consents.c.person_id == viewer.person
        return await self._views(ConsentRow, _consents().where(mine))

    async def consents(self, viewer: Viewer) -> list[ConsentRow]:
        """Return the newest 500 consents of people in reach."""
        viewer.needs(Permission.PERSON_READ)
        reached = org_is_visible(viewer, Permission.PERSON_READ, people.c.org_id)
        return await self._views(ConsentRow, _consents().where(reached))

    async def give(self, viewer: Viewer, purpose: str) -> None:
        """Agree in today's words, in the language of one's pages; agreeing twice to the same words is once."""
        viewer.needs_person()
        if purpose not in WORDINGS:
            raise _wrong("purpose", "consent.not_found")
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            mine = select(consents).where(consents.c.person_id == viewer.person)
            rows = (await connection.execute(mine)).all()
            live = [row for row in rows if row.purpose == purpose and row.withdrawn_ms is None]
            if any(row.wording == WORDINGS[purpose] for row in live):
                return
            if len(rows) >= CONSENTS_PER_PERSON_MAX:
                raise _wrong("purpose", "consent.too_often")
            await _withdraw(connection, viewer, purpose, now_ms)
            locale = select(people.c.locale).where(people.c.id == viewer.person)
            values = {
                "person_id": viewer.person,
                "purpose": purpose,
                "wording": WORDINGS[purpose],
                "locale": (await connection.execute(locale)).scalar_one(),
                "given_ms": now_ms,
            }
            number = await add_row(connection, consents, values)
            after = {"purpose": purpose, "wording": WORDINGS[purpose]}
            entry = AuditEntry("consent.give", number, viewer.org, after=after)
            await record(connection, viewer, now_ms, entry)

    async def withdraw(self, viewer: Viewer, purpose: str) -> None:
        """Take a consent back; one that is not given is no fault."""
        viewer.needs_person()
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            for number in await _withdraw(connection, viewer, purpose, now_ms):
                after = {"purpose": purpose}
                entry = AuditEntry("consent.withdraw", number, viewer.org, after=after)
                await record(connection, viewer, now_ms, entry)

    async def my_requests(self, viewer: Viewer) -> list[DataRequest]:
        """Return the viewer's own requests, the newest first."""
        viewer.needs_person()
        mine = data_requests.c.person_id == viewer.person
        return await self._views(DataRequest, _requests().where(mine))

    async def requests(self, viewer: Viewer) -> list[DataRequest]:
        """Return the newest 500 requests of people in reach: the open ones first, by due date."""
        viewer.needs(Permission.PERSON_READ)
        reached = org_is_visible(viewer, Permission.PERSON_READ, data_requests.c.org_id)
        urgent = (data_requests.c.answered_ms.is_not(None), data_requests.c.due_ms)
        statement = _requests().where(reached).order_by(None)
        return await self._views(
            DataRequest, statement.order_by(*urgent, data_requests.c.id.desc())
        )

    async def ask(self, viewer: Viewer, new: NewDataRequest) -> DataRequest:
        """Ask for something about one's own data."""
        viewer.needs_person()
        return await self.enter(viewer, PersonId(viewer.person or 0), new)

    async def enter(self, viewer: Viewer, person: PersonId, new: NewDataRequest) -> DataRequest:
        """Enter a request: one's own, or one that came on paper from a person in reach.

        Raises:
            Refused: ``data_request.wrong`` with every wrong field, ``person.unknown``,
                ``access.denied``.
        """
        now_ms = self._clock.now_ms()
        checked = Checked()
        checked.choice("kind", new.kind, KINDS)
        note = checked.text("note", new.note, NOTE_CHARACTERS_MAX, shortest=0)
        async with self._database.write() as connection:
            row = await visible_person(connection, viewer, person)
            org = OrgId(row.org)
            if person != viewer.person:
                await must_be_visible(connection, viewer, Permission.PERSON_WRITE, org)
            waiting = data_requests.c.answered_ms.is_(None)
            many = await count_rows(connection, data_requests.c.person_id == person, waiting)
            checked.unless(many < OPEN_PER_PERSON_MAX, "kind", "data_requests.too_many")
            checked.done(Refused("data_request.wrong", "The request cannot be kept like this."))
            values = {
                "person_id": person,
                "org_id": org,
                "kind": new.kind,
                "note": note,
                "received_ms": now_ms,
                "due_ms": now_ms + new.days * DAY_MS,
                "answer": "",
                "entered_by": viewer.person,
            }
            number = await add_row(connection, data_requests, values)
            entry = AuditEntry("data_request.enter", number, org, after={"kind": new.kind})
            await record(connection, viewer, now_ms, entry)
            made = _requests().where(data_requests.c.id == number)
            return await read_view(connection, DataRequest, made)

    async def answer(self, viewer: Viewer, request: int, answer: str) -> None:
        """Note what was answered to a request of a person in reach; once.

        Raises:
            Refused: ``data_request.unknown``, ``data_request.wrong``, ``access.denied``.
        """
        now_ms = self._clock.now_ms()
        checked = Checked()
        said = checked.text("answer", answer, NOTE_CHARACTERS_MAX)
        checked.done(Refused("data_request.wrong", "The answer cannot be kept like this."))
        async with self._database.write() as connection:
            seen = org_is_visible(viewer, Permission.PERSON_READ, data_requests.c.org_id)
            is_open = (data_requests.c.id == request) & data_requests.c.answered_ms.is_(None)
            unknown = Refused(
                "data_request.unknown",
                "There is no such open request.",
                "Look at the list of requests.",
            )
            row = await found_row(connection, _requests().where(is_open, seen), unknown)
            await must_be_visible(connection, viewer, Permission.PERSON_WRITE, OrgId(row.org))
            answered = {"answered_ms": now_ms, "answer": said, "answered_by": viewer.person}
            await change_row(connection, data_requests, request, **answered)
            entry = AuditEntry("data_request.answer", request, OrgId(row.org))
            await record(connection, viewer, now_ms, entry)


async def _withdraw(
    connection: AsyncConnection, viewer: Viewer, purpose: str, now_ms: int
) -> list[int]:
    ended = await connection.execute(
        update(consents)
        .where(
            consents.c.person_id == viewer.person,
            consents.c.purpose == purpose,
            consents.c.withdrawn_ms.is_(None),
        )
        .values(withdrawn_ms=now_ms)
        .returning(consents.c.id)
    )
    return list(ended.scalars())


def _consents() -> Select[Any]:
    return (
        select(*columns_of(ConsentRow, consents, person_name=people.c.name))
        .join(people, people.c.id == consents.c.person_id)
        .order_by(consents.c.id.desc())
        .limit(LISTED_MAX)
    )


def _requests() -> Select[Any]:
    return (
        select(*columns_of(DataRequest, data_requests, person_name=people.c.name))
        .join(people, people.c.id == data_requests.c.person_id)
        .order_by(data_requests.c.id.desc())
        .limit(LISTED_MAX)
    )


def _wrong(field: str, code: str) -> Refused:
    fault = Fault(field, code)
    return Refused("consent.wrong", "This cannot be agreed to.", fault.sentence, (fault,))
