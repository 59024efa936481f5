"""Rows of credentials: written and ended by every repository that lets devices in or out."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId, OrgId
from tram.registry.credentials.certificates import read_certificate
from tram.registry.credentials.tokens import (
    HINT_CHARACTERS,
    basic_digest,
    certificate_digest,
    new_secret,
    new_token,
    token_digest,
)
from tram.registry.kernel.changes import Body, CredentialGone, CredentialPut, TrustGone, TrustPut
from tram.registry.kernel.database import AnyRow, take_numbers
from tram.registry.kernel.repository import count_rows
from tram.registry.kernel.tables import credentials, devices
from tram.registry.kernel.views import NewCredential
from tram.runtime.errors import Fault, Refused
from tram.runtime.messages import Param

__all__ = (
    "ALIVE",
    "KINDS",
    "LIVE_PER_DEVICE_MAX",
    "Secret",
    "credential_puts",
    "end_credentials",
    "given_secret",
    "new_secret_of",
    "write_credential",
)

KINDS = ("token", "basic", "x509")
LIVE_PER_DEVICE_MAX = 10
PINNED_MAX = 10_000
"""Most certificates registered by hand: each is an anchor in every gateway's memory."""
PINNED_PER_ORG_MAX = 2_000
PINNED_GUARANTEED = 50
"""Certificates of each organisation that the number over all does not bound."""
SECRET_CHARACTERS_MIN = 16
SECRET_CHARACTERS_MAX = 256
USER_NAME_CHARACTERS_MAX = 200
ALIVE = credentials.c.revoked_ms.is_(None)


class Secret(msgspec.Struct, frozen=True, kw_only=True):
    """A credential before it is written; ``shown`` is what only the device will know.

    ``certificate`` is set when it is to be an anchor of trust of its own.
    """

    kind: str
    digest: bytes
    label: str = ""
    shown: str = ""
    hint: str = ""
    certificate: bytes | None = None


def new_secret_of(hmac_key: bytes, wanted: NewCredential, device: DeviceId) -> Secret:
    """Return a fresh credential of the wanted kind.

    Raises:
        Refused: ``credential.wrong`` or ``certificate.wrong``.
    """
    if wanted.kind == "token":
        return given_secret(hmac_key, "token", token=new_token())
    if wanted.kind == "basic":
        name = wanted.user_name or f"device-{device}"
        return given_secret(hmac_key, "basic", user_name=name, password=new_secret())
    if wanted.kind == "x509":
        return given_secret(hmac_key, "x509", certificate=wanted.certificate)
    raise _wrong("kind", "choice.unknown", choices=", ".join(KINDS))


def given_secret(  # noqa: PLR0913  # what each kind needs
    hmac_key: bytes,
    kind: str,
    *,
    token: str = "",
    user_name: str = "",
    password: str = "",
    certificate: str = "",
) -> Secret:
    """Return the credential of secrets that are known already.

    Raises:
        Refused: ``credential.wrong`` or ``certificate.wrong``.
    """
    if kind == "x509":
        read = read_certificate(certificate)
        digest = certificate_digest(hmac_key, read.fingerprint)
        hint = read.fingerprint.hex()[-HINT_CHARACTERS:]
        return Secret(kind=kind, digest=digest, label=read.name, hint=hint, certificate=read.der)
    secret = token if kind == "token" else password
    if not SECRET_CHARACTERS_MIN <= len(secret) <= SECRET_CHARACTERS_MAX:
        raise _wrong(
            "token" if kind == "token" else "password",
            "text.length",
            least=SECRET_CHARACTERS_MIN,
            most=SECRET_CHARACTERS_MAX,
        )
    hint = secret[-HINT_CHARACTERS:]
    if kind == "token":
        if not (secret.isascii() and secret.isprintable()):
            raise _wrong("token", "password.printable")
        digest = token_digest(hmac_key, secret)
        return Secret(kind=kind, digest=digest, shown=secret, hint=hint)
    if not 1 <= len(user_name) <= USER_NAME_CHARACTERS_MAX or not user_name.isprintable():
        raise _wrong("user_name", "text.printable", most=USER_NAME_CHARACTERS_MAX)
    digest = basic_digest(hmac_key, user_name, secret.encode())
    return Secret(kind=kind, digest=digest, label=user_name, shown=secret, hint=hint)


