"""Routes of the session and of the person logged in."""

from typing import Any

import msgspec
from litestar import Request, Response

from tram.api.http.login import (
    Caller,
    CodeWanted,
    LogIn,
    LogInCode,
    Me,
    NewLogIn,
    answer_code,
    current_person,
    log_in,
    log_out,
    set_preferences,
)
from tram.api.http.route_table import delete, get, post, put, tagged
from tram.api.http.services import Services
from tram.api.http.session import COOKIE, browser_cookie, caller_of, gone_cookie, session_cookie
from tram.registry.kernel.views import PersonSession

__all__ = ("ROUTES",)


class OpenedSession(msgspec.Struct, frozen=True):
    """A session was opened; its secret is in the cookie, ``csrf`` goes into X-CSRF-Token.

    With a second factor there is only a ``challenge`` yet (202): send it to ``/session/code``.
    """

    csrf: str
    expires_ms: int
    challenge: str = ""


async def post_session(
    request: Request[Any, Any, Any], services: Services, data: LogIn
) -> Response[OpenedSession]:
    """Sets the session's cookie; with a second factor it answers a challenge instead."""
    caller = caller_of(request)
    opened = await log_in(services, data, caller)
    if isinstance(opened, CodeWanted):
        waiting = OpenedSession("", opened.expires_ms, opened.challenge)
        return Response(waiting, status_code=202, headers={"Cache-Control": "no-store"})
    return _opened(services, opened, caller)


async def post_session_code(
    request: Request[Any, Any, Any], services: Services, data: LogInCode
) -> Response[OpenedSession]:
    """The second step of a log-in: the challenge and a one-time or recovery code."""
    caller = caller_of(request)
    return _opened(services, await answer_code(services, data, caller), caller)


async def delete_session(request: Request[Any, Any, Any], services: Services) -> Response[None]:
    """Ends the session everywhere, live connections included."""
    await log_out(services, request.cookies.get(COOKIE, ""))
    return Response(None, cookies=[gone_cookie(services)])


async def get_me(services: Services, session: PersonSession) -> Me:
    """The person, the language, and what the person may do where."""
    return current_person(services, session)


def _opened(services: Services, opened: NewLogIn, caller: Caller) -> Response[OpenedSession]:
    return Response(
        OpenedSession(opened.csrf, opened.expires_ms),
        cookies=[
            session_cookie(services, opened.secret, opened.expires_ms),
            browser_cookie(services, caller, opened.browser),
        ],
        headers={"Cache-Control": "no-store"},
    )


_SESSION = tagged(
    "session",
    post("/session", post_session, "Log in"),
    post("/session/code", post_session_code, "Answer with a one-time code", noun="session_code"),
    delete("/session", delete_session, "Log out"),
)
_PEOPLE = tagged(
    "people",
    get("/me", get_me, "Who is logged in"),
    put(
        "/me/preferences",
        set_preferences,
        "Choose language and theme",
        "Kept with the person, for all their sessions.",
        status=204,
    ),
)
ROUTES = _SESSION + _PEOPLE
