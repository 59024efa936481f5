"""Invitations by mail: somebody chooses login and password themselves, and has the role at once."""

import hashlib
import secrets
from typing import Any

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId, PersonId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import must_be_visible, org_is_visible
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database, fields_of
from tram.registry.kernel.tables import assignments, organisations, people
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import NewAssignment, NewPerson
from tram.registry.people.login_attempts import Guess, count_failure, must_be_open
from tram.registry.people.mails import queue_mail
from tram.registry.people.passwords import Passwords
from tram.registry.people.people import (
    LOCALES,
    NAME_CHARACTERS_MAX,
    check_role,
    checked_person,
    must_hold,
)
from tram.registry.people.tables import invitations
from tram.registry.people.views import InvitationRow, Invited, NewInvitation
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused
from tram.runtime.i18n import N_, catalog_of

__all__ = ("Invitations",)

EMAIL_CHARACTERS_MAX = 200
LIFE_MS = 7 * 86_400_000
WAITING_PER_ORG_MAX = 200
LISTED_MAX = 500
_SECRET_BYTES = 32
_SUBJECT = N_("Invitation to Trạm: %(org)s")
_BODY = N_(
    "Dear %(name)s,\n\n%(inviter)s invites you to Trạm as one of %(org)s.\n"
    "Open this address to choose a login and a password (within 7 days, once):\n\n%(link)s\n\n"
    "If you did not expect this letter, ignore it: nothing happens.\n"
)


