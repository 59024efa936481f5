"""Routes of the session, the person logged in, the audit and the machinery."""

from typing import Any

import msgspec
from litestar import Request, Response, Router, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from tram.api.aside import AsidePage, list_aside, try_again
from tram.api.audit import AuditPage, list_audit
from tram.api.endpoints.taken import (
    Cursor,
    PageLimit,
    TakenServices,
    TakenSession,
    TakenViewer,
)
from tram.api.login import (
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
from tram.api.overview import Overview, overview
from tram.api.paging import LIMIT_DEFAULT, LIMIT_MAX
from tram.api.services import Services
from tram.api.session import COOKIE, browser_cookie, caller_of, gone_cookie, session_cookie
from tram.api.system import SystemStatus, system_status
from tram.api.tables import CsvPage, csv_response, with_every_format
from tram.registry.kernel.audit import AuditFilter

__all__ = ("people_routes",)

_AUDIT_COLUMNS = (
    "id",
    "at_ms",
    "person_name",
    "action",
    "noun",
    "noun_id",
    "before",
    "after",
    "address",
)


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


@get("/overview", summary="Where we stand", tags=["overview"])
async def get_overview(services: TakenServices, viewer: TakenViewer) -> Overview:
    """Devices by state and sector, zones, refusals of the last 24 hours, the machinery."""
    return await overview(services, viewer)


def provide_audit_filter(
    search: FromQuery[str] = "",
    action: FromQuery[str] = "",
    since_ms: FromQuery[int | None] = None,
    until_ms: FromQuery[int | None] = None,
) -> AuditFilter:
    """Read the filter of the audit from the address (UTC epoch milliseconds)."""
    return AuditFilter(search=search, action=action, since_ms=since_ms, until_ms=until_ms)


TakenAuditFilter = NamedDependency[AuditFilter]


@get("/audit", summary="Who changed what", tags=["audit"])
async def get_audit(
    services: TakenServices,
    viewer: TakenViewer,
    wanted: TakenAuditFilter,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> AuditPage:
    """Newest first; `search` finds words of person, action or address."""
    return await list_audit(services, viewer, wanted, cursor, limit)


@get("/audit.csv", summary="Download the audit", tags=["audit"], media_type="text/csv")
async def get_audit_csv(
    services: TakenServices, viewer: TakenViewer, wanted: TakenAuditFilter
) -> Stream:
    """The same list as CSV."""

    async def fetch(cursor: str | None) -> CsvPage:
        """Return the page after a cursor."""
        page = await list_audit(services, viewer, wanted, cursor, LIMIT_MAX)
        return page.items, page.next

    return await csv_response("audit", _AUDIT_COLUMNS, fetch)


@get("/system", summary="State of the machinery", tags=["system"])
async def get_system(services: TakenServices, viewer: TakenViewer) -> SystemStatus:
    """Whether readings arrive; operators also get the figures."""
    return await system_status(services, viewer)


@get("/system/aside", summary="What loops have set aside", tags=["system"])
async def get_aside(services: TakenServices, viewer: TakenViewer) -> AsidePage:
    """The newest 200 of your organisations: what raised in a loop, its reason, how often."""
    return await list_aside(services, viewer)


@post(
    "/system/aside/{entry:int}/again",
    summary="Try again what was set aside",
    tags=["system"],
    status_code=204,
)
async def post_aside_again(
    services: TakenServices, viewer: TakenViewer, entry: FromPath[int]
) -> None:
    """The loop takes it up again; what raises once more is set aside once more."""
    await try_again(services, viewer, entry)


def _opened(services: Services, opened: NewLogIn, caller: Caller) -> Response[OpenedSession]:
    return Response(
        OpenedSession(opened.csrf, opened.expires_ms),
        cookies=[
            session_cookie(services, opened.secret, opened.expires_ms),
            browser_cookie(services, caller, opened.browser),
        ],
        headers={"Cache-Control": "no-store"},
    )


def people_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        dependencies={"wanted": Provide(provide_audit_filter, sync_to_thread=False)},
        route_handlers=with_every_format(
            [
                post_session,
                post_session_code,
                delete_session,
                get_me,
                put_preferences,
                get_overview,
                get_audit,
                get_audit_csv,
                get_system,
                get_aside,
                post_aside_again,
            ]
        ),
    )
