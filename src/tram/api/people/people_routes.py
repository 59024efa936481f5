"""Routes of people, roles and invitations."""

from typing import Any

from litestar import Request, Router, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import Cursor, PageLimit, TakenServices, TakenViewer
from tram.api.people.people import (
    AssignmentForm,
    InvitationForm,
    InvitationList,
    NewPersonForm,
    PeoplePage,
    PersonView,
    RoleList,
    disable_person,
    erase_person,
    give_role,
    invite,
    list_invitations,
    list_people,
    list_roles,
    register_person,
    reset_factor,
    show_person,
    take_back_invitation,
    take_role,
)
from tram.registry.kernel.views import AssignmentRow, PersonRow
from tram.registry.people.views import InvitationRow

__all__ = ("people_routes",)

_PERSON_COLUMNS = ("id", "org", "org_name", "login", "name", "locale", "disabled", "has_totp")


@get("/people", summary="List people", tags=["people"])
async def get_people(
    services: TakenServices,
    viewer: TakenViewer,
    search: FromQuery[str] = "",
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> PeoplePage:
    """People of the viewer's organisations; accents in `search` do not matter."""
    return await list_people(services, viewer, search, cursor, limit)


@post("/people", summary="Register a person", tags=["people"])
async def post_person(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[NewPersonForm]
) -> PersonRow:
    """An invitation by mail is the better way: nobody else knows the password."""
    return await register_person(services, viewer, data)


@get("/people/{person:int}", summary="One person", tags=["people"])
async def get_person(
    services: TakenServices, viewer: TakenViewer, person: FromPath[int]
) -> PersonView:
    """The person with their roles."""
    return await show_person(services, viewer, person)


@post("/people/{person:int}/roles", summary="Give a role", tags=["people"])
async def post_role(
    services: TakenServices,
    viewer: TakenViewer,
    person: FromPath[int],
    data: JSONBody[AssignmentForm],
) -> AssignmentRow:
    """Nobody can give what they do not hold themselves."""
    return await give_role(services, viewer, person, data)


@delete("/roles/{assignment:int}", summary="Take a role away", tags=["people"], status_code=204)
async def delete_role(
    services: TakenServices, viewer: TakenViewer, assignment: FromPath[int]
) -> None:
    """Counts at once, in open sessions too."""
    await take_role(services, viewer, assignment)


@post(
    "/people/{person:int}/disabled", summary="Shut a person out", tags=["people"], status_code=204
)
async def post_disabled(
    services: TakenServices, viewer: TakenViewer, person: FromPath[int]
) -> None:
    """Ends their sessions and tokens at once."""
    await disable_person(services, viewer, person)


@delete(
    "/people/{person:int}/totp",
    summary="Take a lost second factor away",
    tags=["people"],
    status_code=204,
)
async def delete_factor_of(
    services: TakenServices, viewer: TakenViewer, person: FromPath[int]
) -> None:
    """Ends their sessions."""
    await reset_factor(services, viewer, person)


@delete("/people/{person:int}", summary="Erase a person", tags=["people"], status_code=204)
async def delete_person(
    services: TakenServices, viewer: TakenViewer, person: FromPath[int]
) -> None:
    """Removes who the person is, on their request; the audit keeps what they did."""
    await erase_person(services, viewer, person)


@get("/roles", summary="List roles", tags=["people"])
async def get_roles(services: TakenServices, viewer: TakenViewer) -> RoleList:
    """Named sets of permissions."""
    return await list_roles(services, viewer)


@get("/invitations", summary="List invitations", tags=["people"])
async def get_invitations(
    services: TakenServices,
    viewer: TakenViewer,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> InvitationList:
    """Newest first."""
    return await list_invitations(services, viewer, cursor, limit)


@post("/invitations", summary="Invite by mail", tags=["people"])
async def post_invitation(
    request: Request[Any, Any, Any],
    services: TakenServices,
    viewer: TakenViewer,
    data: JSONBody[InvitationForm],
) -> InvitationRow:
    """The letter with the link leaves within seconds."""
    return await invite(services, viewer, data, str(request.base_url))


@delete(
    "/invitations/{invitation:int}",
    summary="Take an invitation back",
    tags=["people"],
    status_code=204,
)
async def delete_invitation(
    services: TakenServices, viewer: TakenViewer, invitation: FromPath[int]
) -> None:
    """Its link opens nothing any more."""
    await take_back_invitation(services, viewer, invitation)


def people_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_people,
                table_of(
                    get_people, table=TableFile("people", _PERSON_COLUMNS, "Download people")
                ),
                post_person,
                get_person,
                post_role,
                delete_role,
                post_disabled,
                delete_factor_of,
                delete_person,
                get_roles,
                get_invitations,
                post_invitation,
                delete_invitation,
            ]
        ),
    )
