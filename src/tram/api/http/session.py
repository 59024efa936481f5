"""The session of a request: cookie, proof against foreign forms, and no way around it.

``needs_session`` guards every route of the application, whoever wrote it; the few public ones are
named in ``PUBLIC`` and nowhere else.
"""

import hmac
import re
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlsplit

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.exceptions import WebSocketException
from litestar.handlers import BaseRouteHandler

from tram.api.http.login import Caller
from tram.api.http.request_turns import entry_turn, request_turn
from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import PersonSession
from tram.registry.people.known_browsers import CARRIED_MAX, KEPT_MS, SECRET_CHARACTERS
from tram.runtime.errors import Refused

__all__ = (
    "API",
    "BROWSER_COOKIE",
    "COOKIE",
    "CSRF_FIELD",
    "FORM_TYPES",
    "PUBLIC",
    "SESSION_KEY",
    "address_of",
    "agent_of",
    "browser_cookie",
    "caller_of",
    "check_same_site",
    "current_session",
    "gone_cookie",
    "needs_session",
    "provide_services",
    "provide_session",
    "provide_viewer",
    "session_cookie",
)

API = "/api/platform/v1"
COOKIE = "tram_session"
BROWSER_COOKIE = "tram_browser"
"""What a browser carries to be known again: a secret for each of the last people, with dots between."""
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"
CLOSE_NO_SESSION = 4401
CLOSE_FOREIGN = 4403

PUBLIC: frozenset[tuple[str, str]] = frozenset(
    {
        ("GET", "/login"),
        ("POST", "/login"),
        ("GET", "/login/code"),
        ("POST", "/login/code"),
        ("GET", "/login/oidc"),
        ("GET", "/login/oidc/back"),
        ("GET", "/invitations/{secret}"),
        ("POST", "/invitations/{secret}"),
        ("POST", f"{API}/session"),
        ("POST", f"{API}/session/code"),
        ("GET", "/health"),
        ("GET", "/metrics"),  # has its own key
        ("GET", "/static/{file_path}"),
        ("GET", "/favicon.ico"),
    }
)
"""Method and path template of every route that answers without a session."""

UNCOUNTED: frozenset[tuple[str, str]] = frozenset(
    {
        ("GET", "/health"),
        ("GET", "/metrics"),
        ("GET", "/static/{file_path}"),
        ("GET", "/favicon.ico"),
    }
)
"""Public routes that cost nothing and are asked by machines or many at once."""
_HOST = re.compile(r"(?:[A-Za-z0-9._-]{0,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?")
_PORT_MAX = 65_535
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")
SESSION_KEY = "tram_session"
"""Where the session of a request is kept in its state."""

_Connection = ASGIConnection[Any, Any, Any, Any]


async def needs_session(connection: _Connection, _handler: BaseRouteHandler) -> None:
    """Let through public routes and live sessions; a change by cookie also needs its proof.

    Raises:
        Refused: ``session.needed``, ``session.unproven`` or ``session.foreign``.
        WebSocketException: for a socket, with code 4401 or 4403.
    """
    if not isinstance(connection, Request):
        await _check_socket(connection)
        return
    _check_host(connection)
    method = connection.method
    if method == "OPTIONS":
        return
    template = ("GET" if method == "HEAD" else method, connection.scope["path_template"])
    if template in PUBLIC:
        _check_public(connection, template)
        return
    session = await _load(connection)
    if session is None:
        _count_stranger(connection)
        raise Refused("session.needed", "Nobody is logged in here.", "Log in, then try again.")
    services: Services = connection.app.state.services
    services.rates.ask(session.viewer, services.clock.monotonic_s())
    if method in _SAFE_METHODS:
        return
    if session.viewer.token is None:
        await _check_proof(connection, session)
    else:
        _must_write(session.viewer)


def _check_public(connection: _Connection, template: tuple[str, str]) -> None:
    if template not in UNCOUNTED:
        _count_stranger(connection)
    if template[0] not in _SAFE_METHODS:
        check_same_site(connection)


def _count_stranger(connection: _Connection) -> None:
    """Take one of the requests that an address may make without a session."""
    services: Services = connection.app.state.services
    services.rates.ask_address(address_of(connection), services.clock.monotonic_s())


def _check_host(connection: _Connection) -> None:
    """Refuse a Host that is no host: addresses of pages are made with it."""
    found = _HOST.fullmatch(connection.headers.get("host", ""))
    if found is None or int(found["port"] or 0) > _PORT_MAX:
        raise Refused(
            "request.host", "The header Host names no host.", "Ask with the address of the site."
        )


def _must_write(viewer: Viewer) -> None:
    """Refuse a change by a token that may only read, whatever the route itself would ask for."""
    held = {name for scope in viewer.scopes for name in scope.permissions}
    if all(name.endswith(".read") for name in held):
        raise Refused(
            "access.denied",
            "This API token may only read.",
            "Make one that may also write.",
        )


def check_same_site(connection: _Connection) -> None:
    """Refuse what another site made a browser send; programs send neither header and pass."""
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    host = connection.headers.get("host", "")
    if site not in {None, "same-origin", "none"} or (origin and urlsplit(origin).netloc != host):
        raise Refused(
            "session.foreign",
            "This request was made by a page of another site.",
            "Open the page from this address and try again.",
        )


