"""Routes of consents and of requests about personal data."""

from tram.api.http.route_table import delete, get, post, tagged
from tram.api.people import privacy

__all__ = ("ROUTES",)

_ACCOUNT = tagged(
    "account",
    get(
        "/me/consents",
        privacy.my_consents,
        "What I agreed to",
        "With the version of the words, and when it was taken back.",
        noun="my_consents",
    ),
    post("/me/consents", privacy.give_consent, "Agree", "In today's words.", status=204),
    delete(
        "/me/consents/{purpose:str}",
        privacy.withdraw_consent,
        "Take a consent back",
        "What rests on it stops at once.",
        noun="consent",
    ),
    get(
        "/me/requests",
        privacy.my_requests,
        "My requests about my data",
        "Received, due, and answered with what.",
        noun="my_requests",
    ),
    post(
        "/me/requests",
        privacy.ask_about_my_data,
        "Ask about my data",
        "Access, correction, erasure, restriction, or a consent taken back.",
        noun="my_request",
    ),
)
_PEOPLE = tagged(
    "people",
    get(
        "/consents",
        privacy.list_consents,
        "Consents of people",
        "Of people in reach, the newest 500.",
    ),
    get(
        "/data-requests",
        privacy.list_requests,
        "Requests about personal data",
        "Of people in reach; the open ones first, by the day when they are due.",
        noun="requests",
    ),
    post(
        "/people/{person:int}/requests",
        privacy.enter_request,
        "Enter a request",
        "One that came on paper.",
    ),
    post(
        "/data-requests/{request_id:int}/answer",
        privacy.answer_request,
        "Note an answer",
        "Once; what was answered stays as proof.",
        status=204,
    ),
)
ROUTES = _ACCOUNT + _PEOPLE
