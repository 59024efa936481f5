"""Log-in, sessions, and the viewer behind a session's secret."""

import hashlib
import secrets

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId, PersonId, ZoneId
from tram.registry.attempts import clear_failures, count_failure, must_be_open
from tram.registry.audit import Deed, record
from tram.registry.database import AnyRow, Database
from tram.registry.passwords import Passwords
from tram.registry.people import login_key
from tram.registry.tables import assignments, people, roles, sessions
from tram.registry.viewer import Scope, Viewer
from tram.registry.views import NewSession, Session
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("Sessions",)

SECRET_BYTES = 32
HOUR_MS = 3_600_000
LAST_SEEN_EVERY_MS = 60_000


class Sessions:
    """Sessions of people; the secret is kept as its SHA-256 digest only."""

    def __init__(self, database: Database, clock: Clock, passwords: Passwords) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords

    async def log_in(
        self, login: str, password: str, address: str, *, hours: int = 12
    ) -> NewSession:
        """Start a session.

        Raises:
            Refused: ``login.wrong``, after the same work for an unknown login as for a wrong
                password; ``login.locked`` for 15 minutes after five failures.
        """
        login = login_key(login)
        # The lock is read when our turn has come: guesses sent at once cannot outrun the count.
        async with self._passwords.turn:
            async with self._database.read() as connection:
                await must_be_open(connection, login, address, self._clock.now_ms())
                person = await _person(connection, login)
            kept = None if person is None or person.disabled else person.password_hash
            right = await self._passwords.is_right(kept, password)
            async with self._database.write() as connection:
                if right and person is not None:
                    await clear_failures(connection, login)
                    return await self._start(connection, person, address, hours)
                await count_failure(connection, login, address, self._clock.now_ms())
        raise Refused(
            "login.wrong", "Login or password is wrong.", "Check the keyboard, then try again."
        )

    async def viewer(self, secret: str, *, address: str = "") -> Session | None:
        """Return the live session of a secret with the viewer's scopes as they are now."""
        now_ms = self._clock.now_ms()
        digest = _digest(secret)
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
            scopes = await _scopes(connection, row.person_id)
        if row.last_seen_ms < now_ms - LAST_SEEN_EVERY_MS:
            await self._touch(digest, now_ms)
        viewer = Viewer(PersonId(row.person_id), OrgId(row.org_id), row.name, scopes, address)
        return Session(
            viewer=viewer,
            csrf=row.csrf,
            locale=row.locale,
            theme=row.theme,
            expires_ms=row.expires_ms,
        )

    async def log_out(self, secret: str) -> None:
        """End the session of a secret; an unknown one is no fault."""
        async with self._database.write() as connection:
            await connection.execute(delete(sessions).where(sessions.c.digest == _digest(secret)))

    async def _start(
        self, connection: AsyncConnection, person: AnyRow, address: str, hours: int
    ) -> NewSession:
        now_ms = self._clock.now_ms()
        secret = secrets.token_urlsafe(SECRET_BYTES)
        new = NewSession(
            secret=secret,
            csrf=secrets.token_urlsafe(SECRET_BYTES),
            expires_ms=now_ms + hours * HOUR_MS,
            person=PersonId(person.id),
        )
        await connection.execute(delete(sessions).where(sessions.c.expires_ms <= now_ms))
        await connection.execute(
            insert(sessions).values(
                digest=_digest(secret),
                person_id=person.id,
                csrf=new.csrf,
                created_ms=now_ms,
                expires_ms=new.expires_ms,
                last_seen_ms=now_ms,
            )
        )
        viewer = Viewer(PersonId(person.id), OrgId(person.org_id), person.name, (), address)
        deed = Deed("session.start", person.id, OrgId(person.org_id))
        await record(connection, viewer, now_ms, deed)
        return new

    async def _touch(self, digest: bytes, now_ms: int) -> None:
        async with self._database.write() as connection:
            await connection.execute(
                update(sessions).where(sessions.c.digest == digest).values(last_seen_ms=now_ms)
            )


async def _person(connection: AsyncConnection, login: str) -> AnyRow | None:
    found = await connection.execute(select(people).where(people.c.login == login))
    return found.one_or_none()


async def _scopes(connection: AsyncConnection, person: int) -> tuple[Scope, ...]:
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


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
