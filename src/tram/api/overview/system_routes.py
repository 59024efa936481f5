"""Routes of the overview, the audit and the machinery."""

from tram.api.http.list_files import TableFile
from tram.api.http.route_table import get, post, tagged
from tram.api.overview import audit, jobs, overview, set_aside, system

__all__ = ("ROUTES",)

_AUDIT_COLUMNS = "id at_ms person_name action noun noun_id before after address"


_OVERVIEW = tagged(
    "overview",
    get(
        "/overview",
        overview.overview,
        "Where we stand",
        "Devices by state and sector, zones, refusals of the last 24 hours, the machinery.",
    ),
)
_AUDIT = tagged(
    "audit",
    get(
        "/audit",
        audit.list_audit,
        "Who changed what",
        "Newest first; `search` finds words of person, action or address.",
        files=(TableFile("audit", "Download the audit", _AUDIT_COLUMNS),),
    ),
)
_SYSTEM = tagged(
    "system",
    get(
        "/system",
        system.system_status,
        "State of the machinery",
        "Whether readings arrive; operators also get the figures.",
    ),
    get(
        "/system/aside",
        set_aside.list_aside,
        "What loops have set aside",
        "The newest 200 of your organisations: what raised in a loop, its reason, how often.",
    ),
    post(
        "/system/aside/{entry:int}/again",
        set_aside.try_again,
        "Try again what was set aside",
        "The loop takes it up again; what raises once more is set aside once more.",
        noun="aside_again",
        status=204,
    ),
)
_JOBS = tagged(
    "jobs",
    get(
        "/jobs",
        jobs.list_jobs,
        "Long pieces of work",
        "Newest first: how far each is, its result, or why it failed.",
        files=("items",),
    ),
    get("/jobs/{job:int}", jobs.show_job, "One long piece of work", "How far it is."),
    post(
        "/jobs/{job:int}/cancel",
        jobs.cancel_job,
        "End a long piece of work",
        "What its kind keeps of the work that was done stays; one that has ended stays as it is.",
    ),
)
ROUTES = _OVERVIEW + _AUDIT + _SYSTEM + _JOBS
