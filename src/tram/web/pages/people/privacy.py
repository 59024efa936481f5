"""My data: what is kept about me, what I agreed to, what I asked; and the list for who answers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.api.people.privacy import (
    Answer,
    ConsentForm,
    DataRequestForm,
    answer_request,
    ask_about_my_data,
    enter_request,
    give_consent,
    list_consents,
    list_requests,
    my_data_view,
    withdraw_consent,
)
from tram.registry.kernel.viewer import Viewer
from tram.registry.privacy.privacy import WORDINGS
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, Typed, faults_of
from tram.web.rendering import Screen, TakenScreen
from tram.web.words.privacy import CONSENTS, EFFECTS, KINDS, TABLES, column_words

_HOME = "/account/data"
_LIST = "/people/requests"


@get("/account/data")
async def my_data_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show what is kept about oneself, one's consents and requests."""
    return await _mine(services, viewer, screen, {}, ())


@post("/account/data/requests", status_code=HTTPStatus.SEE_OTHER)
async def send_data_request(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Ask for something about one's own data."""
    try:
        await ask_about_my_data(services, viewer, _request(data))
    except Refused as error:
        return await _mine(services, viewer, screen, data, faults_of(error))
    return Redirect(_HOME, status_code=303)


@post("/account/consents/{purpose:str}/{act:str}", status_code=HTTPStatus.SEE_OTHER)
async def change_consent(
    services: TakenServices, viewer: TakenViewer, purpose: FromPath[str], act: FromPath[str]
) -> Redirect:
    """Agree to something, or take it back."""
    if act == "give":
        await give_consent(services, viewer, ConsentForm(purpose))
    elif act == "withdraw":
        await withdraw_consent(services, viewer, purpose)
    else:
        raise Refused("page.unknown", "There is nothing at this address.")
    return Redirect(_HOME, status_code=303)


@get("/people/requests")
async def data_requests_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show the requests and consents of people in reach."""
    return await _listed(services, viewer, screen, {}, ())


@post("/people/requests/{request_id:int}/answer", status_code=HTTPStatus.SEE_OTHER)
async def answer_data_request(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    request_id: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Note what was answered."""
    typed = Typed(data)
    answer = typed.text("answer", needed=True)
    faults = tuple(typed.faults)
    if not faults:
        try:
            await answer_request(services, viewer, request_id, Answer(answer))
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(_LIST, status_code=303)
    shown = {**data, "id": str(request_id)}
    return await _listed(services, viewer, screen, shown, faults)


@post("/people/{person:int}/requests", status_code=HTTPStatus.SEE_OTHER)
async def enter_data_request(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    person: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Enter a request that came on paper."""
    try:
        await enter_request(services, viewer, person, _request(data))
    except Refused as error:
        return await _listed(services, viewer, screen, data, faults_of(error))
    return Redirect(_LIST, status_code=303)


def _request(data: Mapping[str, str]) -> DataRequestForm:
    kind = data.get("kind", "")
    if kind not in KINDS:
        fault = Fault("kind", "choice.missing")
        raise Refused("data_request.wrong", "The request cannot be kept like this.", "", (fault,))
    return msgspec.convert({"kind": kind, "note": data.get("note", "").strip()}, DataRequestForm)


async def _mine(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    data: Mapping[str, str],
    faults: tuple[Fault, ...],
) -> Response[str]:
    return screen.show(
        "people/my_data.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        view=await my_data_view(services, viewer),
        wordings=WORDINGS,
        tables=TABLES,
        column_words=column_words,
        data=data,
        faults={fault.field: fault for fault in faults},
        **_WORDS,
    )


async def _listed(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    data: Mapping[str, str],
    faults: tuple[Fault, ...],
) -> Response[str]:
    return screen.show(
        "people/data_requests.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="requests",
        requests=(await list_requests(services, viewer)).items,
        consents=(await list_consents(services, viewer)).items,
        now_ms=services.clock.now_ms(),
        data=data,
        faults={fault.field: fault for fault in faults},
        **_WORDS,
    )


_WORDS: Mapping[str, object] = {"kinds": KINDS, "effects": EFFECTS, "consent_words": CONSENTS}
