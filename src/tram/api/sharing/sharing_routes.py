"""Routes of groups, loans, and who read what was lent."""

from litestar import Router, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import Cursor, PageLimit, TakenServices, TakenViewer
from tram.api.sharing.sharing import (
    FormerDevices,
    GroupForm,
    GroupList,
    GroupView,
    LoanForm,
    LoanList,
    LoanView,
    ReadsPage,
    change_group,
    create_group,
    create_loan,
    former_devices,
    list_groups,
    list_loans,
    list_reads,
    remove_group,
    revoke_loan,
    show_group,
    show_loan,
)
from tram.registry.sharing.views import GroupRow, LoanRow

__all__ = ("sharing_routes",)

_GROUP_COLUMNS = ("id", "org", "org_name", "name", "query", "devices", "loans")
_LOAN_COLUMNS = (
    "id",
    "from_org_name",
    "to_org_name",
    "group_name",
    "devices",
    "metrics",
    "purpose",
    "basis",
    "standing",
    "created_ms",
    "until_ms",
    "revoked_ms",
)
_READ_COLUMNS = (
    "id",
    "at_ms",
    "device",
    "device_name",
    "person_name",
    "by_org_name",
    "what",
    "metric",
)
_FORMER_COLUMNS = ("device", "name", "org", "org_name", "until_ms")


@get("/groups", summary="List groups", tags=["sharing"])
async def get_groups(
    services: TakenServices,
    viewer: TakenViewer,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> GroupList:
    """Groups of devices, static or by a condition."""
    return await list_groups(services, viewer, cursor, limit)


@post("/groups", summary="Make a group", tags=["sharing"])
async def post_group(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[GroupForm]
) -> GroupRow:
    """Named devices, or a condition that is kept evaluated."""
    return await create_group(services, viewer, data)


@get("/groups/{group:int}", summary="One group", tags=["sharing"])
async def get_group(
    services: TakenServices, viewer: TakenViewer, group: FromPath[int]
) -> GroupView:
    """The group with its devices."""
    return await show_group(services, viewer, group)


@put("/groups/{group:int}", summary="Replace a group", tags=["sharing"])
async def put_group(
    services: TakenServices,
    viewer: TakenViewer,
    group: FromPath[int],
    data: JSONBody[GroupForm],
) -> GroupRow:
    """Loans of the group follow at once."""
    return await change_group(services, viewer, group, data)


@delete("/groups/{group:int}", summary="Remove a group", tags=["sharing"], status_code=204)
async def delete_group(services: TakenServices, viewer: TakenViewer, group: FromPath[int]) -> None:
    """Refused while the group is lent."""
    await remove_group(services, viewer, group)


@get("/loans", summary="List loans", tags=["sharing"])
async def get_loans(
    services: TakenServices,
    viewer: TakenViewer,
    *,
    past: FromQuery[bool] = False,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> LoanList:
    """What the viewer's organisations lend and borrow."""
    return await list_loans(services, viewer, past=past, cursor=cursor, limit=limit)


@post("/loans", summary="Lend devices or a group", tags=["sharing"])
async def post_loan(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[LoanForm]
) -> LoanRow:
    """The borrower sees the data at once."""
    return await create_loan(services, viewer, data)


@get("/loans/{loan:int}", summary="One loan", tags=["sharing"])
async def get_loan(services: TakenServices, viewer: TakenViewer, loan: FromPath[int]) -> LoanView:
    """The loan with the devices that it lends now."""
    return await show_loan(services, viewer, loan)


@delete("/loans/{loan:int}", summary="Revoke a loan", tags=["sharing"], status_code=204)
async def delete_loan(services: TakenServices, viewer: TakenViewer, loan: FromPath[int]) -> None:
    """Ends it at once, for history as well as live."""
    await revoke_loan(services, viewer, loan)


@get("/reads", summary="Who read my data", tags=["sharing"])
async def get_reads(
    services: TakenServices,
    viewer: TakenViewer,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> ReadsPage:
    """People of other organisations who read what was lent to them, newest first."""
    return await list_reads(services, viewer, cursor, limit)


@get("/former-devices", summary="Devices once one's own", tags=["sharing"])
async def get_former_devices(
    services: TakenServices,
    viewer: TakenViewer,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> FormerDevices:
    """Their readings of that time stay readable under `/devices/{device}/readings`."""
    return await former_devices(services, viewer, cursor, limit)


def sharing_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_groups,
                table_of(get_groups, table=TableFile("groups", _GROUP_COLUMNS, "Download groups")),
                post_group,
                get_group,
                put_group,
                delete_group,
                get_loans,
                table_of(get_loans, table=TableFile("loans", _LOAN_COLUMNS, "Download loans")),
                post_loan,
                get_loan,
                delete_loan,
                get_reads,
                table_of(
                    get_reads, table=TableFile("reads", _READ_COLUMNS, "Download who read my data")
                ),
                get_former_devices,
                table_of(
                    get_former_devices,
                    table=TableFile(
                        "former-devices", _FORMER_COLUMNS, "Download devices once one's own"
                    ),
                ),
            ]
        ),
    )
