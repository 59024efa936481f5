"""Recommendations with their answers, and the register of solution providers."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

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
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.rollout.directives.views import (
    NewProvider,
    NewRecommendation,
    Offer,
    Provider,
    Recommendation,
    RecommendationEdit,
)
from tram.web.forms import Form, Typed, typed_of
from tram.web.page_context import PageContext, TakenPage
from tram.web.submission import NO_FAULTS, Faults, submission
from tram.web.words.rollout import RECOMMENDATION_KINDS

_ASKED = "/reports/recommendations"
_OFFERED = "/reports/providers"


@get("/reports/recommendations")
async def recommendations_page(page: TakenPage) -> Response[str]:
    """Show what was asked of whom, and the answers."""
    found = await page.call(list_recommendations)
    return page.show(
        "directives/recommendations.html", tab="recommendations", recommendations=found.items
    )


async def _recommendation(
    page: PageContext,
    recommendation: int | None = None,
    data: Mapping[str, str] | None = None,
    faults: Faults = NO_FAULTS,
) -> Response[str]:
    """Show a recommendation with its forms, or the form of a new one."""
    found = (
        await page.call(show_recommendation, recommendation)
        if recommendation is not None
        else None
    )
    return page.show(
        "directives/recommendation.html",
        tab="recommendations",
        item=found,
        data=data if data is not None or found is None else _typed_recommendation(found),
        faults=faults,
    )


@get("/reports/recommendations/new")
async def new_recommendation_page(page: TakenPage) -> Response[str]:
    """Show the empty form."""
    page.viewer.needs(Permission.DIRECTIVE_WRITE)
    return await _recommendation(page, data={})


@submission("/reports/recommendations/new", _recommendation)
async def add_recommendation(page: TakenPage, data: Form) -> str:
    """Register a recommendation."""
    typed = Typed(data)
    new = typed.read(NewRecommendation, kinds=_kinds(typed), letter="", existing_mark="")
    await page.call(create_recommendation, new)
    return _ASKED


@get("/reports/recommendations/{recommendation:int}")
async def recommendation_page(page: TakenPage, recommendation: FromPath[int]) -> Response[str]:
    """Show one; who may write notes the answer or changes it here."""
    return await _recommendation(page, recommendation)


@submission("/reports/recommendations/{recommendation:int}", _recommendation)
async def mend_recommendation(page: TakenPage, recommendation: FromPath[int], data: Form) -> str:
    """Change a recommendation; it keeps its code and its letter."""
    found = await page.call(show_recommendation, recommendation)
    typed = Typed(data)
    edit = typed.read(
        RecommendationEdit,
        kinds=_kinds(typed),
        letter=found.letter,
        existing_mark=found.existing_mark,
    )
    await page.call(change_recommendation, recommendation, edit)
    return _ASKED


async def _unanswered(
    page: PageContext, recommendation: int, data: Mapping[str, str], faults: Faults
) -> Response[str]:
    """Show what is kept beside the answer that was typed."""
    found = await page.call(show_recommendation, recommendation)
    shown = {**_typed_recommendation(found), **data}
    return await _recommendation(page, recommendation, shown, faults)


@submission("/reports/recommendations/{recommendation:int}/answer", _unanswered)
async def note_answer(page: TakenPage, recommendation: FromPath[int], data: Form) -> str:
    """Note what the other side answered."""
    typed = Typed(data)
    answer = typed.read(AnswerForm, text=typed.text("answer", needed=True))
    await page.call(answer_recommendation, recommendation, answer)
    return _ASKED


@get("/reports/providers")
async def providers_page(
    page: TakenPage, search: FromQuery[str] = "", sector: FromQuery[str] = ""
) -> Response[str]:
    """Show who offers what; the question stands in the address."""
    wanted = sector if sector in SECTORS else None
    found = await page.call(list_providers, ProviderFilter(search=search.strip(), sector=wanted))
    return page.show(
        "directives/providers.html",
        tab="providers",
        providers=found.items,
        search=search,
        sector=wanted or "",
        sectors=SECTORS,
    )


async def _provider(
    page: PageContext,
    provider: int | None = None,
    data: Mapping[str, str] | None = None,
    faults: Faults = NO_FAULTS,
) -> Response[str]:
    """Show a provider with its form, or the form of a new one."""
    found = await page.call(show_provider, provider) if provider is not None else None
    return page.show(
        "directives/provider.html",
        tab="providers",
        item=found,
        data=data if data is not None or found is None else _typed_provider(found),
        sectors=SECTORS,
        faults=faults,
    )


@get("/reports/providers/new")
async def new_provider_page(page: TakenPage) -> Response[str]:
    """Show the empty form."""
    page.viewer.needs(Permission.DIRECTIVE_WRITE)
    return await _provider(page, data={})


@submission("/reports/providers/new", _provider)
async def add_provider(page: TakenPage, data: Form) -> str:
    """Register a provider."""
    await page.call(create_provider, _read_provider(data))
    return _OFFERED


@get("/reports/providers/{provider:int}")
async def provider_page(page: TakenPage, provider: FromPath[int]) -> Response[str]:
    """Show one; who may write changes or removes it here."""
    return await _provider(page, provider)


@submission("/reports/providers/{provider:int}", _provider)
async def mend_provider(page: TakenPage, provider: FromPath[int], data: Form) -> str:
    """Change a provider."""
    await page.call(change_provider, provider, _read_provider(data))
    return _OFFERED


@submission("/reports/providers/{provider:int}/remove")
async def remove_provider_page(page: TakenPage, provider: FromPath[int]) -> str:
    """Take a provider off the list."""
    await page.call(remove_provider, provider)
    return _OFFERED


def _kinds(typed: Typed) -> list[str]:
    return [kind for kind in RECOMMENDATION_KINDS if typed.ticked(f"kind-{kind}")]


def _typed_recommendation(item: Recommendation) -> dict[str, Any]:
    return {
        **typed_of(item),
        **{f"kind-{kind}": "yes" for kind in item.kinds},
        "on": item.answered_on.isoformat() if item.answered_on else "",
        "declined": "yes" if item.state == "declined" else "",
    }


def _read_provider(data: Mapping[str, str]) -> NewProvider:
    typed = Typed(data)
    offers = [(sector, typed.text(f"offer-{sector}")) for sector in SECTORS]
    return typed.read(NewProvider, offers=[Offer(sector, text) for sector, text in offers if text])


def _typed_provider(item: Provider) -> dict[str, str]:
    return {**typed_of(item), **{f"offer-{offer.sector}": offer.text for offer in item.offers}}
