"""Routes of survey rounds."""

from tram.api.http.route_table import get, post, tagged
from tram.api.network import surveys

__all__ = ("ROUTES",)

ROUTES = tagged(
    "surveys",
    get(
        "/surveys",
        surveys.list_surveys,
        "Survey rounds",
        "Newest first, with how many of the replies that you may see are in.",
    ),
    post(
        "/surveys",
        surveys.open_survey,
        "Open a survey round",
        "Asks operators and zones; for who keeps the province's data.",
    ),
    get(
        "/surveys/{survey:int}",
        surveys.show_survey,
        "One survey round",
        "With the replies that you may see, and every step of them.",
        files=("replies",),
    ),
    post(
        "/surveys/{survey:int}/reminders",
        surveys.remind_survey,
        "Remind",
        "Everybody who has not answered.",
        noun="reminders",
    ),
    post(
        "/surveys/{survey:int}/end",
        surveys.end_survey,
        "Close a survey round",
        "Nothing can be answered any more.",
    ),
    post(
        "/surveys/replies/{reply:int}/answers",
        surveys.answer_reply,
        "Answer",
        "For the operator or the zone's authority that is asked; again after a correction.",
        noun="answers",
    ),
    post(
        "/surveys/replies/{reply:int}/return",
        surveys.return_reply,
        "Send back",
        "With what is to be corrected.",
    ),
    post(
        "/surveys/replies/{reply:int}/approval",
        surveys.approve_reply,
        "Approve",
        "An operator's answer becomes the official count of the round's day.",
    ),
)
