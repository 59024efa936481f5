"""People, their roles and invitations: every organisation looks after its own."""

import msgspec
from litestar.params import FromQuery

from tram.api.http.paging import LIMIT_DEFAULT, LIMIT_MAX, cut
from tram.api.http.parameters import Cursor, PageLimit
from tram.api.http.services import Services
from tram.domain.bounds import Line, Number
from tram.domain.ids import OrgId, PersonId, ZoneId
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import AssignmentRow, NewAssignment, NewPerson, PersonRow, Role
from tram.registry.people.views import InvitationRow, Invited, NewInvitation

__all__ = (
    "AssignmentForm",
    "InvitationForm",
    "InvitationList",
    "NewPersonForm",
    "PeoplePage",
    "PersonView",
    "RoleList",
    "accept_invitation",
    "disable_person",
    "erase_person",
    "give_role",
    "invite",
    "list_invitations",
    "list_people",
    "list_roles",
    "register_person",
    "reset_factor",
    "show_invitation",
    "show_person",
    "take_back_invitation",
    "take_role",
)


class PeoplePage(msgspec.Struct, frozen=True):
    """One page of people, by name."""

    items: list[PersonRow]
    total: int
    next: str | None
    as_of_ms: int


class PersonView(msgspec.Struct, frozen=True):
    """A person with the roles that they hold."""

    person: PersonRow
    roles: list[AssignmentRow]
    as_of_ms: int


class RoleList(msgspec.Struct, frozen=True):
    """The roles that can be given, each a set of permissions."""

    items: list[Role]
    next: str | None
    as_of_ms: int


class NewPersonForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person to register, with a password that is long enough."""

    org: Number
    login: Line
    name: Line
    password: Line
    email: Line | None = None
    locale: Line = "vi"


class AssignmentForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role to give over an organisation's subtree, in one zone or sector or in all."""

    role: Line
    org: Number
    zone: Number | None = None
    sector: Line | None = None


class InvitationForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody to invite by mail."""

    org: Number
    email: Line
    name: Line
    role: Line
    zone: Number | None = None
    sector: Line | None = None
    locale: Line = "vi"


class InvitationList(msgspec.Struct, frozen=True):
    """Invitations, newest first."""

    items: list[InvitationRow]
    next: str | None
    as_of_ms: int


async def list_people(
    services: Services,
    viewer: Viewer,
    search: FromQuery[str] = "",
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> PeoplePage:
    """Return the people of the viewer's organisations."""
    page = await services.registry.people.page(viewer, search=search, after=cursor, limit=limit)
    return PeoplePage(page.items, page.total, page.next_after, services.clock.now_ms())


async def show_person(services: Services, viewer: Viewer, person: int) -> PersonView:
    """Return one person; oneself always.

    Raises:
        Refused: ``person.unknown``.
    """
    row = await services.registry.people.one(viewer, PersonId(person))
    roles = await services.registry.people.assignments(viewer, row.id)
    return PersonView(row, roles, services.clock.now_ms())


async def list_roles(services: Services, viewer: Viewer) -> RoleList:
    """Return the roles."""
    return RoleList(await services.registry.people.roles(viewer), None, services.clock.now_ms())


async def register_person(services: Services, viewer: Viewer, form: NewPersonForm) -> PersonRow:
    """Register a person.

    Raises:
        Refused: with every wrong field; ``login.taken``, ``password.wrong``.
    """
    new = msgspec.convert(form, NewPerson, from_attributes=True)
    return await services.registry.people.create(viewer, new)


async def give_role(
    services: Services, viewer: Viewer, person: int, form: AssignmentForm
) -> AssignmentRow:
    """Give a role, all of which must be the viewer's own there.

    Raises:
        Refused: ``person.unknown``, ``access.denied``, or with every wrong field.
    """
    new = NewAssignment(
        person=PersonId(person),
        role=form.role,
        org=OrgId(form.org),
        zone=None if form.zone is None else ZoneId(form.zone),
        sector=form.sector,
    )
    return await services.registry.people.assign(viewer, new)


async def take_role(services: Services, viewer: Viewer, assignment: int) -> None:
    """Take a role away.

    Raises:
        Refused: ``assignment.unknown``.
    """
    await services.registry.people.unassign(viewer, assignment)


async def disable_person(services: Services, viewer: Viewer, person: int) -> None:
    """Shut a person out at once.

    Raises:
        Refused: ``person.unknown``.
    """
    await services.registry.people.disable(viewer, PersonId(person))


async def erase_person(services: Services, viewer: Viewer, person: int) -> None:
    """Remove who a person is; the audit keeps what they did.

    Raises:
        Refused: ``person.unknown``.
    """
    await services.registry.personal.erase(viewer, PersonId(person))


async def reset_factor(services: Services, viewer: Viewer, person: int) -> None:
    """Take a lost second factor away.

    Raises:
        Refused: ``person.unknown``.
    """
    await services.registry.people.reset_factor(viewer, PersonId(person))


async def list_invitations(
    services: Services, viewer: Viewer, cursor: Cursor = None, limit: PageLimit = LIMIT_MAX
) -> InvitationList:
    """Return the invitations of the viewer's organisations."""
    rows, following = cut(await services.registry.invitations.listed(viewer), cursor, limit)
    return InvitationList(rows, following, services.clock.now_ms())


async def invite(
    services: Services, viewer: Viewer, form: InvitationForm, site: str
) -> InvitationRow:
    """Invite somebody by mail; ``site`` is the address of the pages as the request had it.

    Raises:
        Refused: with every wrong field.
    """
    new = msgspec.convert(form, NewInvitation, from_attributes=True)
    chosen = (services.settings.site or site).rstrip("/")
    return await services.registry.invitations.create(viewer, new, site=chosen)


async def show_invitation(services: Services, secret: str, address: str) -> Invited:
    """Return whom an invitation is for; each look counts as a guess of its address.

    Raises:
        Refused: ``invitation.unknown``.
        Unavailable: ``login.locked`` while the address waits.
    """
    return await services.registry.invitations.shown(secret, address=address)


async def accept_invitation(
    services: Services, secret: str, login: str, password: str, *, address: str
) -> None:
    """Register the invited person with the login and password that they chose.

    Raises:
        Refused: ``invitation.unknown``, ``login.taken``, ``password.wrong``.
    """
    await services.registry.invitations.accept(secret, login, password, address=address)


async def take_back_invitation(services: Services, viewer: Viewer, invitation: int) -> None:
    """Take an invitation back.

    Raises:
        Refused: ``invitation.unknown``.
    """
    await services.registry.invitations.revoke(viewer, invitation)
