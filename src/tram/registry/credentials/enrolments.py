"""Enrolments: devices register themselves, by a provisioning key or by their certificate."""

import hmac
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Select, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.bounds import MOMENT_MS_MAX
from tram.domain.ids import DeviceId, OrgId
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.registry.credentials.certificates import Certificate, read_certificate
from tram.registry.credentials.enrolment_rows import device_by_code, enrol, enrolled, known_already
from tram.registry.credentials.rows import (
    ALIVE,
    LIVE_PER_DEVICE_MAX,
    Secret,
    end_credentials,
    given_secret,
    new_secret_of,
    write_credential,
)
from tram.registry.credentials.tokens import certificate_digest, enrolment_digest, new_secret
from tram.registry.kernel.access import denied, org_is_visible, permissions_over
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.changes import Body, TrustGone, TrustPut
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database, columns_of, take_numbers
from tram.registry.kernel.device_rows import check_references, plain_device
from tram.registry.kernel.outbox import publish
from tram.registry.kernel.repository import KeyedRepository, change_row, found_row
from tram.registry.kernel.tables import credentials, enrolments, organisations
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import (
    Enrolled,
    Enrolment,
    EnrolmentSecret,
    NewCredential,
    NewEnrolment,
    Provision,
)
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("Enrolments",)

NAME_CHARACTERS_MAX = 200
DEVICES_MAX = 1_000_000
LISTED_MAX = 200
AUTHORITIES_MAX = 1_000
_KEY_BYTES = 10
_UNREVOKED = enrolments.c.revoked_ms.is_(None)

JoinGroups: TypeAlias = Callable[[AsyncConnection, Sequence[int], int], Awaitable[Sequence[Body]]]
"""Brings new devices into the groups that they fit, which lie above; returns what to publish."""


