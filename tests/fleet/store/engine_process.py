"""An engine in a process of its own behind ClickHouse's HTTP interface: ``… FOLDER PORT KEY``.

It proves the client of the server form: two processes, one SQL.
"""

import asyncio
import hmac
import re
import secrets
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pyarrow as pa
import uvicorn

from tram.fleet.store.engine.engine import ChdbEngine, Engine, EngineError

_INSERT = re.compile(r"INSERT INTO ([\w.]+) \([\w, ]+\) FORMAT ArrowStream")
_FORMAT_AT_END = re.compile(r"\s+FORMAT\s+ArrowStream\s*$")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class EnginePort:
    """The ASGI application over one engine."""

    def __init__(self, engine: Engine, key: str) -> None:
        self._engine = engine
        self._key = key.encode()
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="engine-port")

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Run one statement."""
        given = dict(scope["headers"]).get(b"x-clickhouse-key", b"")
        if not hmac.compare_digest(given, self._key):
            await _answer(send, 401, b"")
            return
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        body = await _body(receive)
        try:
            await self._run(query, body, send)
        except EngineError as error:
            await _answer(send, 500, error.sentence.encode())

    async def _run(self, query: dict[str, str], body: bytes, send: Send) -> None:
        insert = _INSERT.fullmatch(query.get("query", ""))
        if insert:
            await self._in_thread(self._engine.insert, insert.group(1), _table(body))
            await _answer(send, 200, b"")
            return
        sql = body.decode()
        params = {
            name.removeprefix("param_"): value
            for name, value in query.items()
            if name.startswith("param_")
        }
        if not _FORMAT_AT_END.search(sql):
            await self._in_thread(self._engine.work, sql, params)
            await _answer(send, 200, b"")
            return
        await self._stream(_FORMAT_AT_END.sub("", sql), params, send)

    async def _stream(self, sql: str, params: dict[str, str], send: Send) -> None:
        chunks = self._engine.export(sql, [params], secrets.token_hex(8))
        try:
            chunk = await self._in_thread(next, chunks, None)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while chunk is not None:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
                chunk = await self._in_thread(next, chunks, None)
            await send({"type": "http.response.body", "body": b""})
        finally:
            await self._in_thread(chunks.close)

    async def _in_thread(self, call: Callable[..., Any], *arguments: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)


def _table(body: bytes) -> pa.Table:
    with pa.ipc.open_stream(body) as stream:
        return stream.read_all()


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    folder, port, key = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    engine = ChdbEngine(folder, 60)
    uvicorn.run(EnginePort(engine, key), host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()
