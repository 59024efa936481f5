"""The connection to the log: what is subscribed is known to the server."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.nats_process import NatsProcess
from tram.fleet.log.nats_connection import NatsAccess, NatsConnection, open_link


class Wire:
    """What went through to the server and back, as it went."""

    def __init__(self) -> None:
        self.asked = b""
        self.answered = b""

    async def run(self, port: int, reader: asyncio.StreamReader, writer) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)

        async def asked() -> None:
            while part := await reader.read(65_536):
                self.asked += part
                back.write(part)

        async def answered() -> None:
            while part := await there.read(65_536):
                self.answered += part
                writer.write(part)

        await asyncio.gather(asked(), answered())
        back.close()
        writer.close()


@asynccontextmanager
async def watched(nats: NatsProcess, role: str) -> AsyncIterator[tuple[NatsConnection, Wire]]:
    """A connection through a wire that is looked at."""
    wire = Wire()
    server = await asyncio.start_server(
        lambda reader, writer: wire.run(nats.port, reader, writer), "127.0.0.1"
    )
    port = server.sockets[0].getsockname()[1]
    link = await open_link(NatsAccess(f"nats://127.0.0.1:{port}", nats.keys[role][0]), role)
    try:
        yield link, wire
    finally:
        await link.close()
        server.close()
        await server.wait_closed()


async def take(_payload: bytes) -> None:
    """Take what comes."""


async def give(_subject: str, _payload: bytes) -> bytes:
    return b""


@pytest.mark.parametrize(
    ("role", "listen"),
    [
        ("web", lambda link: link.subscribe("tram.live", take)),
        ("work", lambda link: link.answer("tram.desk.*", "desk", give)),
    ],
)
async def test_the_server_knows_a_subscription_when_it_is_made(
    nats: NatsProcess, role: str, listen: Callable
) -> None:
    async with watched(nats, role) as (link, wire):
        before = wire.answered.count(b"PONG\r\n")
        await listen(link)
        pings_first = wire.asked[: wire.asked.index(b"SUB ")].count(b"PING\r\n")
        pongs = wire.answered.count(b"PONG\r\n")

    assert pongs > pings_first >= before


async def test_a_subscription_made_while_the_server_is_away_holds_when_it_is_back(
    nats: NatsProcess, ops_link: NatsConnection
) -> None:
    seen = asyncio.Event()

    async def see(_payload: bytes) -> None:
        seen.set()

    web = await open_link(nats.access("web"), "web")
    nats.kill()
    while web.is_connected:
        await asyncio.sleep(0.01)
    await web.subscribe("tram.live", see)
    nats.start()
    async with asyncio.timeout(20):
        while not seen.is_set():
            await ops_link.publish("tram.live", b"1")
            await asyncio.sleep(0.05)
    await web.close()
