"""Routes of recommendations and solution providers."""

from litestar import Router, delete, get, post, put
from litestar.di import NamedDependency, Provide
from litestar.params import FromPath, FromQuery, JSONBody

from tram.api.directives.providers import (
    ProviderFilter,
    ProviderList,
    change_provider,
    create_provider,
    list_providers,
    remove_provider,
    show_provider,
)
from tram.api.directives.recommendations import (
    AnswerForm,
    RecommendationList,
    answer_recommendation,
    change_recommendation,
    create_recommendation,
    list_recommendations,
    show_recommendation,
)
from tram.api.http.list_files import TableFile, table_of, with_every_format
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import AsOf, Cursor, PageLimit, TakenServices, TakenViewer
from tram.rollout.directives.views import (
    NewProvider,
    NewRecommendation,
    Provider,
    Recommendation,
    RecommendationEdit,
)

__all__ = ("recommendation_routes",)

_RECOMMENDATION_COLUMNS = (
    "code",
    "text",
    "to_whom",
    "kinds",
    "made_on",
    "letter",
    "state",
    "answer",
    "answered_on",
    "existing",
)
_PROVIDER_COLUMNS = ("name", "offers", "references", "contact", "source")


@get("/recommendations", summary="Recommendations", tags=["recommendations"])
async def get_recommendations(
    services: TakenServices,
    viewer: TakenViewer,
    as_of: AsOf = None,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> RecommendationList:
    """What was asked of whom, and the answers."""
    return await list_recommendations(services, viewer, as_of, cursor, limit)


@post("/recommendations", summary="Register a recommendation", tags=["recommendations"])
async def post_recommendation(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[NewRecommendation]
) -> Recommendation:
    """With the body that it goes to."""
    return await create_recommendation(services, viewer, data)


@get(
    "/recommendations/{recommendation:int}",
    summary="One recommendation",
    tags=["recommendations"],
)
async def get_recommendation(
    services: TakenServices, viewer: TakenViewer, recommendation: FromPath[int]
) -> Recommendation:
    """The recommendation with its answer."""
    return await show_recommendation(services, viewer, recommendation)


@put(
    "/recommendations/{recommendation:int}",
    summary="Change a recommendation",
    tags=["recommendations"],
)
async def put_recommendation(
    services: TakenServices,
    viewer: TakenViewer,
    recommendation: FromPath[int],
    data: JSONBody[RecommendationEdit],
) -> Recommendation:
    """The answer stays."""
    return await change_recommendation(services, viewer, recommendation, data)


@post(
    "/recommendations/{recommendation:int}/answer",
    summary="Note the answer",
    tags=["recommendations"],
)
async def post_answer(
    services: TakenServices,
    viewer: TakenViewer,
    recommendation: FromPath[int],
    data: JSONBody[AnswerForm],
) -> Recommendation:
    """Answered or declined, with the day."""
    return await answer_recommendation(services, viewer, recommendation, data)


async def provide_provider_filter(
    search: FromQuery[str] = "", sector: FromQuery[str | None] = None
) -> ProviderFilter:
    """Read the filter of the provider list from the query."""
    return ProviderFilter(search=search, sector=sector)


@get(
    "/providers",
    summary="Solution providers",
    dependencies={"wanted": Provide(provide_provider_filter)},
    tags=["providers"],
)
async def get_providers(
    services: TakenServices,
    viewer: TakenViewer,
    wanted: NamedDependency[ProviderFilter],
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> ProviderList:
    """Who offers what for which sector."""
    return await list_providers(services, viewer, wanted, cursor, limit)


@post("/providers", summary="Register a provider", tags=["providers"])
async def post_provider(
    services: TakenServices, viewer: TakenViewer, data: JSONBody[NewProvider]
) -> Provider:
    """The contact is an organisation's, never a person's."""
    return await create_provider(services, viewer, data)


@get("/providers/{provider:int}", summary="One provider", tags=["providers"])
async def get_provider(
    services: TakenServices, viewer: TakenViewer, provider: FromPath[int]
) -> Provider:
    """What the organisation offers, with references."""
    return await show_provider(services, viewer, provider)


@put("/providers/{provider:int}", summary="Change a provider", tags=["providers"])
async def put_provider(
    services: TakenServices,
    viewer: TakenViewer,
    provider: FromPath[int],
    data: JSONBody[NewProvider],
) -> Provider:
    """The audit keeps what was there before."""
    return await change_provider(services, viewer, provider, data)


@delete("/providers/{provider:int}", summary="Remove a provider", tags=["providers"])
async def delete_provider(
    services: TakenServices, viewer: TakenViewer, provider: FromPath[int]
) -> None:
    """The list goes on without it; the audit keeps it."""
    await remove_provider(services, viewer, provider)


def recommendation_routes() -> Router:
    """Return the routes of this module."""
    return Router(
        "/",
        route_handlers=with_every_format(
            [
                get_recommendations,
                table_of(
                    get_recommendations,
                    table=TableFile(
                        "recommendations", _RECOMMENDATION_COLUMNS, "Download recommendations"
                    ),
                ),
                post_recommendation,
                get_recommendation,
                put_recommendation,
                post_answer,
                get_providers,
                table_of(
                    get_providers,
                    table=TableFile("providers", _PROVIDER_COLUMNS, "Download providers"),
                ),
                post_provider,
                get_provider,
                put_provider,
                delete_provider,
            ]
        ),
    )
