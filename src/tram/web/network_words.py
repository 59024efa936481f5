"""The words of the network's pages: states, kinds of shapes, steps of an import, of a survey."""

from collections.abc import Mapping

from tram.web.words import N_

__all__ = (
    "IMPORT_STATES",
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
    "remind": N_("reminded"),
    "submit": N_("answered"),
    "return": N_("sent back"),
    "approve": N_("approved"),
}
SYSTEMS: Mapping[str, str] = {
    "wgs84": N_("WGS 84, degrees"),
    "vn2000-tm3": N_("VN-2000, 3-degree zone (TM-3)"),
    "vn2000-utm": N_("VN-2000, 6-degree zone (UTM)"),
}
