"""Browsers that a person has logged in with before: others' wrong guesses do not slow them.

A browser carries a random secret for each of the last people who logged in with it; the registry
keeps its SHA-256 digest with the person. Every log-in gives a new secret for the old one.
"""

import secrets

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.kernel.repository import Repository
from tram.registry.kernel.sealed import secret_digest
from tram.registry.people.tables import known_browsers

__all__ = (
    "CARRIED_MAX",
    "KEPT_MS",
    "SECRET_CHARACTERS",
    "Browsers",
    "forget_browsers",
    "known_browser",
    "remember_browser",
    "tidy_browsers",
)

PER_PERSON_MAX = 10
"""Browsers of one person; beyond it the one used longest ago is forgotten."""
CARRIED_MAX = 4
"""People whom one browser remembers."""
KEPT_MS = 180 * 86_400_000
_SECRET_BYTES = 32
SECRET_CHARACTERS = 43
"""Length of a secret as it is carried (base 64)."""


class Browsers(Repository):
    """Whether a browser is known, before anybody says who they are."""

    async def knows(self, carried: tuple[str, ...]) -> bool:
        """Say whether somebody has logged in with this browser."""
        if not carried:
            return False
        async with self._database.read() as connection:
            found = await connection.execute(
                select(known_browsers.c.digest).where(
                    known_browsers.c.digest.in_(_digests(carried)),
                    known_browsers.c.last_ms > self._clock.now_ms() - KEPT_MS,
                )
            )
            return found.first() is not None


async def known_browser(
    connection: AsyncConnection, person: int, carried: tuple[str, ...], now_ms: int
) -> bytes | None:
    """Return the digest under which this person's browser is known, None for a stranger's."""
    if not carried:
        return None
    found = await connection.execute(
        select(known_browsers.c.digest).where(
            known_browsers.c.digest.in_(_digests(carried)),
            known_browsers.c.person_id == person,
            known_browsers.c.last_ms > now_ms - KEPT_MS,
        )
    )
    return found.scalars().first()


async def remember_browser(
    connection: AsyncConnection, person: int, carried: tuple[str, ...], now_ms: int
) -> str:
    """Return the new secret that the browser carries for this person; its old one ends."""
    mine = known_browsers.c.person_id == person
    newest = (
        select(known_browsers.c.digest)
        .where(mine, known_browsers.c.digest.not_in(_digests(carried)))
        .order_by(known_browsers.c.last_ms.desc())
        .limit(PER_PERSON_MAX - 1)
    )
    kept = list((await connection.execute(newest)).scalars())
    await connection.execute(
        delete(known_browsers).where(mine, known_browsers.c.digest.not_in(kept))
    )
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    await connection.execute(
        insert(known_browsers).values(
            digest=_digests((secret,))[0], person_id=person, created_ms=now_ms, last_ms=now_ms
        )
    )
    return secret


async def forget_browsers(connection: AsyncConnection, person: int) -> None:
    """Make every browser of a person a stranger's."""
    await connection.execute(delete(known_browsers).where(known_browsers.c.person_id == person))


async def tidy_browsers(connection: AsyncConnection, now_ms: int) -> None:
    """Forget browsers that nobody used for half a year."""
    await connection.execute(
        delete(known_browsers).where(known_browsers.c.last_ms <= now_ms - KEPT_MS)
    )


def _digests(carried: tuple[str, ...]) -> list[bytes]:
    return [secret_digest(secret) for secret in carried[:CARRIED_MAX]]
