"""The words for what loops set aside, and where each thing is to be seen."""

from collections.abc import Mapping
from urllib.parse import quote

from tram.runtime.i18n import N_

__all__ = ("KINDS", "address_of")

KINDS: Mapping[str, str] = {
    "block": N_("Block of readings"),
    "change": N_("Change of an identity"),
    "credential": N_("Credential of a device"),
    "downlink": N_("Call of a device"),
    "job": N_("Job"),
    "loop": N_("Work by itself"),
    "mail": N_("Mail"),
    "notice": N_("Notice"),
    "release": N_("End of a silence"),
    "report": N_("Answer to a call"),
    "reports": N_("Answers to calls"),
    "rule": N_("Rule"),
    "step": N_("Step of a chain"),
    "survey round": N_("Survey round"),
}
"""What an entry is; a kind without a word is shown as it is kept."""
_ADDRESSES: Mapping[str, str] = {
    "rule": "/alarms/rules/{}",
    "step": "/alarms/{}",
    "release": "/alarms/{}",
    "survey round": "/network/surveys/{}",
}


def address_of(kind: str, key: str) -> str:
    """Return the page of the thing that an entry is about, empty where it has none."""
    number = key.partition(".")[0]
    place = _ADDRESSES.get(kind, "")
    return place.format(quote(number)) if number.isascii() and number.isdigit() else ""
