"""A role's small loopback port for its keepers: ``/health`` for all, the rest with a key.

``/progress`` tells every work loop of the process (``tram.runtime.watch.loops``), ``/metrics`` its figures.
"""

import asyncio
import hmac
from collections.abc import Callable
from typing import Self

import msgspec
from prometheus_client import REGISTRY, generate_latest

from tram.runtime.watch.loops import LOOPS, Loop

__all__ = ("OpsPort", "PartProgress")

_LOOPBACK = "127.0.0.1"
_REQUEST_BYTES_MAX = 4096
_REQUEST_SECONDS_MAX = 5


class PartProgress(msgspec.Struct, frozen=True, kw_only=True):
    """What a process says of itself (None: nothing is wrong), and each of its loops."""

    problem: str | None
    loops: list[Loop]


class OpsPort:
    """Serves health, progress and metrics of one process.

    ``problem`` returns None while the role works, else one sentence; then health answers 503, as it
    does when a loop of the process hangs or is stuck.
    """

    def __init__(self, port: int, key: str, problem: Callable[[], str | None]) -> None:
        self._port = port
        self._key = key
        self._problem = problem
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_how: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Listen on loopback."""
        self._server = await asyncio.start_server(
            self._answer, _LOOPBACK, self._port, limit=_REQUEST_BYTES_MAX
        )

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_SECONDS_MAX):
                head = await reader.readuntil(b"\r\n\r\n")
                status, body = self._page(head.decode("latin-1"))
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                    + body
                )
                await writer.drain()
        except (TimeoutError, OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the caller went away or sent no request: nothing to answer
        finally:
            writer.close()

    def _page(self, head: str) -> tuple[str, bytes]:
        path = head.split(" ", 2)[1] if head.count(" ") > 1 else ""
        if path == "/health":
            problem = self._problem() or LOOPS.problem()
            return (
                ("200 OK", b"ok\n") if problem is None else ("503 Unavailable", problem.encode())
            )
        if path not in ("/metrics", "/progress"):
            return "404 Not Found", b""
        if not hmac.compare_digest(_bearer(head).encode(), self._key.encode()):
            return "401 Unauthorized", b""
        if path == "/progress":
            progress = PartProgress(problem=self._problem(), loops=LOOPS.judged())
            return "200 OK", msgspec.json.encode(progress)
        return "200 OK", generate_latest(REGISTRY)


def _bearer(head: str) -> str:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "authorization":
            return value.strip().removeprefix("Bearer ")
    return ""
