"""Log in, log out, and the choice of language."""

from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import FromQuery, QueryParameter
from litestar.response import Redirect

from tram.api.http import login
from tram.api.http.errors import problem_of
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.api.http.session import COOKIE, browser_cookie, caller_of, gone_cookie, session_cookie
from tram.runtime.errors import Refused, Unavailable
from tram.runtime.i18n import LOCALES
from tram.web.forms import Form
from tram.web.rendering import LANGUAGE_COOKIE, Screen, TakenScreen

__all__ = ("go_on", "inside")


_YEAR_S = 365 * 24 * 3600
_SHORT_S = 600
CHALLENGE_COOKIE = "tram_challenge"
OIDC_COOKIE = "tram_oidc"
_START = "/"


@get("/login")
async def login_page(
    services: TakenServices,
    screen: TakenScreen,
    next: FromQuery[str] = _START,  # noqa: A002  # the address says next
    language: FromQuery[str] = "",
) -> Response[Any]:
    """Show the form; who is logged in already goes on. A guest's language goes into a cookie."""
    if screen.session is not None:
        return Redirect(inside(next))
    chosen = language if language in LOCALES else screen.locale
    page = screen.in_language(chosen).show(
        "people/login.html", next=inside(next), login="", problem=None, other=_other(services)
    )
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
    caller = caller_of(request)
    try:
        opened = await login.log_in(services, wanted, caller)
    except (Refused, Unavailable) as error:
        return _again(
            screen, "people/login.html", error, target, login=wanted.login, other=_other(services)
        )
    return go_on(services, opened, target, caller)


@get("/login/code")
async def code_page(screen: TakenScreen, next: FromQuery[str] = _START) -> Response[Any]:  # noqa: A002  # the address says next
    """Ask for the one-time code of the second factor."""
    return screen.show("people/login_code.html", next=inside(next), problem=None)


@post("/login/code")
async def answer_code(
    request: Request[Any, Any, Any], services: TakenServices, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Open the session that waits for its code; a refusal shows the form again."""
    challenge = request.cookies.get(CHALLENGE_COOKIE, "")
    wanted = login.LogInCode(challenge, data.get("code", ""))
    target = inside(data.get("next", _START))
    caller = caller_of(request)
    try:
        opened = await login.answer_code(services, wanted, caller)
    except (Refused, Unavailable) as error:
        return _again(screen, "people/login_code.html", error, target)
    return go_on(services, opened, target, caller)


@get("/login/oidc")
async def begin_oidc(
    request: Request[Any, Any, Any],
    services: TakenServices,
    next: FromQuery[str] = _START,  # noqa: A002  # the address says next
) -> Redirect:
    """Go to the other log-in; what must be remembered travels in a sealed cookie."""
    if services.oidc is None:
        raise Refused("page.unknown", "There is nothing at this address.")
    site = (services.settings.site or str(request.base_url)).rstrip("/")
    address, sealed = await services.oidc.begin(f"{site}/login/oidc/back", inside(next))
    return Redirect(address, status_code=303, cookies=[_short(services, OIDC_COOKIE, sealed)])


@get("/login/oidc/back")
async def end_oidc(
    request: Request[Any, Any, Any],
    services: TakenServices,
    screen: TakenScreen,
    given_state: Annotated[str, QueryParameter(name="state")] = "",
    code: FromQuery[str] = "",
) -> Response[Any]:
    """Open the session of who comes back from the other log-in."""
    if services.oidc is None:
        raise Refused("page.unknown", "There is nothing at this address.")
    caller = caller_of(request)
    try:
        await login.attempt(services, caller)
        identity, target = await services.oidc.finish(
            request.cookies.get(OIDC_COOKIE, ""), given_state, code
        )
        opened = await login.log_in_elsewhere(services, identity, caller)
    except (Refused, Unavailable) as error:
        return _again(screen, "people/login.html", error, _START, login="", other=_other(services))
    return go_on(services, opened, inside(target), caller)


def go_on(
    services: Services,
    opened: login.NewLogIn | login.CodeWanted,
    target: str,
    caller: login.Caller,
) -> Redirect:
    """Set the session's cookie and go to the page wanted, or ask for the second factor first."""
    if isinstance(opened, login.CodeWanted):
        waiting = _short(services, CHALLENGE_COOKIE, opened.challenge)
        address = f"/login/code?{urlencode({'next': target})}"
        return Redirect(address, status_code=303, cookies=[waiting])
    cookie = session_cookie(services, opened.secret, opened.expires_ms)
    known = browser_cookie(services, caller, opened.browser)
    gone = [_short(services, name, "", 0) for name in (CHALLENGE_COOKIE, OIDC_COOKIE)]
    return Redirect(target, status_code=303, cookies=[cookie, known, *gone])


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


def _again(
    screen: Screen, template: str, error: Refused | Unavailable, target: str, **shown: str
) -> Response[str]:
    """Show a form again with what is wrong, and when to come again."""
    problem = problem_of(error)
    page = screen.show(template, problem.status, next=target, problem=problem, **shown)
    if problem.retry_after_s is not None:
        page.headers["retry-after"] = str(problem.retry_after_s)
    return page


def _other(services: Services) -> str:
    """Return the name of the other log-in, empty when there is none."""
    return services.oidc.name if services.oidc else ""


def _short(services: Services, name: str, value: str, seconds: int = _SHORT_S) -> Cookie:
    """Return a cookie that lives only as long as a log-in takes."""
    return Cookie(
        name,
        value=value,
        path="/login",
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=services.settings.secure_cookies,
    )


def _language_cookie(locale: str) -> Cookie:
    return Cookie(
        LANGUAGE_COOKIE, value=locale, path="/", max_age=_YEAR_S, httponly=True, samesite="lax"
    )


def inside(target: str) -> str:
    """Return the address if it lies within this site, else the start page."""
    parts = urlsplit(target)
    foreign = parts.scheme or parts.netloc or not target.startswith("/") or "\\" in target
    return _START if foreign or target.startswith("//") else target
