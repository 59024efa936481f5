"""A WebSocket around another connection: MQTT as browsers speak it (RFC 6455, subprotocol mqtt).

The inner connection sees an ordinary transport: what it writes leaves in binary frames, what comes
in binary frames reaches it as bytes. Cuts between frames mean nothing (MQTT 6.0.0-3).
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from tram.fleet.gateway.connections import Connection
from tram.fleet.gateway.faults import Faults

__all__ = ("WebSocketListener",)

PATH: Final = "/mqtt"
FRAME_BYTES_MAX: Final = 1_048_576
HANDSHAKE_S: Final = 10.0
SHAKING_MAX: Final = 2_000
"""Most connections without a handshake; beyond, the oldest makes room."""
_SUBPROTOCOLS: Final = [Subprotocol("mqtt"), Subprotocol("mqttv3.1")]


class WebSocketListener:
    """Makes WebSocket connections whose content is one of ``make``'s connections."""

    def __init__(self, make: Callable[[], Connection], faults: Faults) -> None:
        self._make_inner = make
        self._faults = faults
        self._shaking: dict[_WebSocket, None] = {}

    def make(self) -> asyncio.Protocol:
        """Return the protocol of a new connection."""
        return _WebSocket(self)

    def begin(self, socket: "_WebSocket") -> None:
        """Note a connection whose handshake has not come yet."""
        self._shaking[socket] = None
        if len(self._shaking) > SHAKING_MAX:
            next(iter(self._shaking)).abort()

    def done(self, socket: "_WebSocket") -> None:
        """Note that it has come, or will not."""
        self._shaking.pop(socket, None)

    def make_inner(self) -> Connection:
        """Return the connection that a WebSocket carries."""
        return self._make_inner()

    def note(self, error: Exception) -> None:
        """Note a fault before it is known whose it is."""
        self._faults.note(None, error)


class _WebSocket(asyncio.Protocol):
    """One connection: the handshake first, then frames."""

    def __init__(self, listener: WebSocketListener) -> None:
        self._listener = listener
        self._wire = ServerProtocol(subprotocols=_SUBPROTOCOLS, max_size=FRAME_BYTES_MAX)
        self._inner: Connection | None = None
        self._transport: Any = None  # asyncio.Transport
        self._patience: asyncio.TimerHandle | None = None
        self._waiting: deque[bytes] = deque()
        self.is_paused = False
        """Whether the inner connection does not read; one read's frames may wait meanwhile."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the handshake (asyncio)."""
        self._transport = transport
        self._listener.begin(self)
        self._patience = asyncio.get_running_loop().call_later(HANDSHAKE_S, transport.close)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell the inner connection that it is over (asyncio)."""
        self._patient()
        if self._inner is not None:
            self._inner.connection_lost(error)
            self._inner = None

    def pause_writing(self) -> None:
        """Pass on that the peer does not read (asyncio)."""
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        """Pass on that it reads again (asyncio)."""
        if self._inner is not None:
            self._inner.resume_writing()

    def data_received(self, data: bytes) -> None:
        """Take what one read brought (asyncio)."""
        try:
            self._received(data)
        except Exception as error:  # noqa: BLE001  # see ``faults``
            self.fail(error)

    def fail(self, error: Exception) -> None:
        """End this connection alone."""
        if self._inner is not None:
            self._inner.fail(error)
        else:
            self._listener.note(error)
        self._transport.abort()

    def abort(self) -> None:
        """Close at once."""
        self._patient()
        self._transport.abort()

    def _received(self, data: bytes) -> None:
        self._wire.receive_data(data)
        for event in self._wire.events_received():
            if isinstance(event, Request):
                self._shake_hands(event)
            else:
                self._take(event)
        self.flush()
        if self._wire.close_expected():
            self._transport.close()

    def send(self, data: bytes) -> None:
        """Send bytes in a binary frame."""
        if self._wire.state is State.OPEN:
            self._wire.send_binary(data)
            self.flush()

    def close(self) -> None:
        """Say good-bye and close once everything has left."""
        if self._wire.state is State.OPEN:
            self._wire.send_close(CloseCode.NORMAL_CLOSURE)
            self.flush()
        self._transport.close()

    def flush(self) -> None:
        """Send what the protocol wants sent; an empty piece means the end."""
        for piece in self._wire.data_to_send():
            if piece:
                self._transport.write(piece)
            elif self._transport.can_write_eof():
                self._transport.write_eof()

    def _shake_hands(self, request: Request) -> None:
        self._patient()
        if self._wire.eof_sent:  # it was no request of a WebSocket, and nothing can be answered
            self._transport.close()
            return
        response = self._wire.accept(request)
        if response.status_code == 101 and request.path.partition("?")[0] != PATH:  # noqa: PLR2004  # switching protocols
            response = self._wire.reject(404, f"MQTT is at {PATH}.\n")
        response.headers.setdefault("Cache-Control", "no-store")
        self._wire.send_response(response)
        self.flush()
        if self._wire.state is State.OPEN:
            self._inner = self._listener.make_inner()
            self._inner.connection_made(_FramedTransport(self, self._transport))

    def _take(self, event: object) -> None:
        if not isinstance(event, Frame) or self._inner is None:
            return
        if event.opcode in (Opcode.BINARY, Opcode.CONT):
            self._waiting.append(bytes(event.data))
            self._hand_over()
        elif event.opcode is Opcode.TEXT:  # MQTT 6.0.0-1
            self._wire.fail(CloseCode.UNSUPPORTED_DATA, "MQTT comes in binary frames.")

    def go_on(self) -> None:
        """Hand over what came while the inner connection did not read."""
        asyncio.get_running_loop().call_soon(self._hand_over)

    def _hand_over(self) -> None:
        while self._waiting and self._inner is not None and not self.is_paused:
            self._inner.data_received(self._waiting.popleft())

    def _patient(self) -> None:
        self._listener.done(self)
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None


class _FramedTransport(asyncio.Transport):
    """The transport that the inner connection sees."""

    def __init__(self, socket: _WebSocket, outer: Any) -> None:  # noqa: ANN401  # asyncio.Transport
        super().__init__()
        self._socket = socket
        self._outer = outer

    def write(self, data: Any) -> None:  # noqa: ANN401  # any bytes
        """Send bytes in a binary frame."""
        self._socket.send(bytes(data))

    def close(self) -> None:
        """Close once everything has left."""
        self._socket.close()

    def abort(self) -> None:
        """Close at once."""
        self._outer.abort()

    def pause_reading(self) -> None:
        """Take nothing more from the network."""
        self._socket.is_paused = True
        self._outer.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self._socket.is_paused = False
        self._outer.resume_reading()
        self._socket.go_on()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Set when the inner connection hears that the peer does not read."""
        self._outer.set_write_buffer_limits(high, low)

    def get_write_buffer_size(self) -> int:
        """Return the bytes that have not left yet."""
        size: int = self._outer.get_write_buffer_size()
        return size

    def get_extra_info(self, name: str, default: Any = None) -> Any:  # noqa: ANN401  # asyncio's signature
        """Return what is known of the connection underneath."""
        return self._outer.get_extra_info(name, default)
