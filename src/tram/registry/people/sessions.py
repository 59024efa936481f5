"""Log-in, sessions, and the viewer behind a session's secret."""

import secrets
from typing import TypedDict, Unpack

import msgspec
from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.days import HOUR_MS
from tram.domain.ids import OrgId, PersonId, ZoneId
from tram.registry.kernel.audit import ADDRESS_CHARACTERS_MAX, AuditEntry, record
from tram.registry.kernel.database import AnyRow, Database, as_view, columns_of, take_numbers
from tram.registry.kernel.repository import Repository, found_row
from tram.registry.kernel.sealed import secret_digest
from tram.registry.kernel.tables import assignments, people, roles, sessions
from tram.registry.kernel.viewer import Scope, Viewer
from tram.registry.kernel.views import NewSession, PersonSession
from tram.registry.people.known_browsers import known_browser, remember_browser
from tram.registry.people.passwords import Passwords
from tram.registry.people.people import login_key
from tram.registry.people.second_factor import SecondFactor
from tram.registry.people.tables import challenges
from tram.registry.people.views import Challenge, SessionRow
from tram.registry.people.wrong_guesses import Guess, clear_failures, count_failure, must_be_open
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("Sessions", "scopes_of")

SECRET_BYTES = 32
LAST_SEEN_EVERY_MS = 60_000
CHALLENGE_MS = 5 * 60_000
AGENT_CHARACTERS_MAX = 200


class LoginContext(msgspec.Struct, frozen=True):
    """Where a session is opened from, what the browser carries, and for how long: ``web.session_hours``."""

    address: str
    hours: int = 12
    agent: str = ""
    browsers: tuple[str, ...] = ()


class LoginOptions(TypedDict, total=False):
    """What may be said of a log-in beside its address, as ``LoginContext`` has it."""

    hours: int
    agent: str
    browsers: tuple[str, ...]


