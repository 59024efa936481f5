"""WebSockets of the web port: uvicorn's protocol, which ends who does not read and piles up nothing."""

import asyncio
from asyncio.transports import BaseTransport
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from tram.web.serving.connections import ConnectionSlot, Phase
from tram.web.serving.http_protocol import WebState

__all__ = ("MESSAGE_BYTES_MAX", "PING_S", "PONG_S", "SocketProtocol")

MESSAGE_BYTES_MAX: Final = 16_384
"""Of one message of a browser; what browsers say means nothing here."""
PING_S: Final = 20.0
PONG_S: Final = 20.0
FRAGMENTS_MAX: Final = 64
UNSENT_BYTES_MAX: Final = 262_144
"""Unsent bytes beyond which answers to pings end the connection."""


class SocketProtocol(WebSocketsSansIOProtocol):
    """One WebSocket, in the place of the connection that it was."""

    def __init__(
        self,
        config: Config,
        server_state: WebState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._web_connections = server_state.web_connections
        self._place: ConnectionSlot | None = None

    def connection_made(self, transport: BaseTransport) -> None:
        """Go on in the place of the request."""
        super().connection_made(transport)
        self._place = self._web_connections.place_of(self.transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the place."""
        self._web_connections.leave(self.transport)
        super().connection_lost(exc)

    async def send(self, message: Any) -> None:  # noqa: ANN401  # uvicorn's own types are not public
        """Send, and note when the handshake is over."""
        await super().send(message)
        if self._place is not None and message["type"] == "websocket.accept":
            self._place.enter(Phase.SOCKET, self.loop.time())

    def handle_cont(self, event: Frame) -> None:
        """Take one more fragment; endless ones, which may be empty, end the connection."""
        if len(self.frames) >= FRAGMENTS_MAX:
            self.transport.abort()
            return
        super().handle_cont(event)

    def handle_ping(self) -> None:
        """Answer, unless answers pile up already."""
        if self.transport.get_write_buffer_size() > UNSENT_BYTES_MAX:
            self.transport.abort()
            return
        super().handle_ping()

    def keepalive_timeout(self) -> None:
        """End it at once: who does not answer a ping would not read a farewell either."""
        self.pong_timer = None
        self.transport.abort()

    def pause_writing(self) -> None:
        """Begin to wait for the reader."""
        super().pause_writing()
        if self._place is not None:
            self._place.stick(self.loop.time())

    def resume_writing(self) -> None:
        """Note that the reader reads."""
        super().resume_writing()
        if self._place is not None:
            self._place.flow(self.loop.time())
