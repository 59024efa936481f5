"""Routes of official counts and targets."""

from datetime import date
from typing import Annotated

from litestar import Router, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import AsOf, Cursor, PageLimit, TakenServices, TakenViewer
from tram.api.network.counts import (
    CountEntries,
    CountForm,
    CountSeries,
    CountTableView,
    OperatorList,
    SpokesForm,
    WithdrawalForm,
    correct_count,
    count_entries,
    count_series,
    count_table,
    enter_count,
    link_operator,
    list_operators,
    show_count,
    withdraw_count,
)
from tram.api.network.targets import (
    CountingRules,
    TargetCourse,
    TargetList,
    TargetProgressView,
    change_target,
    create_target,
    list_counting_rules,
    list_targets,
    retire_target,
    show_target,
    target_course,
    target_lines,
)
from tram.rollout.inventory.counts import PROVINCE
from tram.rollout.inventory.views import CountEntry, NewTarget, Operator, TargetEdit

__all__ = ("count_routes",)

Where = Annotated[
    str, QueryParameter(name="scope", description="province, zone:CODE or commune:CODE.")
]

_ROW_COLUMNS = (
    "code",
    "name",
    "stations_4g",
    "stations_5g",
    "ratio_percent",
    "share_4g_percent",
    "share_5g_percent",
    "as_of_4g",
    "as_of_5g",
)
_SERIES_COLUMNS = ("as_of", "stations_4g", "stations_5g", "ratio_percent")
_TARGET_COLUMNS = (
    "key",
    "name_vi",
    "name_en",
    "value",
    "unit",
    "deadline",
    "source",
    "day",
    "there",
    "base",
    "ratio_percent",
    "needed",
    "gap",
    "days_left",
    "days_over",
    "needed_per_day",
    "pace_so_far",
    "forecast",
    "verdict",
)


@get("/operators", summary="Mobile operators", tags=["counts"])
async def get_operators(services: TakenServices, viewer: TakenViewer) -> OperatorList:
    """Those whose stations are counted."""
    return await list_operators(services, viewer)


@put("/operators/{operator:int}", summary="Say who speaks for an operator", tags=["counts"])
async def put_operator(
    services: TakenServices,
    viewer: TakenViewer,
    operator: FromPath[int],
    data: JSONBody[SpokesForm],
) -> Operator:
    """The people of one organisation; for who keeps the province's data."""
    return await link_operator(services, viewer, operator, data)


@get("/counts", summary="Stations as of a day", tags=["counts"])
async def get_counts(
    services: TakenServices, viewer: TakenViewer, as_of: AsOf = None, where: Where = PROVINCE
) -> CountTableView:
    """4G, 5G and their ratio by operator, with day and source of each figure."""
    return await count_table(services, viewer, as_of, where)


@get("/counts/series", summary="Course of the counts", tags=["counts"])
async def get_series(
    services: TakenServices,
    viewer: TakenViewer,
    until: FromQuery[date | None] = None,
    operator: FromQuery[int | None] = None,
) -> CountSeries:
    """All operators, or one; oldest first."""
    return await count_series(services, viewer, until, operator)


@get("/counts/entries", summary="Entries behind the counts", tags=["counts"])
async def get_entries(
    services: TakenServices,
    viewer: TakenViewer,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> CountEntries:
    """Newest first, with who entered them and what corrected them."""
    return await count_entries(services, viewer, cursor, limit)


@post("/counts/entries", summary="Enter a count", tags=["counts"])
async def post_entry(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[CountForm]
) -> CountEntry:
    """A later count extends the series; entries are never overwritten."""
    return await enter_count(services, viewer, data)


@get("/counts/entries/{entry:int}", summary="One entry", tags=["counts"])
async def get_entry(
    services: TakenServices, viewer: TakenViewer, entry: FromPath[int]
) -> CountEntry:
    """The entry with its source."""
    return await show_count(services, viewer, entry)


@post("/counts/entries/{entry:int}/correction", summary="Correct an entry", tags=["counts"])
async def post_correction(
    services: TakenServices,
    viewer: TakenViewer,
    entry: FromPath[int],
    data: JSONBody[CountForm],
) -> CountEntry:
    """The new entry takes the place of the wrong one, which stays on record."""
    return await correct_count(services, viewer, entry, data)


@post("/counts/entries/{entry:int}/withdrawal", summary="Withdraw an entry", tags=["counts"])
async def post_withdrawal(
    services: TakenServices,
    viewer: TakenViewer,
    entry: FromPath[int],
    data: JSONBody[WithdrawalForm],
) -> CountEntry:
    """The table goes on without it; it stays on record."""
    return await withdraw_count(services, viewer, entry, data)


@get("/targets", summary="Targets as of a day", tags=["targets"])
async def get_targets(
    services: TakenServices, viewer: TakenViewer, as_of: AsOf = None
) -> TargetList:
    """Distance, needed pace, pace so far, forecast, verdict, and the operators' shares."""
    return await list_targets(services, viewer, as_of)


@get("/targets/{target:int}", summary="One target", tags=["targets"])
async def get_target(
    services: TakenServices, viewer: TakenViewer, target: FromPath[int], as_of: AsOf = None
) -> TargetProgressView:
    """Where the target stands as of a day."""
    return await show_target(services, viewer, target, as_of)


@post("/targets", summary="Add a target", tags=["targets"])
async def post_target(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[NewTarget]
) -> TargetProgressView:
    """With its source document, its base and the rule that counts it."""
    return await create_target(services, viewer, data)


@put("/targets/{target:int}", summary="Change a target", tags=["targets"])
async def put_target(
    services: TakenServices,
    viewer: TakenViewer,
    target: FromPath[int],
    data: JSONBody[TargetEdit],
) -> TargetProgressView:
    """The audit keeps what was there before."""
    return await change_target(services, viewer, target, data)


@delete("/targets/{target:int}", summary="Retire a target", tags=["targets"])
async def delete_target(
    services: TakenServices, viewer: TakenViewer, target: FromPath[int]
) -> None:
    """The list goes on without it."""
    await retire_target(services, viewer, target)


@get("/targets/{target:int}/course", summary="The way to a target", tags=["targets"])
async def get_course(
    services: TakenServices, viewer: TakenViewer, target: FromPath[int], as_of: AsOf = None
) -> TargetCourse:
    """The way so far and the standing, for a chart."""
    return await target_course(services, viewer, target, as_of)


@get("/counting-rules", summary="How stations may be counted", tags=["targets"])
async def get_counting_rules(services: TakenServices, viewer: TakenViewer) -> CountingRules:
    """Each rule with its source."""
    return await list_counting_rules(services, viewer)


def count_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_operators,
                put_operator,
                get_counts,
                table_of(
                    get_counts,
                    table=TableFile(
                        "counts", _ROW_COLUMNS, "Download stations", lambda found: found.rows
                    ),
                ),
                get_series,
                table_of(
                    get_series,
                    table=TableFile("counts-series", _SERIES_COLUMNS, "Download the course"),
                ),
                get_entries,
                post_entry,
                get_entry,
                post_correction,
                post_withdrawal,
                get_targets,
                table_of(
                    get_targets,
                    table=TableFile("targets", _TARGET_COLUMNS, "Download targets", target_lines),
                ),
                post_target,
                get_target,
                put_target,
                delete_target,
                get_course,
                table_of(get_course, "points"),
                table_of(get_target, "operators"),
                table_of(get_target, "allocations"),
                get_counting_rules,
            ]
        ),
    )