async def provide_session(request: _Connection) -> PersonSession:
    """Return the session of this request.

    Raises:
        Refused: ``session.needed`` on a public route without one.
    """
    session: PersonSession | None = await _load(request)
    if session is None:
        raise Refused("session.needed", "Nobody is logged in here.", "Log in, then try again.")
    return session


async def provide_viewer(
    request: _Connection, session: NamedDependency[PersonSession]
) -> AsyncGenerator[Viewer, None]:
    """Give on whose behalf this request runs, while its organisation has a turn.

    A live view takes none: it waits most of its time.

    Raises:
        Unavailable: ``queue.full`` when the organisation asks for more than may wait.
    """
    if not isinstance(request, Request):
        yield session.viewer
        return
    async with request_turn(session.viewer.org):
        yield session.viewer


async def provide_services(request: _Connection) -> Services:
    """Return the application's services."""
    services: Services = request.app.state.services
    return services


def address_of(connection: _Connection) -> str:
    """Return the network address of the caller, empty if the server does not know it."""
    return connection.client.host if connection.client else ""


def agent_of(connection: _Connection) -> str:
    """Return what the caller's program calls itself."""
    return connection.headers.get("user-agent", "")


def caller_of(connection: _Connection) -> Caller:
    """Return from where, by what program and with which browser's secrets somebody logs in."""
    return Caller(address_of(connection), agent_of(connection), _carried(connection))


def _carried(connection: _Connection) -> tuple[str, ...]:
    """Return the secrets in the browser's cookie; what has not their form is none."""
    words = connection.cookies.get(BROWSER_COOKIE, "").split(".", CARRIED_MAX)[:CARRIED_MAX]
    return tuple(word for word in words if len(word) == SECRET_CHARACTERS)


def browser_cookie(services: Services, caller: Caller, secret: str) -> Cookie:
    """Return the cookie by which this browser is known from now on, for its other people too."""
    carried = (secret, *caller.browsers)[:CARRIED_MAX]
    return _cookie(services, ".".join(carried), KEPT_MS // 1000, BROWSER_COOKIE)


def session_cookie(services: Services, secret: str, expires_ms: int) -> Cookie:
    """Return the cookie of a new session."""
    seconds = max(0, (expires_ms - services.clock.now_ms()) // 1000)
    return _cookie(services, secret, seconds)


def gone_cookie(services: Services) -> Cookie:
    """Return the cookie that makes the browser forget its session."""
    return _cookie(services, "", 0)


def _cookie(services: Services, value: str, max_age_s: int, name: str = COOKIE) -> Cookie:
    return Cookie(
        key=name,
        value=value,
        max_age=max_age_s,
        path="/",
        httponly=True,
        samesite="lax",
        secure=services.settings.secure_cookies,
    )


async def _check_socket(connection: _Connection) -> None:
    try:
        _check_host(connection)
        check_same_site(connection)
    except Refused as error:
        raise WebSocketException(detail=error.sentence, code=CLOSE_FOREIGN) from error
    try:
        session = await _load(connection)
    except Refused as error:
        raise WebSocketException(detail=error.sentence, code=CLOSE_NO_SESSION) from error
    if session is None:
        raise WebSocketException(detail="Nobody is logged in here.", code=CLOSE_NO_SESSION)


async def _load(connection: _Connection) -> PersonSession | None:
    """Return the session, looked up once per request."""
    if SESSION_KEY not in connection.state:
        connection.state[SESSION_KEY] = await current_session(connection)
    session: PersonSession | None = connection.state[SESSION_KEY]
    return session


async def current_session(connection: _Connection) -> PersonSession | None:
    """Look up who asks: by the token in Authorization where there is one, else by the cookie.

    Raises:
        Refused: ``session.token_wrong`` for a token that opens nothing: a program should know.
    """
    services: Services = connection.app.state.services
    address = address_of(connection)
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.casefold() == "bearer" and _takes_tokens(connection):
        async with entry_turn(token):
            session = await services.registry.api_tokens.viewer(token.strip(), address=address)
        if session is None:
            raise Refused(
                "session.token_wrong",
                "This API token is unknown, over or revoked.",
                "Make a new one on the page of your account.",
            )
        return session
    secret = connection.cookies.get(COOKIE, "")
    if not secret:
        return None
    async with entry_turn(secret):
        return await services.registry.sessions.viewer(secret, address=address)


def _takes_tokens(connection: _Connection) -> bool:
    """Say whether programs may come here: the interface and live views, not the pages."""
    path = connection.scope["path"]
    return path.startswith(f"{API}/") or path == "/live"


async def _check_proof(request: Request[Any, Any, Any], session: PersonSession) -> None:
    given = request.headers.get(CSRF_HEADER, "")
    if not given and request.content_type[0] in FORM_TYPES:
        given = str((await request.form()).get(CSRF_FIELD, ""))
    if not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise Refused(
            "session.unproven",
            "The page was open too long, or another site sent this form.",
            "Load the page again, then repeat the change.",
        )
