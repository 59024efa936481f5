"""Routes of the overview, the audit and the machinery."""

from litestar import Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery

from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import Cursor, PageLimit, TakenServices, TakenViewer
from tram.api.overview.audit import AuditPage, list_audit
from tram.api.overview.overview import Overview, overview
from tram.api.overview.set_aside import AsidePage, list_aside, try_again
from tram.api.overview.system import SystemStatus, system_status
from tram.registry.kernel.audit import AuditFilter

__all__ = ("system_routes",)

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


def system_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        dependencies={"wanted": Provide(provide_audit_filter, sync_to_thread=False)},
        route_handlers=with_every_format(
            [
                get_overview,
                get_audit,
                table_of(
                    get_audit, table=TableFile("audit", _AUDIT_COLUMNS, "Download the audit")
                ),
                get_system,
                get_aside,
                post_aside_again,
            ]
        ),
    )