async def write_credential(
    connection: AsyncConnection,
    secret: Secret,
    device: AnyRow,
    now_ms: int,
    enrolment: int | None = None,
) -> tuple[int, list[Body]]:
    """Write a credential of a device (a row of its table); return its number and the changes.

    Raises:
        Refused: ``credential.too_many`` or ``credential.taken``.
    """
    live = await count_rows(connection, credentials.c.device_id == device.id, ALIVE)
    if live >= LIVE_PER_DEVICE_MAX:
        raise Refused(
            "credential.too_many",
            f"The device has {LIVE_PER_DEVICE_MAX} live credentials already.",
            "Revoke those no longer in use.",
        )
    if secret.certificate is not None:
        await _must_have_room(connection, OrgId(device.org_id))
    number = await take_numbers(connection, "credential", 1)
    values: dict[str, Any] = {
        "id": number,
        "device_id": device.id,
        "kind": secret.kind,
        "digest": secret.digest,
        "hint": secret.hint,
        "label": secret.label,
        "certificate": secret.certificate,
        "enrolment_id": enrolment,
        "created_ms": now_ms,
    }
    try:
        await connection.execute(insert(credentials).values(values))
    except IntegrityError:
        raise Refused(
            "credential.taken",
            "This credential is, or was, in use already.",
            "Take another one; a revoked one never works again.",
        ) from None
    changes: list[Body] = [
        CredentialPut(secret.digest, device.id, device.org_id, device.profile_id)
    ]
    if secret.certificate is not None:
        changes.append(TrustPut(sha256(secret.certificate).digest(), secret.certificate))
    return number, changes


async def credential_puts(connection: AsyncConnection, device: AnyRow) -> list[Body]:
    """Return the changes that tell of every live credential of a device (a row of its table)."""
    return [
        CredentialPut(digest, device.id, device.org_id, device.profile_id)
        for digest in await connection.scalars(
            select(credentials.c.digest).where(credentials.c.device_id == device.id, ALIVE)
        )
    ]


async def end_credentials(
    connection: AsyncConnection, chosen: ColumnElement[bool], now_ms: int
) -> list[Body]:
    """End the live credentials that a condition chooses; return the changes to publish."""
    rows = await connection.execute(
        update(credentials)
        .where(chosen, ALIVE)
        .values(revoked_ms=now_ms)
        .returning(credentials.c.digest, credentials.c.certificate)
    )
    return list(_gone(rows))


def _gone(rows: Iterable[AnyRow]) -> Iterable[Body]:
    for row in rows:
        yield CredentialGone(row.digest)
        if row.certificate is not None:
            yield TrustGone(sha256(row.certificate).digest())


async def _must_have_room(connection: AsyncConnection, org: OrgId) -> None:
    """Count the organisation's own first: one that uses up its part leaves room for the others."""
    is_own = devices.c.org_id == org
    counted = await connection.execute(
        select(func.count(), func.count().filter(is_own))
        .select_from(credentials.join(devices, devices.c.id == credentials.c.device_id))
        .where(credentials.c.certificate.is_not(None), ALIVE)
    )
    everybodys, own = counted.one()
    is_full = own >= PINNED_GUARANTEED and everybodys >= PINNED_MAX
    if is_full or own >= PINNED_PER_ORG_MAX:
        raise Refused(
            "certificate.too_many",
            f"{own} certificates of this organisation are registered one by one already.",
            "Register the authority that signed them instead.",
        )


def _wrong(field: str, code: str, **params: Param) -> Refused:
    return Refused(
        "credential.wrong",
        "The credential cannot be kept like this.",
        "",
        (Fault(field, code, params),),
    )
