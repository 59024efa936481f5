"""Routes of people, roles and invitations."""

from typing import Any

from litestar import Request

from tram.api.http.list_files import TableFile
from tram.api.http.route_table import delete, get, post, tagged
from tram.api.http.services import Services
from tram.api.people import people
from tram.registry.kernel.viewer import Viewer
from tram.registry.people.views import InvitationRow

__all__ = ("ROUTES",)

_PERSON_COLUMNS = "id org org_name login name locale disabled has_totp"


async def post_invitation(
    request: Request[Any, Any, Any],
    services: Services,
    viewer: Viewer,
    form: people.InvitationForm,
) -> InvitationRow:
    """The letter with the link leaves within seconds."""
    return await people.invite(services, viewer, form, str(request.base_url))


ROUTES = tagged(
    "people",
    get(
        "/people",
        people.list_people,
        "List people",
        "People of the viewer's organisations; accents in `search` do not matter.",
        files=(TableFile("people", "Download people", _PERSON_COLUMNS),),
    ),
    post(
        "/people",
        people.register_person,
        "Register a person",
        "An invitation by mail is the better way: nobody else knows the password.",
        noun="person",
    ),
    get("/people/{person:int}", people.show_person, "One person", "The person with their roles."),
    post(
        "/people/{person:int}/roles",
        people.give_role,
        "Give a role",
        "Nobody can give what they do not hold themselves.",
    ),
    delete(
        "/roles/{assignment:int}",
        people.take_role,
        "Take a role away",
        "Counts at once, in open sessions too.",
        noun="role",
    ),
    post(
        "/people/{person:int}/disabled",
        people.disable_person,
        "Shut a person out",
        "Ends their sessions and tokens at once.",
        status=204,
    ),
    delete(
        "/people/{person:int}/totp",
        people.reset_factor,
        "Take a lost second factor away",
        "Ends their sessions.",
        noun="factor_of",
    ),
    delete(
        "/people/{person:int}",
        people.erase_person,
        "Erase a person",
        "Removes who the person is, on their request; the audit keeps what they did.",
    ),
    get("/roles", people.list_roles, "List roles", "Named sets of permissions."),
    get("/invitations", people.list_invitations, "List invitations", "Newest first."),
    post("/invitations", post_invitation, "Invite by mail"),
    delete(
        "/invitations/{invitation:int}",
        people.take_back_invitation,
        "Take an invitation back",
        "Its link opens nothing any more.",
    ),
)
