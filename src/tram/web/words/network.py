"""The words of the network's pages: states, kinds of shapes, steps of an import, of a survey."""

import re
from collections.abc import Mapping

from tram.web.words.terms import N_

__all__ = (
    "ENCODINGS",
    "FAULTS",
    "IMPORT_STATES",
    "LAYERS",
    "PRESENCE",
    "PROBLEMS",
    "REPLY_STATES",
    "SAID_WITH",
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
FAULTS: tuple[str, ...] = (
    N_("Choose its column."),
    N_("Choose the operator, or its column."),
    N_("Choose the technology, or its column."),
    N_("Choose whom to ask."),
    N_("Must not lie before the day asked about."),
    N_("Say in which encoding the text is."),
    N_("Say in which system the coordinates are."),
    N_("Say which central meridian the list uses."),
    N_("There is no such system."),
    N_("There is no such organisation."),
    N_("The text is not in any encoding that is known here."),
    N_("The file is empty."),
    N_("The file has no rows."),
    N_("The table has a header, but no rows."),
    N_("The file is not a workbook (.xlsx)."),
    N_("Every sheet of the workbook is empty."),
    N_("The file is not a GeoJSON FeatureCollection."),
    N_("The file is not a GeoPackage that can be read."),
    N_("The layer has no points."),
    N_("Send CSV, XLSX, GeoJSON or GeoPackage."),
    N_("The file is larger than 64 MB."),
    N_("Split it."),
    N_("Split it, or take out what is not needed."),
    N_("Split it, or save it in a simpler form."),
    N_("The table has more than 100,000 rows."),
    N_("The table has more than 200 columns."),
    N_("A row has more than 1,000 cells, or a cell beyond column ALL."),
    N_("The table has more than 3,000,000 cells."),
    N_("A cell has more than 1,000,000 characters."),
    N_("The workbook has more than 1,000,000 texts, or 64,000,000 characters in them."),
    N_("The workbook unpacks to more than 512 MB."),
    N_("The workbook has more than 2,000 parts or 200 sheets."),
    N_("The file has more than 200 layers."),
    N_("A shape or value is larger than 16 MB."),
    N_("The shapes have more than 1,000,000 points."),
    N_("Reading the file takes longer than a file may take."),
    N_("Reading the file takes more memory than a file may take."),
    N_("The file holds more than is taken from one file."),
    N_("The file could not be read: it is damaged."),
    N_("The layer is a view: only plain tables are read."),
    N_("Save the layer to a new GeoPackage."),
    N_("A shape of the layer cannot be read."),
    N_("Save the layer again."),
    N_("Save it again."),
    N_("A part of the workbook is damaged."),
    N_("A row of the sheet has no number that can be."),
    N_("The workbook declares types of its own."),
    N_("Save it with a spreadsheet."),
    N_("The workbook is locked by a password."),
    N_("Save it without."),
    N_("This organisation has sent 100 lists within a day."),
    N_("Send the next one tomorrow."),
)
"""Sentences about lists and rounds, as ``tram.rollout.inventory`` writes them."""
SAID_WITH: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"The file has no column '(?P<name>.*)'\."),
        N_("The file has no column “%(name)s”."),
    ),
    (
        re.compile(r"The workbook has no sheet '(?P<name>.*)': it has (?P<names>.*)\."),
        N_("The workbook has no sheet “%(name)s”: it has %(names)s."),
    ),
    (
        re.compile(r"The file has no layer '(?P<name>.*)': it has (?P<names>.*)\."),
        N_("The file has no layer “%(name)s”: it has %(names)s."),
    ),
    (re.compile(r"The file is not CSV: (?P<why>.*)\."), N_("The file is not CSV: %(why)s.")),
    (re.compile(r"The text is not in (?P<name>[\w-]+)\."), N_("The text is not in %(name)s.")),
    (
        re.compile(r"Save the file as CSV UTF-8, or name its encoding: (?P<names>.*)\."),
        N_("Save the file as CSV UTF-8, or name its encoding: %(names)s."),
    ),
)
"""The same, with something of the file in them."""