class Sessions(Repository):
    """Sessions of people; the secret is kept as its SHA-256 digest only."""

    def __init__(
        self, database: Database, clock: Clock, passwords: Passwords, factor: SecondFactor
    ) -> None:
        super().__init__(database, clock)
        self._passwords = passwords
        self._factor = factor

    async def log_in(
        self, login: str, password: str, address: str, **options: Unpack[LoginOptions]
    ) -> NewSession | Challenge:
        """Start a session, or ask for the second factor where the person has one.

        Raises:
            Refused: ``login.wrong``, after the same work for an unknown login as for a wrong
                password.
            Unavailable: ``login.locked`` while failures make the next guess wait; others' failures
                count at no browser that the person has logged in with before. ``queue.full``.
        """
        login = login_key(login)
        context = LoginContext(address, **options)
        async with self._database.read() as connection:
            person = await _person(connection, login)
            guess = await self._guess(connection, person, login, context)
        # The wait is read when our turn has come: guesses sent at once cannot outrun the count.
        async with self._passwords.turn(guess):
            async with self._database.read() as connection:
                await must_be_open(connection, guess, self._clock.now_ms())
                person = await _person(connection, login)
            kept = None if person is None or person.disabled else person.password_hash
            right = await self._passwords.is_right(guess, kept, password)
            async with self._database.write() as connection:
                if right and person is not None:
                    return await self._admit(connection, person, context, guess)
                await count_failure(connection, guess, self._clock.now_ms())
        raise Refused(
            "login.wrong", "Login or password is wrong.", "Check the keyboard, then try again."
        )

    async def answer(
        self, challenge: str, code: str, address: str, **options: Unpack[LoginOptions]
    ) -> NewSession:
        """Start the session of a challenge with a one-time or recovery code.

        Raises:
            Refused: ``login.challenge_over``, ``login.code_wrong``.
            Unavailable: ``login.locked``.
        """
        now_ms = self._clock.now_ms()
        context = LoginContext(address, **options)
        async with self._database.write() as connection:
            person = await _challenged(connection, secret_digest(challenge), now_ms)
            guess = await self._guess(connection, person, person.login, context)
            await must_be_open(connection, guess, now_ms)
            if await self._factor.is_right(connection, person, code):
                await _forget_challenges(connection, person.id, now_ms)
                return await self._start(connection, person, context, guess)
            await count_failure(connection, guess, now_ms)
        raise Refused(
            "login.code_wrong",
            "This code does not fit.",
            "Wait for the next code of the authenticator, or use a recovery code.",
        )

    async def log_in_as(
        self, person: PersonId, address: str, **options: Unpack[LoginOptions]
    ) -> NewSession | Challenge:
        """Start the session of a person whom another log-in has proved, or ask for the code."""
        context = LoginContext(address, **options)
        async with self._database.write() as connection:
            found = await connection.execute(
                select(people).where(people.c.id == person, people.c.disabled.is_(False))
            )
            row = found.one()
            guess = await self._guess(connection, row, row.login, context)
            return await self._admit(connection, row, context, guess)

    async def _guess(
        self, connection: AsyncConnection, person: AnyRow | None, login: str, context: LoginContext
    ) -> Guess:
        """Return at which counters a guess of this login counts."""
        known = None
        if person is not None:
            now_ms = self._clock.now_ms()
            known = await known_browser(connection, person.id, context.browsers, now_ms)
        return Guess(f"login:{login}", context.address, known)

    async def _admit(
        self, connection: AsyncConnection, person: AnyRow, context: LoginContext, guess: Guess
    ) -> NewSession | Challenge:
        if person.totp is None:
            return await self._start(connection, person, context, guess)
        now_ms = self._clock.now_ms()
        secret = secrets.token_urlsafe(SECRET_BYTES)
        await connection.execute(delete(challenges).where(challenges.c.expires_ms <= now_ms))
        await connection.execute(
            insert(challenges).values(
                digest=secret_digest(secret), person_id=person.id, expires_ms=now_ms + CHALLENGE_MS
            )
        )
        return Challenge(secret=secret, expires_ms=now_ms + CHALLENGE_MS)

    async def viewer(self, secret: str, *, address: str = "") -> PersonSession | None:
        """Return the live session of a secret with the viewer's scopes as they are now."""
        now_ms = self._clock.now_ms()
        digest = secret_digest(secret)
        async with self._database.read() as connection:
            found = await connection.execute(
                select(sessions, people.c.org_id, people.c.name, people.c.locale, people.c.theme)
                .join(people, people.c.id == sessions.c.person_id)
                .where(
                    sessions.c.digest == digest,
                    sessions.c.expires_ms > now_ms,
                    people.c.disabled.is_(False),
                )
            )
            row = found.one_or_none()
            if row is None:
                return None
            scopes = await scopes_of(connection, row.person_id)
        if row.last_seen_ms < now_ms - LAST_SEEN_EVERY_MS:
            await self._touch(digest, now_ms)
        viewer = Viewer(PersonId(row.person_id), OrgId(row.org_id), row.name, scopes, address)
        return as_view(PersonSession, row, viewer=viewer)

    async def viewer_of(self, person: PersonId) -> Viewer:
        """Return a person as a viewer, with the scopes of now: for work in that person's name.

        Raises:
            Refused: ``person.unknown`` when there is none any more, or one shut out.
        """
        async with self._database.read() as connection:
            is_here = (people.c.id == person) & people.c.disabled.is_(False)
            row = (await connection.execute(select(people).where(is_here))).one_or_none()
            if row is None:
                raise Refused("person.unknown", "There is no such person any more.")
            return Viewer(person, OrgId(row.org_id), row.name, await scopes_of(connection, person))

    async def log_out(self, secret: str) -> None:
        """End the session of a secret; an unknown one is no fault."""
        async with self._database.write() as connection:
            await connection.execute(
                delete(sessions).where(sessions.c.digest == secret_digest(secret))
            )

    async def listed(self, viewer: Viewer) -> list[SessionRow]:
        """Return the viewer's own live sessions, the one used last first."""
        viewer.needs_person()
        statement = (
            select(*columns_of(SessionRow, sessions))
            .where(
                sessions.c.person_id == viewer.person,
                sessions.c.expires_ms > self._clock.now_ms(),
            )
            .order_by(sessions.c.last_seen_ms.desc(), sessions.c.number.desc())
        )
        return [
            SessionRow(
                number=row.number,
                address=row.address,
                agent=row.agent,
                created_ms=row.created_ms,
                last_seen_ms=row.last_seen_ms,
                expires_ms=row.expires_ms,
            )
            for row in await self._rows(statement)
        ]

    async def revoke(self, viewer: Viewer, number: int) -> None:
        """End one of the viewer's own sessions; its live views end within seconds."""
        viewer.needs_person()
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            gone = await connection.execute(
                delete(sessions)
                .where(sessions.c.number == number, sessions.c.person_id == viewer.person)
                .returning(sessions.c.number)
            )
            if gone.first() is None:
                raise Refused("session.unknown", "There is no such session.")
            entry = AuditEntry("session.revoke", number, viewer.org)
            await record(connection, viewer, now_ms, entry)

    async def _start(
        self, connection: AsyncConnection, person: AnyRow, context: LoginContext, guess: Guess
    ) -> NewSession:
        now_ms = self._clock.now_ms()
        await clear_failures(connection, guess)
        secret = secrets.token_urlsafe(SECRET_BYTES)
        new = NewSession(
            secret=secret,
            csrf=secrets.token_urlsafe(SECRET_BYTES),
            expires_ms=now_ms + context.hours * HOUR_MS,
            person=PersonId(person.id),
            browser=await remember_browser(connection, person.id, context.browsers, now_ms),
        )
        await connection.execute(delete(sessions).where(sessions.c.expires_ms <= now_ms))
        await connection.execute(
            insert(sessions).values(
                digest=secret_digest(secret),
                number=await take_numbers(connection, "session", 1),
                person_id=person.id,
                csrf=new.csrf,
                address=context.address[:ADDRESS_CHARACTERS_MAX],
                agent=context.agent[:AGENT_CHARACTERS_MAX],
                created_ms=now_ms,
                expires_ms=new.expires_ms,
                last_seen_ms=now_ms,
            )
        )
        org = OrgId(person.org_id)
        viewer = Viewer(PersonId(person.id), org, person.name, (), context.address)
        await record(connection, viewer, now_ms, AuditEntry("session.start", person.id, org))
        return new

    async def _touch(self, digest: bytes, now_ms: int) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(sessions).where(sessions.c.digest == digest).values(last_seen_ms=now_ms)
            )


