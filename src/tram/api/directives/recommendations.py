"""Recommendations to higher bodies: what was asked of whom, and what they answered."""

import msgspec

from tram.api.http.paging import LIMIT_MAX, cut
from tram.api.http.parameters import AsOf, Cursor, PageLimit
from tram.api.http.services import Services
from tram.domain.bounds import Day, Paragraphs
from tram.registry.kernel.viewer import Viewer
from tram.rollout.directives.views import NewRecommendation, Recommendation, RecommendationEdit

__all__ = (
    "AnswerForm",
    "RecommendationList",
    "answer_recommendation",
    "change_recommendation",
    "create_recommendation",
    "list_recommendations",
    "show_recommendation",
)


class RecommendationList(msgspec.Struct, frozen=True):
    """One page of recommendations."""

    items: list[Recommendation]
    next: str | None
    as_of_ms: int


class AnswerForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the other side answered, and when."""

    text: Paragraphs
    on: Day
    declined: bool = False


async def list_recommendations(
    services: Services,
    viewer: Viewer,
    day: AsOf = None,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_MAX,
) -> RecommendationList:
    """Return the recommendations in the states that they had on a day, today if None."""
    found = await services.directives.recommendations.list(viewer, day=day)
    rows, following = cut(found, cursor, limit)
    return RecommendationList(rows, following, services.clock.now_ms())


async def show_recommendation(
    services: Services, viewer: Viewer, recommendation: int
) -> Recommendation:
    """Return one recommendation.

    Raises:
        Refused: ``recommendation.unknown``.
    """
    return await services.directives.recommendations.one(viewer, recommendation)


async def create_recommendation(
    services: Services, viewer: Viewer, form: NewRecommendation
) -> Recommendation:
    """Register a recommendation.

    Raises:
        Refused: with every wrong field.
    """
    return await services.directives.recommendations.create(viewer, form)


async def change_recommendation(
    services: Services, viewer: Viewer, recommendation: int, form: RecommendationEdit
) -> Recommendation:
    """Change what is registered; the answer stays.

    Raises:
        Refused: ``recommendation.unknown``, or with every wrong field.
    """
    return await services.directives.recommendations.change(viewer, recommendation, form)


async def answer_recommendation(
    services: Services, viewer: Viewer, recommendation: int, form: AnswerForm
) -> Recommendation:
    """Note the answer.

    Raises:
        Refused: ``recommendation.unknown``, or with every wrong field.
    """
    return await services.directives.recommendations.answer(
        viewer, recommendation, text=form.text, on=form.on, declined=form.declined
    )
