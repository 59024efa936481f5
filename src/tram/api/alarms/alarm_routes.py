"""Routes of alarms, rules and what surrounds them."""

from typing import Annotated

from litestar import Router, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from tram.api.alarms.alarms import (
    Acted,
    ActForm,
    AlarmList,
    NoticeList,
    RuleList,
    SwitchForm,
    TrialForm,
    act_on_alarms,
    alarm_counts,
    change_rule,
    create_rule,
    list_alarms,
    list_notices,
    list_rules,
    remove_rule,
    show_alarm,
    show_rule,
    switch_rule,
    try_on_history,
)
from tram.api.alarms.notification_setup import (
    AlarmSetupView,
    DrillForm,
    FilterForm,
    Made,
    ParentForm,
    Tested,
    TestForm,
    add_calendar,
    add_chain,
    add_webhook,
    add_window,
    alarm_setup,
    end_drill,
    end_window,
    put_contact,
    remove_filter,
    remove_setup,
    save_filter,
    set_parent,
    start_drill,
    test_notice,
)
from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import Cursor, PageLimit, TakenServices, TakenViewer
from tram.fleet.alarms.rulebook.trial import Trial
from tram.fleet.alarms.views import (
    AlarmCounts,
    AlarmDetail,
    AlarmFilter,
    Calendar,
    Chain,
    Contact,
    NewMaintenance,
    NewRule,
    RuleRow,
    Webhook,
)

__all__ = ("alarm_routes", "provide_alarm_filter")

_COLUMNS = (
    "id", "severity", "state", "rule_name", "device", "device_name", "org_name", "zone_name",
    "sector", "started_ms", "ended_ms", "count", "value", "held", "acked_by", "acked_ms",
    "assignee_name", "incident", "retro", "drill", "synthetic",
)  # fmt: skip


async def provide_alarm_filter(  # noqa: PLR0913, PLR0917  # the filters of one list
    alarm_state: Annotated[str, QueryParameter(name="state")] = "open",
    severity: FromQuery[str | None] = None,
    sector: FromQuery[str | None] = None,
    zone: FromQuery[int | None] = None,
    device: FromQuery[int | None] = None,
    rule: FromQuery[int | None] = None,
    incident: FromQuery[int | None] = None,
    held: FromQuery[bool] = False,  # noqa: FBT002  # a query parameter
    search: FromQuery[str] = "",
) -> AlarmFilter:
    """Read the filter of the alarm list from the query."""
    return AlarmFilter(
        state=alarm_state, severity=severity or None, sector=sector or None, zone=zone,
        device=device, rule=rule, incident=incident, held=held, search=search,
    )  # fmt: skip


_FILTERED = {"wanted": Provide(provide_alarm_filter)}


