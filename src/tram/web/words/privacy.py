"""The words about personal data: purposes, grounds and spans of the declarations, consents, requests."""

from collections.abc import Iterable, Mapping

from tram.runtime.i18n import N_

__all__ = ("COLUMNS", "CONSENTS", "EFFECTS", "KINDS", "PLACES", "TABLES", "column_words")

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
"""Every purpose, ground and span that a table declares (``registry/kernel/personal_data.py``)."""

TABLES: Mapping[str, str] = {
    "sessions": N_("where I am logged in"),
    "challenges": N_("log-ins that await the second factor"),
    "recovery_codes": N_("recovery codes"),
    "known_browsers": N_("browsers that I used"),
    "api_tokens": N_("keys of my programs"),
    "identities": N_("log-in by another provider"),
    "assignments": N_("my roles"),
    "invitations": N_("invitations"),
    "mails": N_("letters sent to me"),
    "people": N_("my account"),
    "consents": N_("what I agreed to"),
    "data_requests": N_("what I asked about my data"),
    "audit": N_("the journal"),
    "jobs": N_("work that I ordered"),
    "alarm_contacts": N_("mail address for alarms"),
    "alarm_events": N_("what I did with alarms"),
    "alarm_filters": N_("my lists of alarms"),
    "alarms": N_("alarms that I confirmed or hold"),
    "drills": N_("drills that I began"),
    "maintenance_windows": N_("works that I announced"),
    "notices": N_("messages to me about alarms"),
    "rule_versions": N_("rules that I changed"),
    "task_events": N_("what I did with tasks"),
    "official_counts": N_("official figures that I entered"),
    "station_imports": N_("lists of stations that I sent"),
    "station_changes": N_("stations that I changed"),
    "zone_facts": N_("facts of zones that I entered"),
    "survey_replies": N_("answers to surveys"),
    "survey_events": N_("what I did in surveys"),
    "survey_rounds": N_("surveys that I began"),
    "report_texts": N_("texts of the letter that I wrote"),
    "report_versions": N_("letters that I made"),
}
"""What a person calls each table that holds something of them."""

COLUMNS: Mapping[str, str] = {
    "address": N_("network address"),
    "agent": N_("browser"),
    "name": N_("name"),
    "last_address": N_("last network address"),
    "issuer": N_("provider"),
    "subject": N_("name there or subject"),
    "email": N_("mail address"),
    "to": N_("mail address"),
    "login": N_("log-in name"),
    "note": N_("my words"),
    "answer": N_("answer"),
    "person_name": N_("name"),
    "before": N_("what stood before"),
    "after": N_("what stood after"),
    "query": N_("what I searched"),
    "acked_by": N_("name"),
    "target": N_("mail address"),
    "submitted_by": N_("name"),
    "decided_by": N_("name"),
}
"""What a person calls each column that a place declares."""


def column_words(columns: Iterable[str]) -> list[str]:
    """Return what a person calls these columns, each word once."""
    return list(dict.fromkeys(COLUMNS[name] for name in columns))
