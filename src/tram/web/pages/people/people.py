"""People and organisations: who works here, with which roles, invitations, the tree, the journal."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath, FromQuery

from tram.api.overview.audit import list_audit
from tram.api.people.people import (
    AssignmentForm,
    InvitationForm,
    disable_person,
    erase_person,
    give_role,
    invite,
    list_invitations,
    list_people,
    list_roles,
    reset_factor,
    show_person,
    take_back_invitation,
    take_role,
)
from tram.api.places.organisations import (
    NewOrganisationForm,
    create_organisation,
    list_organisations,
)
from tram.api.places.zones import zones_to_choose
from tram.domain.days import start_of_day_ms
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.registry.kernel.audit import AuditFilter
from tram.runtime.errors import Refused
from tram.web.forms import Form, Typed, day_of
from tram.web.page_context import PageContext, TakenPage
from tram.web.submission import NO_FAULTS, Faults, submission
from tram.web.words.privacy import KINDS

_HOME = "/people"


async def _people(
    page: PageContext, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show the people with the form that invites another."""
    search = data.get("search", "")
    return page.show(
        "people/people.html",
        tab="people",
        page=await page.call(list_people, search, data.get("cursor") or None),
        search=search,
        invitations=(await page.call(list_invitations)).items,
        sends_mail=page.services.sends_mail,
        **await _choices(page),
        data=data,
        faults=faults,
    )


@get("/people")
async def people_page(
    page: TakenPage, search: FromQuery[str] = "", cursor: FromQuery[str] = ""
) -> Response[str]:
    """Show the people; who may, invites another beside the list."""
    return await _people(page, {"search": search, "cursor": cursor})


@submission("/people/invitations", _people)
async def send_invitation(request: Request[Any, Any, Any], page: TakenPage, data: Form) -> str:
    """Invite somebody by mail and go back to the list."""
    form = Typed(data).read(InvitationForm, locale=page.screen.locale)
    await page.call(invite, form, str(request.base_url))
    return _HOME


@submission("/people/invitations/{invitation:int}/revoke")
async def withdraw_invitation(page: TakenPage, invitation: FromPath[int]) -> str:
    """Take an invitation back."""
    await page.call(take_back_invitation, invitation)
    return _HOME


async def _person(
    page: PageContext,
    person: int,
    data: Mapping[str, str],
    faults: Faults = NO_FAULTS,
) -> Response[str]:
    """Show one person with the form that gives a role."""
    return page.show(
        "people/person.html",
        tab="people",
        view=await page.call(show_person, person),
        request_kinds=KINDS,
        **await _choices(page),
        data=data,
        faults=faults,
    )


@get("/people/{person:int}")
async def person_page(page: TakenPage, person: FromPath[int]) -> Response[str]:
    """Show one person with their roles and what may be done."""
    return await _person(page, person, {})


@submission("/people/{person:int}/roles", _person)
async def add_role(page: TakenPage, person: FromPath[int], data: Form) -> str:
    """Give a role."""
    await page.call(give_role, person, Typed(data).read(AssignmentForm))
    return f"{_HOME}/{person}"


@submission("/people/{person:int}/roles/{assignment:int}/remove")
async def remove_role(page: TakenPage, person: FromPath[int], assignment: FromPath[int]) -> str:
    """Take a role away."""
    await page.call(take_role, assignment)
    return f"{_HOME}/{person}"


@submission("/people/{person:int}/{act:str}")
async def act_on_person(page: TakenPage, person: FromPath[int], act: FromPath[str]) -> str:
    """Shut a person out, take a lost second factor away, or erase who they are."""
    acts = {"disable": disable_person, "erase": erase_person, "reset": reset_factor}
    if act not in acts:
        raise Refused("page.unknown", "There is nothing at this address.")
    await page.call(acts[act], person)
    return f"{_HOME}/{person}"


async def _organisations(
    page: PageContext, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show the tree with the form that adds to it."""
    return page.show(
        "people/organisations.html",
        tab="organisations",
        page=await page.call(list_organisations),
        data=data,
        faults=faults,
    )


@get("/organisations")
async def organisations_page(page: TakenPage) -> Response[str]:
    """Show the tree; who may, adds an organisation beside it."""
    return await _organisations(page, {})


@submission("/organisations", _organisations)
async def add_organisation(page: TakenPage, data: Form) -> str:
    """Add an organisation below another."""
    await page.call(create_organisation, Typed(data).read(NewOrganisationForm))
    return "/organisations"


@get("/journal")
async def journal_page(  # noqa: PLR0913, PLR0917  # the filters of one list
    page: TakenPage,
    search: FromQuery[str] = "",
    action: FromQuery[str] = "",
    since: FromQuery[str] = "",
    until: FromQuery[str] = "",
    cursor: FromQuery[str] = "",
) -> Response[str]:
    """Show who did what, when and from where."""
    first, last = day_of(since), day_of(until)
    wanted = AuditFilter(
        search=search,
        action=action,
        since_ms=start_of_day_ms(first) if first else None,
        until_ms=start_of_day_ms(last, after=1) if last else None,
    )
    return page.show(
        "people/journal.html",
        tab="journal",
        page=await page.call(list_audit, wanted, cursor or None),
        wanted=wanted,
        since=since,
        until=until,
    )


async def _choices(page: PageContext) -> dict[str, Any]:
    """Return what the forms about people offer."""
    roles = (await page.call(list_roles)).items if page.may(Permission.PERSON_READ) else []
    orgs = (await page.call(list_organisations)).items if page.may(Permission.ORG_READ) else []
    zones = await page.call(zones_to_choose)
    in_vietnamese = page.screen.locale == "vi"
    titles = {role.name: role.title_vi if in_vietnamese else role.title_en for role in roles}
    return {
        "roles": list(titles.items()),
        "role_titles": titles,
        "orgs": [(item.id, item.name) for item in orgs],
        "zones": [(item.id, item.name) for item in zones],
        "sectors": SECTORS,
    }
