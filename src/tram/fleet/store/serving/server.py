"""The store's server: SQL as over ClickHouse's HTTP interface, and the scoped questions as JSON.

A small ASGI application, served on loopback. Everything but ``/health`` needs ``X-ClickHouse-Key``.
"""

import asyncio
import contextlib
import hmac
import secrets
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import msgspec
import pyarrow as pa
import uvicorn

from tram.fleet.store.engine.engine import READERS, Engine
from tram.fleet.store.engine.statements import FORMATS, STATEMENT_CHARS_MAX, checked_statement
from tram.fleet.store.engine.streams import arrow_bytes
from tram.fleet.store.queries.exports import ExportStatement
from tram.fleet.store.queries.handlers import Handler, Lane, handlers
from tram.fleet.store.queries.questions import Inquiry
from tram.fleet.store.views import Failure
from tram.runtime.errors import Broken, Refused, TramError, Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.turns import Turns

__all__ = ("Port", "StorePages", "listen", "serve")

STREAMS_MAX = READERS // 4
"""Statements that stream at one moment."""
EXPORTS_MAX = 4
"""Exports that stream at one moment; one organisation has half of them at most."""
QUESTIONS_MAX = 6
"""Questions about the past that are answered at one moment; one organisation has half at most.

What is left of the sessions, and of the threads, is the store's own.
"""
WAITING_MAX = 400
WAITING_PER_ORG_MAX = 100
EXPORT_S_MAX = 3_600.0
WAIT_S_MAX = 10.0
IDLE_S = 60
"""How long an idle connection is kept: far longer than any client of ours keeps one."""
BODY_BYTES_MAX = 4 * STATEMENT_CHARS_MAX
_QUESTIONS = "/questions/"
_LOOPBACK = "127.0.0.1"
_KILL_INTERVAL_S = 0.2
_SETTINGS = ("default_format", "max_execution_time", "query")
_STATUSES = {"refused": 400, "unavailable": 503, "broken": 500}

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

log = get_logger()


@dataclass(frozen=True, slots=True)
class StorePages:
    """What the port shows."""

    problem: Callable[[], str | None]
    """Says why the store does not work, if it does not."""
    answer: Callable[[Handler, Inquiry[Any]], Awaitable[object]]
    operate: Callable[[str, bytes], Awaitable[object]]
    """Carries out ``/tram/<name>`` for an operator."""


