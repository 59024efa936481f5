"""How many devices stay connected, what each costs, and how fast all of them come back.

    python -m benchmarks.connections --n 10000 --json

Devices with a session each connect from several addresses of the loopback to as many gateways as
the limit of open files asks for; then they are idle and the gateways' own memory (``Private`` of
smaps, without what they share) is compared with that before. Then every connection breaks at once
and all devices come back, offered at ``--rate``. Further figures: the look-up among a million
credentials, how long a revoked credential stays connected, TLS handshakes per core (P-256, TLS 1.3).
"""

import argparse
import asyncio
import csv
import json
import resource
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from tests.fleet.gateway.certificates import Authority
from tests.product import Beside, Product, wait_until

from benchmarks.cpu import cpu_seconds
from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.device_api.interfaces import Device
from tram.fleet.sync.identity_map import IdentityTable, encode_snapshot
from tram.runtime.logging import start_logging
from tram.runtime.processes.process import free_port

__all__ = ("main",)

PER_GATEWAY_MAX = 18_000
"""Connections of one gateway process; the limit of open files may allow fewer."""
_FILES_BESIDE = 1_000
_SETTLE_S = 3.0
_SEEDING_S_MAX = 1_800.0
_LOOK_UPS = 100_000
_HANDSHAKES_S = 4.0
_CONNACK_BYTES = 4


class _Herd:
    """One process of devices on one gateway."""

    def __init__(self, port: int, tokens: Path, place: tuple[int, int], rate: float) -> None:
        first, count = place
        source = f"127.0.0.{2 + first // PER_GATEWAY_MAX}"
        self.count = count
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "benchmarks.load.herd"),
                *("--port", str(port), "--tokens", str(tokens), "--source", source),
                *("--first", str(first), "--count", str(count), "--rate", str(rate)),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def report(self) -> dict[str, Any]:
        """Wait until everybody is connected."""
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def say(self, word: str) -> None:
        """Give a command."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def end(self) -> None:
        """Let everybody go."""
        self._process.kill()
        self._process.wait()


def main() -> int:
    """Run every part and print the figures."""
    options = _options()
    start_logging("benchmark", level="error")
    folder = Path(tempfile.mkdtemp(prefix="tram-connections-"))
    try:
        figures: dict[str, Any] = {"n": options.n}
        figures |= _look_ups(folder)
        with _serving(folder) as product:
            figures |= _connections(product, folder, options)
            figures |= _revocation(product)
            figures |= _handshakes(product, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:32}{value}")
    return 0 if figures["connected"] == options.n and not figures["refused"] else 1


@contextmanager
def _serving(folder: Path) -> Iterator[Product]:
    authority = Authority("Benchmark")
    authority.write(folder / "ca.pem")
    authority.issue("localhost", folder / "server.pem")
    tls = {
        "TRAM_GATEWAY_MQTTS_PORT": str(free_port()),
        "TRAM_GATEWAY_TLS_CERTIFICATE": str(folder / "server.pem"),
    }
    product = Product(folder / "data", settings=tls)
    try:
        yield product.start()
    finally:
        product.stop()


def _connections(product: Product, folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Connect everybody, weigh them, break all connections, wait for all to be back."""
    tokens = folder / "tokens.csv"
    seeded = ("--n", str(options.n), "--tokens", str(tokens))
    product.tram("devices", "seed", *seeded, seconds=_SEEDING_S_MAX)
    _wait_until_known(product, tokens)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    each = min(PER_GATEWAY_MAX, files - _FILES_BESIDE)
    places = [(first, min(each, options.n - first)) for first in range(0, options.n, each)]
    further = [_without_tls(product).start() for _ in places[1:]]
    ports = [product.ports["mqtt"], *(beside.mqtt_port for beside in further)]
    pids = [product.pids["gateway"], *(beside.pid for beside in further)]
    time.sleep(_SETTLE_S)
    before_kb, before_s = sum(map(_private_kb, pids)), sum(map(cpu_seconds, pids))
    rate = options.rate / len(places)
    herds = [_Herd(p, tokens, place, rate) for p, place in zip(ports, places, strict=True)]
    try:
        first = [herd.report() for herd in herds]
        time.sleep(_SETTLE_S)
        user_kb = (sum(map(_private_kb, pids)) - before_kb) / options.n
        connect_s = sum(map(cpu_seconds, pids)) - before_s
        for herd in herds:
            herd.say("again")
        again = [herd.report() for herd in herds]
    finally:
        for herd in herds:
            herd.end()
        for beside in further:
            beside.kill()
    refused: dict[str, int] = {}
    for report in (*first, *again):
        for code, count in report["refused"].items():
            refused[code] = refused.get(code, 0) + count
    return {
        "gateways": len(pids),
        "connected": sum(report["connected"] for report in first),
        "user_kb_per_connection": round(user_kb, 2),
        "cpu_us_per_connect": round(1e6 * connect_s / options.n, 1),
        "connected_s": max(report["seconds"] for report in first),
        "back": sum(report["connected"] for report in again),
        "back_s": max(report["seconds"] for report in again),
        "offered_per_s": options.rate,
        "refused": refused,
        "retried": sum(report["retried"] for report in (*first, *again)),
    }


