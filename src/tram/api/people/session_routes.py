"""Routes of the session and of the person logged in."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, delete, get, post, put
from litestar.params import JSONBody

from tram.api.http.login import (
    Caller,
    CodeWanted,
    LogIn,
    LogInCode,
    Me,
    NewLogIn,
    Preferences,
    answer_code,
    current_person,
    log_in,
    log_out,
    set_preferences,
)
from tram.api.http.parameters import (
    TakenServices,
    TakenSession,
    TakenViewer,
)
from tram.api.http.services import Services
from tram.api.http.session import COOKIE, browser_cookie, caller_of, gone_cookie, session_cookie

__all__ = ("session_routes",)


class OpenedSession(msgspec.Struct, frozen=True):
    """A session was opened; its secret is in the cookie, ``csrf`` goes into X-CSRF-Token.

    With a second factor there is only a ``challenge`` yet (202): send it to ``/session/code``.
    """

    csrf: str
    expires_ms: int
    challenge: str = ""


@post("/session", summary="Log in", tags=["session"], status_code=201)
async def post_session(
    request: Request[Any, Any, Any], services: TakenServices, data: JSONBody[LogIn]
) -> Response[OpenedSession]:
    """Sets the session's cookie; with a second factor it answers a challenge instead."""
    caller = caller_of(request)
    opened = await log_in(services, data, caller)
    if isinstance(opened, CodeWanted):
        waiting = OpenedSession("", opened.expires_ms, opened.challenge)
        return Response(waiting, status_code=202, headers={"Cache-Control": "no-store"})
    return _opened(services, opened, caller)


@post("/session/code", summary="Answer with a one-time code", tags=["session"], status_code=201)
async def post_session_code(
    request: Request[Any, Any, Any], services: TakenServices, data: JSONBody[LogInCode]
) -> Response[OpenedSession]:
    """The second step of a log-in: the challenge and a one-time or recovery code."""
    caller = caller_of(request)
    return _opened(services, await answer_code(services, data, caller), caller)


@delete("/session", summary="Log out", tags=["session"], status_code=204)
async def delete_session(
    request: Request[Any, Any, Any], services: TakenServices
) -> Response[None]:
    """Ends the session everywhere, live connections included."""
    await log_out(services, request.cookies.get(COOKIE, ""))
    return Response(None, cookies=[gone_cookie(services)])


@get("/me", summary="Who is logged in", tags=["people"])
async def get_me(services: TakenServices, session: TakenSession) -> Me:
    """The person, the language, and what the person may do where."""
    return current_person(services, session)


@put("/me/preferences", summary="Choose language and theme", tags=["people"], status_code=204)
async def put_preferences(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[Preferences]
) -> None:
    """Kept with the person, for all their sessions."""
    await set_preferences(services, viewer, data)


def _opened(services: Services, opened: NewLogIn, caller: Caller) -> Response[OpenedSession]:
    return Response(
        OpenedSession(opened.csrf, opened.expires_ms),
        cookies=[
            session_cookie(services, opened.secret, opened.expires_ms),
            browser_cookie(services, caller, opened.browser),
        ],
        headers={"Cache-Control": "no-store"},
    )


def session_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=[
            post_session,
            post_session_code,
            delete_session,
            get_me,
            put_preferences,
        ],
    )
