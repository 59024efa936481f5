"""The second factor: one-time codes of an authenticator (RFC 6238), and recovery codes.

A code opens once: the step of the last one used is kept. Recovery codes are kept as digests.
"""

import hashlib
import secrets

import msgspec
import pyotp
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId, PersonId
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.database import AnyRow, Database
from tram.registry.kernel.repository import Repository, change_row, count_rows
from tram.registry.kernel.sealed import Seal
from tram.registry.kernel.tables import people
from tram.registry.kernel.viewer import Viewer
from tram.registry.people.passwords import Passwords
from tram.registry.people.tables import recovery_codes
from tram.registry.people.wrong_guesses import Guess, clear_failures, count_failure, wait_s
from tram.runtime.clock import Clock
from tram.runtime.errors import Fault, Refused, Unavailable

__all__ = ("SecondFactor", "TotpOffer", "TotpState", "forget_factor")

STEP_S = 30
STEPS_EITHER_SIDE = 1
RECOVERY_CODES = 10
_RECOVERY_BYTES = 8
_ISSUER = "Trạm"


class TotpOffer(msgspec.Struct, frozen=True):
    """A new secret, shown once: as a word to type, and as what the square code says."""

    secret: str
    address: str


class TotpState(msgspec.Struct, frozen=True):
    """Whether a second factor is on, and how many recovery codes are left."""

    on: bool
    recovery_left: int


class SecondFactor(Repository):
    """The viewer's own second factor."""

    def __init__(
        self, database: Database, clock: Clock, passwords: Passwords, hmac_key: bytes
    ) -> None:
        super().__init__(database, clock)
        self._passwords = passwords
        self._seal = Seal(hmac_key, "tram totp")

    async def state(self, viewer: Viewer) -> TotpState:
        """Return the state of the viewer's own second factor."""
        async with self._database.read() as connection:
            row = await self._self(connection, viewer)
            unused = recovery_codes.c.used_ms.is_(None)
            left = await count_rows(connection, recovery_codes.c.person_id == row.id, unused)
            return TotpState(row.totp is not None, left)

    async def offer(self, viewer: Viewer) -> TotpOffer:
        """Return a new secret; nothing is kept until ``start`` proves that it arrived."""
        async with self._database.read() as connection:
            row = await self._self(connection, viewer)
        secret = pyotp.random_base32()
        return TotpOffer(
            secret, pyotp.TOTP(secret).provisioning_uri(name=row.login, issuer_name=_ISSUER)
        )

    async def start(self, viewer: Viewer, secret: str, code: str) -> list[str]:
        """Turn the factor on with a code of the offered secret; return ten recovery codes.

        Raises:
            Refused: ``totp.code_wrong``, also for a secret that is none; ``totp.on_already``:
                who has a session only does not replace the factor.
            Unavailable: ``password.too_often``.
        """
        now_ms = self._clock.now_ms()
        viewer.needs_person()
        guess = Guess.by(viewer)
        step = _step_of(secret, code, now_ms, 0)
        async with self._database.write() as connection:
            await _must_be_open(connection, guess, now_ms)
            if step is None:
                await count_failure(connection, guess, now_ms)
        if step is None:
            raise _wrong_code()
        async with self._database.write() as connection:
            row = await self._self(connection, viewer)
            if row.totp is not None:
                raise Refused(
                    "totp.on_already",
                    "The second factor is on already.",
                    "Turn it off with your password first.",
                )
            sealed = self._seal.shut(secret.encode(), str(row.id))
            await change_row(connection, people, row.id, totp=sealed, totp_step=step)
            entry = AuditEntry("person.totp_on", row.id, OrgId(row.org_id))
            await record(connection, viewer, now_ms, entry)
            return await _new_codes(connection, row.id)

    async def renew_codes(self, viewer: Viewer, password: str) -> list[str]:
        """Replace the recovery codes after the password was given again."""
        row = await self._proved(viewer, password)
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            entry = AuditEntry("person.recovery_codes", row.id, OrgId(row.org_id))
            await record(connection, viewer, now_ms, entry)
            return await _new_codes(connection, row.id)

    async def stop(self, viewer: Viewer, password: str) -> None:
        """Turn the factor off after the password was given again."""
        row = await self._proved(viewer, password)
        async with self._database.write() as connection:
            await forget_factor(connection, PersonId(row.id))
            entry = AuditEntry("person.totp_off", row.id, OrgId(row.org_id))
            await record(connection, viewer, self._clock.now_ms(), entry)

    async def is_right(self, connection: AsyncConnection, person: AnyRow, code: str) -> bool:
        """Use up a one-time or recovery code inside a write transaction; say whether it fits."""
        now_ms = self._clock.now_ms()
        secret = self._seal.open(person.totp, str(person.id)) if person.totp else None
        step = secret and _step_of(secret.decode(), code, now_ms, person.totp_step)
        if step:
            await change_row(connection, people, person.id, totp_step=step)
            return True
        used = await connection.execute(
            update(recovery_codes)
            .where(
                recovery_codes.c.digest == _digest(person.id, code),
                recovery_codes.c.used_ms.is_(None),
            )
            .values(used_ms=now_ms)
            .returning(recovery_codes.c.digest)
        )
        return used.first() is not None

    async def prove(self, viewer: Viewer, password: str) -> None:
        """Refuse with ``password.wrong_now`` unless this is the viewer's own password.

        Raises:
            Refused: ``password.wrong_now``.
            Unavailable: ``password.too_often`` while failures make the next guess wait.
        """
        await self._proved(viewer, password)

    async def _proved(self, viewer: Viewer, password: str) -> AnyRow:
        viewer.needs_person()
        guess = Guess.by(viewer)
        # The wait is read when our turn has come: guesses sent at once cannot outrun the count.
        async with self._passwords.turn(guess):
            async with self._database.read() as connection:
                row = await self._self(connection, viewer)
                await _must_be_open(connection, guess, self._clock.now_ms())
            right = await self._passwords.is_right(guess, row.password_hash, password)
            async with self._database.write() as connection:
                if right:
                    await clear_failures(connection, guess)
                else:
                    await count_failure(connection, guess, self._clock.now_ms())
        if not right:
            raise Refused(
                "password.wrong_now",
                "This is not your password.",
                "Type the password that you log in with.",
                (Fault("password", "password.wrong_one"),),
            )
        return row

    async def _self(self, connection: AsyncConnection, viewer: Viewer) -> AnyRow:
        viewer.needs_person()
        found = await connection.execute(select(people).where(people.c.id == viewer.person))
        row: AnyRow = found.one()
        return row


