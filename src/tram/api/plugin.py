"""Puts the programming interface into an application: routes, guard, errors, live views, schema.

The guard stands at the application, so that pages are guarded by the same rule as the interface.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.config.app import AppConfig
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.plugins import InitPlugin, ReceiveRoutePlugin
from litestar.routes import BaseRoute, HTTPRoute

import tram
from tram.api.http.errors import EXCEPTION_HANDLERS, PROBLEM_MEDIA_TYPE, Problem
from tram.api.http.export_journal import note_answer
from tram.api.http.form_request import FormRequest
from tram.api.http.services import Services
from tram.api.http.session import (
    API,
    needs_session,
    provide_services,
    provide_session,
    provide_viewer,
)
from tram.api.live.broadcaster import Broadcaster
from tram.api.live.sockets import live
from tram.api.routes import api_routers

__all__ = ("PlatformApi",)

_PROBLEMS = {
    400: "The request could not be read.",
    401: "Nobody is logged in.",
    403: "The viewer may not do this.",
    404: "There is none, or the viewer may not see it.",
    429: "Too often: try again after Retry-After seconds.",
    422: "Fields are missing or wrong: all of them are under faults.",
    503: "Not now: try again after Retry-After seconds.",
}


class PlatformApi(InitPlugin, ReceiveRoutePlugin):
    """The plugin that serves ``/api/platform/v1`` and ``/live`` from these services."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Add everything; handlers of errors that the application set itself stay."""
        app_config.route_handlers = [*app_config.route_handlers, *api_routers(), live]
        app_config.guards = [needs_session, *app_config.guards]
        app_config.exception_handlers = {**EXCEPTION_HANDLERS, **app_config.exception_handlers}
        app_config.dependencies = {
            "services": Provide(provide_services),
            "session": Provide(provide_session),
            "viewer": Provide(provide_viewer),
            **app_config.dependencies,
        }
        app_config.before_send = [note_answer, *app_config.before_send]
        app_config.request_class = FormRequest
        app_config.state.services = self._services
        app_config.state.broadcaster = Broadcaster(self._services.registry, self._services.clock)
        app_config.lifespan = [*app_config.lifespan, self._lifespan]
        app_config.openapi_config = _openapi()
        # The framework's own logging would write paths and addresses of people into the log.
        app_config.logging_config = None
        return app_config

    def receive_route(self, route: BaseRoute) -> None:
        """Document the problems that every route of the interface may answer."""
        if isinstance(route, HTTPRoute) and route.path.startswith(API):
            for handler in route.route_handlers:
                handler.responses = {**_problem_responses(), **(handler.responses or {})}

    @asynccontextmanager
    async def _lifespan(self, app: Litestar) -> AsyncIterator[None]:
        await app.state.broadcaster.start(app.state.services.live)
        yield


def _problem_responses() -> dict[int, ResponseSpec]:
    return {
        status: ResponseSpec(
            Problem,
            generate_examples=False,
            description=description,
            media_type=PROBLEM_MEDIA_TYPE,
        )
        for status, description in _PROBLEMS.items()
    }


def _openapi() -> OpenAPIConfig:
    return OpenAPIConfig(
        title="Trạm",
        version=tram.__version__,
        description="A province's 5G stations and its IoT devices, in one place.",
        path=f"{API}/schema",
        render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        use_handler_docstrings=True,
    )
