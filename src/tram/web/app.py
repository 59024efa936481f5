"""The web application: pages, API, static files, health and metrics in one ASGI app."""

import hmac
from http import HTTPStatus
from typing import Any

from litestar import Litestar, MediaType, Request, Response, Router, get
from litestar.config.compression import CompressionConfig
from litestar.di import Provide
from litestar.exceptions import HTTPException, NotFoundException
from litestar.response import Redirect
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Gauge,
    generate_latest,
)

from tram.api.http.services import Services
from tram.api.plugin import PlatformApi
from tram.runtime.errors import Unavailable
from tram.runtime.watch.part_states import PartStatesCollector, public_sentence
from tram.web.assets import load_assets
from tram.web.base_map import base_map_files
from tram.web.error_pages import nothing_here, page_of_error
from tram.web.page_context import provide_page
from tram.web.pages import page_routes
from tram.web.pages.devices.new_device import DeviceAddresses
from tram.web.rendering import Pages, provide_screen
from tram.web.security import secure_headers
from tram.web.static_files import static_file

__all__ = ("DeviceAddresses", "create_app")

_COMPRESS_LEVEL = 5
_BODY_BYTES_MAX = 1_048_576


def create_app(
    services: Services, ops_key: str, addresses: DeviceAddresses | None = None
) -> Litestar:
    """Return the application; ``ops_key`` opens /metrics, ``addresses`` are printed for new devices."""
    instead = base_map_files(services.province)
    assets = load_assets(instead)
    pages = Router(
        path="/",
        route_handlers=page_routes(),
        include_in_schema=False,
        dependencies={"screen": Provide(provide_screen), "page": Provide(provide_page)},
        exception_handlers={HTTPException: page_of_error, Exception: page_of_error},
    )
    app = Litestar(
        route_handlers=[pages, static_file, health, metrics, favicon],
        plugins=[PlatformApi(services)],
        exception_handlers={NotFoundException: nothing_here},
        before_send=[secure_headers],
        compression_config=CompressionConfig(
            backend="gzip", gzip_compress_level=_COMPRESS_LEVEL, exclude=["^/static/", "^/live"]
        ),
        request_max_body_size=_BODY_BYTES_MAX,
    )
    app.state.pages = Pages(assets, services.province)
    app.state.assets = assets
    app.state.instead = instead
    app.state.ops_key = ops_key
    app.state.device_addresses = addresses or DeviceAddresses()
    return app


@get("/health", media_type=MediaType.TEXT, sync_to_thread=False, include_in_schema=False)
def health(request: Request[Any, Any, Any]) -> Response[str]:
    """Answer whether every part of the installation goes on; which one does not, only with the key."""
    standing = request.app.state.services.part_states
    problems = standing.problems() if standing is not None else []
    if not problems:
        return Response("ok\n", media_type=MediaType.TEXT)
    sentence = public_sentence(problems)
    if _has_key(request):
        sentence = "\n".join(f"{part}: {said}." for part, _, said in problems)
    return Response(
        f"{sentence}\n", status_code=HTTPStatus.SERVICE_UNAVAILABLE, media_type=MediaType.TEXT
    )


@get("/metrics", include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answer the counters of this process, and how all parts stand, to who has the operators' key."""
    if not _has_key(request):
        return Response(b"", status_code=HTTPStatus.UNAUTHORIZED, media_type=MediaType.TEXT)
    services: Services = request.app.state.services
    parts = CollectorRegistry()
    if services.part_states is not None:
        parts.register(PartStatesCollector(services.part_states))
    entries = Gauge("tram_set_aside", "Entries that a loop has set aside.", registry=parts)
    try:
        entries.set(await services.registry.set_aside.count())
    except Unavailable:
        parts.unregister(entries)
    return Response(
        generate_latest(REGISTRY) + generate_latest(parts), media_type=CONTENT_TYPE_LATEST
    )


def _has_key(request: Request[Any, Any, Any]) -> bool:
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode(), request.app.state.ops_key.encode())


@get("/favicon.ico", sync_to_thread=False, include_in_schema=False)
def favicon(request: Request[Any, Any, Any]) -> Redirect:
    """Lead to the drawing that serves as the site's sign."""
    return Redirect(request.app.state.assets.own("favicon.svg"))
