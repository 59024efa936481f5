"""The server of the web port: uvicorn with our protocols, and a beat that ends what is overdue."""

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import uvicorn
from litestar.types import ASGIApp

from tram.runtime.processes.open_files import raise_file_limit
from tram.web.serving.connections import ConnectionLimits, WebConnections
from tram.web.serving.entrance import Entrance
from tram.web.serving.http_protocol import HttpProtocol, WebState
from tram.web.serving.socket_protocol import MESSAGE_BYTES_MAX, PING_S, PONG_S, SocketProtocol

__all__ = ("WebServer",)

OWN_FILES: Final = 512
"""Open files that the process needs for itself: registry, store, log, files of people."""
CLOSE_S_MAX: Final = 5
_TRUSTED: Final = frozenset({"127.0.0.1", "::1"})
"""Where a proxy stands that names its clients; uvicorn believes the same ones."""
_SWEEP_TICKS: Final = 10
"""Uvicorn ticks every 0.1 s."""


class WebServer(uvicorn.Server):
    """Uvicorn that leaves the signals to us and nobody waiting."""

    def __init__(
        self, app: ASGIApp, host: str, port: int, limits: ConnectionLimits | None = None
    ) -> None:
        limits = _within_files(limits or ConnectionLimits())
        super().__init__(
            uvicorn.Config(
                Entrance(app),
                host=host,
                port=port,
                http=HttpProtocol,
                ws=SocketProtocol,
                ws_max_size=MESSAGE_BYTES_MAX,
                ws_ping_interval=PING_S,
                ws_ping_timeout=PONG_S,
                log_config=None,
                log_level="error",  # what strangers send that is no request fills no log
                access_log=False,  # a path may carry what belongs in no log
                server_header=False,
                forwarded_allow_ips=sorted(_TRUSTED),
                timeout_keep_alive=round(limits.idle_s),
                timeout_graceful_shutdown=CLOSE_S_MAX,
            )
        )
        self.web_connections = WebConnections(limits, _TRUSTED)
        self.server_state = WebState(self.web_connections)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def on_tick(self, counter: int) -> bool:
        """Expire once a second what is over its time."""
        if counter % _SWEEP_TICKS == 0:
            self.web_connections.expire(asyncio.get_running_loop().time())
        return await super().on_tick(counter)


def _within_files(limits: ConnectionLimits) -> ConnectionLimits:
    """Lower the number of connections to what the system's limit of open files leaves room for."""
    room = max(1, raise_file_limit() - OWN_FILES)
    return replace(limits, connections=min(limits.connections, room))
