"""Routes of recommendations and solution providers."""

from tram.api.directives import providers, recommendations
from tram.api.http.list_files import TableFile
from tram.api.http.route_table import delete, get, post, put, tagged

__all__ = ("ROUTES",)

_RECOMMENDATION_COLUMNS = (
    "code text to_whom kinds made_on letter state answer answered_on existing"
)
_PROVIDER_COLUMNS = "name offers references contact source"


_RECOMMENDATIONS = tagged(
    "recommendations",
    get(
        "/recommendations",
        recommendations.list_recommendations,
        "Recommendations",
        "What was asked of whom, and the answers.",
        files=(TableFile("recommendations", "Download recommendations", _RECOMMENDATION_COLUMNS),),
    ),
    post(
        "/recommendations",
        recommendations.create_recommendation,
        "Register a recommendation",
        "With the body that it goes to.",
    ),
    get(
        "/recommendations/{recommendation:int}",
        recommendations.show_recommendation,
        "One recommendation",
        "The recommendation with its answer.",
    ),
    put(
        "/recommendations/{recommendation:int}",
        recommendations.change_recommendation,
        "Change a recommendation",
        "The answer stays.",
    ),
    post(
        "/recommendations/{recommendation:int}/answer",
        recommendations.answer_recommendation,
        "Note the answer",
        "Answered or declined, with the day.",
    ),
)
_PROVIDERS = tagged(
    "providers",
    get(
        "/providers",
        providers.list_providers,
        "Solution providers",
        "Who offers what for which sector.",
        files=(TableFile("providers", "Download providers", _PROVIDER_COLUMNS),),
    ),
    post(
        "/providers",
        providers.create_provider,
        "Register a provider",
        "The contact is an organisation's, never a person's.",
    ),
    get(
        "/providers/{provider:int}",
        providers.show_provider,
        "One provider",
        "What the organisation offers, with references.",
    ),
    put(
        "/providers/{provider:int}",
        providers.change_provider,
        "Change a provider",
        "The audit keeps what was there before.",
    ),
    delete(
        "/providers/{provider:int}",
        providers.remove_provider,
        "Remove a provider",
        "The list goes on without it; the audit keeps it.",
    ),
)
ROUTES = _RECOMMENDATIONS + _PROVIDERS
