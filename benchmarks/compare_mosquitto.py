"""The whole product against mosquitto with a paho consumer: CPU of both sides, same load.

    python -m benchmarks.compare_mosquitto --seconds 10 --json

mosquitto acknowledges before anything is on a disk, and the consumer (paho, JSON decoded, nothing
kept) promises nothing either; the product authenticates, decodes, syncs to disk, stores and can be
queried. Both are measured until nothing waits any more. ``cpu_ratio`` is the product's CPU per
message over mosquitto's and the consumer's.
"""

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import msgspec
import paho.mqtt.client as paho
from tests.product import Product

from benchmarks.cpu import pin
from benchmarks.floor import measure_bare
from benchmarks.ingest import Bench, Round
from benchmarks.load.generator import GeneratorPlan
from benchmarks.machine import plan_cores
from tram.runtime.logging import start_logging
from tram.runtime.processes.process import free_port

__all__ = ("main",)

_CONFIGURATION = """
listener {port} 127.0.0.1
allow_anonymous true
max_queued_messages 0
max_inflight_messages 0
log_type error
"""


def consume(port: int) -> None:
    """Receive and decode everything, for ever."""
    client = paho.Client(paho.CallbackAPIVersion.VERSION2, client_id="consumer")

    def received(_client: Any, _data: Any, message: paho.MQTTMessage) -> None:  # noqa: ANN401  # paho's
        msgspec.json.decode(message.payload)

    client.on_message = received
    client.connect("127.0.0.1", port)
    client.subscribe("v1/devices/me/telemetry", qos=1)
    client.loop_forever()


def main() -> int:
    """Measure both in turn, round by round, and print."""
    options = _options()
    if options.consume:
        consume(options.consume)
        return 0
    start_logging("benchmark", level="error")
    program = shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if program is None:
        print("mosquitto is missing: apt-get install mosquitto", file=sys.stderr)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="tram-bench-", dir=options.folder))
    try:
        rounds = _rounds(options, folder, program)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    ours = statistics.median(row["tram_cpu_us"] for row in rounds)
    theirs = statistics.median(row["mosquitto_cpu_us"] for row in rounds)
    result = {
        "cpu_ratio": round(ours / theirs, 3),
        "tram_cpu_us_per_message": ours,
        "mosquitto_and_consumer_cpu_us_per_message": theirs,
        "rounds": rounds,
    }
    print(msgspec.json.encode(result).decode())
    return 0


def _rounds(options: argparse.Namespace, folder: Path, program: str) -> list[dict[str, float]]:
    product = Product(folder / "data").start()
    rounds = []
    try:
        seeded = product.seed_devices(options.clients * options.rounds)
        bench = Bench(product, folder, plan_cores())
        for _ in range(options.rounds):
            devices, seeded = seeded[: options.clients], seeded[options.clients :]
            plan = GeneratorPlan(
                product.ports["mqtt"], options.seconds, options.window, options.rate
            )
            ours = bench.measure(plan, devices)
            theirs = _mosquitto(options, folder, program)
            rounds.append(
                {"tram_cpu_us": _total(ours), "mosquitto_cpu_us": round(sum(theirs.values()), 2)}
                | {f"{name}_us": us for name, us in theirs.items()}
            )
            print(rounds[-1], file=sys.stderr)
    finally:
        product.stop()
    return rounds


def _total(one: Round) -> float:
    return round(
        one.gateway_cpu_us_per_message
        + one.nats_cpu_us_per_message
        + one.store_cpu_us_per_message
        + one.others_cpu_us_per_message,
        2,
    )


def _mosquitto(options: argparse.Namespace, folder: Path, program: str) -> dict[str, float]:
    port = free_port()
    file = folder / "mosquitto.conf"
    file.write_text(_CONFIGURATION.format(port=port))
    broker = subprocess.Popen([program, "-c", str(file)], stderr=subprocess.DEVNULL)
    time.sleep(1)
    consumer = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.compare_mosquitto", "--consume", str(port)]
    )
    try:
        time.sleep(2)
        cores = plan_cores()
        if cores is not None:
            pin(broker.pid, cores.gateway)
            pin(consumer.pid, cores.rest)
        plan = GeneratorPlan(port, options.seconds, options.window, options.rate)
        pids = {"mosquitto": broker.pid, "consumer": consumer.pid}
        return measure_bare(plan, options.clients, pids, folder).cpu_us_per_message
    finally:
        for process in (consumer, broker):
            process.kill()
            process.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare_mosquitto", description=__doc__
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="sending time of one round")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each side")
    parser.add_argument("--clients", type=int, default=2_000, help="devices that send at once")
    parser.add_argument("--window", type=int, default=1, help="unacknowledged messages of each")
    parser.add_argument("--rate", type=float, default=0, help="messages/s; 0 = saturated")
    parser.add_argument("--folder", type=Path, help="where the data folder is made (a real disk)")
    parser.add_argument("--consume", type=int, default=0, help="be the consumer on this port")
    parser.add_argument("--json", action="store_true", help="print one JSON object (always so)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
