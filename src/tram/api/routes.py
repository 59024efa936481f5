"""All routes of the programming interface, under one address."""

from litestar import Router

from tram.api.alarms.alarm_routes import alarm_routes
from tram.api.coverage.coverage_routes import coverage_routes
from tram.api.devices.device_routes import device_routes
from tram.api.devices.downlink_routes import downlink_routes
from tram.api.devices.enrolment_routes import enrolment_routes
from tram.api.directives.directive_routes import directive_routes
from tram.api.directives.recommendation_routes import recommendation_routes
from tram.api.http.session import API
from tram.api.network.count_routes import count_routes
from tram.api.network.operator_presence_routes import operator_presence_routes
from tram.api.network.station_routes import station_routes
from tram.api.network.survey_routes import survey_routes
from tram.api.overview.system_routes import system_routes
from tram.api.people.account_routes import account_routes
from tram.api.people.people_routes import people_routes
from tram.api.people.privacy_routes import privacy_routes
from tram.api.people.session_routes import session_routes
from tram.api.places.place_routes import place_routes
from tram.api.readings.past_routes import past_routes
from tram.api.readings.reading_routes import reading_routes
from tram.api.reports.report_routes import report_routes
from tram.api.sharing.sharing_routes import sharing_routes

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
                session_routes(),
                system_routes(),
                count_routes(),
                station_routes(),
                operator_presence_routes(),
                survey_routes(),
                directive_routes(),
                recommendation_routes(),
                report_routes(),
                alarm_routes(),
                sharing_routes(),
                people_routes(),
                account_routes(),
                privacy_routes(),
                coverage_routes(),
            ],
            request_max_body_size=_BODY_BYTES_MAX,
            response_headers={"Cache-Control": "no-store"},
        )
    ]
