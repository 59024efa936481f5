"""Failed log-ins: counted in the database by login and by address, until a lock falls."""

import hashlib

from sqlalchemy import Executable, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.tables import attempts
from tram.runtime.errors import Refused

__all__ = ("clear_failures", "count_failure", "must_be_open")

FAILURES_MAX = 5
# An office shares one address: its people together may fail more often.
ADDRESS_FAILURES_MAX = 50
LOCK_MS = 15 * 60_000


async def must_be_open(connection: AsyncConnection, login: str, address: str, now_ms: int) -> None:
    """Refuse with ``login.locked`` while the login or the address is locked, known or not."""
    locked = await connection.execute(
        select(attempts.c.key).where(
            attempts.c.key.in_(list(_limits(login, address))), attempts.c.locked_until_ms > now_ms
        )
    )
    if locked.first() is not None:
        raise Refused(
            "login.locked",
            "Too many attempts have failed; this log-in is locked for 15 minutes.",
            "Wait, or ask an administrator for a new password.",
        )


async def count_failure(
    connection: AsyncConnection, login: str, address: str, now_ms: int
) -> None:
    """Note one failure; the last that is allowed locks. Failures older than the lock are forgotten."""
    await connection.execute(delete(attempts).where(attempts.c.last_ms < now_ms - LOCK_MS))
    for key, most in _limits(login, address).items():
        row = await connection.execute(_counted(connection, key, now_ms))
        if row.scalar_one() >= most:
            await connection.execute(
                attempts.update()
                .where(attempts.c.key == key)
                .values(locked_until_ms=now_ms + LOCK_MS, failed=0)
            )


async def clear_failures(connection: AsyncConnection, login: str) -> None:
    """Forget the failures of a login after a success (or a new password)."""
    await connection.execute(delete(attempts).where(attempts.c.key == _key("login", login)))


def _limits(login: str, address: str) -> dict[bytes, int]:
    limits = {_key("login", login): FAILURES_MAX}
    if address:
        limits[_key("address", address)] = ADDRESS_FAILURES_MAX
    return limits


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
