"""How many readings per second become durable, and what each costs in CPU.

    python -m benchmarks.ingest --seconds 20 --json

A fresh product is started in a temporary folder; devices are simulated by a process outside of it.
Two kinds of load: *saturated* (every device keeps its window of unacknowledged messages full; acks
come in bursts, which flatters every server) and *paced* (a given rate, one message per write).

- CPU is the kernel's count in nanoseconds over all threads of all processes of the product, from
  the first message until the store has inserted the last, divided by the acknowledged messages.
- On 2 cores the gateway has core 0 for itself; nats-server, the store, everything else and the load
  share core 1. On more cores the load has the last one for itself and the rest what is between.
  nats-server chose its number of Go threads before it was pinned. ``--no-pin`` leaves it alone.
- ``load_wait_share``: how much of the time the load was ready and had no core; high values mean
  a busy machine, and that rate and latency say little. ``late``: due by the pace, never sent.
- ``lost``: acknowledged but not in the store. ``doubled``: in the store more than once.
- ``--probe``: one more device publishes and asks the store until it finds what it sent;
  ``queryable_s_p50`` and ``…_p99`` are 0 without it.
- Exit code 1 when anything was lost or doubled, or when the load process was the bottleneck
  (``load_cpu_share`` above 0.9): then the figures say nothing about the product.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table
from tests.product import Product

from benchmarks.acknowledged import (
    Acknowledged,
    Verdict,
    check,
    log_end,
    open_store,
    wait_until_stored,
)
from benchmarks.cpu import cpu_seconds_by_part, descendants, pin
from benchmarks.load.generator import Generator, GeneratorFigures, GeneratorPlan
from benchmarks.machine import Cores, filesystem_of, plan_cores
from benchmarks.queryable import Probe
from tram.fleet.gateway.batch_reader.library import load_library
from tram.fleet.store.views import StoreStatus
from tram.runtime.logging import start_logging

__all__ = ("main",)

LOAD_CPU_SHARE_MAX = 0.9
_STORED_S_MAX = 300.0
_SETTLE_S = 1.0
"""Between the last connection and the first message, so that connecting is not counted."""
_OWN_FIGURE = ("gateway", "nats", "store")
_SUMMED = ("lost", "doubled", "revised", "at_least_once", "unacked")
"""What is never averaged away: one lost message in one round is a lost message."""


class Round(msgspec.Struct, frozen=True):
    """The figures of one run; times in ms, CPU in microseconds per acknowledged message."""

    messages_per_s: float
    gateway_cpu_us_per_message: float
    nats_cpu_us_per_message: float
    store_cpu_us_per_message: float
    others_cpu_us_per_message: float
    puback_ms_p50: float
    puback_ms_p99: float
    puback_ms_max: float
    lost: int
    doubled: int
    revised: int
    at_least_once: int
    load_cpu_share: float
    load_wait_share: float
    gateway_cpu_share: float
    stored_after_s: float
    queryable_s_p50: float
    queryable_s_p99: float
    acked: int
    unacked: int
    resent: int
    late: int


class Report(msgspec.Struct, frozen=True):
    """One kind of load: medians, their spread (greatest minus least), and every round."""

    median: dict[str, float]
    spread: dict[str, float]
    rounds: list[Round]


@dataclass(frozen=True, slots=True)
class Bench:
    """A running product and a folder for the pieces of the load."""

    product: Product
    folder: Path
    cores: Cores | None

    def measure(
        self,
        plan: GeneratorPlan,
        devices: list[tuple[int, str]],
        prober: tuple[int, str] | None = None,
    ) -> Round:
        """Run one load and account for it; ``prober`` is a device that asks for what it sent."""
        generator = Generator(plan, devices, self.folder)
        ports = self.product.ports
        probe = prober and Probe(prober, ports["mqtt"], self.product.data, ports["store"])
        try:
            self.pin(generator.pid)
            if (ready := generator.wait_ready()) < len(devices):
                raise RuntimeError(f"only {ready} of {len(devices)} devices could connect")
            time.sleep(_SETTLE_S)
            status = asyncio.run(self._stored())
            cpu = self._cpu()
            generator.go()
            if probe:
                probe.start()
            figures, acknowledged = generator.result()
        finally:
            generator.end()
        ended_s = time.monotonic()
        queryable_s = probe.stop() if probe else [0.0, 0.0]
        after = asyncio.run(self._stored())
        stored_after_s = time.monotonic() - ended_s
        used = {part: seconds - cpu.get(part, 0.0) for part, seconds in self._cpu().items()}
        counted = {
            "at_least_once": after.at_least_once - status.at_least_once,
            "stored_after_s": round(stored_after_s, 3),
            "queryable_s_p50": queryable_s[0],
            "queryable_s_p99": queryable_s[1],
        }
        verdict = asyncio.run(self._check(acknowledged))
        return _round(figures, verdict, used, counted)

    def pin(self, load: int) -> None:
        """Give every process its cores."""
        if self.cores is None:
            return
        assert self.product.process is not None
        supervisor = self.product.process.pid
        for pid in (supervisor, *descendants(supervisor)):
            pin(pid, self.cores.rest)
        pin(self.product.pids["gateway"], self.cores.gateway)
        pin(load, self.cores.load)

    def _cpu(self) -> dict[str, float]:
        assert self.product.process is not None
        return cpu_seconds_by_part(self.product.process.pid, self.product.pids)

    async def _stored(self) -> StoreStatus:
        end = await log_end(self.product.data, self.product.ports["nats"])
        async with open_store(self.product.data, self.product.ports["store"]) as store:
            return await wait_until_stored(store, end, _STORED_S_MAX)

    async def _check(self, acknowledged: Acknowledged) -> Verdict:
        async with open_store(self.product.data, self.product.ports["store"]) as store:
            return await check(store, acknowledged)


def main() -> int:
    """Measure, print, and say by the exit code whether the promise was kept."""
    options = _options()
    start_logging("benchmark", level="error")
    folder = Path(tempfile.mkdtemp(prefix="tram-bench-", dir=options.folder))
    try:
        reports = _measure_all(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    faults = _faults(reports)
    result = _summary(options, folder, reports, faults)
    if options.json:
        print(msgspec.json.encode(result).decode())
    else:
        _print_tables(result, reports)
    for fault in faults:
        print(f"benchmarks.ingest: {fault}", file=sys.stderr)
    return 1 if faults else 0


def _measure_all(options: argparse.Namespace, folder: Path) -> dict[str, Report]:
    rates = {"saturated": 0.0, "paced": options.rate}
    product = Product(folder / "data").start()
    try:
        seeded = product.seed_devices(options.clients * options.rounds * len(rates) + 1)
        prober = seeded.pop() if options.probe else None
        bench = Bench(product, folder, plan_cores() if options.pin else None)
        rounds: dict[str, list[Round]] = {name: [] for name in rates}
        for _ in range(options.rounds):
            for name, rate in rates.items():
                devices, seeded = seeded[: options.clients], seeded[options.clients :]
                plan = GeneratorPlan(
                    product.ports["mqtt"], options.seconds, options.window, rate, options.qos
                )
                rounds[name].append(bench.measure(plan, devices, prober))
                print(f"{name}: {rounds[name][-1]}", file=sys.stderr)
    finally:
        product.stop()
    return {name: _report(done) for name, done in rounds.items()}


def _round(
    figures: GeneratorFigures,
    verdict: Verdict,
    cpu_s: dict[str, float],
    counted: dict[str, Any],
) -> Round:
    messages = max(figures.acked, 1)
    per_message = {part: round(1e6 * s / messages, 3) for part, s in cpu_s.items()}
    others = sum(s for part, s in cpu_s.items() if part not in _OWN_FIGURE)
    return Round(
        messages_per_s=figures.messages_per_s,
        gateway_cpu_us_per_message=per_message["gateway"],
        nats_cpu_us_per_message=per_message["nats"],
        store_cpu_us_per_message=per_message["store"],
        others_cpu_us_per_message=round(1e6 * others / messages, 3),
        puback_ms_p50=figures.puback_ms_p50,
        puback_ms_p99=figures.puback_ms_p99,
        puback_ms_max=figures.puback_ms_max,
        lost=verdict.lost,
        doubled=verdict.doubled,
        revised=verdict.revised,
        load_cpu_share=figures.cpu_share,
        load_wait_share=figures.wait_share,
        gateway_cpu_share=round(cpu_s["gateway"] / max(figures.wall_s, 1e-9), 4),
        acked=figures.acked,
        unacked=figures.unacked,
        resent=figures.resent,
        late=figures.late,
        **counted,
    )


def _report(rounds: list[Round]) -> Report:
    columns = {name: [getattr(one, name) for one in rounds] for name in Round.__struct_fields__}
    median = {name: round(statistics.median(values), 3) for name, values in columns.items()}
    for name in _SUMMED:
        median[name] = sum(columns[name])
    spread = {name: round(max(values) - min(values), 3) for name, values in columns.items()}
    return Report(median, spread, rounds)


def _faults(reports: dict[str, Report]) -> list[str]:
    faults = []
    for name, report in reports.items():
        for word in ("lost", "doubled", "revised", "unacked"):
            count = report.median[word]
            if count:
                faults.append(f"{name}: {count:.0f} {word}")
        share = max(one.load_cpu_share for one in report.rounds)
        if share > LOAD_CPU_SHARE_MAX:
            faults.append(
                f"{name}: the load process used {share:.0%} of a core and was the bottleneck; "
                "the figures say nothing about the product"
            )
    return faults


def _summary(
    options: argparse.Namespace, folder: Path, reports: dict[str, Report], faults: list[str]
) -> dict[str, Any]:
    """Return everything; the figures of both loads stand at the top too."""
    summed = {name: sum(r.median[name] for r in reports.values()) for name in _SUMMED}
    return {
        **reports["saturated"].median,
        **summed,
        **{f"paced_{name}": value for name, value in reports["paced"].median.items()},
        "saturated": reports["saturated"],
        "paced": reports["paced"],
        "faults": faults,
        "conditions": {
            "seconds": options.seconds,
            "rounds": options.rounds,
            "clients": options.clients,
            "window": options.window,
            "rate": options.rate,
            "qos": options.qos,
            "cores": len(os.sched_getaffinity(0)),
            "pinned": options.pin,
            "sweep_compiled": load_library() is not None,
            "load_average_1_min": round(os.getloadavg()[0], 2),
            "filesystem": filesystem_of(folder.parent),
        },
    }


def _print_tables(result: dict[str, Any], reports: dict[str, Report]) -> None:
    table = Table(title="Ingest: median (spread)")
    table.add_column("figure")
    for name in reports:
        table.add_column(name, justify="right")
    for figure in Round.__struct_fields__:
        cells = [
            f"{report.median[figure]:,g} ({report.spread[figure]:,g})"
            for report in reports.values()
        ]
        table.add_row(figure, *cells)
    console = Console()
    console.print(table)
    console.print(", ".join(f"{k} {v}" for k, v in result["conditions"].items()))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ingest",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="sending time of one round")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each kind of load")
    parser.add_argument("--clients", type=int, default=2_000, help="devices that send at once")
    parser.add_argument("--window", type=int, default=1, help="unacknowledged messages of each")
    parser.add_argument("--rate", type=float, default=25_000, help="messages/s of the paced load")
    parser.add_argument("--qos", type=int, choices=(1, 2), default=1)
    parser.add_argument(
        "--probe", action="store_true", help="also measure publish to queryable; costs CPU"
    )
    parser.add_argument("--folder", type=Path, help="where the data folder is made (a real disk)")
    parser.add_argument("--no-pin", dest="pin", action="store_false", help="leave cores alone")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
