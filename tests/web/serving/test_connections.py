"""The web port over real sockets: every wait ends, and others are served meanwhile."""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from litestar import Litestar, WebSocket, get, post, websocket
from litestar.params import RawBody
from litestar.response import Stream

from tram.domain.addresses import neighbourhood
from tram.runtime.processes.process import free_port
from tram.web.serving import server as server_module
from tram.web.serving.connections import ConnectionLimits, Phase, WebConnections
from tram.web.serving.http_protocol import HEAD_BYTES_MAX, HEADERS_MAX
from tram.web.serving.server import WebServer

QUICK = ConnectionLimits(
    head_s=0.4, body_s=0.4, idle_s=0.4, stuck_s=0.4, linger_s=0.3, handshake_s=0.5
)
ATTACKER, NEIGHBOUR = "127.0.0.2", "127.0.0.3"
Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@get("/page")
async def page() -> str:
    return "well"


@post("/take")
async def take(body: RawBody) -> str:
    return str(len(body))


@get("/much")
async def much() -> Stream:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(4_000):
            yield b"x" * 65_536

    return Stream(parts())


@websocket("/see")
async def see(socket: WebSocket[Any, Any, Any]) -> None:
    await socket.accept()
    await socket.send_text("hello")
    with contextlib.suppress(Exception):
        while True:
            await socket.receive_text()


@websocket("/never")
async def never(socket: WebSocket[Any, Any, Any]) -> None:
    await asyncio.sleep(1)


@asynccontextmanager
async def served(
    limits: ConnectionLimits, app: Litestar | None = None
) -> AsyncIterator[tuple[WebServer, int]]:
    """Serve with a sweep ten times a second."""
    port = free_port()
    app = app or Litestar([page, take, much, see, never], logging_config=None)
    server = WebServer(app, "127.0.0.1", port, limits)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)

    async def expire() -> None:
        while True:
            await asyncio.sleep(0.1)
            server.web_connections.expire(asyncio.get_running_loop().time())

    sweeping = asyncio.create_task(expire())
    try:
        yield server, port
    finally:
        sweeping.cancel()
        server.should_exit = True
        await serving


async def opened(port: int, address: str = ATTACKER, sent: bytes = b"") -> Wire:
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, local_addr=(address, 0), limit=2**16
    )
    writer.write(sent)
    await writer.drain()
    return reader, writer


