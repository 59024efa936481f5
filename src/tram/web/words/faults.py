"""The words for what is wrong, by code: a fault at its field, an error as a whole."""

from collections.abc import Mapping

from tram.api.http.errors import FaultView
from tram.runtime.errors import Fault
from tram.runtime.i18n import Catalog
from tram.runtime.messages import HINTS, SENTENCES
from tram.web.words import alarms, network, rollout, sharing, terms

__all__ = ("PROBLEMS", "fault_text", "problem_text", "remedy_text")

PROBLEMS: Mapping[str, str] = {
    **network.PROBLEMS,
    **alarms.ALARM_PROBLEMS,
    **sharing.PROBLEMS,
    **rollout.PROBLEMS,
    **terms.PROBLEMS,
}


def fault_text(catalog: Catalog, fault: Fault | FaultView) -> str:
    """Return what is wrong in this language; a code that is not known here keeps its sentence."""
    message = SENTENCES.get(fault.code)
    if message is None:
        return problem_text(catalog, fault.code, catalog.gettext(fault.sentence))
    return catalog.gettext(message) % fault.params


def remedy_text(catalog: Catalog, fault: Fault) -> str:
    """Return what to do about a fault in this language, empty where its sentence says it."""
    message = HINTS.get(fault.code)
    return catalog.gettext(message) % fault.params if message else fault.hint


def problem_text(catalog: Catalog, code: str, sentence: str) -> str:
    """Return what an error means in this language; a code newer than this page keeps its sentence."""
    return catalog.gettext(PROBLEMS[code]) if code in PROBLEMS else sentence