async def _person(connection: AsyncConnection, login: str) -> AnyRow | None:
    return (await connection.execute(select(people).where(people.c.login == login))).one_or_none()


async def _challenged(connection: AsyncConnection, digest: bytes, now_ms: int) -> AnyRow:
    return await found_row(
        connection,
        select(people)
        .join(challenges, challenges.c.person_id == people.c.id)
        .where(
            challenges.c.digest == digest,
            challenges.c.expires_ms > now_ms,
            people.c.disabled.is_(False),
        ),
        Refused(
            "login.challenge_over",
            "This log-in waited too long for its code.",
            "Log in again from the beginning.",
        ),
    )


async def _forget_challenges(connection: AsyncConnection, person: int, now_ms: int) -> None:
    over = or_(challenges.c.person_id == person, challenges.c.expires_ms <= now_ms)
    await connection.execute(delete(challenges).where(over))


async def scopes_of(connection: AsyncConnection, person: int) -> tuple[Scope, ...]:
    """Return what a person may do, and where, as it is now."""
    rows = await connection.execute(
        select(assignments, roles.c.permissions)
        .join(roles, roles.c.name == assignments.c.role)
        .where(assignments.c.person_id == person)
        .order_by(assignments.c.id)
    )
    return tuple(
        Scope(
            OrgId(row.org_id),
            None if row.zone_id is None else ZoneId(row.zone_id),
            row.sector,
            frozenset(msgspec.convert(row.permissions, list[str])),
        )
        for row in rows
    )
