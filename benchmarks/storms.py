"""Whether one device's storm is felt by others: latency of 50 well-behaved devices, without and with.

    python -m benchmarks.storms --seconds 10 --json

A fresh product is started in a temporary folder. Fifty devices publish twice a second with QoS 1; meanwhile nothing else
happens (``alone``), 2,000 connections of other devices die at once, come back and die again
(``dying``), two boards fight for one client id of one device (``fighting``), 1,200 half requests
stand open at the HTTP door (``half_open``). Latency is from the write to the PUBACK, in milliseconds, over
all fifty; ``unacked`` are messages without PUBACK at the end, ``stormed`` says how often the storm struck (takeovers,
deaths, half requests). A storm comes from a process of its own, so that it slows the machine but not the
clock of the fifty. Exit code 1 when a well-behaved device lost its connection or a PUBACK.
"""

import argparse
import asyncio
import json
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table
from tests.product import Product

from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.runtime.logging import start_logging

__all__ = ("main",)

GOOD = 50
EVERY_S = 0.5
DYING = 2_000
HALF_OPEN = 1_200
_TOPIC = "v1/devices/me/telemetry"
_AT_ONCE = 200
_ANSWER_S_MAX = 30.0
_FILES_BESIDE = 200


class Figures(msgspec.Struct, frozen=True):
    """What the fifty met during one storm."""

    puback_ms_p50: float
    puback_ms_p99: float
    puback_ms_max: float
    acked: int
    unacked: int
    stormed: int


@dataclass
class Good:
    """One well-behaved device."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    sent_s: dict[int, float] = field(default_factory=dict)
    took_s: list[float] = field(default_factory=list)
    lost: int = 0

    async def publish(self, stop: asyncio.Event, phase_s: float) -> None:
        """Publish until told to stop, at an even pace."""
        await asyncio.sleep(phase_s)
        number = 0
        while not stop.is_set():
            number = number % 60_000 + 1
            self.sent_s[number] = time.monotonic()
            payload = json.dumps({"t": 20.5 + number}).encode()
            self.writer.write(codec.build_publish(_TOPIC, payload, 1, number))
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await stop.wait()

    async def listen(self) -> None:
        """Take PUBACKs until the connection ends."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                packet = await self.reader.readexactly(4)
                number = int.from_bytes(packet[2:], "big")
                self.took_s.append(time.monotonic() - self.sent_s.pop(number))
        self.lost += 1


async def connect(
    port: int, token: str, client: str
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Return an admitted MQTT 3.1.1 connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(codec.build_connect(codec.Connect(4, client, user_name=token)))
    answer = await reader.readexactly(4)
    if answer[3]:
        raise RuntimeError(f"CONNACK says {answer[3]}")
    return reader, writer


Storm = Callable[[asyncio.Event], Awaitable[int]]
Plan = tuple[str, int, list[str]]
"""Which storm, on which port, with which tokens."""


async def measure(port: int, tokens: list[str], seconds: float, plan: Plan | None) -> Figures:
    """Let the fifty publish for a while, with or without a storm."""
    opened = [await connect(port, token, f"good-{n}") for n, token in enumerate(tokens)]
    goods = [Good(*pair) for pair in opened]
    stop, stormed = asyncio.Event(), 0
    striker = None if plan is None else Striker(plan)
    async with asyncio.TaskGroup() as group:
        listening = [group.create_task(good.listen()) for good in goods]
        for place, good in enumerate(goods):
            group.create_task(good.publish(stop, EVERY_S * place / len(goods)))
        await asyncio.sleep(seconds)
        stop.set()
        if striker is not None:
            stormed = await striker.end()
        with suppress(TimeoutError):
            async with asyncio.timeout(_ANSWER_S_MAX):
                while any(good.sent_s and not good.lost for good in goods):  # noqa: ASYNC110  # a last look
                    await asyncio.sleep(0.05)
        lost = sum(good.lost for good in goods)
        for task in listening:
            task.cancel()
    for good in goods:
        good.writer.close()
    took = sorted(second for good in goods for second in good.took_s)
    unacked = sum(len(good.sent_s) for good in goods) + lost
    return Figures(_ms(took, 0.5), _ms(took, 0.99), _ms(took, 1.0), len(took), unacked, stormed)


class Striker:
    """A storm in a process of its own, until it is told to end."""

    def __init__(self, plan: Plan) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_strike, args=(plan, theirs), daemon=True)
        self._process.start()

    async def end(self) -> int:
        """Return how often it struck."""
        self._ours.send(None)
        struck: int = await asyncio.to_thread(self._ours.recv)
        await asyncio.to_thread(self._process.join)
        return struck


