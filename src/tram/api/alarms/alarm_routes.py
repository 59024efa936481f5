"""Routes of alarms, rules and what surrounds them."""

from tram.api.alarms import alarms, notification_setup
from tram.api.http.list_files import TableFile
from tram.api.http.route_table import delete, get, post, put, tagged
from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer

__all__ = ("ROUTES",)

_COLUMNS = (
    "id severity state rule_name device device_name org_name zone_name sector started_ms ended_ms"
    " count value held acked_by acked_ms assignee_name incident retro drill synthetic"
)


async def delete_chain(services: Services, viewer: Viewer, chain: int) -> None:
    """Rules that name it tell nobody any more."""
    await notification_setup.remove_setup(services, viewer, "chain", chain)


async def delete_calendar(services: Services, viewer: Viewer, calendar: int) -> None:
    """Steps that name it are always taken."""
    await notification_setup.remove_setup(services, viewer, "calendar", calendar)


async def delete_webhook(services: Services, viewer: Viewer, webhook: int) -> None:
    """It is not called any more."""
    await notification_setup.remove_setup(services, viewer, "webhook", webhook)


ROUTES = tagged(
    "alarms",
    get(
        "/alarms",
        alarms.list_alarms,
        "List alarms",
        "Newest first; ``state`` is open, active, acked, cleared, over or all.",
        files=(TableFile("alarms", "Download alarms", _COLUMNS),),
    ),
    get(
        "/alarms/counts",
        alarms.alarm_counts,
        "Count open alarms",
        "What waits, by severity.",
        noun="alarm_counts",
    ),
    post(
        "/alarms/acts",
        alarms.act_on_alarms,
        "Handle alarms",
        "Acknowledge, clear, comment, assign, shelve or unshelve up to 1,000 alarms at once.",
    ),
    get(
        "/alarms/{alarm:int}",
        alarms.show_alarm,
        "One alarm",
        "With the version of the rule that raised it, and everything that happened since.",
        files=("events",),
    ),
    get(
        "/alarms/setup",
        notification_setup.alarm_setup,
        "What surrounds the alarms",
        "Chains, calendars, webhooks, windows, drills, and one's own settings.",
        files=("chains", "calendars", "webhooks", "windows", "drills"),
    ),
    post(
        "/alarms/chains",
        notification_setup.add_chain,
        "Add a chain",
        "Who is told in which order.",
    ),
    delete("/alarms/chains/{chain:int}", delete_chain, "Remove a chain"),
    post(
        "/alarms/calendars",
        notification_setup.add_calendar,
        "Add a calendar",
        "Hours of the week, but not on holidays.",
    ),
    delete("/alarms/calendars/{calendar:int}", delete_calendar, "Remove a calendar"),
    post(
        "/alarms/webhooks",
        notification_setup.add_webhook,
        "Add a webhook",
        "Calls are signed; private addresses are refused.",
    ),
    delete("/alarms/webhooks/{webhook:int}", delete_webhook, "Remove a webhook"),
    post(
        "/alarms/windows",
        notification_setup.add_window,
        "Announce work",
        "Alarms of that place stay quiet meanwhile.",
    ),
    post(
        "/alarms/windows/{window:int}/end",
        notification_setup.end_window,
        "End announced work",
        "Alarms that are still there are told of now.",
        noun="window_end",
    ),
    post(
        "/alarms/drills",
        notification_setup.start_drill,
        "Begin a drill",
        "Notices stay within one's organisation until it ends.",
    ),
    post(
        "/alarms/drills/{drill:int}/end",
        notification_setup.end_drill,
        "End a drill",
        "From now on alarms are real.",
        noun="drill_end",
    ),
    put(
        "/alarms/contact",
        notification_setup.put_contact,
        "How to tell me",
        "E-mail address, least severity, quiet hours.",
        noun="own_contact",
    ),
    post(
        "/alarms/test",
        notification_setup.test_notice,
        "Send a test notice",
        "To oneself, or to a webhook.",
    ),
    post(
        "/alarms/filters",
        notification_setup.save_filter,
        "Keep a filter",
        "A query of the console under a name of one's own.",
    ),
    delete(
        "/alarms/filters/{filter_id:int}",
        notification_setup.remove_filter,
        "Forget a filter",
        "Only one's own.",
        noun="filter",
    ),
    get(
        "/alarms/notices",
        alarms.list_notices,
        "The delivery log",
        "What was sent to whom, when, and what came of it.",
    ),
    put(
        "/devices/{device:int}/parent",
        notification_setup.set_parent,
        "Through which device it speaks",
        "The parent's silence explains that of its children.",
    ),
    get("/rules", alarms.list_rules, "List rules", "The last changed first."),
    post("/rules", alarms.create_rule, "Add a rule", "Switched off unless ``enabled``."),
    post(
        "/rules/trial",
        alarms.try_on_history,
        "Try a rule on history",
        "What it would have raised on the last days, with the list.",
    ),
    get("/rules/{rule:int}", alarms.show_rule, "One rule", "With its newest version."),
    put(
        "/rules/{rule:int}",
        alarms.change_rule,
        "Change a rule",
        "The version before stays; its open alarms end.",
    ),
    post(
        "/rules/{rule:int}/switch",
        alarms.switch_rule,
        "Switch a rule on or off",
        "Off ends its open alarms.",
    ),
    delete(
        "/rules/{rule:int}", alarms.remove_rule, "Remove a rule", "Its alarms and versions stay."
    ),
)
