"""Invitations by mail: somebody chooses login and password themselves, and has the role at once."""

import secrets
from typing import Any

from sqlalchemy import ColumnElement, Select, case, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId, PersonId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import must_be_visible, org_is_visible
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database, columns_of
from tram.registry.kernel.repository import Repository, add_row, count_rows, found_row, read_view
from tram.registry.kernel.sealed import secret_digest
from tram.registry.kernel.tables import assignments, organisations
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import NewAssignment, NewPerson
from tram.registry.people.mails import queue_mail
from tram.registry.people.passwords import Passwords
from tram.registry.people.people import (
    LOCALES,
    NAME_CHARACTERS_MAX,
    add_person,
    check_role,
    checked_person,
    must_hold,
)
from tram.registry.people.tables import invitations
from tram.registry.people.views import InvitationRow, Invited, NewInvitation
from tram.registry.people.wrong_guesses import Guess, count_failure, must_be_open
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused
from tram.runtime.i18n import N_, catalog_of

__all__ = ("Invitations",)

LIFE_MS = 7 * 86_400_000
WAITING_PER_ORG_MAX = 200
LISTED_MAX = 500
_SECRET_BYTES = 32
_IS_OPEN = invitations.c.accepted_ms.is_(None) & invitations.c.revoked_ms.is_(None)
_SUBJECT = N_("Invitation to Trạm: %(org)s")
_BODY = N_(
    "Dear %(name)s,\n\n%(inviter)s invites you to Trạm as one of %(org)s.\n"
    "Open this address to choose a login and a password (within 7 days, once):\n\n%(link)s\n\n"
    "If you did not expect this letter, ignore it: nothing happens.\n"
)


class Invitations(Repository):
    """Invitations of the organisations that the viewer's open scopes reach."""

    def __init__(self, database: Database, clock: Clock, passwords: Passwords) -> None:
        super().__init__(database, clock)
        self._passwords = passwords

    async def listed(self, viewer: Viewer) -> list[InvitationRow]:
        """Return the newest 500 invitations."""
        viewer.needs(Permission.PERSON_READ)
        statement = _rows(self._clock.now_ms()).where(_is_visible(viewer))
        return await self._views(
            InvitationRow, statement.order_by(invitations.c.id.desc()).limit(LISTED_MAX)
        )

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
            values |= {
                "digest": secret_digest(secret),
                "inviter_id": viewer.person,
                "created_ms": now_ms,
                "expires_ms": now_ms + LIFE_MS,
            }
            number = await add_row(connection, invitations, values)
            made = _rows(now_ms).where(invitations.c.id == number)
            invitation = await read_view(connection, InvitationRow, made)
            words = {
                "name": values["name"],
                "org": invitation.org_name,
                "inviter": viewer.name,
                "link": f"{site}/invitations/{secret}",
            }
            texts = catalog_of(new.locale)
            subject, body = texts.gettext(_SUBJECT) % words, texts.gettext(_BODY) % words
            await queue_mail(connection, now_ms, values["email"], subject, body)
            after = {"role": new.role, "name": new.name}
            entry = AuditEntry("invitation.create", number, new.org, after=after)
            await record(connection, viewer, now_ms, entry)
        return invitation

    async def revoke(self, viewer: Viewer, invitation: int) -> None:
        """Take an invitation back; one that was accepted or taken back stays as it is."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            mine = _rows(now_ms).where(invitations.c.id == invitation, _is_visible(viewer))
            row = await found_row(connection, mine, _unknown())
            await must_be_visible(connection, viewer, Permission.PERSON_WRITE, OrgId(row.org))
            if row.state in {"accepted", "revoked"}:
                return
            await connection.execute(
                update(invitations).where(invitations.c.id == invitation).values(revoked_ms=now_ms)
            )
            entry = AuditEntry("invitation.revoke", invitation, OrgId(row.org))
            await record(connection, viewer, now_ms, entry)

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
            row = (await connection.execute(_live(secret, now_ms))).one_or_none()
        if row is None:
            async with self._database.write() as connection:
                await count_failure(connection, guess, now_ms)
            raise _unknown()
        return Invited(org_name=row.org_name, email=row.email, name=row.name, locale=row.locale)

    async def accept(self, secret: str, login: str, password: str, *, address: str) -> PersonId:
        """Register the invited person with the login and password that they chose."""
        now_ms = self._clock.now_ms()
        async with self._database.read() as connection:
            row = await found_row(connection, _live(secret, now_ms), _unknown())
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
                .where(invitations.c.id == row.id, _IS_OPEN)
                .values(accepted_ms=now_ms)
                .returning(invitations.c.id)
            )
            if taken.first() is None:
                raise _unknown()
            return await _join(connection, row, values, now_ms, address)


async def _join(
    connection: AsyncConnection, row: AnyRow, values: dict[str, Any], now_ms: int, address: str
) -> PersonId:
    person = await add_person(connection, values)
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
    entry = AuditEntry("person.join", person, OrgId(row.org_id), after=after)
    await record(connection, viewer, now_ms, entry)
    return person


async def _checked(
    connection: AsyncConnection, viewer: Viewer, new: NewInvitation, now_ms: int
) -> dict[str, Any]:
    checked = Checked()
    name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
    email = checked.mail("email", new.email)
    checked.choice("locale", new.locale, LOCALES)
    many = await count_rows(connection, invitations.c.org_id == new.org, _is_live(now_ms))
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


def _live(secret: str, now_ms: int) -> Select[Any]:
    return (
        select(invitations, organisations.c.name.label("org_name"))
        .join(organisations, organisations.c.id == invitations.c.org_id)
        .where(invitations.c.digest == secret_digest(secret), _is_live(now_ms))
    )


def _rows(now_ms: int) -> Select[Any]:
    state = case(
        (invitations.c.accepted_ms.is_not(None), "accepted"),
        (invitations.c.revoked_ms.is_not(None), "revoked"),
        (invitations.c.expires_ms > now_ms, "waiting"),
        else_="over",
    )
    return select(
        *columns_of(InvitationRow, invitations, org_name=organisations.c.name, state=state)
    ).join(organisations, organisations.c.id == invitations.c.org_id)


def _is_visible(viewer: Viewer) -> ColumnElement[bool]:
    return org_is_visible(viewer, Permission.PERSON_READ, invitations.c.org_id)


def _is_live(now_ms: int) -> ColumnElement[bool]:
    return _IS_OPEN & (invitations.c.expires_ms > now_ms)


def _unknown() -> Refused:
    return Refused(
        "invitation.unknown",
        "This invitation is over, or was used or taken back.",
        "Ask who invited you to send another.",
    )
