"""Routes of consents and of requests about personal data."""

from litestar import Router, delete, get, post
from litestar.params import FromPath, JSONBody

from tram.api.http.list_files import with_every_format
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.people.privacy import (
    Answer,
    ConsentForm,
    ConsentList,
    DataRequestForm,
    DataRequestList,
    answer_request,
    ask_about_my_data,
    enter_request,
    give_consent,
    list_consents,
    list_requests,
    my_consents,
    my_requests,
    withdraw_consent,
)
from tram.registry.privacy.privacy import DataRequest

__all__ = ("privacy_routes",)


@get("/me/consents", summary="What I agreed to", tags=["account"])
async def get_my_consents(services: TakenServices, viewer: TakenViewer) -> ConsentList:
    """With the version of the words, and when it was taken back."""
    return await my_consents(services, viewer)


@post("/me/consents", summary="Agree", tags=["account"], status_code=204)
async def post_consent(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[ConsentForm]
) -> None:
    """In today's words."""
    await give_consent(services, viewer, data)


@delete(
    "/me/consents/{purpose:str}", summary="Take a consent back", tags=["account"], status_code=204
)
async def delete_consent(
    services: TakenServices, viewer: TakenViewer, purpose: FromPath[str]
) -> None:
    """What rests on it stops at once."""
    await withdraw_consent(services, viewer, purpose)


@get("/me/requests", summary="My requests about my data", tags=["account"])
async def get_my_requests(services: TakenServices, viewer: TakenViewer) -> DataRequestList:
    """Received, due, and answered with what."""
    return await my_requests(services, viewer)


@post("/me/requests", summary="Ask about my data", tags=["account"])
async def post_my_request(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[DataRequestForm]
) -> DataRequest:
    """Access, correction, erasure, restriction, or a consent taken back."""
    return await ask_about_my_data(services, viewer, data)


@get("/consents", summary="Consents of people", tags=["people"])
async def get_consents(services: TakenServices, viewer: TakenViewer) -> ConsentList:
    """Of people in reach, the newest 500."""
    return await list_consents(services, viewer)


@get("/data-requests", summary="Requests about personal data", tags=["people"])
async def get_requests(services: TakenServices, viewer: TakenViewer) -> DataRequestList:
    """Of people in reach; the open ones first, by the day when they are due."""
    return await list_requests(services, viewer)


@post("/people/{person:int}/requests", summary="Enter a request", tags=["people"])
async def post_request(
    services: TakenServices,
    viewer: TakenViewer,
    person: FromPath[int],
    data: JSONBody[DataRequestForm],
) -> DataRequest:
    """One that came on paper."""
    return await enter_request(services, viewer, person, data)


@post(
    "/data-requests/{request_id:int}/answer",
    summary="Note an answer",
    tags=["people"],
    status_code=204,
)
async def post_answer(
    services: TakenServices,
    viewer: TakenViewer,
    request_id: FromPath[int],
    data: JSONBody[Answer],
) -> None:
    """Once; what was answered stays as proof."""
    await answer_request(services, viewer, request_id, data)


def privacy_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_my_consents,
                post_consent,
                delete_consent,
                get_my_requests,
                post_my_request,
                get_consents,
                get_requests,
                post_request,
                post_answer,
            ]
        ),
    )