class Port:
    """The ASGI application over one store."""

    def __init__(self, pages: StorePages, engine: Engine, key: str, seconds_max: int) -> None:
        self._pages = pages
        self._engine = engine
        self._key = key.encode()
        self._seconds_max = seconds_max
        self._handlers = handlers()
        self._threads = ThreadPoolExecutor(
            2 * (STREAMS_MAX + EXPORTS_MAX), thread_name_prefix="store-port"
        )
        self._sql_turns = _turns("statements", STREAMS_MAX, STREAMS_MAX)
        self._export_turns = _turns("exports", EXPORTS_MAX, EXPORTS_MAX // 2)
        self._question_turns = _turns(
            "questions about the past", QUESTIONS_MAX, QUESTIONS_MAX // 2
        )

    def close(self) -> None:
        """Wait for the statements that still run."""
        self._threads.shutdown(wait=True)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            await self._route(scope, receive, send)
        except TramError as error:
            await _fail(send, error)

    async def _route(self, scope: Message, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path == "/health":
            await self._health(send)
            return
        if not self._is_allowed(scope):
            await _answer(send, 401, b"", "text/plain")
            return
        body = await _body(receive)
        if path == "/":
            await self._sql(scope, body, receive, send)
            return
        name = path.removeprefix(_QUESTIONS)
        if name != path:
            await self._question(name, body, receive, send)
            return
        result = await self._pages.operate(path.removeprefix("/tram/"), body)
        await _answer(send, 200, msgspec.json.encode(result), "application/json")

    async def _question(self, name: str, body: bytes, receive: Receive, send: Send) -> None:
        """Answer at once what needs no thread, the rest in the turn of the asker's organisation."""
        handler = self._handlers.get(name)
        if handler is None:
            raise Refused("store.question", f"There is no question '{name}'.")
        inquiry = _decoded(handler, body)
        async with self._turn_of(handler.lane, inquiry.asker.org):
            result = await self._pages.answer(handler, inquiry)
            if isinstance(result, ExportStatement):
                await self._export(result, receive, send)
                return
        if isinstance(result, pa.Table):
            await _answer(send, 200, arrow_bytes(result), FORMATS["ArrowStream"])
            return
        await _answer(send, 200, msgspec.json.encode(result), "application/json")

    def _turn_of(self, lane: Lane, org: int) -> AbstractAsyncContextManager[None]:
        if lane is Lane.MEMORY:
            return contextlib.nullcontext()
        return _turn(self._export_turns if lane is Lane.EXPORT else self._question_turns, org)

    async def _export(self, rows: ExportStatement, receive: Receive, send: Send) -> None:
        """Stream an export; however slowly it is read, nothing piles up."""
        token = secrets.token_hex(8)
        chunks = self._engine.export(rows.sql, rows.params, token)
        media = FORMATS["ArrowStream"]
        await self._stream(_Streaming(chunks, token, media, EXPORT_S_MAX), receive, send)

    async def _health(self, send: Send) -> None:
        problem = self._pages.problem()
        status, text = (200, "ok\n") if problem is None else (503, problem)
        await _answer(send, status, text.encode(), "text/plain; charset=utf-8")

    def _is_allowed(self, scope: Message) -> bool:
        given = dict(scope["headers"]).get(b"x-clickhouse-key", b"")
        return hmac.compare_digest(given, self._key)

    async def _sql(self, scope: Message, body: bytes, receive: Receive, send: Send) -> None:
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        params = {
            name.removeprefix("param_"): query.pop(name)
            for name in list(query)
            if name.startswith("param_")
        }
        unknown = sorted(query.keys() - set(_SETTINGS))
        if unknown:
            raise Refused("sql.setting", f"The setting {unknown[0]} may not be given.")
        text = " ".join(part for part in (query.get("query", ""), _utf8(body)) if part)
        if "default_format" in query and " FORMAT " not in text.upper():
            text += f" FORMAT {query['default_format']}"
        statement = checked_statement(text)
        seconds = self._seconds(query)
        async with _turn(self._sql_turns, None):
            token = secrets.token_hex(8)
            chunks = self._engine.stream(statement.sql, statement.format, params, token)
            media = FORMATS[statement.format]
            await self._stream(_Streaming(chunks, token, media, seconds), receive, send)

    def _seconds(self, query: dict[str, str]) -> float:
        text = query.get("max_execution_time", "")
        try:
            return min(float(text or self._seconds_max), float(self._seconds_max))
        except ValueError:
            raise Refused("sql.setting", "max_execution_time is a number of seconds.") from None

    async def _stream(self, streaming: "_Streaming", receive: Receive, send: Send) -> None:
        """Send the result; when the client leaves or time is up, the statement is stopped."""
        finished = asyncio.Event()
        failure: TramError | None = None
        async with asyncio.TaskGroup() as group:
            watcher = group.create_task(self._watch(streaming, receive, finished))
            try:
                await self._send_chunks(streaming, send)
            except TramError as error:
                failure = error
            finally:
                finished.set()
                watcher.cancel()
                await self._in_thread(self._end, streaming)
        if failure is not None:
            raise failure

    def _end(self, streaming: "_Streaming") -> None:
        """Free the session, also when another thread still waits for the next chunk."""
        ended = False
        while not ended:
            try:
                streaming.chunks.close()
                ended = True
            except ValueError:  # the generator is running
                self._engine.kill(streaming.token)
                threading.Event().wait(_KILL_INTERVAL_S)

    async def _send_chunks(self, streaming: "_Streaming", send: Send) -> None:
        chunk = await self._in_thread(next, streaming.chunks, None)
        await _start(send, 200, streaming.media)
        try:
            while chunk is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                chunk = await self._in_thread(next, streaming.chunks, None)
        except TramError as error:
            # The status is sent; an unfinished body is how the client learns of the failure.
            log.info("statement stopped", error=error.sentence)
            return
        await send({"type": "http.response.body", "body": b""})

    async def _in_thread(self, call: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401  # whatever the call returns
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)

    async def _watch(
        self, streaming: "_Streaming", receive: Receive, finished: asyncio.Event
    ) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(streaming.seconds):
                while (await receive())["type"] != "http.disconnect":
                    pass
        loop = asyncio.get_running_loop()
        while not finished.is_set():  # it may not have begun at the first try
            await loop.run_in_executor(None, self._engine.kill, streaming.token)
            await asyncio.sleep(_KILL_INTERVAL_S)


class _Streaming(msgspec.Struct, frozen=True):
    """One running statement."""

    chunks: Generator[bytes, None, None]
    token: str
    media: str
    seconds: float


class _Server(uvicorn.Server):
    """Leaves the signals to the role that runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: ``stop`` ends the server."""
        yield


def listen(port: int) -> socket.socket:
    """Return a socket on loopback whose connections send at once.

    Head and body of an answer are two writes: the second would wait 40 ms for the client's word on
    the first. The event loop sees to that only where it makes the socket itself.

    Raises:
        Refused: ``port.taken`` if something else listens there.
    """
    try:
        listening = socket.create_server((_LOOPBACK, port))
    except OSError:
        raise Refused(
            "port.taken", f"Port {port} is in use.", "Choose another port for the store."
        ) from None
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted ones inherit it
    return listening


async def serve(app: Port, port: int, stop: asyncio.Event) -> None:
    """Serve on loopback until ``stop``.

    Raises:
        Refused: ``port.taken`` if something else listens there.
    """
    listening = listen(port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        lifespan="off",
        ws="none",
        http="httptools",
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    async with asyncio.TaskGroup() as group:
        serving = group.create_task(server.serve(sockets=[listening]))
        await stop.wait()
        server.should_exit = True
        await serving


def _turns(name: str, at_once: int, each: int) -> Turns:
    return Turns(
        name,
        at_once,
        each_at_once=each,
        waiting_max=WAITING_MAX,
        each_waiting_max=WAITING_PER_ORG_MAX,
    )


@contextlib.asynccontextmanager
async def _turn(turns: Turns, owner: int | None) -> AsyncIterator[None]:
    """Wait here, not in a thread: those who stream need the threads to go on."""
    try:
        async with asyncio.timeout(WAIT_S_MAX):
            await turns.take(owner)
    except TimeoutError:
        raise Unavailable(
            "store.busy", f"As many {turns.name} are running already as may.", retry_after_s=5
        ) from None
    try:
        yield
    finally:
        turns.give_back(owner)


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Unavailable("request.cut", "The client left before the end of its request.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > BODY_BYTES_MAX:
            raise Refused("request.too_large", f"At most {BODY_BYTES_MAX} bytes are accepted.")
        if not message.get("more_body", False):
            return b"".join(parts)


def _decoded(handler: Handler, body: bytes) -> Inquiry[Any]:
    try:
        return handler.inquiry.decode(body)
    except msgspec.DecodeError as error:
        raise Refused("store.question", f"The question cannot be read ({error}).") from error


def _utf8(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refused("sql.refused", "The statement is not UTF-8.") from None


async def _fail(send: Send, error: TramError) -> None:
    family = _family(error)
    if family == "broken":
        log.error("store answered with an error", code=error.code, sentence=error.sentence)
    retry_after_s = error.retry_after_s if isinstance(error, Unavailable) else 1
    failure = Failure(family, error.code, error.sentence, error.hint, retry_after_s)
    await _answer(send, _STATUSES[family], msgspec.json.encode(failure), "application/json")


def _family(error: TramError) -> str:
    if isinstance(error, Broken):
        return "broken"
    return "unavailable" if isinstance(error, Unavailable) else "refused"


async def _answer(send: Send, status: int, body: bytes, media: str) -> None:
    await _start(send, status, media, len(body))
    await send({"type": "http.response.body", "body": body})


async def _start(send: Send, status: int, media: str, length: int | None = None) -> None:
    headers = [(b"content-type", media.encode())]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
