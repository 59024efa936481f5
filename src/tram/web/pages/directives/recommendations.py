"""Recommendations with their answers, and the register of solution providers."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from tram.api.directives.providers import (
    ProviderFilter,
    change_provider,
    create_provider,
    list_providers,
    remove_provider,
    show_provider,
)
from tram.api.directives.recommendations import (
    AnswerForm,
    answer_recommendation,
    change_recommendation,
    create_recommendation,
    list_recommendations,
    show_recommendation,
)
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.domain.sectors import SECTORS
from tram.rollout.directives.views import (
    NewProvider,
    NewRecommendation,
    Offer,
    Provider,
    Recommendation,
    RecommendationEdit,
)
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, Typed, faults_of
from tram.web.rendering import Screen, TakenScreen
from tram.web.words.rollout import RECOMMENDATION_KINDS

_ASKED = "/reports/recommendations"
_OFFERED = "/reports/providers"


@get("/reports/recommendations")
async def recommendations_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show what was asked of whom, and the answers."""
    found = await list_recommendations(services, viewer)
    return screen.show(
        "directives/recommendations.html", tab="recommendations", recommendations=found.items
    )


@get("/reports/recommendations/new")
async def new_recommendation_page(viewer: TakenViewer, screen: TakenScreen) -> Response[str]:
    """Show the empty form."""
    viewer.needs("directive.write")
    return _recommendation_form(screen, None, {})


