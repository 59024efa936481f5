"""What leaves is written down: every export, and everything shown of lent devices.

It hangs on the answers, not on the handlers: a new route is covered from its first day.
"""

from typing import Any
from urllib.parse import parse_qs

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.types import Message, Scope

from tram.api.http.services import Services
from tram.api.http.session import SESSION_KEY
from tram.domain.bounds import number_of
from tram.domain.ids import DeviceId
from tram.registry.kernel.views import PersonSession

__all__ = ("note_answer",)

_OK = 200
_QUERY_CHARACTERS_MAX = 500
_METRIC_CHARACTERS_MAX = 128


async def note_answer(message: Message, scope: Scope) -> None:
    """Write down an answer about to leave, where it is an export or shows a lent device."""
    if scope["type"] != ScopeType.HTTP or message["type"] != "http.response.start":
        return
    connection = ASGIConnection[Any, Any, Any, Any](scope)
    session: PersonSession | None = connection.state.get(SESSION_KEY)
    if session is None or message["status"] != _OK or scope["method"] != "GET":
        return
    services: Services = connection.app.state.services
    query = scope["query_string"].decode("latin-1")
    if _is_download(message):
        address = f"{scope['path']}?{query}" if query else scope["path"]
        await services.registry.audit.note_export(
            session.viewer, address[:_QUERY_CHARACTERS_MAX], services.clock.now_ms()
        )
    device = _device(scope, query)
    if device is not None:
        await services.registry.reads.note(
            session.viewer, DeviceId(device), _what(scope), _first(query, "metric")
        )


def _is_download(message: Any) -> bool:  # noqa: ANN401  # a message with headers
    return any(
        name.lower() == b"content-disposition" and value.startswith(b"attachment")
        for name, value in message["headers"]
    )


def _device(scope: Scope, query: str) -> int | None:
    """Return the device that the address names, in its path or as its only ``device``."""
    named = scope.get("path_params", {}).get("device")
    text = str(named) if named is not None else _first(query, "device")
    return number_of(text)


def _what(scope: Scope) -> str:
    """Return the last part of the route: ``readings.csv``, ``chart``; ``device`` for itself."""
    last = str(scope.get("path_template", "")).rpartition("/")[2]
    return "device" if last.startswith("{") else last


def _first(query: str, name: str) -> str:
    return parse_qs(query).get(name, [""])[0][:_METRIC_CHARACTERS_MAX]
