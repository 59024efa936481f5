"""Routes of survey rounds."""

from litestar import Router, get, post
from litestar.params import FromPath, JSONBody

from tram.api.http.list_files import table_of, with_every_format
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.network.surveys import (
    Reminded,
    ReturnForm,
    SurveyList,
    answer_reply,
    approve_reply,
    end_survey,
    list_surveys,
    open_survey,
    remind_survey,
    return_reply,
    show_survey,
)
from tram.rollout.inventory.surveys.views import Answers, NewRound, Reply, Round

__all__ = ("survey_routes",)


@get("/surveys", summary="Survey rounds", tags=["surveys"])
async def get_surveys(services: TakenServices, viewer: TakenViewer) -> SurveyList:
    """Newest first, with how many of the replies that you may see are in."""
    return await list_surveys(services, viewer)


@post("/surveys", summary="Open a survey round", tags=["surveys"])
async def post_survey(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[NewRound]
) -> Round:
    """Asks operators and zones; for who keeps the province's data."""
    return await open_survey(services, viewer, data)


@get("/surveys/{survey:int}", summary="One survey round", tags=["surveys"])
async def get_survey(services: TakenServices, viewer: TakenViewer, survey: FromPath[int]) -> Round:
    """With the replies that you may see, and every step of them."""
    return await show_survey(services, viewer, survey)


@post("/surveys/{survey:int}/reminders", summary="Remind", tags=["surveys"])
async def post_reminders(
    services: TakenServices, viewer: TakenViewer, survey: FromPath[int]
) -> Reminded:
    """Everybody who has not answered."""
    return await remind_survey(services, viewer, survey)


@post("/surveys/{survey:int}/end", summary="Close a survey round", tags=["surveys"])
async def post_end(services: TakenServices, viewer: TakenViewer, survey: FromPath[int]) -> Round:
    """Nothing can be answered any more."""
    return await end_survey(services, viewer, survey)


@post("/surveys/replies/{reply:int}/answers", summary="Answer", tags=["surveys"])
async def post_answers(
    services: TakenServices, viewer: TakenViewer, reply: FromPath[int], data: JSONBody[Answers]
) -> Reply:
    """For the operator or the zone's authority that is asked; again after a correction."""
    return await answer_reply(services, viewer, reply, data)


@post("/surveys/replies/{reply:int}/return", summary="Send back", tags=["surveys"])
async def post_return(
    services: TakenServices, viewer: TakenViewer, reply: FromPath[int], data: JSONBody[ReturnForm]
) -> Reply:
    """With what is to be corrected."""
    return await return_reply(services, viewer, reply, data)


@post("/surveys/replies/{reply:int}/approval", summary="Approve", tags=["surveys"])
async def post_approval(
    services: TakenServices, viewer: TakenViewer, reply: FromPath[int]
) -> Reply:
    """An operator's answer becomes the official count of the round's day."""
    return await approve_reply(services, viewer, reply)


def survey_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_surveys,
                post_survey,
                get_survey,
                post_reminders,
                post_end,
                post_answers,
                post_return,
                post_approval,
                table_of(get_survey, "replies"),
            ]
        ),
    )