@post("/reports/recommendations/new", status_code=HTTPStatus.CREATED)
async def add_recommendation(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Register a recommendation."""
    form, faults = _read_recommendation(data)
    if not faults:
        try:
            await create_recommendation(services, viewer, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(_ASKED, status_code=303)
    return _recommendation_form(screen, None, data, faults)


@get("/reports/recommendations/{recommendation:int}")
async def recommendation_page(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    recommendation: FromPath[int],
) -> Response[str]:
    """Show one; who may write notes the answer or changes it here."""
    found = await show_recommendation(services, viewer, recommendation)
    return _recommendation_form(screen, found, _typed_recommendation(found))


@post("/reports/recommendations/{recommendation:int}", status_code=HTTPStatus.CREATED)
async def mend_recommendation(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    recommendation: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Change a recommendation."""
    found = await show_recommendation(services, viewer, recommendation)
    form, faults = _read_recommendation(data, found)
    if not faults:
        edit = msgspec.convert(form, RecommendationEdit, from_attributes=True)
        try:
            await change_recommendation(services, viewer, recommendation, edit)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(_ASKED, status_code=303)
    return _recommendation_form(screen, found, data, faults)


@post("/reports/recommendations/{recommendation:int}/answer", status_code=HTTPStatus.CREATED)
async def note_answer(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    recommendation: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Note what the other side answered."""
    found = await show_recommendation(services, viewer, recommendation)
    typed = Typed(data)
    form = AnswerForm(
        text=typed.text("answer", needed=True),
        on=typed.day("on"),
        declined=typed.ticked("declined"),
    )
    faults = tuple(typed.faults)
    if not faults:
        try:
            await answer_recommendation(services, viewer, recommendation, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(_ASKED, status_code=303)
    return _recommendation_form(screen, found, {**_typed_recommendation(found), **data}, faults)


@get("/reports/providers")
async def providers_page(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    search: FromQuery[str] = "",
    sector: FromQuery[str] = "",
) -> Response[str]:
    """Show who offers what; the question stands in the address."""
    wanted = sector if sector in SECTORS else None
    asked = ProviderFilter(search=search.strip(), sector=wanted)
    found = await list_providers(services, viewer, asked)
    return screen.show(
        "directives/providers.html",
        tab="providers",
        providers=found.items,
        search=search,
        sector=wanted or "",
        sectors=SECTORS,
    )


@get("/reports/providers/new")
async def new_provider_page(viewer: TakenViewer, screen: TakenScreen) -> Response[str]:
    """Show the empty form."""
    viewer.needs("directive.write")
    return _provider_form(screen, None, {})


@post("/reports/providers/new", status_code=HTTPStatus.CREATED)
async def add_provider(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Register a provider."""
    form, faults = _read_provider(data)
    if not faults:
        try:
            await create_provider(services, viewer, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(_OFFERED, status_code=303)
    return _provider_form(screen, None, data, faults)


@get("/reports/providers/{provider:int}")
async def provider_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, provider: FromPath[int]
) -> Response[str]:
    """Show one; who may write changes or removes it here."""
    found = await show_provider(services, viewer, provider)
    return _provider_form(screen, found, _typed_provider(found))


@post("/reports/providers/{provider:int}", status_code=HTTPStatus.CREATED)
async def mend_provider(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    provider: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Change a provider."""
    found = await show_provider(services, viewer, provider)
    form, faults = _read_provider(data)
    if not faults:
        try:
            await change_provider(services, viewer, provider, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(_OFFERED, status_code=303)
    return _provider_form(screen, found, data, faults)


@post("/reports/providers/{provider:int}/remove", status_code=HTTPStatus.SEE_OTHER)
async def remove_provider_page(
    services: TakenServices, viewer: TakenViewer, provider: FromPath[int]
) -> Redirect:
    """Take a provider off the list."""
    await remove_provider(services, viewer, provider)
    return Redirect(_OFFERED, status_code=303)


def _recommendation_form(
    screen: Screen,
    item: Recommendation | None,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    return screen.show(
        "directives/recommendation.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="recommendations",
        item=item,
        data=data,
        faults={fault.field: fault for fault in faults},
    )


def _provider_form(
    screen: Screen,
    item: Provider | None,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    return screen.show(
        "directives/provider.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="providers",
        item=item,
        data=data,
        sectors=SECTORS,
        faults={fault.field.partition(".")[0]: fault for fault in faults},
    )


def _read_recommendation(
    data: Mapping[str, str], before: Recommendation | None = None
) -> tuple[NewRecommendation, tuple[Fault, ...]]:
    """Read the form; a recommendation keeps its code and its letter."""
    typed = Typed(data)
    form = NewRecommendation(
        code=before.code if before else typed.text("code", needed=True),
        text=typed.text("text", needed=True),
        to_whom=typed.text("to_whom", needed=True),
        kinds=[kind for kind in RECOMMENDATION_KINDS if typed.ticked(f"kind-{kind}")],
        made_on=typed.day("made_on"),
        letter=before.letter if before else "",
        existing=typed.lines("existing"),
        existing_mark=before.existing_mark if before else "",
    )
    return form, tuple(typed.faults)


def _typed_recommendation(item: Recommendation) -> dict[str, str]:
    return {
        "text": item.text,
        "to_whom": item.to_whom,
        **{f"kind-{kind}": "yes" for kind in item.kinds},
        "made_on": item.made_on.isoformat(),
        "existing": "\n".join(item.existing),
        "answer": item.answer,
        "on": item.answered_on.isoformat() if item.answered_on else "",
        "declined": "yes" if item.state == "declined" else "",
    }


def _read_provider(data: Mapping[str, str]) -> tuple[NewProvider, tuple[Fault, ...]]:
    typed = Typed(data)
    offers = [(sector, typed.text(f"offer-{sector}")) for sector in SECTORS]
    form = NewProvider(
        name=typed.text("name", needed=True),
        offers=[Offer(sector, text) for sector, text in offers if text],
        references=typed.lines("references"),
        contact=typed.text("contact"),
        source=typed.text("source"),
    )
    return form, tuple(typed.faults)


def _typed_provider(item: Provider) -> dict[str, str]:
    return {
        "name": item.name,
        **{f"offer-{offer.sector}": offer.text for offer in item.offers},
        "references": "\n".join(item.references),
        "contact": item.contact,
        "source": item.source,
    }
