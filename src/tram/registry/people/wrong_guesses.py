"""Wrong guesses of passwords and codes: counted by where they come from, answered ever more slowly.

Nobody is locked out: who guesses waits, longer after each wrong guess. Three counters take each
guess – the pair of person and address, the address, and the person from wherever – so that one
address is slow soon, and many addresses together are slow as well. A browser that the person has
logged in with before has one counter of its own and none of these: others' guesses never make its
person wait.
"""

import hashlib
from collections.abc import Hashable, Mapping

import msgspec
from sqlalchemy import Executable, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.addresses import neighbourhood
from tram.registry.kernel.tables import attempts
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Unavailable

__all__ = ("Guess", "clear_failures", "count_failure", "must_be_open", "wait_s")


class GuessRate(msgspec.Struct, frozen=True):
    """So many wrong guesses at once, then waits that double from the first to the longest."""

    free: int
    first_ms: int
    longest_ms: int

    def wait_ms(self, failed: int) -> int:
        """Return how long nobody is heard after that many failures."""
        beyond = failed - self.free
        if beyond < 0:
            return 0
        doublings = min(beyond, self.longest_ms.bit_length())
        return min(self.first_ms << doublings, self.longest_ms)


PAIR_PACE = GuessRate(free=5, first_ms=30_000, longest_ms=15 * 60_000)
# An office shares one address: its people together may fail more often.
ADDRESS_PACE = GuessRate(free=50, first_ms=10_000, longest_ms=15 * 60_000)
# From wherever: short, for who is slowed by it may be the person, in a browser not yet known.
PERSON_PACE = GuessRate(free=20, first_ms=5_000, longest_ms=60_000)
BROWSER_PACE = GuessRate(free=10, first_ms=30_000, longest_ms=15 * 60_000)
_PERSON = "person:"
_CLAIM = "claim:"
_LOGGED_IN = (_PERSON, _CLAIM)
"""Who is logged in is known by number: their guesses slow no neighbour at the same address."""
KEPT_MS = 60 * 60_000
"""Failures are forgotten an hour after the last one."""


class Guess(msgspec.Struct, frozen=True):
    """Who is being proved (``login:an``, ``person:12``), from where, by which known browser."""

    subject: str
    address: str = ""
    browser: bytes | None = None

    @property
    def owner(self) -> Hashable:
        """Return whose turn the work on this guess takes: the browser's, the person's, the place's.

        Who is logged in is one owner wherever they are, and a log-in is its address's.
        """
        if self.browser is not None:
            return self.browser
        if self.subject.startswith(_LOGGED_IN):
            return self.subject
        return neighbourhood(self.address) or self.subject

    @classmethod
    def by(cls, viewer: Viewer) -> "Guess":
        """Return the guess of somebody who is logged in, about themselves."""
        return cls(f"{_PERSON}{viewer.person}", viewer.address)

    def paces(self) -> Mapping[bytes, GuessRate]:
        """Return the counters that a failure of this guess adds to."""
        if self.browser is not None:
            return {_key("browser", self.browser.hex()): BROWSER_PACE}
        paces = {_key("subject", self.subject): PERSON_PACE}
        place = neighbourhood(self.address)
        paces[_key("pair", f"{self.subject} {place}")] = PAIR_PACE
        if place and not self.subject.startswith(_LOGGED_IN):
            paces[_key("address", place)] = ADDRESS_PACE
        return paces


async def wait_s(connection: AsyncConnection, guess: Guess, now_ms: int) -> int:
    """Return for how many seconds no guess is looked at here; the same for who exists and who not."""
    found = await connection.execute(
        select(func.max(attempts.c.locked_until_ms)).where(attempts.c.key.in_(list(guess.paces())))
    )
    until_ms = found.scalar_one() or 0
    return max(0, -(-(until_ms - now_ms) // 1000))


async def must_be_open(connection: AsyncConnection, guess: Guess, now_ms: int) -> None:
    """Refuse to look at a guess while one of its counters waits.

    Raises:
        Unavailable: ``login.locked`` with the seconds to wait.
    """
    wait = await wait_s(connection, guess, now_ms)
    if wait:
        raise Unavailable(
            "login.locked",
            "Too many attempts have failed: the next one has to wait.",
            "Wait as long as Retry-After says, or use a browser that you have logged in with.",
            retry_after_s=wait,
        )


async def count_failure(connection: AsyncConnection, guess: Guess, now_ms: int) -> None:
    """Note one failure at each counter, and how long the next guess has to wait there."""
    await connection.execute(delete(attempts).where(attempts.c.last_ms < now_ms - KEPT_MS))
    for key, pace in guess.paces().items():
        row = await connection.execute(_counted(connection, key, now_ms))
        wait_ms = pace.wait_ms(row.scalar_one())
        if wait_ms:
            await connection.execute(
                attempts.update()
                .where(attempts.c.key == key)
                .values(locked_until_ms=now_ms + wait_ms)
            )


async def clear_failures(connection: AsyncConnection, guess: Guess) -> None:
    """Forget the failures of a subject here after a success; an address stays as it is."""
    kept = _key("address", neighbourhood(guess.address))
    keys = [key for key in guess.paces() if key != kept]
    await connection.execute(delete(attempts).where(attempts.c.key.in_(keys)))


def _key(kind: str, value: str) -> bytes:
    return hashlib.sha256(f"{kind}:{value}".encode()).digest()


def _counted(connection: AsyncConnection, key: bytes, now_ms: int) -> Executable:
    """Return the statement that adds one failure, or makes the row, and returns the count."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    added = dialect.insert(attempts).values(key=key, failed=1, last_ms=now_ms, locked_until_ms=0)
    counted: Executable = added.on_conflict_do_update(
        index_elements=[attempts.c.key],
        set_={"failed": attempts.c.failed + 1, "last_ms": now_ms},
    ).returning(attempts.c.failed)
    return counted
