"""The words for what is wrong, by code: a fault at its field, an error as a whole."""

from collections.abc import Mapping

from tram.api.http.errors import FaultView
from tram.runtime.errors import Fault
from tram.runtime.i18n import N_, Catalog
from tram.runtime.messages import HINTS, SENTENCES
from tram.web.words import alarms, network, rollout, sharing

__all__ = ("PROBLEMS", "fault_text", "problem_text", "remedy_text")

_ANYWHERE: Mapping[str, str] = {
    "access.denied": N_("Your role does not allow this."),
    "call.unknown": N_("The device answers a call that does not exist."),
    "certificate.wrong": N_("This is not a certificate in PEM form."),
    "claim.locked": N_("Too many wrong codes. Wait a few minutes, then try again."),
    "claim.unknown": N_("No device waits to be claimed with this code."),
    "connection.failed": N_("A fault of the platform ended this connection."),
    "connections.too_many": N_("The device has as many connections as it may have."),
    "credential.taken": N_("This credential is, or was, in use already."),
    "credential.too_many": N_(
        "The device has as many credentials as it may have. Revoke one first."
    ),
    "credential.unknown": N_("There is no such credential."),
    "credential.wrong": N_("The credential cannot be kept like this."),
    "desk.failed": N_("The platform failed over this request."),
    "device.code_taken": N_("Another device of this organisation has this code."),
    "device.unknown": N_("There is no such device, or you may not see it."),
    "login.locked": N_("Too many wrong passwords. Wait a few minutes, then try again."),
    "login.too_often": N_("Too many attempts from this place. Wait a minute, then try again."),
    "login.wrong": N_("User name or password is wrong."),
    "page.mark_wrong": N_("This page mark is not one of ours. Start at the first page."),
    "page.unknown": N_("There is nothing at this address."),
    "payload.not_json": N_("The message is not valid JSON."),
    "payload.wrong": N_("The message has wrong values."),
    "payload.too_large": N_("The message is too large."),
    "revision.invalid": N_("This span cannot be corrected like that."),
    "revision.unknown": N_("There is no such correction."),
    "export.too_long": N_("These are more rows than a sheet holds."),
    "export.too_large": N_(
        "The file would be larger than 4 GiB: choose a shorter span, or take Parquet."
    ),
    "export.no_room": N_("The disk of the platform has no room for files at the moment."),
    "export.too_many_kept": N_("Your files have 8 GiB together: remove one first."),
    "export.unknown": N_("There is no such file any more: ask for it again."),
    "queue.full": N_("Too much is under way at the moment. Try again in a few seconds."),
    "request.invalid": N_("Some fields are missing or wrong."),
    "registry.unavailable": N_("The registry does not answer at the moment."),
    "request.method": N_("This address does not take that method."),
    "request.too_large": N_("The request is too large."),
    "server.broken": N_("Something broke on our side."),
    "session.contested": N_("Several connections fight for one client id of this device."),
    "session.foreign": N_("This request came from a page of another site."),
    "session.too_many": N_(
        "The device has as many kept sessions, waiting or retained messages as it may have."
    ),
    "session.unproven": N_("The page was open too long. Load it again, then repeat the change."),
    "store.away": N_("The store does not answer."),
    "store.busy": N_("The store is busy. Load the page again."),
    "store.failed": N_("The store could not answer."),
    "store.behind": N_("The change is on its way. Load the page again."),
    "topic.unknown": N_("The message came to an unknown topic."),
    "zone.unknown": N_("There is no such zone, or you may not see it."),
}
PROBLEMS: Mapping[str, str] = {
    **network.PROBLEMS,
    **alarms.ALARM_PROBLEMS,
    **sharing.PROBLEMS,
    **rollout.PROBLEMS,
    **_ANYWHERE,
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
