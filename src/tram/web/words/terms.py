"""The words of the pages for the product's own terms: states, sectors, kinds.

Each table maps a stored word to an English message of the catalogues; nothing stored is ever shown
raw. ``N_`` marks a message for the catalogues without translating it here.
"""

from collections.abc import Mapping

from tram.runtime.i18n import N_

__all__ = (
    "AUDIENCES",
    "CREDENTIALS",
    "DOWNLINKS",
    "EVENTS",
    "FILTERS",
    "JOB_STATES",
    "QUALITIES",
    "STATES",
    "STATE_MEANINGS",
    "STATE_WORDS",
    "STATUSES",
    "SYNTHETIC_WORD",
    "ZONE_KINDS",
    "unit_text",
)


STATES: tuple[str, ...] = ("online", "silent", "unknown", "never")

STATE_WORDS: Mapping[str, str] = {
    "online": N_("Online"),
    "silent": N_("No signal"),
    "unknown": N_("Uncertain"),
    "never": N_("Never sent"),
}
STATE_MEANINGS: Mapping[str, str] = {
    "online": N_("Sent a message within three expected intervals."),
    "silent": N_("Has sent nothing for three expected intervals."),
    "unknown": N_("The connection server is out of reach: the device may be well."),
    "never": N_("Has never sent a message."),
}
ZONE_KINDS: Mapping[str, str] = {
    "KKT": N_("Economic zone"),
    "KKT cửa khẩu": N_("Border-gate economic zone"),
    "KCN": N_("Industrial park"),
    "CCN": N_("Industrial cluster"),
}
STATUSES: Mapping[str, str] = {
    "measuring": N_("Measuring"),
    "calibrating": N_("Calibrating"),
    "fault": N_("Device fault"),
}
QUALITIES: Mapping[str, str] = {
    "server_timed": N_("Time of arrival"),
    "clock_far_off": N_("Device clock far off"),
    "conflicting": N_("Revised value"),
    "corrected": N_("Corrected"),
    "invalid": N_("Calibration not valid"),
}
DOWNLINKS: Mapping[str, str] = {
    "queued": N_("Waits for the device"),
    "delivered": N_("Delivered"),
    "answered": N_("Answered"),
    "expired": N_("Expired"),
    "failed": N_("Refused by the device"),
}
LEDGER: Mapping[str, str] = {
    "gap": N_("Gap"),
    "late_fill": N_("Filled late"),
    "stuck_clock": N_("Clock stands still"),
}
OPERATIONS: Mapping[str, str] = {
    "scale": N_("Scaled"),
    "invalidate": N_("Calibration not valid"),
    "revert": N_("Undone"),
}
SET_ASIDE: Mapping[str, str] = {
    "reading": N_("The store did not take this row."),
    "message": N_("The store did not take this message."),
    "event": N_("The store did not take this event."),
    "metric.too_many": N_("The device has as many metrics as it may have."),
}
EVENTS: Mapping[str, str] = {
    "connected": N_("Connected"),
    "disconnected": N_("Disconnected"),
    "refused": N_("Refused"),
    "attribute": N_("Attribute"),
}
CREDENTIALS: Mapping[str, str] = {
    "token": N_("Token"),
    "basic": N_("User name and password"),
    "x509": N_("Certificate"),
}
JOB_STATES: Mapping[str, str] = {
    "waiting": N_("Waits for its turn"),
    "running": N_("At work"),
    "cancelling": N_("Being cancelled"),
    "done": N_("Ready"),
    "failed": N_("Failed"),
    "cancelled": N_("Cancelled"),
}
AUDIENCES: Mapping[str, str] = {
    "owner": N_("Owner"),
    "scope": N_("By role"),
    "grant": N_("By loan"),
}
SYNTHETIC_WORD = "mô phỏng"
"""Stands in the name of every simulated device, so that exported files say it too."""
_UNITS: Mapping[str, str] = {
    "1": "", "Cel": "°C", "[pH]": "", "pH": "", "ug/m3": "µg/m³", "mg/m3": "mg/m³", "m3/h": "m³/h",
    "m3": "m³", "kW.h": "kWh", "W.h": "Wh", "deg": "°", "dB[A]": "dBA", "dB(A)": "dBA",
    "uS/cm": "µS/cm", "W/m2": "W/m²", "[ppm]": "ppm", "[ppb]": "ppb", "[NTU]": "NTU",
}  # fmt: skip


def unit_text(ucum: str) -> str:
    """Return a unit as people write it; one that is not in the table stays as UCUM has it."""
    return _UNITS.get(ucum, ucum)


def bare_name(name: str) -> str:
    """Return a simulated device's name without its ending: the mark beside it says the same."""
    return name.removesuffix(f" ({SYNTHETIC_WORD})")


FILTERS: Mapping[str, Mapping[str, str]] = {
    "state_word": STATE_WORDS,
    "state_meaning": STATE_MEANINGS,
    "zone_kind": ZONE_KINDS,
    "status_word": STATUSES,
    "quality_word": QUALITIES,
    "ledger_word": LEDGER,
    "operation_word": OPERATIONS,
    "quarantine_word": SET_ASIDE,
    "event_word": EVENTS,
    "downlink_word": DOWNLINKS,
    "credential_word": CREDENTIALS,
    "via_word": AUDIENCES,
    "job_state": JOB_STATES,
}
"""Stored words, by the filter that a template says them with."""
