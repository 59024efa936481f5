"""What a TLS handshake costs the gateway.

    python -m benchmarks.tls --n 2000 --json

Clients in other processes connect over TLS (P-256 certificate, a full handshake each time), send
CONNECT, wait for CONNACK and leave. ``handshakes_per_core_s`` is what one core could do at the CPU
time that the gateway used, connection, look-up and events of the device included.
"""

import argparse
import multiprocessing
import socket
import ssl
import sys
import tempfile
import time
from pathlib import Path

import msgspec
from tests.fleet.gateway.certificates import Authority
from tests.product import Product

from benchmarks.cpu import cpu_seconds, pin
from benchmarks.machine import plan_cores
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.runtime.processes.process import free_port

__all__ = ("main",)

PROCESSES = 4


def connect_many(port: int, ca: str, version: str, tokens: list[str]) -> None:
    """Make one connection after the other."""
    context = ssl.create_default_context(cafile=ca)
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    for number, token in enumerate(tokens):
        plain = socket.create_connection(("127.0.0.1", port))
        with context.wrap_socket(plain, server_hostname="localhost") as wire:
            wire.sendall(codec.build_connect(codec.Connect(4, f"c{number}", user_name=token)))
            assert wire.recv(4) == codec.build_connack(0)


def main() -> int:
    """Measure both versions and print."""
    options = _options()
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="tram-tls-") as name:
        folder = Path(name)
        authority = Authority("Bench")
        authority.write(folder / "ca.pem")
        authority.issue("localhost", folder / "server.pem")
        settings = {
            "TRAM_GATEWAY_MQTTS_PORT": str(port),
            "TRAM_GATEWAY_TLS_CERTIFICATE": str(folder / "server.pem"),
        }
        with Product(folder / "data", settings=settings) as product:
            tokens = [token for _, token in product.seed_devices(options.n)]
            cores = plan_cores()
            if cores is not None:
                pin(product.pids["gateway"], cores.gateway)
            result = {
                version: _measure(product.pids["gateway"], port, folder, version, tokens)
                for version in ("TLSv1_2", "TLSv1_3")
            }
    print(msgspec.json.encode(result).decode())
    return 0


def _measure(
    gateway: int, port: int, folder: Path, version: str, tokens: list[str]
) -> dict[str, float]:
    spawn = multiprocessing.get_context("spawn")
    before = cpu_seconds(gateway)
    started = time.monotonic()
    clients = [
        spawn.Process(
            target=connect_many,
            args=(port, str(folder / "ca.pem"), version, tokens[number::PROCESSES]),
        )
        for number in range(PROCESSES)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
        if client.exitcode:
            raise RuntimeError("a client failed")
    wall_s = time.monotonic() - started
    each_s = (cpu_seconds(gateway) - before) / len(tokens)
    return {
        "handshakes": len(tokens),
        "gateway_cpu_ms": round(1000 * each_s, 3),
        "handshakes_per_core_s": round(1 / each_s),
        "wall_s": round(wall_s, 1),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tls", description=__doc__)
    parser.add_argument("--n", type=int, default=2_000, help="handshakes of each version")
    parser.add_argument("--json", action="store_true", help="print one JSON object (always so)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