async def is_served(port: int, address: str = NEIGHBOUR) -> bool:
    """Ask for the page as somebody else would."""
    async with asyncio.timeout(10):
        reader, writer = await opened(
            port, address, b"GET /page HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        answer = await reader.read()
    writer.close()
    return answer.startswith(b"HTTP/1.1 200") and answer.endswith(b"well")


async def is_ended(wire: Wire) -> bool:
    """Wait until the server ends a connection."""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(10):
            await wire[0].read()
    wire[1].close()
    return True


UPGRADE = (
    b"GET %s HTTP/1.1\r\nHost: x\r\nCookie: a=b\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
HALVES = {
    "nothing": b"",
    "half a line": b"GET /pa",
    "half a head": b"GET /page HTTP/1.1\r\nHost: x\r\nX: ",
    "half a body": b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
    "half a chunk": b"POST /take HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    "an answered one": b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n",
    "a body after its answer": b"POST /no HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nabc",
    "a WebSocket without answer": UPGRADE % b"/never",
}


async def test_every_wait_for_a_client_ends() -> None:
    async with served(QUICK) as (server, port):
        wires = {name: await opened(port, ATTACKER, sent) for name, sent in HALVES.items()}

        assert await is_served(port)
        ended = [name for name, wire in wires.items() if await is_ended(wire)]

        assert ended == list(HALVES)
        assert len(server.web_connections) == 0


async def test_a_body_that_comes_byte_by_byte_ends_and_one_that_flows_does_not() -> None:
    limits = ConnectionLimits(body_s=0.5, body_bytes_per_s=20_000)
    head = b"POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n"
    async with served(limits) as (_, port):
        drip, flow = await opened(port, ATTACKER, head), await opened(port, NEIGHBOUR, head)
        for _ in range(10):
            if not drip[1].is_closing():
                drip[1].write(b"a")
            flow[1].write(b"a" * 6_000)
            await asyncio.sleep(0.15)

        assert (await flow[0].readuntil(b"60000")).startswith(b"HTTP/1.1 201")
        assert await is_ended(drip)
        flow[1].close()


async def test_who_never_reads_an_answer_is_ended() -> None:
    async with served(QUICK) as (server, port):
        for sent in (b"GET /much HTTP/1.1\r\nHost: x\r\n\r\n", UPGRADE % b"/see"):
            wire = socket.create_connection(("127.0.0.1", port), source_address=(ATTACKER, 0))
            wire.setblocking(False)
            wire.sendall(sent)
            async with asyncio.timeout(20):
                while len(server.web_connections) == 0:
                    await asyncio.sleep(0.01)
                while len(server.web_connections) > 0:  # pings, masked, without end
                    with contextlib.suppress(BlockingIOError, ConnectionError):
                        wire.send(
                            (b"\x89\xfd" + b"\0" * 4 + b"p" * 125) * 400 if b"Up" in sent else b""
                        )
                    await asyncio.sleep(0.001)
            wire.close()


LARGE_HEADS = {
    "endless header": b"GET /page HTTP/1.1\r\nX: " + b"x" * HEAD_BYTES_MAX,
    "long header": b"GET /page HTTP/1.1\r\nX: " + b"x" * HEAD_BYTES_MAX + b"\r\n\r\n",
    "long address": b"GET /" + b"p" * HEAD_BYTES_MAX + b" HTTP/1.1\r\n\r\n",
    "many headers": b"GET /page HTTP/1.1\r\n" + b"X: y\r\n" * (HEADERS_MAX + 1) + b"\r\n",
}


async def test_a_head_beyond_its_bounds_is_refused() -> None:
    async with served(ConnectionLimits()) as (_, port):
        for name, head in LARGE_HEADS.items():
            reader, writer = await opened(port, ATTACKER, head)
            assert (await reader.read()).startswith(b"HTTP/1.1 431"), name
            writer.close()
        assert await is_served(port)


NO_REQUESTS = (
    b"\x16\x03\x01\x02\x00\x01",
    b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
    (UPGRADE % b"/se\xff").replace(b"Host: x", b"Host: \xff"),
    UPGRADE.replace(b"13", b"12") % b"/see",
    b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n" * 5_000,
    b"POST /take HTTP/1.1\r\nContent-Length: 9\r\nContent-Length: 8\r\n\r\n",
    b"POST /take HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n",
)


async def test_bytes_that_are_no_request_end_their_connection_only(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with served(QUICK) as (server, port):
        wires = [await opened(port, ATTACKER, sent) for sent in NO_REQUESTS]
        for wire in wires:
            assert await is_ended(wire)
        assert await is_served(port)
        assert len(server.web_connections) == 0
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


async def test_a_newcomer_is_served_while_one_address_holds_every_place() -> None:
    limits = ConnectionLimits(connections=200, per_address=10_000, head_s=60)
    async with served(limits) as (server, port):
        wires = [await opened(port, ATTACKER, b"GET /pa") for _ in range(120)]
        wires += [await opened(port, ATTACKER, UPGRADE % b"/see") for _ in range(80)]
        for wire in wires[120:]:
            await wire[0].readuntil(b"hello")

        for _ in range(20):
            assert await is_served(port)
        views = [await opened(port, NEIGHBOUR, UPGRADE % b"/see") for _ in range(20)]
        for view in views:
            await view[0].readuntil(b"hello")

        assert len(server.web_connections) == 200
        assert await is_ended(wires[0])  # the oldest half one
        for wire in (*wires, *views):
            wire[1].close()


async def test_an_address_beyond_its_share_gives_up_its_own_oldest() -> None:
    async with served(ConnectionLimits(per_address=20, head_s=60)) as (server, port):
        other = await opened(port, NEIGHBOUR, b"GET /pa")
        wires = [await opened(port, ATTACKER, b"GET /pa") for _ in range(30)]

        for wire in wires[:10]:
            assert await is_ended(wire)
        assert len(server.web_connections) == 21
        for wire in (other, *wires[10:]):
            wire[1].close()


class Wired:
    """A transport that remembers its end."""

    def __init__(self) -> None:
        self.ended = False

    def is_closing(self) -> bool:
        return self.ended

    def abort(self) -> None:
        self.ended = True


def test_what_works_is_never_ended_for_a_newcomer() -> None:
    web_connections = WebConnections(ConnectionLimits(connections=3, per_address=2))
    wires = [Wired() for _ in range(5)]
    for wire, address in zip(wires[:3], ("192.0.2.1", "192.0.2.1", "192.0.2.2"), strict=True):
        place = web_connections.admit(wire, address, 0.0)
        assert place is not None
        place.enter(Phase.WORK, 0.0)

    assert web_connections.admit(wires[3], "192.0.2.1", 1.0) is None
    assert web_connections.admit(wires[4], "192.0.2.9", 1.0) is None
    assert not any(wire.ended for wire in wires)


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("", "", True),
    ],
)
def test_addresses_count_by_subscriber(one: str, other: str, are_one: bool) -> None:
    assert (neighbourhood(one) == neighbourhood(other)) is are_one


def test_there_are_fewer_connections_than_files_may_be_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server_module, "raise_file_limit", lambda: server_module.OWN_FILES + 88)

    server = WebServer(Litestar([page], logging_config=None), "127.0.0.1", 0)

    assert server.web_connections.limits.connections == 88