def _strike(plan: Plan, theirs: Connection) -> None:
    name, port, tokens = plan
    _raise_limit()

    async def strike() -> int:
        over = asyncio.Event()
        asyncio.get_running_loop().add_reader(theirs.fileno(), over.set)
        return await _STORMS[name](port, tokens)(over)

    theirs.send(asyncio.run(strike()))


def _raise_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = 2 * DYING + HALF_OPEN + _FILES_BESIDE
    wanted = needed if hard == resource.RLIM_INFINITY else min(hard, needed)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _ms(took: list[float], share: float) -> float:
    place = min(len(took) - 1, int(share * len(took)))
    return round(1_000 * took[place], 1) if took else float("inf")


def dying(port: int, tokens: list[str]) -> Storm:
    """Return the storm of connections that die at once (RST), come back and die again."""

    async def strike(over: asyncio.Event) -> int:
        deaths = 0
        while not over.is_set():
            writers: list[asyncio.StreamWriter] = []
            for start in range(0, len(tokens), _AT_ONCE):
                part = enumerate(tokens[start : start + _AT_ONCE], start)
                found = await asyncio.gather(
                    *(connect(port, token, f"dying-{n}") for n, token in part),
                    return_exceptions=True,
                )
                writers += [pair[1] for pair in found if not isinstance(pair, BaseException)]
            deaths += len(writers)
            for writer in writers:
                writer.transport.abort()
            with suppress(TimeoutError):
                async with asyncio.timeout(1.0):
                    await over.wait()
        return deaths

    return strike


def fighting(port: int, tokens: list[str]) -> Storm:
    """Return the storm of two boards with one client id, each of which comes back at once."""

    async def board(over: asyncio.Event) -> int:
        admitted = 0
        while not over.is_set():
            with suppress(
                TimeoutError, ConnectionError, asyncio.IncompleteReadError, RuntimeError
            ):
                reader, writer = await connect(port, tokens[0], "board")
                admitted += 1
                with suppress(TimeoutError):
                    async with asyncio.timeout(1.0):
                        await reader.read(1)
                writer.close()
        return admitted

    async def strike(over: asyncio.Event) -> int:
        async with asyncio.TaskGroup() as group:
            boards = [group.create_task(board(over)) for _ in range(2)]
            await over.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(12.0):
                    await asyncio.wait(boards)
            for task in boards:
                task.cancel()
        return sum(task.result() for task in boards if not task.cancelled())

    return strike


def half_open(port: int, tokens: list[str]) -> Storm:
    """Return the storm of requests at the HTTP door that never end."""

    async def strike(over: asyncio.Event) -> int:
        opened = []
        for _ in range(HALF_OPEN):
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                head = f"POST /api/v1/{tokens[0]}/telemetry HTTP/1.1\r\nContent-Length: 100\r\n"
                writer.write(head.encode())
                opened.append(writer)
        await over.wait()
        for writer in opened:
            writer.transport.abort()
        return len(opened)

    return strike


_STORMS: dict[str, Callable[[int, list[str]], Storm]] = {
    "dying": dying,
    "fighting": fighting,
    "half_open": half_open,
}


async def run(product: Product, seconds: float) -> dict[str, Figures]:
    """Measure alone and in each storm."""
    mqtt, http = product.ports["mqtt"], product.ports["http"]
    tokens = [token for _, token in product.seed_devices(GOOD + DYING + 1)]
    good, victims, contested = tokens[:GOOD], tokens[GOOD:-1], tokens[-1:]
    storms: dict[str, Plan | None] = {
        "alone": None,
        "dying": ("dying", mqtt, victims),
        "fighting": ("fighting", mqtt, contested),
        "half_open": ("half_open", http, contested),
        "alone_again": None,
    }
    await asyncio.sleep(2.0)
    return {name: await measure(mqtt, good, seconds, storm) for name, storm in storms.items()}


def main() -> int:
    """Run the command; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each storm")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    start_logging("storms")
    _raise_limit()
    folder = Path(tempfile.mkdtemp(prefix="tram-storms-"))
    product = Product(folder / "data").start()
    try:
        figures = asyncio.run(run(product, options.seconds))
    finally:
        product.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        sys.stdout.write(json.dumps(msgspec.to_builtins(figures)) + "\n")
    else:
        _print(figures)
    return int(any(one.unacked for one in figures.values()))


def _print(figures: dict[str, Figures]) -> None:
    table = Table("storm", *Figures.__struct_fields__)
    for name, one in figures.items():
        table.add_row(name, *(str(getattr(one, key)) for key in Figures.__struct_fields__))
    Console().print(table)


if __name__ == "__main__":
    sys.exit(main())
