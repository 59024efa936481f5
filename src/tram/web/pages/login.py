"""Log in, log out, and the choice of language."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery
from litestar.response import Redirect

from tram.api import login
from tram.api.endpoints.taken import TakenServices, TakenViewer
from tram.api.errors import problem_of
from tram.api.session import COOKIE, address_of, gone_cookie, session_cookie
from tram.runtime.errors import Refused
from tram.web.i18n import LOCALES
from tram.web.rendering import LANGUAGE_COOKIE, TakenScreen

__all__ = ("Form", "inside", "log_in", "log_out", "login_page", "set_language")

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]

_YEAR_S = 365 * 24 * 3600
_START = "/"


@get("/login")
async def login_page(
    screen: TakenScreen,
    next: FromQuery[str] = _START,  # noqa: A002  # the address says next
    language: FromQuery[str] = "",
) -> Response[Any]:
    """Show the form; who is logged in already goes on. A guest's language goes into a cookie."""
    if screen.session is not None:
        return Redirect(inside(next))
    chosen = language if language in LOCALES else screen.locale
    page = screen.in_language(chosen).show("login.html", next=inside(next), login="", problem=None)
    if language in LOCALES:
        page.set_cookie(_language_cookie(language))
    return page


@post("/login")
async def log_in(
    request: Request[Any, Any, Any], services: TakenServices, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Open a session and go on to the page that was wanted; a refusal shows the form again."""
    wanted = login.LogIn(data.get("login", ""), data.get("password", ""))
    target = inside(data.get("next", _START))
    try:
        opened = await login.log_in(services, wanted, address_of(request))
    except Refused as error:
        problem = problem_of(error)
        return screen.show(
            "login.html", problem.status, next=target, login=wanted.login, problem=problem
        )
    cookie = session_cookie(services, opened.secret, opened.expires_ms)
    return Redirect(target, status_code=303, cookies=[cookie])


@post("/logout")
async def log_out(request: Request[Any, Any, Any], services: TakenServices) -> Response[Any]:
    """Close the session."""
    await login.log_out(services, request.cookies.get(COOKIE, ""))
    return Redirect("/login", status_code=303, cookies=[gone_cookie(services)])


@post("/language")
async def set_language(services: TakenServices, viewer: TakenViewer, data: Form) -> Redirect:
    """Show the product in another language from now on."""
    locale = data.get("language", "")
    if locale not in LOCALES:
        raise Refused("page.unknown", "There is nothing at this address.")
    await login.set_preferences(services, viewer, login.Preferences(locale=locale))
    target = inside(data.get("next", _START))
    return Redirect(target, status_code=303, cookies=[_language_cookie(locale)])


def _language_cookie(locale: str) -> Cookie:
    return Cookie(
        LANGUAGE_COOKIE, value=locale, path="/", max_age=_YEAR_S, httponly=True, samesite="lax"
    )


def inside(target: str) -> str:
    """Return the address if it lies within this site, else the start page."""
    parts = urlsplit(target)
    foreign = parts.scheme or parts.netloc or not target.startswith("/") or "\\" in target
    return _START if foreign or target.startswith("//") else target
