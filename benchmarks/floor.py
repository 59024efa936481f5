"""The floor under any gateway in this language: bare uvloop that only answers PUBACK.

    python -m benchmarks.floor --seconds 10 --json

It finds packet borders and packet ids and answers each read with one write: no identity, no
decoding, no disk. What a gateway costs above this is what it does; what this costs is the price of
one read and one write per message in uvloop and the kernel, under the same load.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from benchmarks.cpu import cpu_seconds, pin
from benchmarks.load.generator import Generator, GeneratorFigures, GeneratorPlan
from benchmarks.machine import plan_cores
from tram.runtime.processes.process import free_port

__all__ = ("BareFigures", "devices_of", "main", "measure_bare", "wait_until_idle")

_CONNACK = b"\x20\x02\x00\x00"
_READY_S = 10.0
_IDLE_S_MAX = 180.0
_IDLE_CPU_S = 0.05
"""CPU time of one second below which nothing waits any more."""


class BareFigures(msgspec.Struct, frozen=True):
    """What a program without promises cost under a load."""

    cpu_us_per_message: dict[str, float]
    messages_per_s: float
    puback_ms_p50: float
    puback_ms_p99: float


class _Bare(asyncio.Protocol):
    """Answers CONNECT and PUBLISH of QoS 1; everything else is skipped."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        """Answer every packet of one read."""
        at, acks = 0, bytearray()
        while at < len(data):
            length, start, shift = 0, at + 1, 0
            while True:
                byte = data[start]
                length |= (byte & 0x7F) << shift
                start += 1
                shift += 7
                if byte < 0x80:
                    break
            if data[at] & 0xF0 == 0x30:
                topic_end = start + 2 + (data[start] << 8 | data[start + 1])
                acks += b"\x40\x02" + data[topic_end : topic_end + 2]
            elif data[at] == 0x10:
                acks += _CONNACK
            at = start + length
        self._transport.write(acks)


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Bare, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


def devices_of(clients: int) -> list[tuple[int, str]]:
    """Return devices for a server that asks for nothing."""
    return [(number, f"token{number}") for number in range(1, clients + 1)]


def measure_bare(
    plan: GeneratorPlan, clients: int, pids: dict[str, int], folder: Path
) -> BareFigures:
    """Load a server and return what each process cost per acknowledged message."""
    generator = Generator(plan, devices_of(clients), folder)
    try:
        cores = plan_cores()
        if cores is not None:
            pin(generator.pid, cores.load)
        if (ready := generator.wait_ready()) < clients:
            raise RuntimeError(f"only {ready} of {clients} devices could connect")
        time.sleep(1)
        before = {name: cpu_seconds(pid) for name, pid in pids.items()}
        generator.go()
        figures, _ = generator.result()
        wait_until_idle(tuple(pids.values()))
        used = {name: cpu_seconds(pid) - before[name] for name, pid in pids.items()}
    finally:
        generator.end()
    return _figures(figures, used)


def wait_until_idle(pids: Collection[int]) -> None:
    """Return when these processes have worked off what was sent: the product is measured so too."""
    until_s = time.monotonic() + _IDLE_S_MAX
    before_s = sum(map(cpu_seconds, pids))
    while time.monotonic() < until_s:
        time.sleep(1)
        now_s = sum(map(cpu_seconds, pids))
        if now_s - before_s < _IDLE_CPU_S:
            return
        before_s = now_s
    raise RuntimeError(f"the queues were not empty after {_IDLE_S_MAX:.0f} s")


def _figures(figures: GeneratorFigures, used: dict[str, float]) -> BareFigures:
    return BareFigures(
        {name: round(1e6 * s / max(figures.acked, 1), 2) for name, s in used.items()},
        figures.messages_per_s,
        figures.puback_ms_p50,
        figures.puback_ms_p99,
    )


def main() -> int:
    """Measure saturated and paced, and print."""
    options = _options()
    if options.serve:
        uvloop.run(_serve(options.serve))
        return 0
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "benchmarks.floor", "--serve", str(port)])
    try:
        time.sleep(2)
        cores = plan_cores()
        if cores is not None:
            pin(process.pid, cores.gateway)
        result = {}
        with tempfile.TemporaryDirectory(prefix="tram-floor-") as folder:
            for name, rate in (("saturated", 0.0), ("paced", options.rate)):
                plan = GeneratorPlan(port, options.seconds, options.window, rate)
                found = measure_bare(plan, options.clients, {"bare": process.pid}, Path(folder))
                result[name] = found
    finally:
        process.kill()
        process.wait()
    print(msgspec.json.encode(result).decode())
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.floor", description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="sending time of one load")
    parser.add_argument("--clients", type=int, default=2_000, help="devices that send at once")
    parser.add_argument("--window", type=int, default=1, help="unacknowledged messages of each")
    parser.add_argument("--rate", type=float, default=25_000, help="messages/s of the paced load")
    parser.add_argument("--serve", type=int, default=0, help="be the server on this port")
    parser.add_argument("--json", action="store_true", help="print one JSON object (always so)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
