"""All routes of the programming interface, under one address."""

from litestar import Router

from tram.api.endpoints.accounts import account_routes
from tram.api.endpoints.alarms import alarm_routes
from tram.api.endpoints.counts import count_routes
from tram.api.endpoints.coverage import coverage_routes
from tram.api.endpoints.devices import device_routes
from tram.api.endpoints.directives import directive_routes
from tram.api.endpoints.downlinks import downlink_routes
from tram.api.endpoints.enrolments import enrolment_routes
from tram.api.endpoints.past import past_routes
from tram.api.endpoints.people import people_routes
from tram.api.endpoints.persons import person_routes
from tram.api.endpoints.places import place_routes
from tram.api.endpoints.presence import presence_routes
from tram.api.endpoints.privacy import privacy_routes
from tram.api.endpoints.readings import reading_routes
from tram.api.endpoints.reports import report_routes
from tram.api.endpoints.requests import request_routes
from tram.api.endpoints.sharing import sharing_routes
from tram.api.endpoints.stations import station_routes
from tram.api.endpoints.surveys import survey_routes
from tram.api.session import API

__all__ = ("api_routers",)

_BODY_BYTES_MAX = 1_048_576


def api_routers() -> list[Router]:
    """Return the routers; the application adds guard, errors and dependencies (see plugin)."""
    return [
        Router(
            API,
            route_handlers=[
                device_routes(),
                downlink_routes(),
                enrolment_routes(),
                reading_routes(),
                past_routes(),
                place_routes(),
                people_routes(),
                count_routes(),
                station_routes(),
                presence_routes(),
                survey_routes(),
                directive_routes(),
                request_routes(),
                report_routes(),
                alarm_routes(),
                sharing_routes(),
                person_routes(),
                account_routes(),
                privacy_routes(),
                coverage_routes(),
            ],
            request_max_body_size=_BODY_BYTES_MAX,
            response_headers={"Cache-Control": "no-store"},
        )
    ]
