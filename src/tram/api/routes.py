"""All routes of the programming interface, under one address."""

from litestar import Router

from tram.api.alarms import alarm_routes
from tram.api.coverage import coverage_routes
from tram.api.devices import device_routes, downlink_routes, enrolment_routes
from tram.api.directives import directive_routes, recommendation_routes
from tram.api.http.route_table import Route, handlers_of
from tram.api.http.session import API
from tram.api.network import count_routes, operator_presence_routes, station_routes, survey_routes
from tram.api.overview import system_routes
from tram.api.people import account_routes, people_routes, privacy_routes, session_routes
from tram.api.places import place_routes
from tram.api.readings import past_routes, reading_routes
from tram.api.reports import report_routes
from tram.api.sharing import sharing_routes

__all__ = ("api_routers", "every_route")

_BODY_BYTES_MAX = 1_048_576
_ROOMS = (
    device_routes,
    downlink_routes,
    enrolment_routes,
    reading_routes,
    past_routes,
    place_routes,
    session_routes,
    system_routes,
    count_routes,
    station_routes,
    operator_presence_routes,
    survey_routes,
    directive_routes,
    recommendation_routes,
    report_routes,
    alarm_routes,
    sharing_routes,
    people_routes,
    account_routes,
    privacy_routes,
    coverage_routes,
)


def every_route() -> list[Route]:
    """Return what the rooms declare, room after room."""
    return [route for room in _ROOMS for route in room.ROUTES]


def api_routers() -> list[Router]:
    """Return the routers; the application adds guard, errors and dependencies (see plugin)."""
    return [
        Router(
            API,
            route_handlers=handlers_of(every_route()),
            request_max_body_size=_BODY_BYTES_MAX,
            response_headers={"Cache-Control": "no-store"},
        )
    ]