@get("/alarms", summary="List alarms", dependencies=_FILTERED)
async def get_alarms(
    services: TakenServices,
    viewer: TakenViewer,
    wanted: NamedDependency[AlarmFilter],
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> AlarmList:
    """Newest first; ``state`` is open, active, acked, cleared, over or all."""
    return await list_alarms(services, viewer, wanted, cursor, limit)


@get("/alarms/counts", summary="Count open alarms")
async def get_alarm_counts(services: TakenServices, viewer: TakenViewer) -> AlarmCounts:
    """What waits, by severity."""
    return await alarm_counts(services, viewer)


@post("/alarms/acts", summary="Handle alarms")
async def post_act(services: TakenServices, viewer: TakenViewer, data: JSONBody[ActForm]) -> Acted:
    """Acknowledge, clear, comment, assign, shelve or unshelve up to 1,000 alarms at once."""
    return await act_on_alarms(services, viewer, data)


@get("/alarms/{alarm:int}", summary="One alarm")
async def get_alarm(
    services: TakenServices, viewer: TakenViewer, alarm: FromPath[int]
) -> AlarmDetail:
    """With the version of the rule that raised it, and everything that happened since."""
    return await show_alarm(services, viewer, alarm)


@get("/alarms/setup", summary="What surrounds the alarms")
async def get_setup(services: TakenServices, viewer: TakenViewer) -> AlarmSetupView:
    """Chains, calendars, webhooks, windows, drills, and one's own settings."""
    return await alarm_setup(services, viewer)


@post("/alarms/chains", summary="Add a chain")
async def post_chain(services: TakenServices, viewer: TakenViewer, data: JSONBody[Chain]) -> Made:
    """Who is told in which order."""
    return await add_chain(services, viewer, data)


@delete("/alarms/chains/{chain:int}", summary="Remove a chain")
async def delete_chain(services: TakenServices, viewer: TakenViewer, chain: FromPath[int]) -> None:
    """Rules that name it tell nobody any more."""
    await remove_setup(services, viewer, "chain", chain)


@post("/alarms/calendars", summary="Add a calendar")
async def post_calendar(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[Calendar]
) -> Made:
    """Hours of the week, but not on holidays."""
    return await add_calendar(services, viewer, data)


@delete("/alarms/calendars/{calendar:int}", summary="Remove a calendar")
async def delete_calendar(
    services: TakenServices, viewer: TakenViewer, calendar: FromPath[int]
) -> None:
    """Steps that name it are always taken."""
    await remove_setup(services, viewer, "calendar", calendar)


@post("/alarms/webhooks", summary="Add a webhook")
async def post_webhook(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[Webhook]
) -> Made:
    """Calls are signed; private addresses are refused."""
    return await add_webhook(services, viewer, data)


@delete("/alarms/webhooks/{webhook:int}", summary="Remove a webhook")
async def delete_webhook(
    services: TakenServices, viewer: TakenViewer, webhook: FromPath[int]
) -> None:
    """It is not called any more."""
    await remove_setup(services, viewer, "webhook", webhook)


@post("/alarms/windows", summary="Announce work")
async def post_window(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[NewMaintenance]
) -> Made:
    """Alarms of that place stay quiet meanwhile."""
    return await add_window(services, viewer, data)


@post("/alarms/windows/{window:int}/end", summary="End announced work")
async def post_window_end(
    services: TakenServices, viewer: TakenViewer, window: FromPath[int]
) -> None:
    """Alarms that are still there are told of now."""
    await end_window(services, viewer, window)


@post("/alarms/drills", summary="Begin a drill")
async def post_drill(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[DrillForm]
) -> Made:
    """Notices stay within one's organisation until it ends."""
    return await start_drill(services, viewer, data)


@post("/alarms/drills/{drill:int}/end", summary="End a drill")
async def post_drill_end(
    services: TakenServices, viewer: TakenViewer, drill: FromPath[int]
) -> None:
    """From now on alarms are real."""
    await end_drill(services, viewer, drill)


@put("/alarms/contact", summary="How to tell me")
async def put_own_contact(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[Contact]
) -> Contact:
    """E-mail address, least severity, quiet hours."""
    return await put_contact(services, viewer, data)


@post("/alarms/test", summary="Send a test notice")
async def post_test(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[TestForm]
) -> Tested:
    """To oneself, or to a webhook."""
    return await test_notice(services, viewer, data)


@post("/alarms/filters", summary="Keep a filter")
async def post_filter(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[FilterForm]
) -> Made:
    """A query of the console under a name of one's own."""
    return await save_filter(services, viewer, data)


@delete("/alarms/filters/{filter_id:int}", summary="Forget a filter")
async def delete_filter(
    services: TakenServices, viewer: TakenViewer, filter_id: FromPath[int]
) -> None:
    """Only one's own."""
    await remove_filter(services, viewer, filter_id)


@get("/alarms/notices", summary="The delivery log")
async def get_notices(
    services: TakenServices, viewer: TakenViewer, alarm: FromQuery[int | None] = None
) -> NoticeList:
    """What was sent to whom, when, and what came of it."""
    return await list_notices(services, viewer, alarm)


@put("/devices/{device:int}/parent", summary="Through which device it speaks")
async def put_parent(
    services: TakenServices,
    viewer: TakenViewer,
    device: FromPath[int],
    data: JSONBody[ParentForm],
) -> None:
    """The parent's silence explains that of its children."""
    await set_parent(services, viewer, device, data)


@get("/rules", summary="List rules")
async def get_rules(
    services: TakenServices,
    viewer: TakenViewer,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> RuleList:
    """The last changed first."""
    return await list_rules(services, viewer, cursor, limit)


@post("/rules", summary="Add a rule")
async def post_rule(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[NewRule]
) -> RuleRow:
    """Switched off unless ``enabled``."""
    return await create_rule(services, viewer, data)


@post("/rules/trial", summary="Try a rule on history")
async def post_trial(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[TrialForm]
) -> Trial:
    """What it would have raised on the last days, with the list."""
    return await try_on_history(services, viewer, data)


@get("/rules/{rule:int}", summary="One rule")
async def get_rule(services: TakenServices, viewer: TakenViewer, rule: FromPath[int]) -> RuleRow:
    """With its newest version."""
    return await show_rule(services, viewer, rule)


@put("/rules/{rule:int}", summary="Change a rule")
async def put_rule(
    services: TakenServices, viewer: TakenViewer, rule: FromPath[int], data: JSONBody[NewRule]
) -> RuleRow:
    """The version before stays; its open alarms end."""
    return await change_rule(services, viewer, rule, data)


@post("/rules/{rule:int}/switch", summary="Switch a rule on or off")
async def post_switch(
    services: TakenServices, viewer: TakenViewer, rule: FromPath[int], data: JSONBody[SwitchForm]
) -> RuleRow:
    """Off ends its open alarms."""
    return await switch_rule(services, viewer, rule, data)


@delete("/rules/{rule:int}", summary="Remove a rule")
async def delete_rule(services: TakenServices, viewer: TakenViewer, rule: FromPath[int]) -> None:
    """Its alarms and versions stay."""
    await remove_rule(services, viewer, rule)


def alarm_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format([
            get_alarms, table_of(get_alarms, table=TableFile("alarms", _COLUMNS, "Download alarms")), get_alarm_counts, post_act, get_alarm, get_setup,
            post_chain, delete_chain, post_calendar, delete_calendar, post_webhook,
            delete_webhook, post_window, post_window_end, post_drill, post_drill_end,
            put_own_contact, post_test, post_filter, delete_filter, get_notices, put_parent,
            get_rules, post_rule, post_trial, get_rule, put_rule, post_switch, delete_rule, table_of(get_setup, "chains"), table_of(get_setup, "calendars"), table_of(get_setup, "webhooks"), table_of(get_setup, "windows"), table_of(get_setup, "drills"), table_of(get_alarm, "events"),]),
        tags=["alarms"],
    )  # fmt: skip
