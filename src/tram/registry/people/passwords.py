"""Passwords of people: argon2id, in threads of their own, few at a time, in fair turns."""

import functools
from contextlib import AbstractAsyncContextManager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from tram.registry.people.wrong_guesses import Guess
from tram.runtime.errors import Fault, Refused
from tram.runtime.messages import Param
from tram.runtime.processes.thread_pools import PASSWORDS
from tram.runtime.turns import Turns

__all__ = ("Passwords",)

LENGTH_MIN = 12
LENGTH_MAX = 1_000
STRANGERS_AT_ONCE_MAX = 2
STRANGERS_WAITING_MAX = 64
KNOWN_AT_ONCE_MAX = 1
KNOWN_WAITING_MAX = 64
EACH_AT_ONCE_MAX = 1
"""Of one person or address: no one's requests take the turns of the others."""
EACH_WAITING_MAX = 8


class Passwords:
    """Hashes and verifies in turns: one at a time of each asker, known browsers in a lane of their own.

    However many strangers wait, who logs in with a known browser waits for others of these only.
    """

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._nobody = _hash_of_nobody()
        self._strangers = _lane(STRANGERS_AT_ONCE_MAX, STRANGERS_WAITING_MAX)
        self._known = _lane(KNOWN_AT_ONCE_MAX, KNOWN_WAITING_MAX)

    def turn(self, guess: Guess) -> AbstractAsyncContextManager[None]:
        """Wait for the turn of who guesses from there; hold it while looking, verifying, counting.

        Raises:
            Unavailable: ``queue.full``.
        """
        lane = self._strangers if guess.browser is None else self._known
        return lane.turn(guess.owner)

    async def hash(self, password: str, asker: Guess) -> str:
        """Return the hash to keep; refuses what is too short or too long."""
        if not LENGTH_MIN <= len(password) <= LENGTH_MAX:
            span: dict[str, Param] = {"least": LENGTH_MIN, "most": LENGTH_MAX}
            raise Refused(
                "password.wrong",
                "The password cannot be used.",
                "A sentence of a few words is easy to remember.",
                (Fault("password", "text.length", span),),
            )
        async with self.turn(asker):
            return await PASSWORDS.run_for(asker.owner, self._hasher.hash, password)

    async def is_right(self, guess: Guess, kept: str | None, password: str) -> bool:
        """Verify against the kept hash, or against nobody's when None; hold ``turn`` meanwhile."""
        right = await PASSWORDS.run_for(
            guess.owner, self._verify, kept or self._nobody, password[: LENGTH_MAX + 1]
        )
        return right and kept is not None

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password)
        except (VerificationError, InvalidHashError):
            return False


def _lane(at_once: int, waiting_max: int) -> Turns:
    return Turns(
        "checking passwords",
        at_once,
        waiting_max=waiting_max,
        each_at_once=EACH_AT_ONCE_MAX,
        each_waiting_max=EACH_WAITING_MAX,
    )


@functools.cache
def _hash_of_nobody() -> str:
    """Return what is verified for an unknown login, so that the answer takes the same time."""
    return PasswordHasher().hash("the password of nobody")
