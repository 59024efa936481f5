"""The application of a test: built once in a process, which takes a second, with services of the test."""

from collections.abc import Callable

from litestar import Litestar

from tram.api.http.services import Services
from tram.api.live.broadcaster import Broadcaster
from tram.api.plugin import PlatformApi
from tram.web.app import DeviceAddresses, create_app

__all__ = ("interface", "site")

_built: dict[str, Litestar] = {}


def interface(services: Services) -> Litestar:
    """Return the programming interface alone."""
    return _with(services, "interface", lambda: Litestar(plugins=[PlatformApi(services)]))


def site(services: Services, ops_key: str, addresses: DeviceAddresses | None = None) -> Litestar:
    """Return the whole web application."""
    app = _with(services, "site", lambda: create_app(services, ops_key))
    app.state.ops_key = ops_key
    app.state.device_addresses = addresses or DeviceAddresses()
    return app


def _with(services: Services, name: str, build: Callable[[], Litestar]) -> Litestar:
    """Give the application what is the test's own: all of it lies in its state."""
    if name not in _built:
        _built[name] = build()
    app = _built[name]
    app.state.services = services
    app.state.broadcaster = Broadcaster(services.registry, services.clock)
    return app
