"""My data: what is kept about me, what I agreed to, what I asked; and the list for who answers."""

from collections.abc import Mapping
from typing import Any

import msgspec
from litestar import Response, get
from litestar.params import FromPath

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
from tram.registry.privacy.privacy import WORDINGS
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, Typed
from tram.web.page_context import PageContext, TakenPage
from tram.web.submission import NO_FAULTS, Faults, submission
from tram.web.words.privacy import CONSENTS, EFFECTS, KINDS, TABLES, column_words

_HOME = "/account/data"
_LIST = "/people/requests"
_WORDS: Mapping[str, Any] = {"kinds": KINDS, "effects": EFFECTS, "consent_words": CONSENTS}


async def _mine(
    page: PageContext, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show what is kept about oneself, with the form of a request."""
    return page.show(
        "people/my_data.html",
        view=await page.call(my_data_view),
        wordings=WORDINGS,
        tables=TABLES,
        column_words=column_words,
        data=data,
        faults=faults,
        **_WORDS,
    )


@get("/account/data")
async def my_data_page(page: TakenPage) -> Response[str]:
    """Show what is kept about oneself, one's consents and requests."""
    return await _mine(page, {})


@submission("/account/data/requests", _mine)
async def send_data_request(page: TakenPage, data: Form) -> str:
    """Ask for something about one's own data."""
    await page.call(ask_about_my_data, _request(data))
    return _HOME


@submission("/account/consents/{purpose:str}/{act:str}")
async def change_consent(page: TakenPage, purpose: FromPath[str], act: FromPath[str]) -> str:
    """Agree to something, or take it back."""
    if act == "give":
        await page.call(give_consent, ConsentForm(purpose))
    elif act == "withdraw":
        await page.call(withdraw_consent, purpose)
    else:
        raise Refused("page.unknown", "There is nothing at this address.")
    return _HOME


async def _listed(
    page: PageContext, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show the requests with the forms that answer them."""
    return page.show(
        "people/data_requests.html",
        tab="requests",
        requests=(await page.call(list_requests)).items,
        consents=(await page.call(list_consents)).items,
        now_ms=page.services.clock.now_ms(),
        data=data,
        faults=faults,
        **_WORDS,
    )


@get("/people/requests")
async def data_requests_page(page: TakenPage) -> Response[str]:
    """Show the requests and consents of people in reach."""
    return await _listed(page, {})


async def _unanswered(
    page: PageContext, request_id: int, data: Mapping[str, str], faults: Faults
) -> Response[str]:
    return await _listed(page, {**data, "id": str(request_id)}, faults)


@submission("/people/requests/{request_id:int}/answer", _unanswered)
async def answer_data_request(page: TakenPage, request_id: FromPath[int], data: Form) -> str:
    """Note what was answered."""
    await page.call(answer_request, request_id, Typed(data).read(Answer))
    return _LIST


@submission("/people/{person:int}/requests", _listed)
async def enter_data_request(page: TakenPage, person: FromPath[int], data: Form) -> str:
    """Enter a request that came on paper."""
    await page.call(enter_request, person, _request(data))
    return _LIST


def _request(data: Mapping[str, str]) -> DataRequestForm:
    kind = data.get("kind", "")
    if kind not in KINDS:
        fault = Fault("kind", "choice.missing")
        raise Refused("data_request.wrong", "The request cannot be kept like this.", "", (fault,))
    return msgspec.convert({"kind": kind, "note": data.get("note", "").strip()}, DataRequestForm)
