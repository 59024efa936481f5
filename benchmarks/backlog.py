"""Do old readings delay live ones? A device sends what it kept while others go on.

    python -m benchmarks.backlog --readings 1000000 --json

200 devices send ``--rate`` messages a second; first alone, then beside one device that sends so
many readings of the last 60 days, as fast as its gateway takes them. Every live message must be in
the store once, and every old reading too. ``live_…`` are the times to the acknowledgement alone,
``beside_…`` those beside the backlog.
"""

import argparse
import asyncio
import shutil
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
from tests.product import Product

from benchmarks.acknowledged import open_store
from benchmarks.ingest import Bench, Round
from benchmarks.load.generator import GeneratorPlan
from benchmarks.machine import plan_cores
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.runtime.logging import start_logging

__all__ = ("main",)

LIVE_DEVICES = 200
VALUES = 4
ITEMS = 250
"""Times in one message; with four values each it holds as many as a message may."""
SPAN_MS = 60 * 86_400_000
_ALONE_S = 15.0
_LANE_ROWS_PER_S = 20_000
_ACK_BYTES = 4
_STORED_S_MAX = 600.0
_COUNT = """
SELECT count() AS rows FROM tram.readings AS r INNER JOIN tram.series AS s ON r.series = s.series
WHERE device = {device:Int64}
"""


class Backlog(threading.Thread):
    """One device that sends old readings, message after message; ``took_s`` is how long."""

    def __init__(self, port: int, token: str, readings: int) -> None:
        super().__init__(daemon=True)
        self._port = port
        self._token = token
        self._times = readings // VALUES
        self.took_s = 0.0

    def run(self) -> None:
        """Send everything."""
        started_s = time.monotonic()
        first_ms = time.time_ns() // 10**6 - SPAN_MS
        step_ms = SPAN_MS // (self._times + 1)
        with socket.create_connection(("127.0.0.1", self._port)) as wire:
            wire.sendall(codec.build_connect(codec.Connect(4, "old", user_name=self._token)))
            _read(wire)
            for number, start in enumerate(range(0, self._times, ITEMS), 1):
                items = [
                    {
                        "ts": first_ms + n * step_ms,
                        "values": {f"v{k}": n + k / 8 for k in range(4)},
                    }
                    for n in range(start, min(start + ITEMS, self._times))
                ]
                body = msgspec.json.encode(items)
                packet_id = number % 60_000 + 1
                wire.sendall(codec.build_publish("v1/devices/me/telemetry", body, 1, packet_id))
                _read(wire)
        self.took_s = time.monotonic() - started_s


def _read(wire: socket.socket) -> None:
    """Wait for one acknowledgement."""
    got = 0
    while got < _ACK_BYTES:
        part = wire.recv(_ACK_BYTES - got)
        if not part:
            raise ConnectionError("the gateway hung up")
        got += len(part)


def main() -> int:
    """Measure, print, and say by the exit code whether everything arrived."""
    options = _options()
    start_logging("benchmark", level="error")
    folder = Path(tempfile.mkdtemp(prefix="tram-backlog-", dir=options.folder))
    try:
        result = _measure(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(msgspec.json.encode(result).decode())
    return 1 if result["lost"] or result["doubled"] or result["backlog_missing"] else 0


def _measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    with Product(folder / "data") as product:
        (number, token), *devices = product.seed_devices(2 * LIVE_DEVICES + 1)
        bench = Bench(product, folder, plan_cores())
        port, rate = product.ports["mqtt"], options.rate
        alone = bench.measure(GeneratorPlan(port, _ALONE_S, 1, rate, 1), devices[:LIVE_DEVICES])
        old = Backlog(port, token, options.readings)
        seconds = max(_ALONE_S, options.readings / _LANE_ROWS_PER_S)
        old.start()
        beside = bench.measure(GeneratorPlan(port, seconds, 1, rate, 1), devices[LIVE_DEVICES:])
        old.join()
        stored = asyncio.run(_stored(product, number, options.readings // VALUES * VALUES))
    return {
        "readings": options.readings,
        "backlog_s": round(old.took_s, 1),
        "backlog_missing": options.readings // VALUES * VALUES - stored,
        "lost": alone.lost + beside.lost,
        "doubled": alone.doubled + beside.doubled,
        **_times("live", alone),
        **_times("beside", beside),
    }


def _times(name: str, done: Round) -> dict[str, float]:
    return {
        f"{name}_messages_per_s": done.messages_per_s,
        f"{name}_puback_ms_p50": done.puback_ms_p50,
        f"{name}_puback_ms_p99": done.puback_ms_p99,
    }


async def _stored(product: Product, device: int, wanted: int) -> int:
    """Return how many readings of a device are in the store, once all are or none comes any more."""
    end_s = time.monotonic() + _STORED_S_MAX
    async with open_store(product.data, product.ports["store"]) as store:
        found = -1
        while time.monotonic() < end_s:
            found = int((await store.sql(_COUNT, {"device": device}))["rows"][0].as_py())
            if found >= wanted:
                break
            await asyncio.sleep(1)
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backlog", description=__doc__)
    parser.add_argument("--readings", type=int, default=1_000_000, help="old readings")
    parser.add_argument("--rate", type=float, default=1_000, help="live messages a second")
    parser.add_argument("--folder", type=Path, help="where the data folder is made")
    parser.add_argument("--json", action="store_true", help="print one JSON object (always so)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
