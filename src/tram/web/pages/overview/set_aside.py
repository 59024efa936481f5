"""What loops have set aside: the list, and another try."""

from http import HTTPStatus

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.overview.set_aside import list_aside, try_again
from tram.web.rendering import TakenScreen

_HOME = "/aside"


@get(_HOME)
async def aside_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show what could not be done, with its reason, newest first."""
    page = await list_aside(services, viewer)
    return screen.show("overview/set_aside.html", tab="aside", page=page)


@post(_HOME + "/{entry:int}/again", status_code=HTTPStatus.SEE_OTHER)
async def try_aside_again(
    services: TakenServices, viewer: TakenViewer, entry: FromPath[int]
) -> Redirect:
    """Let the loop try one again, and go back to the list."""
    await try_again(services, viewer, entry)
    return Redirect(_HOME, status_code=303)
