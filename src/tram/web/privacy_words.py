"""The words about personal data: purposes, grounds and spans of the declarations, consents, requests."""

from collections.abc import Mapping

from tram.web.words import N_

__all__ = ("CONSENTS", "EFFECTS", "KINDS", "PLACES")

KINDS: Mapping[str, str] = {
    "access": N_("Show me what is kept"),
    "correction": N_("Correct something"),
    "erasure": N_("Erase my data"),
    "restriction": N_("Use something no longer"),
    "withdrawal": N_("I take a consent back"),
}
CONSENTS: Mapping[tuple[str, str], str] = {
    ("alarm-mail", "2026-11"): N_(
        "I agree that alarms of devices in my charge are sent to the mail address that I gave here, until I"
        " take the address or this consent away."
    ),
}
"""The words that were agreed to, by purpose and version: a version once used never changes."""
EFFECTS: Mapping[str, str] = {
    "delete": N_("removed"),
    "blank": N_("the record stays without you"),
    "keep": N_("stays"),
}
PLACES: tuple[str, ...] = (
    N_("delivery of letters"),
    N_("joining"),
    N_("log-in and responsibility for acts"),
    N_("one's own lists"),
    N_("overview of one's log-ins"),
    N_("programs of a person"),
    N_("proof of consent"),
    N_("proof of identity"),
    N_("proof of who did what"),
    N_("proof that requests were answered"),
    N_("responsibility for acts"),
    N_("telling people of alarms"),
    N_("what a person may do"),
    N_("work ordered"),
    N_("legal duty to prove"),
    N_("the organisation's task"),
    N_("the service asked for"),
    N_("180 days after the last log-in; until a new password"),
    N_("30 days after they end"),
    N_("5 minutes"),
    N_("for good, with the number only once erased"),
    N_("for good: a chain of digests, append-only; the name is no longer shown"),
    N_("text until sent, the record 30 days"),
    N_("until erased on request"),
    N_("until sent"),
    N_("until they end, 12 hours by default"),
    N_("until used, renewed or erased"),
    N_("with the alarm, without address and text once erased"),
    N_("with the organisation's records, without the name"),
    N_("with the record, without the name once erased"),
)
"""Every purpose, ground and span that a table declares (``registry/personal_data.py``)."""
