"""A role's small loopback port for its keepers: ``/health`` for all, ``/metrics`` with a key."""

import asyncio
import hmac
from collections.abc import Callable

from prometheus_client import REGISTRY, generate_latest

__all__ = ("OpsPort",)

_LOOPBACK = "127.0.0.1"
_REQUEST_BYTES_MAX = 4096
_REQUEST_SECONDS_MAX = 5


class OpsPort:
    """Serves health and metrics of one process.

    ``problem`` returns None while the role works, else one sentence; then health answers 503.
    """

    def __init__(self, port: int, key: str, problem: Callable[[], str | None]) -> None:
        self._port = port
        self._key = key
        self._problem = problem
        self._server: asyncio.Server | None = None

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
            problem = self._problem()
            return (
                ("200 OK", b"ok\n") if problem is None else ("503 Unavailable", problem.encode())
            )
        if path != "/metrics":
            return "404 Not Found", b""
        if not hmac.compare_digest(_bearer(head), self._key):
            return "401 Unauthorized", b""
        return "200 OK", generate_latest(REGISTRY)


def _bearer(head: str) -> str:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "authorization":
            return value.strip().removeprefix("Bearer ")
    return ""