def _wait_until_known(product: Product, tokens: Path) -> None:
    """Return when the last device of the file gets in."""
    with tokens.open(newline="") as file:
        token = list(csv.DictReader(file))[-1]["token"]

    port = product.ports["mqtt"]
    wait_until(lambda: _gets_in(port, token), "the gateway knows every device", seconds=600)


def _gets_in(port: int, token: str) -> bool:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(_connect_packet(token))
        return sock.recv(_CONNACK_BYTES)[3:] == b"\0"


def _connect_packet(token: str, client: str = "one") -> bytes:
    fields = b"\x00\x04MQTT\x04\x82\x02\x58"
    for text in (client.encode(), token.encode()):
        fields += len(text).to_bytes(2, "big") + text
    return bytes((0x10, len(fields))) + fields


def _without_tls(product: Product) -> Beside:
    return product.beside("gateway", {"TRAM_GATEWAY_MQTTS_PORT": "0"})


def _private_kb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


def _look_ups(folder: Path) -> dict[str, Any]:
    """Find credentials among a million."""
    count = 1_000_000
    digests = [sha256(n.to_bytes(4, "big")).digest() for n in range(count)]
    devices = (
        Device(DeviceId(n), OrgId(1), ProfileId(1), digest) for n, digest in enumerate(digests)
    )
    table = IdentityTable()
    table.load(folder / "identity", encode_snapshot(devices))
    rng = np.random.default_rng(1)
    wanted = [digests[int(place)] for place in rng.integers(0, count, _LOOK_UPS)]
    times_ns = np.empty(_LOOK_UPS)
    for place, digest in enumerate(wanted):
        start = time.perf_counter_ns()
        table.find(digest)
        times_ns[place] = time.perf_counter_ns() - start
    p50, p99, worst = np.percentile(times_ns, (50, 99, 100)) / 1_000
    return {
        "lookup_credentials": count,
        "lookup_us_p50": round(float(p50), 2),
        "lookup_us_p99": round(float(p99), 2),
        "lookup_us_max": round(float(worst), 1),
    }


def _revocation(product: Product) -> dict[str, Any]:
    """Measure how long a revoked token stays connected, on two gateways."""
    second = _without_tls(product).start()
    try:
        device, token = product.seed_devices(1)[0]
        ports = (product.ports["mqtt"], second.mqtt_port)
        wait_until(lambda: all(_gets_in(port, token) for port in ports), "it is known")
        took_s = []
        with product.log_in() as person:
            sockets = [_held(port, token, f"client-{port}") for port in ports]
            listed = person.get(f"/devices/{device}/credentials").json()["items"]
            start_s = time.monotonic()
            person.delete(f"/credentials/{listed[0]['id']}")
            for sock in sockets:
                sock.settimeout(10)
                sock.recv(1)
                took_s.append(time.monotonic() - start_s)
        return {"revoked_ms": round(1_000 * max(took_s), 1)}
    finally:
        second.kill()


def _held(port: int, token: str, client: str) -> socket.socket:
    sock = socket.create_connection(("127.0.0.1", port), timeout=10)
    sock.sendall(_connect_packet(token, client))
    assert sock.recv(_CONNACK_BYTES)[3:] == b"\0"
    return sock


def _handshakes(product: Product, folder: Path) -> dict[str, Any]:
    """Count TLS handshakes and what they cost the gateway."""
    port = int(product.environment["TRAM_GATEWAY_MQTTS_PORT"])
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    pid = product.pids["gateway"]
    before_s = cpu_seconds(pid)
    done = asyncio.run(_shake_hands(port, context))
    each_s = (cpu_seconds(pid) - before_s) / done
    return {
        "tls_handshakes": done,
        "tls_cpu_us": round(1e6 * each_s),
        "tls_handshakes_per_core": round(1 / each_s),
    }


async def _shake_hands(port: int, context: ssl.SSLContext) -> int:
    done = 0
    end_s = time.monotonic() + _HANDSHAKES_S

    async def again_and_again() -> None:
        nonlocal done
        while time.monotonic() < end_s:
            _, writer = await asyncio.open_connection(
                "127.0.0.1", port, ssl=context, server_hostname="localhost"
            )
            writer.transport.abort()
            done += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(again_and_again())
    return done


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.connections",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--n", type=int, default=10_000, help="devices")
    parser.add_argument("--rate", type=float, default=10_000, help="connects offered a second")
    parser.add_argument("--json", action="store_true", help="one line for programs")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
