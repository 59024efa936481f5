"""What a gateway listens on: streams, which can be held back, and datagrams, which cannot."""

import asyncio
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, Protocol

from tram.fleet.gateway.context import GatewayContext
from tram.runtime.errors import Refused, Unavailable
from tram.runtime.logging import get_logger

__all__ = ("DatagramServer", "Listener", "Listeners")

BACKLOG: Final = 4096
HANDSHAKE_S: Final = 20.0
"""Longest TLS handshake; a peer that is slower is cut off."""
SHUTDOWN_S: Final = 2.0
OPEN_AGAIN_S: Final = 0.5
DATAGRAMS_MAX: Final = 10_000
"""Most datagrams of one listener whose answer is not known yet; further ones are to come again."""

Address = tuple[Any, ...]

log = get_logger()


class Listener(ABC):
    """Takes what devices send, while it is to."""

    def __init__(self, host: str, port: int, kind: socket.SocketKind) -> None:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        if kind is socket.SOCK_STREAM:
            self._socket = socket.create_server((host, port), family=family, backlog=BACKLOG)
        else:
            self._socket = socket.socket(family, kind)
            self._socket.bind((host, port))
        self._socket.setblocking(False)  # noqa: FBT003  # the standard library's signature
        self.port: int = self._socket.getsockname()[1]

    @abstractmethod
    async def accept(self) -> None:
        """Take what comes from now on."""

    @abstractmethod
    def pause(self) -> None:
        """Take nothing more for now."""

    def close(self) -> None:
        """Stop listening."""
        self.pause()
        self._socket.close()


class StreamListener(Listener):
    """Accepts connections; while it is paused newcomers wait in the kernel's queue.

    With ``tls`` every connection is encrypted. The socket itself stays open, so pausing refuses nobody.
    """

    def __init__(
        self,
        host: str,
        port: int,
        make: Callable[[], asyncio.Protocol],
        tls: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(host, port, socket.SOCK_STREAM)
        self._make = make
        self._tls = tls
        self._server: asyncio.Server | None = None
        self._wanted = False

    async def accept(self) -> None:
        """Take connections from now on."""
        self._wanted = True
        if self._server is None:
            server = await asyncio.get_running_loop().create_server(
                self._make,
                sock=self._socket.dup(),
                backlog=BACKLOG,
                ssl=self._tls,
                ssl_handshake_timeout=HANDSHAKE_S if self._tls else None,
                ssl_shutdown_timeout=SHUTDOWN_S if self._tls else None,
            )
            if self._wanted and self._server is None:
                self._server = server
            else:
                server.close()

    def pause(self) -> None:
        """Take no more connections; those that come wait."""
        self._wanted = False
        if self._server is not None:
            self._server.close()
            self._server = None


class DatagramServer(Protocol):
    """Answers the datagrams of one listener."""

    later: bytes
    """The answer that says: not now, try again later."""

    async def answer(self, datagram: bytes, peer: Address) -> bytes | None:
        """Return what the sender is told, once what it sent is on disk; None tells it nothing.

        ``Unavailable`` and ``later`` are the same answer; any other error is a fault of ours.
        """
        ...


class DatagramListener(Listener, asyncio.DatagramProtocol):
    """Receives datagrams; while it is paused each is answered that it is to come again later."""

    def __init__(
        self, host: str, port: int, server: DatagramServer, context: GatewayContext
    ) -> None:
        super().__init__(host, port, socket.SOCK_DGRAM)
        self._datagram_server = server
        self._context = context
        self._transport: asyncio.DatagramTransport | None = None
        self._admits = False
        self._unanswered: set[asyncio.Task[None]] = set()

    async def accept(self) -> None:
        """Take what comes from now on."""
        self._admits = True
        if self._transport is None:
            self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                lambda: self, sock=self._socket
            )

    def pause(self) -> None:
        """Take nothing more for now; who sends is told so."""
        self._admits = False

    def close(self) -> None:
        """Stop listening; who has no answer yet gets none."""
        for task in tuple(self._unanswered):
            task.cancel()
        if self._transport is not None:
            self._transport.abort()
        super().close()

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Begin to answer a datagram (asyncio)."""
        if not self._admits or len(self._unanswered) >= DATAGRAMS_MAX:
            self._send(self._datagram_server.later, addr)
            return
        task = self._context.spawn(self._answer(data, addr))
        self._unanswered.add(task)
        task.add_done_callback(self._unanswered.discard)

    async def _answer(self, data: bytes, peer: Address) -> None:
        try:
            answer = await self._datagram_server.answer(data, peer)
        except Unavailable:
            answer = self._datagram_server.later
        except Exception as error:  # noqa: BLE001  # a fault of one must not cost others anything
            self._context.connections.faults.note(None, error)
            return
        if answer is not None:
            self._send(answer, peer)

    def _send(self, answer: bytes, peer: Address) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(answer, peer)


class Listeners:
    """All listeners of one gateway; a protocol opens its own here. Port 0 means: not wanted."""

    def __init__(self, context: GatewayContext, tls: ssl.SSLContext | None) -> None:
        self._context = context
        self._tls = tls
        self._open: list[Listener] = []
        self._when_gone: list[Callable[[], None]] = []

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the ports listened on, in the order in which they were opened."""
        return tuple(listener.port for listener in self._open)

    def stream(
        self, port: int, make: Callable[[], asyncio.Protocol], *, encrypted: bool = False
    ) -> None:
        """Listen for connections of ``make``; encrypted ones only where there is a certificate.

        Raises:
            Refused: ``port.taken``.
        """
        if not encrypted:
            self._listen(port, lambda host: StreamListener(host, port, make))
        elif self._tls is not None:
            self._listen(port, lambda host: StreamListener(host, port, make, self._tls))

    def datagrams(self, port: int, server: DatagramServer) -> None:
        """Listen for datagrams.

        Raises:
            Refused: ``port.taken``.
        """
        self._listen(port, lambda host: DatagramListener(host, port, server, self._context))

    def when_gone(self, call: Callable[[], None]) -> None:
        """Call at the end, once the last connection has gone."""
        self._when_gone.append(call)

    async def accept(self) -> None:
        """Take what comes to any of them from now on."""
        for listener in self._open:
            await listener.accept()

    def pause(self) -> None:
        """Take nothing more for now."""
        for listener in self._open:
            listener.pause()

    def resume(self) -> None:
        """Take what comes again, as soon as the system has a descriptor for it."""
        for listener in self._open:
            self._context.spawn(self._accept(listener))

    def close(self) -> None:
        """Stop listening."""
        for listener in self._open:
            listener.close()
        self._open.clear()

    def gone(self) -> None:
        """Do what was to be done at the end."""
        for call in self._when_gone:
            call()

    def _listen(self, port: int, make: Callable[[str], Listener]) -> None:
        if not port:
            return
        host = self._context.settings.host
        try:
            self._open.append(make(host))
        except OSError as error:
            raise Refused(
                "port.taken",
                f"Cannot listen on {host}:{port} ({error.strerror}).",
                "Stop the other program, or choose another port in the settings.",
            ) from error

    async def _accept(self, listener: Listener) -> None:
        while listener in self._open:
            try:
                await listener.accept()
            except OSError as error:
                log.warning(
                    "a listener stays closed for a moment", port=listener.port, error=repr(error)
                )
                await self._context.clock.sleep(OPEN_AGAIN_S)
            else:
                return
