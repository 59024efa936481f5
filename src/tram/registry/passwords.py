"""Passwords of people: argon2id, in threads, few at a time."""

import asyncio
import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tram.runtime.errors import Fault, Refused

__all__ = ("Passwords",)

LENGTH_MIN = 12
LENGTH_MAX = 1_000
# Each hash takes 64 MiB and one core: more at once would let log-ins starve everything else.
HASHES_AT_ONCE_MAX = 2


class Passwords:
    """Hashes and verifies; at most two at once in this process, the rest wait."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._nobody = _hash_of_nobody()
        self.turn = asyncio.Semaphore(HASHES_AT_ONCE_MAX)

    async def hash(self, password: str) -> str:
        """Return the hash to keep; refuses what is too short or too long."""
        if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
            sentence = f"Needs {LENGTH_MIN} to {LENGTH_MAX} characters."
            raise Refused(
                "password.wrong",
                "The password cannot be used.",
                "A sentence of a few words is easy to remember.",
                (Fault("password", sentence),),
            )
        async with self.turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def is_right(self, kept: str | None, password: str) -> bool:
        """Verify against the kept hash, or against nobody's when None; hold ``turn`` meanwhile."""
        right = await asyncio.to_thread(
            self._verify, kept or self._nobody, password[: LENGTH_MAX + 1]
        )
        return right and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


@functools.cache
def _hash_of_nobody() -> str:
    """Return what is verified for an unknown login, so that the answer takes the same time."""
    return PasswordHasher().hash("the password of nobody")
