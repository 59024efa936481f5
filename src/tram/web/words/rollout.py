"""The words of the pages for targets, directives, recommendations and the letter's findings.

As in ``words``: each table maps a stored word to an English message of the catalogues.
"""

from collections.abc import Mapping

import msgspec

from tram.rollout.directives.views import Document
from tram.runtime.i18n import N_
from tram.web import formats

__all__ = (
    "ALLOCATION_RULES",
    "AS_OF_MARKS",
    "BASE_RULES",
    "DOCUMENT_ROLES",
    "FILTERS",
    "PEOPLE",
    "PROBLEMS",
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
    "train": N_("train"),
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
PROBLEMS: Mapping[str, str] = {
    "block.unknown": N_("The letter has no such text."),
    "block.wrong": N_("The text cannot be kept like this."),
    "correction.taken": N_("This entry was corrected already. Correct the newer one."),
    "count.taken": N_("There is a count of this day already. Correct that entry instead."),
    "count.unknown": N_("There is no such count."),
    "document.taken": N_("A document has this short name already."),
    "document.too_many": N_("The register is full."),
    "document.unknown": N_("There is no such document."),
    "letter.damaged": N_("The kept file is damaged. Tell the operator: a backup has it."),
    "letter.form_unknown": N_("The letter is made as .docx and as .pdf only."),
    "letter.period_wrong": N_("The period begins after the day of the figures."),
    "letter.too_long": N_(
        "The letter would be too long. Give documents that it need not cite another role in the register."
    ),
    "letter.unknown": N_("There is no such version."),
    "operator.unknown": N_("There is no such operator."),
    "provider.too_many": N_("The register is full."),
    "provider.unknown": N_("There is no such provider."),
    "recommendation.taken": N_("A recommendation has this code already."),
    "recommendation.unknown": N_("There is no such recommendation."),
    "target.unknown": N_("There is no such target."),
    "task.taken": N_("A task has this short name already."),
    "task.too_many": N_("The register is full."),
    "task.unknown": N_("There is no such task, or it was not known on this day."),
}
PEOPLE: Mapping[str, str] = {"system": N_("shipped with the product")}


def block_kind(block: msgspec.Struct) -> str:
    """Return what a block of the letter is: section, point, paragraph, item, caption or grid."""
    return str(block.__struct_config__.tag)


def document_label(document: Document, locale: str) -> str:
    """Return type, number and date of a document, as far as it has them."""
    day = formats.day(document.issued_on, locale) if document.issued_on else ""
    return ", ".join(filter(None, (f"{document.kind} {document.number}".strip(), day)))


FILTERS: Mapping[str, Mapping[str, str]] = {
    "verdict_word": VERDICTS,
    "allocation_rule": ALLOCATION_RULES,
    "base_rule": BASE_RULES,
    "as_of_mark": AS_OF_MARKS,
    "source_mark": SOURCE_MARKS,
    "task_state": TASK_STATES,
    "document_role": DOCUMENT_ROLES,
    "relation_word": RELATIONS,
    "recommendation_kind": RECOMMENDATION_KINDS,
    "recommendation_state": RECOMMENDATION_STATES,
    "severity_word": SEVERITIES,
    "person": PEOPLE,
}
"""Stored words, by the filter that a template says them with."""
