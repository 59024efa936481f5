"""People and organisations: who works here, with which roles, invitations, the tree, the journal."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
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
from tram.domain.sectors import SECTORS
from tram.registry.kernel.audit import AuditFilter
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, Typed, chosen, day_of, faults_of
from tram.web.pages.sharing.sharing import start_of_day_ms
from tram.web.rendering import Screen, TakenScreen
from tram.web.words.privacy import KINDS

_HOME = "/people"


@get("/people")
async def people_page(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    search: FromQuery[str] = "",
    cursor: FromQuery[str] = "",
) -> Response[str]:
    """Show the people; who may, invites another beside the list."""
    return await _people(services, viewer, screen, {"search": search, "cursor": cursor})


@post("/people/invitations", status_code=HTTPStatus.CREATED)
async def send_invitation(
    request: Request[Any, Any, Any],
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    data: Form,
) -> Response[Any]:
    """Invite somebody by mail and go back to the list."""
    typed = Typed(data)
    form = InvitationForm(
        org=typed.choice("org"),
        email=typed.text("email", needed=True),
        name=typed.text("name", needed=True),
        role=typed.text("role", needed=True),
        sector=typed.text("sector") or None,
        locale=screen.locale,
    )
    faults = tuple(typed.faults)
    if not faults:
        try:
            await invite(services, viewer, form, str(request.base_url))
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(_HOME, status_code=303)
    return await _people(services, viewer, screen, data, faults)


@post("/people/invitations/{invitation:int}/revoke", status_code=HTTPStatus.SEE_OTHER)
async def withdraw_invitation(
    services: TakenServices, viewer: TakenViewer, invitation: FromPath[int]
) -> Redirect:
    """Take an invitation back."""
    await take_back_invitation(services, viewer, invitation)
    return Redirect(_HOME, status_code=303)


@get("/people/{person:int}")
async def person_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, person: FromPath[int]
) -> Response[str]:
    """Show one person with their roles and what may be done."""
    return await _person(services, viewer, screen, person, {})


@post("/people/{person:int}/roles", status_code=HTTPStatus.CREATED)
async def add_role(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    person: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Give a role."""
    typed = Typed(data)
    zone = typed.text("zone")
    form = AssignmentForm(
        role=typed.text("role", needed=True),
        org=typed.choice("org"),
        zone=chosen(zone),
        sector=typed.text("sector") or None,
    )
    faults = tuple(typed.faults)
    if not faults:
        try:
            await give_role(services, viewer, person, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(f"{_HOME}/{person}", status_code=303)
    return await _person(services, viewer, screen, person, data, faults)


@post("/people/{person:int}/roles/{assignment:int}/remove", status_code=HTTPStatus.SEE_OTHER)
async def remove_role(
    services: TakenServices, viewer: TakenViewer, person: FromPath[int], assignment: FromPath[int]
) -> Redirect:
    """Take a role away."""
    await take_role(services, viewer, assignment)
    return Redirect(f"{_HOME}/{person}", status_code=303)


@post("/people/{person:int}/{act:str}", status_code=HTTPStatus.SEE_OTHER)
async def act_on_person(
    services: TakenServices, viewer: TakenViewer, person: FromPath[int], act: FromPath[str]
) -> Redirect:
    """Shut a person out, take a lost second factor away, or erase who they are."""
    acts = {"disable": disable_person, "erase": erase_person, "reset": reset_factor}
    if act not in acts:
        raise Refused("page.unknown", "There is nothing at this address.")
    await acts[act](services, viewer, person)
    return Redirect(f"{_HOME}/{person}", status_code=303)


@get("/organisations")
async def organisations_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show the tree; who may, adds an organisation beside it."""
    return await _organisations(services, viewer, screen, {})


@post("/organisations", status_code=HTTPStatus.CREATED)
async def add_organisation(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Add an organisation below another."""
    typed = Typed(data)
    form = NewOrganisationForm(
        parent=typed.choice("parent"),
        name=typed.text("name", needed=True),
        kind=typed.text("kind", needed=True),
        code=typed.text("code", needed=True),
    )
    faults = tuple(typed.faults)
    if not faults:
        try:
            await create_organisation(services, viewer, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect("/organisations", status_code=303)
    return await _organisations(services, viewer, screen, data, faults)


@get("/journal")
async def journal_page(  # noqa: PLR0913, PLR0917  # the filters of one list
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
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
    page = await list_audit(services, viewer, wanted, cursor or None)
    return screen.show(
        "people/journal.html", tab="journal", page=page, wanted=wanted, since=since, until=until
    )


async def _people(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    search = data.get("search", "")
    page = await list_people(services, viewer, search, data.get("cursor") or None)
    return screen.show(
        "people/people.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="people",
        page=page,
        search=search,
        invitations=(await list_invitations(services, viewer)).items,
        sends_mail=services.sends_mail,
        **await _choices(services, viewer, screen),
        data=data,
        faults={fault.field: fault for fault in faults},
    )


async def _person(  # noqa: PLR0913, PLR0917  # a form with what was typed
    services: Services,
    viewer: Viewer,
    screen: Screen,
    person: int,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    return screen.show(
        "people/person.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="people",
        view=await show_person(services, viewer, person),
        request_kinds=KINDS,
        **await _choices(services, viewer, screen),
        data=data,
        faults={fault.field: fault for fault in faults},
    )


async def _organisations(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    return screen.show(
        "people/organisations.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="organisations",
        page=await list_organisations(services, viewer),
        data=data,
        faults={fault.field: fault for fault in faults},
    )


async def _choices(services: Services, viewer: Viewer, screen: Screen) -> dict[str, Any]:
    """Return what the forms about people offer."""
    roles = (await list_roles(services, viewer)).items if viewer.may("person.read") else []
    orgs = (await list_organisations(services, viewer)).items if viewer.may("org.read") else []
    zones = await zones_to_choose(services, viewer)
    in_vietnamese = screen.locale == "vi"
    titles = {role.name: role.title_vi if in_vietnamese else role.title_en for role in roles}
    return {
        "roles": list(titles.items()),
        "role_titles": titles,
        "orgs": [(item.id, item.name) for item in orgs],
        "zones": [(item.id, item.name) for item in zones],
        "sectors": SECTORS,
    }
