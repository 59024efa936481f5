"""What somebody else notices while one address storms the web port of a whole product.

``python -m benchmarks.storms_web --halves 1200 --wrong 1000 --views 2000 --json``

Half requests, then requests with wrong tokens, then WebSockets of one person, come from an address of
their own (127.0.0.2); another person asks for a page and opens a live view meanwhile, as often as
without the storm.
"""

import argparse
import asyncio
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from tests.product import Product
from websockets.asyncio.client import connect

from tram.runtime.processes.open_files import raise_file_limit

ATTACKER = "127.0.0.2"
ASKED = 60
PATIENCE_S = 30
HALVES = (
    b"",
    b"GET /dev",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: ",
    b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\nabc",
)
WRONG = "GET /api/platform/v1/devices HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {number}\r\n\r\n"
UPGRADE = (
    "GET /live?scope=map HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: Upgrade\r\n"
    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
Figures = dict[str, float]
Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def measure(url: str, log_ins: dict[str, str], given: argparse.Namespace) -> dict[str, Any]:
    """Return what the neighbour waited: without a storm, in each, and how many connections stood."""
    host = url.removeprefix("http://")
    attacker, neighbour = (list(log_ins) * 2)[:2]
    async with (
        session(url, log_ins, attacker) as theirs,
        session(url, log_ins, neighbour) as other,
    ):
        await neighbours(other, host)  # warm
        figures: dict[str, Any] = {"without": await neighbours(other, host)}
        upgrade = UPGRADE.format(host=host, cookie=cookie(theirs)).encode()
        storms = {
            f"{given.halves} half requests": [
                HALVES[n % len(HALVES)] for n in range(given.halves)
            ],
            f"{given.wrong} wrong tokens": [
                WRONG.format(host=host, number=n).encode() for n in range(given.wrong)
            ],
            f"{given.views} WebSockets of one person": [upgrade] * given.views,
        }
        for name, sent in storms.items():
            wires = await storm(host, sent)
            figures[name] = await neighbours(other, host)
            figures[name]["connections left"] = sum([await stands(reader) for reader, _ in wires])
            for _, writer in wires:
                writer.transport.abort()
            await asyncio.sleep(2)
        return figures


@asynccontextmanager
async def session(
    url: str, log_ins: dict[str, str], person: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Log a person in."""
    async with httpx.AsyncClient(base_url=url, timeout=PATIENCE_S) as client:
        form = {"login": person, "password": log_ins[person], "next": "/"}
        (await client.post("/login", data=form, follow_redirects=True)).raise_for_status()
        yield client


def cookie(client: httpx.AsyncClient) -> str:
    """Return the cookies of a client as a browser sends them."""
    return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


async def storm(host: str, sent: list[bytes]) -> list[Wire]:
    """Open as many connections as there are beginnings, a hundred at a time."""
    name, _, port = host.partition(":")

    async def begin(content: bytes) -> Wire:
        wire = await asyncio.open_connection(name, int(port), local_addr=(ATTACKER, 0))
        wire[1].write(content)
        return wire

    wires: list[Wire] = []
    for start in range(0, len(sent), 100):
        begun = (begin(content) for content in sent[start : start + 100])
        found = await asyncio.gather(*begun, return_exceptions=True)
        wires += [wire for wire in found if not isinstance(wire, BaseException)]
    return wires


async def stands(reader: asyncio.StreamReader) -> bool:
    """Return whether the server still holds a connection; what it sent is thrown away."""
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(0.001):
            while not reader.at_eof():
                await reader.read(65_536)
    return not reader.at_eof() and reader.exception() is None


async def neighbours(client: httpx.AsyncClient, host: str) -> Figures:
    """Ask for a page on a connection of its own each time, and open a live view as often."""
    pages, hellos, lost = [], [], 0
    for _ in range(ASKED):
        begun_s = time.perf_counter()
        answer = await client.get("/alarms", headers={"Connection": "close"})
        pages.append(time.perf_counter() - begun_s)
        lost += answer.status_code >= httpx.codes.BAD_REQUEST
        begun_s = time.perf_counter()
        with contextlib.suppress(Exception):
            async with asyncio.timeout(PATIENCE_S):
                asked = connect(
                    f"ws://{host}/live?scope=map",
                    additional_headers={"Cookie": cookie(client)},
                    proxy=None,
                )
                async with asked as opened:
                    await opened.recv()
            hellos.append(time.perf_counter() - begun_s)
    lost += ASKED - len(hellos)
    return {
        "page ms, median": _ms(statistics.median(pages)),
        "page ms, p99": _ms(statistics.quantiles(pages, n=100)[98]),
        "hello ms, median": _ms(statistics.median(hellos)) if hellos else float("inf"),
        "hello ms, p99": _ms(statistics.quantiles(hellos, n=100)[98]) if hellos else float("inf"),
        "lost": lost,
    }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--halves", type=int, default=1_200)
    parser.add_argument("--wrong", type=int, default=1_000)
    parser.add_argument("--views", type=int, default=2_000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    raise_file_limit()
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder) / "data", demo=True)
        try:
            product.start()
            found = asyncio.run(measure(product.web_url, product.log_ins(), given))
        finally:
            product.stop()
    if given.json:
        print(json.dumps(found, ensure_ascii=False))
        return
    for name, figures in found.items():
        print(name, figures)


if __name__ == "__main__":
    main()
