"""HTTP of the web port: uvicorn's protocol with an end to every wait and a bound to every head.

What is overridden here belongs to the version of uvicorn that requirements/base.lock names;
``tests/web/serving/test_connections.py`` drives each bound over a real socket, so another version that works
otherwise is noticed.
"""

import asyncio
from typing import Any, Final, cast

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from tram.web.serving.connections import ConnectionSlot, Phase, WebConnections
from tram.web.serving.entrance import PROOFS

__all__ = ("HttpProtocol", "WebState")

HEAD_BYTES_MAX: Final = 32_768
HEADERS_MAX: Final = 100
PIPELINED_MAX: Final = 16
"""Requests that one connection may send ahead."""


def _refusal(status: str, sentence: str, also: str = "") -> bytes:
    body = sentence.encode()
    head = (
        f"HTTP/1.1 {status}\r\n{also}connection: close\r\n"
        f"content-type: text/plain; charset=utf-8\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


_BUSY: Final = _refusal(
    "503 Service Unavailable",
    "Quá nhiều kết nối; hãy thử lại sau ít giây.\nToo many connections; try again shortly.\n",
    "retry-after: 5\r\n",
)
_STRANGER: Final = _refusal(
    "403 Forbidden",
    "Chỉ người đã đăng nhập mới xem được số liệu trực tiếp.\n"
    "Live views are for those who are logged in.\n",
)
_TOO_LARGE: Final = _refusal(
    "431 Request Header Fields Too Large",
    "Phần đầu của yêu cầu quá lớn; hãy xoá cookie của trang này rồi thử lại.\n"
    "The head of the request is too large; remove the cookies of this site, then try again.\n",
)


class WebState(ServerState):
    """What the protocols of one server share."""

    def __init__(self, web_connections: WebConnections) -> None:
        super().__init__()
        self.web_connections = web_connections


class _Outlet:
    """A transport that drops what is written after its end.

    What is ended here is told of by the loop a turn later; an answer that is written in between
    would raise in uvloop and look like a fault of the page.
    """

    __slots__ = ("_transport",)

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def write(self, data: bytes) -> None:
        """Send what the peer can still read."""
        if not self._transport.is_closing():
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # all else is the transport's
        return getattr(self._transport, name)


class HttpProtocol(HttpToolsProtocol):
    """One connection."""

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
        self._head_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a place, or answer that there is none."""
        super().connection_made(cast("asyncio.Transport", _Outlet(transport)))
        address = self.client[0] if self.client else ""
        self._place = self._web_connections.admit(self.transport, address, self.loop.time())
        if self._place is None:
            self._answer_and_close(_BUSY)
        else:
            self._place.is_paused = self._is_paused

    def connection_lost(self, exc: Exception | None) -> None:
        """Free the place, and the reading of a request that will not come."""
        self._web_connections.leave(self.transport)
        super().connection_lost(exc)
        self.pipeline.clear()

    def data_received(self, data: bytes) -> None:
        """Read on, unless this connection is being closed."""
        place = self._place
        if place is None or place.phase is Phase.CLOSING or self.transport.is_closing():
            return
        if place.phase is Phase.IDLE:
            place.enter(Phase.HEAD, self.loop.time())
        if place.phase is Phase.HEAD:
            self._head_bytes += len(data)
        super().data_received(data)
        if place.phase is Phase.HEAD and self._head_bytes > HEAD_BYTES_MAX:
            self._answer_and_close(_TOO_LARGE)

    def on_headers_complete(self) -> None:
        """Begin the request, if its head is not too large."""
        size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
        if size > HEAD_BYTES_MAX or len(self.headers) > HEADERS_MAX:
            self._answer_and_close(_TOO_LARGE)
            return
        if len(self.pipeline) >= PIPELINED_MAX:
            self.transport.abort()
            return
        self._enter(Phase.BODY)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of the body."""
        if self._place is None or self.transport.is_closing():
            return
        self._place.body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Let the time of the body end."""
        if self._place is None or self.transport.is_closing():
            return
        self._head_bytes = 0
        self._enter(Phase.WORK if self._is_at_work() else Phase.IDLE)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request; who still sends the last one gets a moment to see the answer."""
        super().on_response_complete()
        place = self._place
        if place is None or place.phase is Phase.CLOSING:
            return
        if place.phase is Phase.BODY:
            self._unset_keepalive_if_required()
            place.enter(Phase.CLOSING, self.loop.time())
        elif place.phase is Phase.WORK:
            self._enter(Phase.WORK if self._is_at_work() else Phase.IDLE)

    def handle_websocket_upgrade(self) -> None:
        """Hand the connection over, unless nothing shows who asks; it keeps its place."""
        if self._place is None or self.transport.is_closing():
            return
        if PROOFS.isdisjoint(name for name, _ in self.headers):
            self._answer_and_close(_STRANGER)
            return
        self._enter(Phase.HANDSHAKE)
        super().handle_websocket_upgrade()

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

    def _is_paused(self) -> bool:
        return self.flow.read_paused

    def _is_at_work(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request
        return cycle is not None and not cycle.response_complete

    def _enter(self, phase: Phase) -> None:
        if self._place is not None and self._place.phase is not Phase.CLOSING:
            self._place.enter(phase, self.loop.time())

    def _answer_and_close(self, answer: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(answer)
            self.transport.close()