async def forget_factor(connection: AsyncConnection, person: PersonId) -> None:
    """Take the second factor and its recovery codes away."""
    await change_row(connection, people, person, totp=None, totp_step=0)
    await connection.execute(delete(recovery_codes).where(recovery_codes.c.person_id == person))


def _step_of(secret: str, code: str, now_ms: int, after: int) -> int | None:
    """Return the 30-second step whose code this is, None when none after ``after`` fits."""
    code = "".join(code.split())
    now = now_ms // 1000 // STEP_S
    try:
        maker = pyotp.HOTP(secret)
        steps = range(now - STEPS_EITHER_SIDE, now + STEPS_EITHER_SIDE + 1)
        return next(
            (s for s in steps if s > after and secrets.compare_digest(maker.at(s), code)), None
        )
    except (ValueError, TypeError):  # not base 32, or characters beyond ASCII
        return None


async def _must_be_open(connection: AsyncConnection, guess: Guess, now_ms: int) -> None:
    wait = await wait_s(connection, guess, now_ms)
    if wait:
        raise Unavailable(
            "password.too_often",
            "Too many wrong passwords or codes: the next one has to wait.",
            "Wait as long as Retry-After says.",
            retry_after_s=wait,
        )


async def _new_codes(connection: AsyncConnection, person: int) -> list[str]:
    await connection.execute(delete(recovery_codes).where(recovery_codes.c.person_id == person))
    codes = [secrets.token_hex(_RECOVERY_BYTES) for _ in range(RECOVERY_CODES)]
    rows = [{"digest": _digest(person, code), "person_id": person} for code in codes]
    await connection.execute(insert(recovery_codes), rows)
    return [f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}" for code in codes]


def _digest(person: int, code: str) -> bytes:
    plain = "".join(code.replace("-", "").split()).casefold()
    return hashlib.sha256(f"{person}:{plain}".encode()).digest()


def _wrong_code() -> Refused:
    return Refused(
        "totp.code_wrong",
        "This code does not fit.",
        "Look at the authenticator again; the phone's clock must be right.",
        (Fault("code", "code.wrong"),),
    )
