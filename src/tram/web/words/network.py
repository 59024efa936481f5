"""The words of the network's pages: states, kinds of shapes, steps of an import, of a survey."""

from collections.abc import Mapping

from tram.runtime.i18n import N_

__all__ = (
    "ENCODINGS",
    "FILTERS",
    "IMPORT_STATES",
    "LAYERS",
    "PRESENCE",
    "PROBLEMS",
    "REPLY_STATES",
    "SHAPES",
    "STATION_STATES",
    "SURVEY_ACTIONS",
    "SYSTEMS",
)

STATION_STATES: Mapping[str, str] = {
    "planned": N_("Planned"),
    "building": N_("Under construction"),
    "on-air": N_("On air"),
    "off": N_("Off"),
}
SHAPES: Mapping[str, str] = {
    "border": N_("border"),
    "circle": N_("circle of its area: no border imported"),
    "point": N_("point only: area not known"),
    "": N_("no position known"),
}
LAYERS: Mapping[str, str] = {
    "province": N_("Border of the province"),
    "commune": N_("Borders of communes"),
    "zone": N_("Borders of zones"),
    "road": N_("Roads"),
    "fibre": N_("Fibre routes"),
    "population": N_("Population"),
}
PRESENCE: Mapping[str, str] = {
    "inside": N_("a station stands inside"),
    "within": N_("a station stands within a distance"),
    "covered": N_("its signal covers the area"),
}
IMPORT_STATES: Mapping[str, str] = {
    "new": N_("Uploaded"),
    "checking": N_("Checking…"),
    "checked": N_("Checked"),
    "writing": N_("Importing…"),
    "done": N_("Imported"),
    "undoing": N_("Undoing…"),
    "undone": N_("Undone"),
    "failed": N_("Failed"),
}
REPLY_STATES: Mapping[str, str] = {
    "asked": N_("Waiting for the answer"),
    "submitted": N_("Submitted"),
    "returned": N_("Sent back"),
    "approved": N_("Approved"),
}
SURVEY_ACTIONS: Mapping[str, str] = {
    "ask": N_("asked"),
    "remind": N_("reminded"),
    "remind-soon": N_("reminded before the due date"),
    "remind-late": N_("reminded after the due date"),
    "submit": N_("answered"),
    "return": N_("sent back"),
    "approve": N_("approved"),
}
ENCODINGS: Mapping[str, str] = {
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "cp1258": "Windows-1258",
    "tcvn3": "TCVN3 (ABC, .VnTime)",
    "vni": "VNI (VNI-Times)",
}
SYSTEMS: Mapping[str, str] = {
    "wgs84": N_("WGS 84, degrees"),
    "vn2000-tm3": N_("VN-2000, 3-degree zone (TM-3)"),
    "vn2000-utm": N_("VN-2000, 6-degree zone (UTM)"),
}
PROBLEMS: Mapping[str, str] = {
    "coverage.no_sectors": N_(
        "No station on air with a known band stands on the terrain: import stations with positions and bands, and the terrain around them."
    ),
    "import.step_wrong": N_(
        "This import cannot go on like this: look at what its page offers now."
    ),
    "import.unknown": N_("There is no such import."),
    "job.failed": N_("The program failed; its log (role work) has the reason."),
    "child.unavailable": N_("The part that reads files has just ended. Try again in a moment."),
    "pool.late": N_("This took too long. Try again in a moment."),
    "queue.full": N_("Too many wait for this already. Try again in a moment."),
    "job.given_up": N_("The job ended its process again and again and is not tried any more."),
    "job.too_long": N_("The job took longer than a job may take."),
    "job.too_many": N_(
        "This organisation has as many jobs waiting as it may have. Try again when one is done."
    ),
    "job.unknown": N_("There is no such job, or you may not see it."),
    "station.unknown": N_("There is no such station, or you may not see it."),
    "survey.step_wrong": N_(
        "This is not possible at this step: look at what the round shows now."
    ),
    "survey.unknown": N_("There is no such survey round."),
    "terrain.format": N_("The terrain was made by another version: import it again."),
    "terrain.missing": N_(
        "No terrain has been imported. Import elevation files with “tram terrain import”, or make the synthetic terrain with “tram terrain demo”."
    ),
}
FILTERS: Mapping[str, Mapping[str, str]] = {
    "station_state": STATION_STATES,
    "presence_word": PRESENCE,
    "layer_word": LAYERS,
    "shape_word": SHAPES,
    "import_state": IMPORT_STATES,
    "reply_state": REPLY_STATES,
    "survey_action": SURVEY_ACTIONS,
    "system_word": SYSTEMS,
}
"""Stored words, by the filter that a template says them with."""
