"""Survey rounds: the list, one round with its replies, answering, sending back, approving."""

from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.domain.bounds import number_of
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.surveys.views import Answers, NewRound
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, Typed, faults_of
from tram.web.rendering import Screen, TakenScreen


@get("/network/surveys")
async def surveys_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show all rounds, and a form for the next to who keeps the province's data."""
    return await _list(services, viewer, screen, {}, ())


@post("/network/surveys", status_code=HTTPStatus.CREATED)
async def open_survey(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Open a round for everybody who is ticked."""
    typed = Typed(data)
    new = NewRound(
        name=typed.text("name", needed=True),
        purpose=typed.text("purpose"),
        as_of=typed.day("as_of"),
        due_on=typed.day("due_on"),
        operators=_ticked(data, "operator"),
        zones=_ticked(data, "zone"),
    )
    faults = tuple(typed.faults)
    if not faults:
        try:
            found = await services.inventory.surveys.open(viewer, new)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(f"/network/surveys/{found.summary.id}", status_code=303)
    return await _list(services, viewer, screen, data, faults)


@get("/network/surveys/{survey:int}")
async def survey_page(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    survey: FromPath[int],
    reminded: FromQuery[str] = "",
) -> Response[str]:
    """Show a round with the replies that the viewer may see, and how many were just reminded."""
    return await _show(services, viewer, screen, survey, reminded=reminded)


@post("/network/surveys/{survey:int}/answers/{reply:int}", status_code=HTTPStatus.CREATED)
async def answer_survey(  # noqa: PLR0913, PLR0917  # a route with two numbers
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    survey: FromPath[int],
    reply: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Send answers in."""
    typed = Typed(data)
    answers = Answers(
        stations_4g=_figure(typed, data, "stations_4g"),
        stations_5g=_figure(typed, data, "stations_5g"),
        devices=_figure(typed, data, "devices"),
        sectors=typed.text("sectors"),
        fibre=typed.text("fibre"),
        power=typed.text("power"),
        needs=typed.text("needs"),
    )
    faults = tuple(typed.faults)
    if not faults:
        try:
            await services.inventory.surveys.submit(viewer, reply, answers)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(f"/network/surveys/{survey}", status_code=303)
    return await _show(services, viewer, screen, survey, (reply, data, faults))


@post("/network/surveys/{survey:int}/decisions", status_code=HTTPStatus.CREATED)
async def decide_survey(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    survey: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Approve or send back a reply, remind all, or close the round."""
    surveys = services.inventory.surveys
    reply = number_of(data.get("reply", "")) or 0
    try:
        match data.get("step", ""):
            case "approve":
                await surveys.approve(viewer, reply)
            case "return":
                await surveys.send_back(viewer, reply, data.get("note", ""))
            case "remind":
                count = await surveys.remind(viewer, survey)
                return Redirect(f"/network/surveys/{survey}?reminded={count}", status_code=303)
            case "close":
                await surveys.close(viewer, survey)
            case _:
                pass
    except Refused as error:
        return await _show(services, viewer, screen, survey, (reply, data, faults_of(error)))
    return Redirect(f"/network/surveys/{survey}", status_code=303)


def _figure(typed: Typed, data: dict[str, str], field: str) -> int | None:
    return typed.whole(field) if data.get(field, "").strip() else None


def _ticked(data: dict[str, str], word: str) -> list[int]:
    names = (name.removeprefix(f"{word}-") for name in data if name.startswith(f"{word}-"))
    return [number for name in names if (number := number_of(name))]


async def _list(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    data: dict[str, str],
    faults: tuple[Fault, ...],
) -> Response[str]:
    zones = await services.registry.zones.list(viewer) if viewer.may("zone.read") else []
    return screen.show(
        "network/surveys.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="surveys",
        rounds=await services.inventory.surveys.list(viewer),
        operators=await services.inventory.operators.list(viewer, writable=True, simulated=True),
        zones=zones,
        data=data,
        faults={fault.field: fault for fault in faults},
    )


async def _show(  # noqa: PLR0913  # what a page is made of
    services: Services,
    viewer: Viewer,
    screen: Screen,
    survey: int,
    typed: tuple[int, dict[str, str], tuple[Fault, ...]] = (0, {}, ()),
    *,
    reminded: str = "",
) -> Response[str]:
    reply, data, faults = typed
    found = await services.inventory.surveys.one(viewer, survey)
    return screen.show(
        "network/survey.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="surveys",
        round=found,
        summary=found.summary,
        typed_in=reply,
        reminded=0 if reminded == "0" else number_of(reminded),
        data=data,
        faults={fault.field: fault for fault in faults},
    )