class Invitations:
    """Invitations of the organisations that the viewer's open scopes reach."""

    def __init__(self, database: Database, clock: Clock, passwords: Passwords) -> None:
        self._database = database
        self._clock = clock
        self._passwords = passwords

    async def listed(self, viewer: Viewer) -> list[InvitationRow]:
        """Return the newest 500 invitations."""
        viewer.needs(Permission.PERSON_READ)
        statement = _rows(viewer).order_by(invitations.c.id.desc()).limit(LISTED_MAX)
        async with self._database.read() as connection:
            now_ms = self._clock.now_ms()
            return [_view(row, now_ms) for row in await connection.execute(statement)]

    async def create(self, viewer: Viewer, new: NewInvitation, *, site: str) -> InvitationRow:
        """Invite somebody: the mail with the link leaves within seconds.

        The viewer must hold every permission of the role where it will hold. ``site`` is the
        address of the pages as the invited person reaches them.
        """
        viewer.needs(Permission.PERSON_WRITE)
        now_ms = self._clock.now_ms()
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        async with self._database.write() as connection:
            await must_be_visible(connection, viewer, Permission.PERSON_WRITE, new.org)
            values = await _checked(connection, viewer, new, now_ms)
            made = await connection.execute(
                insert(invitations)
                .values(
                    **values,
                    digest=_digest(secret),
                    inviter_id=viewer.person,
                    created_ms=now_ms,
                    expires_ms=now_ms + LIFE_MS,
                )
                .returning(invitations.c.id)
            )
            number = made.scalar_one()
            row = (
                await connection.execute(
                    _rows(viewer, all_=True).where(invitations.c.id == number)
                )
            ).one()
            words = {
                "name": values["name"],
                "org": row.org_name,
                "inviter": viewer.name,
                "link": f"{site}/invitations/{secret}",
            }
            texts = catalog_of(new.locale)
            subject, body = texts.gettext(_SUBJECT) % words, texts.gettext(_BODY) % words
            await queue_mail(connection, now_ms, values["email"], subject, body)
            audit_entry = AuditEntry(
                "invitation.create", number, new.org, after={"role": new.role, "name": new.name}
            )
            await record(connection, viewer, now_ms, audit_entry)
        return _view(row, now_ms)

    async def revoke(self, viewer: Viewer, invitation: int) -> None:
        """Take an invitation back; one that was accepted or taken back stays as it is."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            found = await connection.execute(_rows(viewer).where(invitations.c.id == invitation))
            row = found.one_or_none()
            if row is None:
                raise _unknown()
            await must_be_visible(connection, viewer, Permission.PERSON_WRITE, OrgId(row.org))
            if row.accepted_ms is not None or row.revoked_ms is not None:
                return
            await connection.execute(
                update(invitations).where(invitations.c.id == invitation).values(revoked_ms=now_ms)
            )
            audit_entry = AuditEntry("invitation.revoke", invitation, OrgId(row.org))
            await record(connection, viewer, now_ms, audit_entry)

    async def shown(self, secret: str, *, address: str = "") -> Invited:
        """Return what the bearer of a live invitation is shown.

        Raises:
            Refused: ``invitation.unknown``, counted at the address that asks.
            Unavailable: ``login.locked`` while failures make the next guess wait.
        """
        now_ms = self._clock.now_ms()
        guess = Guess("invitation", address)
        async with self._database.read() as connection:
            await must_be_open(connection, guess, now_ms)
            row = await _found(connection, secret, now_ms)
        if row is None:
            async with self._database.write() as connection:
                await count_failure(connection, guess, now_ms)
            raise _unknown()
        return Invited(org_name=row.org_name, email=row.email, name=row.name, locale=row.locale)

    async def accept(self, secret: str, login: str, password: str, *, address: str) -> PersonId:
        """Register the invited person with the login and password that they chose."""
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            row = await _live(connection, secret, now_ms)
        new = NewPerson(
            org=row.org_id,
            login=login,
            name=row.name,
            password=password,
            locale=row.locale,
            email=row.email,
        )
        values = checked_person(new)
        values["password_hash"] = await self._passwords.hash(
            password, Guess("invitation", address)
        )
        async with self._database.write() as connection:
            taken = await connection.execute(
                update(invitations)
                .where(
                    invitations.c.id == row.id,
                    invitations.c.accepted_ms.is_(None),
                    invitations.c.revoked_ms.is_(None),
                )
                .values(accepted_ms=now_ms)
                .returning(invitations.c.id)
            )
            if taken.first() is None:
                raise _unknown()
            return await _join(connection, row, values, now_ms, address)


async def _join(
    connection: AsyncConnection, row: AnyRow, values: dict[str, Any], now_ms: int, address: str
) -> PersonId:
    try:
        made = await connection.execute(insert(people).values(values).returning(people.c.id))
    except IntegrityError:
        raise Refused(
            "login.taken", "Somebody has this login already.", "Choose another."
        ) from None
    person = PersonId(made.scalar_one())
    given = {
        "person_id": person,
        "role": row.role,
        "org_id": row.org_id,
        "zone_id": row.zone_id,
        "sector": row.sector,
    }
    await connection.execute(insert(assignments).values(given))
    viewer = Viewer(person, OrgId(row.org_id), row.name, (), address)
    after = {"login": values["login"], "role": row.role, "invitation": row.id}
    audit_entry = AuditEntry("person.join", person, OrgId(row.org_id), after=after)
    await record(connection, viewer, now_ms, audit_entry)
    return person


async def _checked(
    connection: AsyncConnection, viewer: Viewer, new: NewInvitation, now_ms: int
) -> dict[str, Any]:
    checked = Checked()
    name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
    email = checked.mail("email", new.email)
    checked.choice("locale", new.locale, LOCALES)
    waiting = select(func.count()).where(
        invitations.c.org_id == new.org,
        invitations.c.accepted_ms.is_(None),
        invitations.c.revoked_ms.is_(None),
        invitations.c.expires_ms > now_ms,
    )
    many = (await connection.execute(waiting)).scalar_one()
    checked.unless(many < WAITING_PER_ORG_MAX, "email", "invitations.too_many")
    given = NewAssignment(
        person=PersonId(0), role=new.role, org=new.org, zone=new.zone, sector=new.sector
    )
    await check_role(connection, checked, given)
    checked.done(Refused("invitation.wrong", "The invitation cannot be sent like this."))
    await must_hold(connection, viewer, given)
    return {
        "org_id": new.org,
        "email": email,
        "name": name,
        "role": new.role,
        "zone_id": new.zone,
        "sector": new.sector,
        "locale": new.locale,
    }


async def _live(connection: AsyncConnection, secret: str, now_ms: int) -> AnyRow:
    row = await _found(connection, secret, now_ms)
    if row is None:
        raise _unknown()
    return row


async def _found(connection: AsyncConnection, secret: str, now_ms: int) -> AnyRow | None:
    found = await connection.execute(
        select(invitations, organisations.c.name.label("org_name"))
        .join(organisations, organisations.c.id == invitations.c.org_id)
        .where(
            invitations.c.digest == _digest(secret),
            invitations.c.accepted_ms.is_(None),
            invitations.c.revoked_ms.is_(None),
            invitations.c.expires_ms > now_ms,
        )
    )
    return found.one_or_none()


def _rows(viewer: Viewer, *, all_: bool = False) -> Select[Any]:
    statement = select(
        invitations.c.id,
        invitations.c.org_id.label("org"),
        organisations.c.name.label("org_name"),
        invitations.c.email,
        invitations.c.name,
        invitations.c.role,
        invitations.c.zone_id.label("zone"),
        invitations.c.sector,
        invitations.c.created_ms,
        invitations.c.expires_ms,
        invitations.c.accepted_ms,
        invitations.c.revoked_ms,
    ).join(organisations, organisations.c.id == invitations.c.org_id)
    if all_:
        return statement
    return statement.where(org_is_visible(viewer, Permission.PERSON_READ, invitations.c.org_id))


def _view(row: AnyRow, now_ms: int) -> InvitationRow:
    fields = fields_of(row)
    accepted, revoked = fields.pop("accepted_ms"), fields.pop("revoked_ms")
    if accepted is not None:
        state = "accepted"
    elif revoked is not None:
        state = "revoked"
    else:
        state = "waiting" if row.expires_ms > now_ms else "over"
    return InvitationRow(**fields, state=state)


def _unknown() -> Refused:
    return Refused(
        "invitation.unknown",
        "This invitation is over, or was used or taken back.",
        "Ask who invited you to send another.",
    )


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
