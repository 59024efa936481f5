"""The HTTP listener: one request after the other on each connection, in the order they came.

A request is answered 200 when what it carried is on disk. If that takes longer than ``WAIT_S`` the
answer is 503 with Retry-After: the message stays accepted and may become durable later, so a
sender that repeats it should use an Idempotency-Key or send the device's own time.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final

from tram.fleet.block.block import Message, Protocol, fingerprint
from tram.fleet.device_api.interfaces import Device, ShownCredentials
from tram.fleet.gateway.connections import HELD_BACKPRESSURE, HELD_BUSY, Connection
from tram.fleet.gateway.context import GatewayContext
from tram.fleet.gateway.metrics import ProtocolMetrics
from tram.fleet.gateway.protocols.http.answers import OK, build_answer, build_problem
from tram.fleet.gateway.protocols.http.limits import (
    IDLE_S,
    POLL_S_MAX,
    REQUEST_S,
    RETRY_AFTER_S,
    TOKEN_BYTES_MAX,
    WAIT_S,
)
from tram.fleet.gateway.protocols.http.paths import Paths
from tram.fleet.gateway.protocols.http.requests import Request, Requests
from tram.runtime.errors import Refused, TramError, Unavailable

__all__ = ("HttpConnection", "HttpListener")


_PREFIX: Final = b"/api/v1/"
_PROVISION: Final = b"/api/v1/provision"
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"
_HTTP: Final = int(Protocol.HTTP)
_QOS: Final = 1  # a request is answered once what it carried is durable, as QoS 1 is


class HttpListener:
    """Makes the connections of the device HTTP port."""

    def __init__(self, context: GatewayContext) -> None:
        self.context = context
        self.paths = Paths(context.api)
        context.metrics.add(_HTTP, ProtocolMetrics("http"))

    def make(self) -> "HttpConnection":
        """Return the protocol of a new connection."""
        return HttpConnection(self)


class HttpConnection(Connection):
    """One connection; ``_current`` is the request whose answer is due next."""

    __slots__ = ("_context", "_current", "_device", "_listener", "_look_up", "_requests", "_token")

    def __init__(self, listener: HttpListener) -> None:
        super().__init__(listener.context.connections)
        self._listener = listener
        self._context = listener.context
        self._requests = Requests(listener.context.settings.payload_bytes_max)
        self._current: Request | None = None
        self._look_up: asyncio.Task[None] | None = None
        self._token = b""
        self._device: Device | None = None

    @property
    def owner(self) -> Device | None:
        """Return whose token came with the last request."""
        return self._device

    def opened(self) -> None:
        """Wait for a request."""
        self._all.deadlines.watch(self, REQUEST_S)

    def closed(self) -> None:
        """Forget the request on its way; what it carried stays accepted."""
        self._current = None
        if self._look_up is not None:
            self._look_up.cancel()
        self._forget_device()

    def end(self, reason: str) -> None:
        """Close the connection for a reason of ours (an error code)."""
        if self.transport.is_open:
            self._context.metrics.closed[reason] += 1
            self._shut()

    def overdue(self) -> None:
        """Answer 503 to who waits for the disk, 408 to a late request, close who is idle."""
        if self._current is not None:
            self._answer_error(
                Unavailable(
                    "log.slow",
                    "The message was accepted but is not yet on disk.",
                    "Send it again with the same Idempotency-Key.",
                    RETRY_AFTER_S,
                )
            )
            self._next()
        elif self.held & HELD_BACKPRESSURE:
            self._all.deadlines.watch(self, REQUEST_S)
        elif self._requests.is_between:
            self.end("connection.idle")
        else:
            error = Refused("request.late", f"The request took longer than {REQUEST_S} s.")
            self._write(build_problem(error, keep_alive=False))
            self.end("request.late")

    def received(self, data: bytes) -> None:
        """Take what one read brought."""
        requests = self._requests
        was_between = requests.is_between
        requests.feed(data)
        if requests.wants_continue:
            requests.wants_continue = False
            if not requests.is_over:
                self._write(_CONTINUE)
        if self._current is None:
            if was_between and not requests.is_between:
                self._all.deadlines.watch(self, REQUEST_S)
            self._next()

    def _next(self) -> None:
        """Turn to the requests that wait, until one has to wait for something else."""
        ready = self._requests.ready
        while ready and self._current is None and self.transport.is_open:
            self._current = request = ready.popleft()
            self._handle(request)
        if self._current is not None:
            self.hold(HELD_BUSY)
        else:
            self.release(HELD_BUSY)

    def _handle(self, request: Request) -> None:
        if request.error is not None:
            self._answer_error(request.error)
            return
        path, _, request.query = request.target.partition(b"?")
        if path == b"/health":
            self._tell_health()
            return
        if path == _PROVISION and request.method == "POST":
            self._look_up = self._context.start(
                self._answer_with(request, self._context.api.provision(request.body)), self
            )
            return
        token, _, noun = path.removeprefix(_PREFIX).partition(b"/")
        request.noun = noun.decode("latin-1")
        methods = self._listener.paths.methods_of(request.noun) if path.startswith(_PREFIX) else ()
        if not methods:
            self._answer_error(Refused("path.unknown", "There is nothing at this address."))
        elif request.method not in methods:
            allowed = ", ".join(methods)
            error = Refused("method.wrong", f"This address takes {allowed} only.")
            self._answer_error(error, allowed)
        elif self._device is not None and token == self._token:
            self._take(request, self._device)
        else:
            self._forget_device()
            self._look_up = self._context.start(self._identify(request, token), self)

    async def _identify(self, request: Request, token: bytes) -> None:
        try:
            if len(token) > TOKEN_BYTES_MAX or not token.isascii():
                raise Refused("token.unknown", "The token is not known.")  # noqa: TRY301  # as the look-up says it
            device = await self._context.neighbours.identity.identify(
                ShownCredentials(token.decode("ascii"))
            )
        except (Refused, Unavailable) as error:
            self._look_up = None
            if self._current is request:
                self._answer_error(error)
                self._next()
            return
        self._look_up = None
        if self._current is request:
            try:
                self._all.must_have_room(device)
            except Refused as error:
                self._answer_error(error)
                self._next()
                return
            self._token, self._device = token, device
            self._all.bind(self, device)
            self._take(request, device)
            self._next()

    async def _answer_with(self, request: Request, work: Coroutine[Any, Any, bytes]) -> None:
        """Answer what has to be asked or waited for elsewhere."""
        body, failed = b"", None
        try:
            body = await work
        except (Refused, Unavailable) as error:
            failed = error
        self._look_up = None
        if self._current is request:
            if failed is None:
                self._answer(body)
            else:
                self._answer_error(failed)
            self._next()

    def _take(self, request: Request, device: Device) -> None:
        statement = self._listener.paths.statement(request)
        if statement is None:
            work = self._listener.paths.answer(device, request)
            self._all.deadlines.watch(self, WAIT_S + POLL_S_MAX)
            self._look_up = self._context.start(self._answer_with(request, work), self)
            return
        body = request.body
        print_ = fingerprint(request.noun.encode() + body)
        message = Message(
            device.device, device.org, 0, False, _QOS, _HTTP, print_, request.idempotency_key  # noqa: FBT003  # a column
        )  # fmt: skip
        try:
            batch = statement(message, body, self._context.clock.now_ms())
        except Refused as error:
            self._context.api.refuse(device, error, body)
            self._answer_error(error)
            return
        batch.waiters.append((self._durable, request))
        self._all.deadlines.watch(self, WAIT_S)

    def _durable(self, request: Request) -> None:
        """Answer the request whose block is on disk, unless it was given up."""
        if self._current is request:
            self._answer(b"")
            self._next()

    def _tell_health(self) -> None:
        problem = self._context.problem()
        if problem is None:
            self._answer(b'{"status":"ok"}')
        else:
            self._answer_error(Unavailable("gateway.waiting", problem, "", RETRY_AFTER_S))

    def _answer(self, body: bytes) -> None:
        assert self._current is not None
        self._finish(build_answer(OK, body, keep_alive=self._current.keep_alive))

    def _answer_error(self, error: TramError, allowed: str = "") -> None:
        assert self._current is not None
        keep_alive = self._current.keep_alive
        self._finish(build_problem(error, keep_alive=keep_alive, allowed=allowed))

    def _finish(self, answer: bytes) -> None:
        """Send the answer of the current request, then close or be free for the next."""
        assert self._current is not None
        keep_alive = self._current.keep_alive
        self._current = None
        self._write(answer)
        if keep_alive:
            self._all.deadlines.watch(self, IDLE_S)
        else:
            self._shut()

    def _write(self, answer: bytes) -> None:
        if self.transport.is_open:
            self.transport.write(answer)

    def _forget_device(self) -> None:
        if self._device is not None:
            self._all.unbind(self, self._device)
            self._device = None