class Enrolments(KeyedRepository):
    """Standing permissions to register devices; people need ``device.credential`` over them."""

    def __init__(
        self, database: Database, clock: Clock, hmac_key: bytes, join_groups: JoinGroups
    ) -> None:
        super().__init__(database, clock, hmac_key)
        self._join_groups = join_groups

    async def list(self, viewer: Viewer) -> list[Enrolment]:
        """Return the newest 200 enrolments in the viewer's subtree, ended ones included."""
        viewer.needs(Permission.DEVICE_CREDENTIAL)
        reached = org_is_visible(viewer, Permission.DEVICE_CREDENTIAL, enrolments.c.org_id)
        statement = _rows().where(reached).order_by(enrolments.c.id.desc()).limit(LISTED_MAX)
        return await self._views(Enrolment, statement)

    async def create(self, viewer: Viewer, new: NewEnrolment) -> EnrolmentSecret:
        """Make an enrolment; the secret half of its key is shown this once.

        Raises:
            Refused: ``enrolment.wrong`` with every fault, ``enrolment.authority_taken`` …
        """
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.DEVICE_CREDENTIAL)
        async with self._database.write() as connection:
            values = await _checked(connection, viewer, new, now_ms)
            secret, changes = self._keyed(values, new, now_ms)
            values["id"] = await take_numbers(connection, "enrolment", 1)
            try:
                await connection.execute(insert(enrolments).values(values))
            except IntegrityError:
                raise Refused(
                    "enrolment.authority_taken",
                    "This authority is, or was, registered already.",
                    "Look at the list of enrolments.",
                ) from None
            after = {"name": values["name"], "kind": values["kind"], "key": values["key"]}
            entry = AuditEntry("enrolment.create", values["id"], new.org, after=after)
            await record(connection, viewer, now_ms, entry)
            await publish(connection, changes)
            return EnrolmentSecret(id=values["id"], key=values["key"], secret=secret)

    async def revoke(self, viewer: Viewer, enrolment: int) -> None:
        """End an enrolment; with an authority, every certificate that it let in ends too."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await _target(connection, viewer, enrolment)
            if row.revoked_ms is not None:
                return
            await change_row(connection, enrolments, enrolment, revoked_ms=now_ms)
            gone: list[Body] = []
            if row.kind == "authority":
                gone.append(TrustGone(bytes.fromhex(row.key)))
                let_in = credentials.c.enrolment_id == enrolment
                gone += await end_credentials(connection, let_in, now_ms)
            before = {"name": row.name, "key": row.key, "credentials": max(len(gone) - 1, 0)}
            entry = AuditEntry("enrolment.revoke", enrolment, OrgId(row.org_id), before=before)
            await record(connection, viewer, now_ms, entry)
            await publish(connection, gone)

    async def provision(self, wanted: Provision) -> Enrolled:
        """Register a device that shows a provisioning key; on behalf of the key's organisation.

        Raises:
            Refused: ``enrolment.key_wrong``, ``enrolment.full``, ``enrolment.device_known`` …
        """
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            row = await _live(connection, "key", enrolments.c.key == wanted.key, now_ms)
            shown = enrolment_digest(self._hmac_key, wanted.secret)
            if row is None or not hmac.compare_digest(row.digest, shown):
                raise Refused(
                    "enrolment.key_wrong",
                    "This provisioning key and secret open nothing.",
                    "Look at both in the list of enrolments.",
                )
            secret = self._secret_for(wanted)
            made = await enrol(connection, row, wanted.name, secret, now_ms)
            await publish(connection, await self._join_groups(connection, [made.device], now_ms))
            return made

    async def admit(self, der: bytes) -> Enrolled:
        """Register the device of a certificate that a known authority has signed.

        The device's name is the subject's common name. A further certificate of the same authority
        and name belongs to the same device: certificates are renewed without anyone's help.

        Raises:
            Refused: ``certificate.untrusted``, ``certificate.nameless``, ``credential.revoked`` …
        """
        now_ms = self._clock.now_ms()
        shown = read_certificate(der)
        secret = Secret(
            kind="x509",
            digest=certificate_digest(self._hmac_key, shown.fingerprint),
            label=shown.name,
            hint=shown.fingerprint.hex()[-4:],
        )
        async with self._database.write() as connection:
            known = await _known(connection, secret)
            if known is not None:
                return enrolled(known, secret)
            row = await _authority_of(connection, shown, now_ms)
            device = await device_by_code(connection, OrgId(row.org_id), shown.name)
            if device is not None:
                return await _renew(connection, row, device, secret, now_ms)
            made = await enrol(connection, row, shown.name, secret, now_ms)
            await publish(connection, await self._join_groups(connection, [made.device], now_ms))
            return made

    def _keyed(
        self, values: dict[str, Any], new: NewEnrolment, now_ms: int
    ) -> tuple[str, Sequence[Body]]:
        """Add what tells the enrolment; return the secret to show and the changes to publish."""
        if not new.certificate:
            secret = new_secret()
            values["kind"] = "key"
            values["key"] = f"tp_{secrets.token_hex(_KEY_BYTES)}"
            values["digest"] = enrolment_digest(self._hmac_key, secret)
            return secret, []
        authority = read_certificate(new.certificate)
        checked = Checked()
        checked.unless(authority.is_authority, "certificate", "authority.cannot_sign")
        checked.unless(authority.is_valid_at(now_ms), "certificate", "authority.not_valid")
        checked.done(_wrong())
        values["kind"] = "authority"
        values["key"] = authority.fingerprint.hex()
        values["certificate"] = authority.der
        return "", [TrustPut(authority.fingerprint, authority.der)]

    def _secret_for(self, wanted: Provision) -> Secret:
        """Return the credential that a device gave, or a fresh one."""
        given = wanted.token or wanted.password or wanted.certificate
        if not given:
            fresh = NewCredential(kind=wanted.kind, user_name=wanted.user_name or wanted.name)
            return new_secret_of(self._hmac_key, fresh, DeviceId(0))
        return given_secret(
            self._hmac_key,
            wanted.kind,
            token=wanted.token,
            user_name=wanted.user_name,
            password=wanted.password,
            certificate=wanted.certificate,
        )


async def _checked(
    connection: AsyncConnection, viewer: Viewer, new: NewEnrolment, now_ms: int
) -> dict[str, Any]:
    held = await permissions_over(connection, viewer, new.org, new.zone, new.sector)
    if not {Permission.DEVICE_CREDENTIAL, Permission.DEVICE_WRITE} <= held:
        raise denied()
    checked = Checked()
    name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
    checked.choice("sector", new.sector, SECTORS)
    fits = 1 <= new.devices_max <= DEVICES_MAX
    checked.unless(fits, "devices_max", "number.from_one", most=DEVICES_MAX)
    ends = new.until_ms is None or now_ms < new.until_ms <= MOMENT_MS_MAX
    checked.unless(ends, "until_ms", "moment.past")
    await check_references(connection, checked, new.profile, new.zone)
    checked.done(_wrong())
    return {
        "name": name,
        "org_id": new.org,
        "zone_id": new.zone,
        "sector": new.sector,
        "profile_id": new.profile,
        "devices_max": new.devices_max,
        "devices_made": 0,
        "until_ms": new.until_ms,
        "created_ms": now_ms,
    }


async def _target(connection: AsyncConnection, viewer: Viewer, enrolment: int) -> AnyRow:
    viewer.needs(Permission.DEVICE_CREDENTIAL)
    reached = org_is_visible(viewer, Permission.DEVICE_CREDENTIAL, enrolments.c.org_id)
    chosen = select(enrolments).where(enrolments.c.id == enrolment, reached).with_for_update()
    unknown = Refused(
        "enrolment.unknown", "There is no such enrolment.", "Look at the list of enrolments."
    )
    return await found_row(connection, chosen, unknown)


async def _live(
    connection: AsyncConnection, kind: str, chosen: Any, now_ms: int  # noqa: ANN401  # a condition
) -> AnyRow | None:  # fmt: skip
    """Return the newest enrolment of a kind that a condition chooses, locked, unless it ended."""
    open_still = or_(enrolments.c.until_ms.is_(None), enrolments.c.until_ms > now_ms)
    found = await connection.execute(
        select(enrolments)
        .where(enrolments.c.kind == kind, chosen, _UNREVOKED, open_still)
        .with_for_update()
    )
    return found.one_or_none()


async def _known(connection: AsyncConnection, secret: Secret) -> AnyRow | None:
    """Return the device of a certificate that was registered before; refuse one that ended."""
    same = select(credentials).where(credentials.c.digest == secret.digest)
    row = (await connection.execute(same)).one_or_none()
    if row is None:
        return None
    if row.revoked_ms is not None:
        raise Refused(
            "credential.revoked",
            "This certificate was revoked.",
            "Give the device a new certificate.",
        )
    return await plain_device(connection, DeviceId(row.device_id))


async def _authority_of(connection: AsyncConnection, shown: Certificate, now_ms: int) -> AnyRow:
    """Return the locked enrolment whose authority has signed the certificate."""
    rows = await connection.execute(
        select(enrolments.c.key, enrolments.c.certificate)
        .where(enrolments.c.kind == "authority", _UNREVOKED)
        .order_by(enrolments.c.id.desc())
        .limit(AUTHORITIES_MAX)
    )
    for key, der in rows.all():
        authority = read_certificate(der)
        if (
            authority.x509.subject == shown.x509.issuer
            and shown.is_issued_by(authority)
            and shown.is_valid_at(now_ms)
            and authority.is_valid_at(now_ms)
        ):
            row = await _live(connection, "authority", enrolments.c.key == key, now_ms)
            if row is not None and shown.name:
                return row
            if row is not None:
                raise Refused(
                    "certificate.nameless",
                    "The certificate's subject has no common name to call the device by.",
                    "Sign it again with a common name.",
                )
    raise Refused(
        "certificate.untrusted",
        "No registered authority has signed this certificate, or one of the two is not valid today.",
        "Register the authority, or the certificate itself on the device's page.",
    )


async def _renew(
    connection: AsyncConnection, row: AnyRow, device: AnyRow, secret: Secret, now_ms: int
) -> Enrolled:
    """Add a certificate to a device that the same authority let in before."""
    of_device = credentials.c.device_id == device.id
    let_in = await connection.execute(
        select(credentials.c.id)
        .where(of_device, credentials.c.enrolment_id == row.id, ALIVE)
        .order_by(credentials.c.id)
    )
    numbers = list(let_in.scalars())
    if not numbers:
        raise known_already(device.name)
    gone: list[Body] = []
    if len(numbers) >= LIVE_PER_DEVICE_MAX:
        gone = await end_credentials(connection, credentials.c.id == numbers[0], now_ms)
    _, puts = await write_credential(connection, secret, device, now_ms, row.id)
    await publish(connection, [*gone, *puts])
    return enrolled(device, secret)


def _rows() -> Select[Any]:
    return select(*columns_of(Enrolment, enrolments, org_name=organisations.c.name)).join(
        organisations, organisations.c.id == enrolments.c.org_id
    )


def _wrong() -> Refused:
    return Refused("enrolment.wrong", "The enrolment cannot be kept like this.")
