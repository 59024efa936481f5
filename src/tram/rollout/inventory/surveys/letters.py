"""Letters about survey rounds: who is written to, and in which words."""

from sqlalchemy import and_, false, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.permissions import Permission
from tram.registry.kernel.access import owner_of_province_data
from tram.registry.kernel.database import AnyRow
from tram.registry.kernel.tables import assignments, org_closure, people, roles
from tram.registry.people.mails import queue_mail
from tram.runtime.i18n import N_, catalog_of

__all__ = (
    "ASK",
    "LATE",
    "REMIND",
    "RETURN",
    "SOON",
    "write_to",
)

ASK, REMIND, SOON, LATE, RETURN = "ask", "remind", "remind-soon", "remind-late", "return"
_SUBJECTS = {
    ASK: N_("Survey round “%(round)s”: %(who)s is asked to answer by %(due)s"),
    REMIND: N_("Reminder: survey round “%(round)s” waits for %(who)s, due %(due)s"),
    SOON: N_("Due soon, %(due)s: survey round “%(round)s” waits for %(who)s"),
    LATE: N_("Overdue since %(due)s: survey round “%(round)s” has no answer of %(who)s"),
    RETURN: N_("Survey round “%(round)s”: %(who)s is asked to correct its answer"),
}
_BODY = N_(
    "Dear %(name)s,\n\n%(subject)s.\nThe figures are those of %(as_of)s.\n%(note)s\nAnswer at: %(link)s\n"
)


async def write_to(  # noqa: PLR0913  # what a letter is made of
    connection: AsyncConnection,
    now_ms: int,
    row: AnyRow,
    action: str,
    *,
    site: str,
    note: str = "",
) -> int:
    """Queue a letter to everybody who may answer a reply; return how many have an address."""
    found = await _addressees(connection, row)
    for email, name, locale in found:
        catalog = catalog_of(locale)
        words = {
            "round": row.round_name,
            "who": row.operator_name or row.zone_name,
            "due": f"{row.round_due:%d/%m/%Y}",
        }
        subject = catalog.gettext(_SUBJECTS[action]) % words
        body = catalog.gettext(_BODY) % {
            "name": name,
            "subject": subject,
            "as_of": f"{row.round_as_of:%d/%m/%Y}",
            "note": f"\n{note}\n" if note else "",
            "link": f"{site}/network/surveys/{row.round_id}",
        }
        await queue_mail(connection, now_ms, email, " ".join(subject.split()), body)
    return len(found)


async def _addressees(connection: AsyncConnection, row: AnyRow) -> list[tuple[str, str, str]]:
    """Return address, name and language of the people who speak for whom a reply asks.

    They hold a role there that may answer. Who keeps the province's data is not written to.
    """
    org = row.operator_org if row.operator_id is not None else row.authority
    permission = (
        Permission.INVENTORY_WRITE if row.operator_id is not None else Permission.INVENTORY_READ
    )
    able = [
        role.name
        for role in await connection.execute(select(roles.c.name, roles.c.permissions))
        if permission in role.permissions
    ]
    owner = await owner_of_province_data(connection)
    keepers = select(org_closure.c.ancestor).where(org_closure.c.descendant == owner)
    above = select(org_closure.c.ancestor).where(org_closure.c.descendant == org)
    open_role = and_(
        assignments.c.org_id.in_(above),
        assignments.c.org_id.not_in(keepers),
        assignments.c.zone_id.is_(None),
    )
    of_zone = assignments.c.zone_id == row.zone_id if row.zone_id is not None else false()
    statement = (
        select(people.c.email, people.c.name, people.c.locale)
        .join(assignments, assignments.c.person_id == people.c.id)
        .where(
            people.c.email.is_not(None),
            people.c.email != "",
            people.c.disabled.is_(False),
            assignments.c.role.in_(able),
            assignments.c.sector.is_(None),
            or_(open_role, of_zone),
        )
        .distinct()
        .order_by(people.c.email)
    )
    return [(r.email, r.name, r.locale) for r in await connection.execute(statement)]
