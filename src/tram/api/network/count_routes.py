"""Routes of official counts and targets."""

from tram.api.http.list_files import TableFile
from tram.api.http.route_table import delete, get, post, put, tagged
from tram.api.network import counts, targets

__all__ = ("ROUTES",)


_ROW_COLUMNS = (
    "code name stations_4g stations_5g ratio_percent share_4g_percent share_5g_percent as_of_4g"
    " as_of_5g"
)
_TARGET_COLUMNS = (
    "key name_vi name_en value unit deadline source day there base ratio_percent needed gap"
    " days_left days_over needed_per_day pace_so_far forecast verdict"
)

_COUNTS = tagged(
    "counts",
    get(
        "/operators",
        counts.list_operators,
        "Mobile operators",
        "Those whose stations are counted.",
    ),
    put(
        "/operators/{operator:int}",
        counts.link_operator,
        "Say who speaks for an operator",
        "The people of one organisation; for who keeps the province's data.",
    ),
    get(
        "/counts",
        counts.count_table,
        "Stations as of a day",
        "4G, 5G and their ratio by operator, with day and source of each figure.",
        files=(TableFile("counts", "Download stations", _ROW_COLUMNS, lambda found: found.rows),),
    ),
    get(
        "/counts/series",
        counts.count_series,
        "Course of the counts",
        "All operators, or one; oldest first.",
        files=(TableFile("counts-series", "Download the course"),),
    ),
    get(
        "/counts/entries",
        counts.count_entries,
        "Entries behind the counts",
        "Newest first, with who entered them and what corrected them.",
    ),
    post(
        "/counts/entries",
        counts.enter_count,
        "Enter a count",
        "A later count extends the series; entries are never overwritten.",
        noun="entry",
    ),
    get(
        "/counts/entries/{entry:int}", counts.show_count, "One entry", "The entry with its source."
    ),
    post(
        "/counts/entries/{entry:int}/correction",
        counts.correct_count,
        "Correct an entry",
        "The new entry takes the place of the wrong one, which stays on record.",
    ),
    post(
        "/counts/entries/{entry:int}/withdrawal",
        counts.withdraw_count,
        "Withdraw an entry",
        "The table goes on without it; it stays on record.",
    ),
)
_TARGETS = tagged(
    "targets",
    get(
        "/targets",
        targets.list_targets,
        "Targets as of a day",
        "Distance, needed pace, pace so far, forecast, verdict, and the operators' shares.",
        files=(TableFile("targets", "Download targets", _TARGET_COLUMNS, targets.target_lines),),
    ),
    post(
        "/targets",
        targets.create_target,
        "Add a target",
        "With its source document, its base and the rule that counts it.",
    ),
    get(
        "/targets/{target:int}",
        targets.show_target,
        "One target",
        "Where the target stands as of a day.",
        files=("operators", "allocations"),
    ),
    put(
        "/targets/{target:int}",
        targets.change_target,
        "Change a target",
        "The audit keeps what was there before.",
    ),
    delete(
        "/targets/{target:int}",
        targets.retire_target,
        "Retire a target",
        "The list goes on without it.",
    ),
    get(
        "/targets/{target:int}/course",
        targets.target_course,
        "The way to a target",
        "The way so far and the standing, for a chart.",
        files=("points",),
    ),
    get(
        "/counting-rules",
        targets.list_counting_rules,
        "How stations may be counted",
        "Each rule with its source.",
    ),
)
ROUTES = _COUNTS + _TARGETS
