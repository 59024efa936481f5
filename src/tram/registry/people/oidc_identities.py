"""Who a person is at another log-in (OpenID Connect): issuer and subject, linked once."""

from sqlalchemy import func, insert, select

from tram.domain.destinations import AddressError, mail_address
from tram.domain.ids import OrgId, PersonId
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.repository import Repository
from tram.registry.kernel.tables import people
from tram.registry.kernel.viewer import Viewer
from tram.registry.people.tables import identities
from tram.runtime.errors import Refused

__all__ = ("Identities",)


class Identities(Repository):
    """Finds the person behind a proved identity."""

    async def person(
        self, issuer: str, subject: str, verified_email: str | None, *, address: str
    ) -> PersonId:
        """Return the person of an identity; the first time, the one with this verified mail.

        Raises:
            Refused: ``oidc.stranger`` when nobody is known by it, or more than one by the mail.
        """
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            known = await connection.execute(
                select(people.c.id, people.c.disabled)
                .join(identities, identities.c.person_id == people.c.id)
                .where(identities.c.issuer == issuer, identities.c.subject == subject)
            )
            row = known.one_or_none()
            if row is not None and not row.disabled:
                return PersonId(row.id)
            mail = _mail(verified_email)
            fitting = await connection.execute(
                select(people).where(
                    func.lower(people.c.email) == mail, people.c.disabled.is_(False)
                )
            )
            found = fitting.all() if mail and row is None else []
            if len(found) != 1:
                raise Refused(
                    "oidc.stranger",
                    "Nobody here is known by this identity.",
                    "Ask your administrator for an invitation to the same mail address.",
                )
            person = found[0]
            await connection.execute(
                insert(identities).values(
                    person_id=person.id, issuer=issuer, subject=subject, linked_ms=now_ms
                )
            )
            org = OrgId(person.org_id)
            viewer = Viewer(PersonId(person.id), org, person.name, (), address)
            entry = AuditEntry("person.link", person.id, org, after={"issuer": issuer})
            await record(connection, viewer, now_ms, entry)
            return PersonId(person.id)


def _mail(verified: str | None) -> str:
    """Return a mail address as people's are kept, in small letters; empty for what is none."""
    try:
        return mail_address((verified or "").strip()).casefold()
    except AddressError:
        return ""
