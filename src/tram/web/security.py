"""Headers that every answer carries: nothing runs in a page but our own files."""

from litestar.enums import ScopeType
from litestar.types import Message, Scope

from tram.api.http.services import Services
from tram.domain.days import DAY_S

__all__ = ("CONTENT_SECURITY_POLICY", "secure_headers")

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; script-src 'self'; "
    "worker-src 'self' blob:; connect-src 'self'; font-src 'self'; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(self), payment=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_NO_STORE = (b"cache-control", b"no-store")


async def secure_headers(message: Message, scope: Scope) -> None:
    """Add the headers to an answer about to leave; what says nothing of caching is not kept."""
    if scope["type"] != ScopeType.HTTP or message["type"] != "http.response.start":
        return
    headers = list(message["headers"])
    names = {name.lower() for name, _ in headers}
    headers += [item for item in (*_HEADERS, _NO_STORE) if item[0] not in names]
    headers += _https_only(scope)
    message["headers"] = headers


def _https_only(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the order to use https from now on, where this very answer goes over it.

    The scheme is the server's own or that of a proxy that it trusts: over http, or told by a
    stranger's header, browsers must not hear it.
    """
    services: Services = scope["litestar_app"].state.services
    days = services.settings.hsts_days
    if days == 0 or scope.get("scheme") != "https":
        return []
    return [(b"strict-transport-security", f"max-age={days * DAY_S}".encode())]
