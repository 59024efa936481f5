"""The words of the pages for targets, directives, recommendations and the letter's findings.

As in ``words``: each table maps a stored word to an English message of the catalogues.
"""

from collections.abc import Mapping

import msgspec

from tram.rollout.directives.views import Document
from tram.web import formats
from tram.web.words import N_

__all__ = (
    "ALLOCATION_RULES",
    "AS_OF_MARKS",
    "BASE_RULES",
    "DOCUMENT_ROLES",
    "PEOPLE",
    "RECOMMENDATION_KINDS",
    "RECOMMENDATION_STATES",
    "RELATIONS",
    "SEVERITIES",
    "SOURCE_MARKS",
    "TASK_STATES",
    "TASK_STEPS",
    "VERDICTS",
    "block_kind",
    "document_label",
)

VERDICTS: Mapping[str, str] = {
    "reached": N_("Reached"),
    "reached-late": N_("Reached late"),
    "on-way": N_("On the way"),
    "behind": N_("Behind"),
    "undecided": N_("No pace known yet"),
    "missed": N_("Missed"),
    "unmeasured": N_("Not measured"),
}
ALLOCATION_RULES: Mapping[str, str] = {
    "equal-ratio": N_("Each operator to the same ratio"),
    "proportional-4g": N_("In proportion to 4G stations"),
}
BASE_RULES: Mapping[str, str] = {
    "moving": N_("the 4G stations of the day"),
    "fixed": N_("the 4G stations of a fixed day"),
    "given": N_("a given number"),
}
AS_OF_MARKS: Mapping[str, str] = {
    "stated": N_("date stated"),
    "as reported on": N_("as reported on"),
}
SOURCE_MARKS: Mapping[str, str] = {
    "S": N_("Read in the source named beside it."),
    "M": N_("From memory: to be verified."),
    "C": N_("Computed from stated figures."),
}
TASK_STATES: Mapping[str, str] = {
    "assigned": N_("Assigned"),
    "planned": N_("Planned"),
    "in-progress": N_("In progress"),
    "done": N_("Done"),
    "cancelled": N_("Cancelled"),
}
TASK_STEPS: Mapping[str, str] = {
    "study": N_("study"),
    "review": N_("review"),
    "build": N_("draw up"),
    "issue": N_("issue"),
    "carry-out": N_("carry out"),
    "submit": N_("submit"),
}
DOCUMENT_ROLES: Mapping[str, str] = {
    "directive": N_("Directive"),
    "basis": N_("Basis"),
    "request": N_("Request"),
    "letter": N_("Own letter"),
    "rule": N_("Rule in force"),
}
RELATIONS: Mapping[str, str] = {
    "implements": N_("implements"),
    "rests-on": N_("rests on"),
    "answers": N_("answers"),
    "cites": N_("cites"),
}
RECOMMENDATION_KINDS: Mapping[str, str] = {
    "rule": N_("regulation"),
    "money": N_("budget"),
    "referral": N_("referral"),
    "training": N_("training"),
}
RECOMMENDATION_STATES: Mapping[str, str] = {
    "sent": N_("Waiting for an answer"),
    "answered": N_("Answered"),
    "declined": N_("Declined"),
}
SEVERITIES: Mapping[str, str] = {
    "E": N_("Error"),
    "W": N_("Warning"),
    "I": N_("Remark"),
}
PEOPLE: Mapping[str, str] = {"system": N_("shipped with the product")}


def block_kind(block: msgspec.Struct) -> str:
    """Return what a block of the letter is: section, point, paragraph, item, caption or grid."""
    return str(block.__struct_config__.tag)


def document_label(document: Document, locale: str) -> str:
    """Return type, number and date of a document, as far as it has them."""
    day = formats.day(document.issued_on, locale) if document.issued_on else ""
    return ", ".join(filter(None, (f"{document.kind} {document.number}".strip(), day)))
