"""Survey rounds for programs: opened, answered, sent back, approved into official counts."""

import msgspec

from tram.api.http.services import Services
from tram.domain.bounds import Line
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.surveys.views import Answers, NewRound, Reply, Round, RoundSummary

__all__ = (
    "Reminded",
    "ReturnForm",
    "SurveyList",
    "answer_reply",
    "approve_reply",
    "end_survey",
    "list_surveys",
    "open_survey",
    "remind_survey",
    "return_reply",
    "show_survey",
)


class SurveyList(msgspec.Struct, frozen=True):
    """All rounds, newest first."""

    items: list[RoundSummary]
    as_of_ms: int


class ReturnForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be corrected."""

    note: Line


class Reminded(msgspec.Struct, frozen=True):
    """How many had not answered and were reminded."""

    reminded: int


async def list_surveys(services: Services, viewer: Viewer) -> SurveyList:
    """Return all rounds with how many replies the viewer sees in which state."""
    found = await services.inventory.surveys.list(viewer)
    return SurveyList(found, services.clock.now_ms())


async def show_survey(services: Services, viewer: Viewer, survey: int) -> Round:
    """Return a round with the replies that the viewer may see.

    Raises:
        Refused: ``survey.unknown``.
    """
    return await services.inventory.surveys.one(viewer, survey)


async def open_survey(services: Services, viewer: Viewer, new: NewRound) -> Round:
    """Open a round.

    Raises:
        Refused: ``survey.wrong`` with every wrong field.
    """
    return await services.inventory.surveys.open(viewer, new)


async def answer_reply(services: Services, viewer: Viewer, reply: int, answers: Answers) -> Reply:
    """Send answers in, or send corrected ones.

    Raises:
        Refused: ``survey.wrong``, ``survey.step_wrong``.
    """
    return await services.inventory.surveys.submit(viewer, reply, answers)


async def return_reply(services: Services, viewer: Viewer, reply: int, form: ReturnForm) -> Reply:
    """Ask for corrected answers.

    Raises:
        Refused: ``survey.wrong``, ``survey.step_wrong``.
    """
    return await services.inventory.surveys.send_back(viewer, reply, form.note)


async def approve_reply(services: Services, viewer: Viewer, reply: int) -> Reply:
    """Take answers as true; an operator's become official counts.

    Raises:
        Refused: ``survey.step_wrong``.
    """
    return await services.inventory.surveys.approve(viewer, reply)


async def remind_survey(services: Services, viewer: Viewer, survey: int) -> Reminded:
    """Remind everybody who has not answered."""
    return Reminded(await services.inventory.surveys.remind(viewer, survey))


async def end_survey(services: Services, viewer: Viewer, survey: int) -> Round:
    """Close a round: nothing can be answered any more.

    Raises:
        Refused: ``survey.unknown``.
    """
    return await services.inventory.surveys.close(viewer, survey)
