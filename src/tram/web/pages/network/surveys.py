"""Survey rounds: the list, one round with its replies, answering, sending back, approving."""

from collections.abc import Mapping

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from tram.api.network import surveys
from tram.api.network.imports import operators_to_write
from tram.api.places.zones import zones_to_choose
from tram.domain.bounds import number_of
from tram.rollout.inventory.surveys.views import Answers, NewRound
from tram.web.forms import Form, Typed
from tram.web.page_context import PageContext, TakenPage
from tram.web.submission import NO_FAULTS, Faults, submission

_HOME = "/network/surveys"
_NOTHING: Mapping[str, str] = {}


async def _rounds(
    page: PageContext, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show all rounds with the form of the next."""
    return page.show(
        "network/surveys.html",
        tab="surveys",
        rounds=(await page.call(surveys.list_surveys)).items,
        operators=await page.call(operators_to_write),
        zones=await page.call(zones_to_choose),
        data=data,
        faults=faults,
    )


@get("/network/surveys")
async def surveys_page(page: TakenPage) -> Response[str]:
    """Show all rounds, and a form for the next to who keeps the province's data."""
    return await _rounds(page, {})


@submission("/network/surveys", _rounds)
async def open_survey(page: TakenPage, data: Form) -> str:
    """Open a round for everybody who is ticked."""
    new = Typed(data).read(
        NewRound, operators=_ticked(data, "operator"), zones=_ticked(data, "zone")
    )
    found = await page.call(surveys.open_survey, new)
    return f"{_HOME}/{found.summary.id}"


async def _round(
    page: PageContext,
    survey: int,
    reply: int = 0,
    data: Mapping[str, str] = _NOTHING,
    faults: Faults = NO_FAULTS,
) -> Response[str]:
    """Show a round; ``data`` was typed about a reply."""
    found = await page.call(surveys.show_survey, survey)
    reminded = data.get("reminded", "")
    return page.show(
        "network/survey.html",
        tab="surveys",
        round=found,
        summary=found.summary,
        typed_in=reply,
        reminded=0 if reminded == "0" else number_of(reminded),
        data=data,
        faults=faults,
    )


@get("/network/surveys/{survey:int}")
async def survey_page(
    page: TakenPage, survey: FromPath[int], reminded: FromQuery[str] = ""
) -> Response[str]:
    """Show a round with the replies that the viewer may see, and how many were just reminded."""
    return await _round(page, survey, data={"reminded": reminded})


@submission("/network/surveys/{survey:int}/answers/{reply:int}", _round)
async def answer_survey(
    page: TakenPage, survey: FromPath[int], reply: FromPath[int], data: Form
) -> str:
    """Send answers in."""
    answers = Typed(data).read(Answers)
    await page.call(surveys.answer_reply, reply, answers)
    return f"{_HOME}/{survey}"


async def _undecided(
    page: PageContext, survey: int, data: Mapping[str, str], faults: Faults
) -> Response[str]:
    """Show the round with what was typed at the reply that the form names."""
    return await _round(page, survey, number_of(data.get("reply", "")) or 0, data, faults)


@submission("/network/surveys/{survey:int}/decisions", _undecided)
async def decide_survey(page: TakenPage, survey: FromPath[int], data: Form) -> str:
    """Approve or send back a reply, remind all, or close the round."""
    reply = number_of(data.get("reply", "")) or 0
    match data.get("step", ""):
        case "approve":
            await page.call(surveys.approve_reply, reply)
        case "return":
            form = surveys.ReturnForm(note=data.get("note", ""))
            await page.call(surveys.return_reply, reply, form)
        case "remind":
            count = (await page.call(surveys.remind_survey, survey)).reminded
            return f"{_HOME}/{survey}?reminded={count}"
        case "close":
            await page.call(surveys.end_survey, survey)
        case _:
            pass
    return f"{_HOME}/{survey}"


def _ticked(data: Mapping[str, str], word: str) -> list[int]:
    names = (name.removeprefix(f"{word}-") for name in data if name.startswith(f"{word}-"))
    return [number for name in names if (number := number_of(name))]
