"""Routes of the past: aggregates, completeness, gaps, corrections, quarantine, exports."""

from tram.api.http.route_table import delete, get, post, tagged
from tram.api.readings import corrections, exports, past

__all__ = ("ROUTES",)

ROUTES = tagged(
    "history",
    get(
        "/aggregates",
        past.aggregated,
        "One metric over many devices",
        "Mean, least and greatest of one metric over everything in scope, by step and group.",
    ),
    get(
        "/completeness",
        past.completeness_of,
        "Expected and received readings",
        (
            "How much of what was expected came: over the span, or by hour, Vietnamese day or "
            "month."
        ),
    ),
    get(
        "/gaps",
        past.gaps_of,
        "The gap ledger",
        "Silences, late fills and stuck clocks that touch a span, the longest first.",
    ),
    get(
        "/quarantine",
        past.quarantine_of,
        "Rows set aside",
        "Rows that no table took, with the reason, newest first.",
    ),
    get(
        "/exports/{kind:str}",
        exports.export_readings,
        "Readings as a file",
        "Every reading in scope as csv, parquet or xlsx (up to a sheet's 1,048,575 rows).",
        noun="export",
    ),
    post(
        "/exports",
        exports.order_export,
        "Ask for readings as a file",
        "A job makes it; it is kept for a week, for whoever asked.",
        status=202,
    ),
    get("/exports", exports.list_exports, "Files of readings", "One's own, newest first."),
    get(
        "/exports/files/{job:int}",
        exports.exported_file,
        "One file of readings",
        "Once its job is done.",
        noun="export_file",
    ),
    delete(
        "/exports/files/{job:int}",
        exports.remove_export,
        "Remove a file of readings",
        "Before its week is over.",
        noun="export_file",
    ),
    get(
        "/devices/{device:int}/corrections",
        corrections.corrections_of,
        "Corrections",
        "Who corrected readings of the device, why and when, newest first.",
    ),
    post(
        "/devices/{device:int}/corrections",
        corrections.correct,
        "Correct readings",
        "Scale a span, or mark it as measured without valid calibration; the old values stay.",
    ),
    post(
        "/devices/{device:int}/corrections/{correction:int}/undo",
        corrections.undo_correction,
        "Undo a correction",
        "Bring the earlier values back, as a further revision.",
    ),
    post(
        "/devices/{device:int}/backlog",
        past.request_backlog,
        "Ask for what is missing",
        (
            "Send the device the call resendTelemetry with a span; it waits up to a day for the "
            "device."
        ),
    ),
)
