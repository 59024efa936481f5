"""How fast rules are judged, how soon an alarm is told, how long a restart takes.

``python -m benchmarks.rules --json``. CPU time is what a busy machine leaves comparable: readings per
second are per second of CPU of one core. The way of an alarm is measured from the moment a block is
handed to a real log (nats-server, every block synced) until a real HTTP server has been called; the
gateway's own share is measured by ``benchmarks.ingest``.
"""

import argparse
import asyncio
import ipaddress
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
from tests.nats_process import NatsProcess
from tests.provinces import QUANG_NGAI

from tram.domain.ids import DeviceId, OrgId
from tram.fleet.alarms import escalation_chains as chains
from tram.fleet.alarms.alarms import Alarms
from tram.fleet.alarms.escalation_chains import EscalationStep
from tram.fleet.alarms.notices.delivery import NoticeChannels, NoticeDispatcher
from tram.fleet.alarms.notices.webhook_client import WebhookCaller
from tram.fleet.alarms.raising.consumer import RulesConsumer
from tram.fleet.alarms.raising.transition_writer import TransitionWriter
from tram.fleet.alarms.views import Chain, NewRule, RuleContent, Webhook
from tram.fleet.block.block import EVENTS as EVENT_COLUMNS
from tram.fleet.block.block import MESSAGES, READINGS, Block, BlockHeader, decode_block
from tram.fleet.log.nats_connection import open_link
from tram.fleet.log.publisher import LogPublisher
from tram.fleet.log.reader import LogReader
from tram.fleet.log.streams import ensure_streams
from tram.fleet.rules.engine import RuleEngine
from tram.fleet.rules.kinds import AggregateWindow, Limit, Rate, Rule, RuleScope, Spec, Stuck
from tram.fleet.rules.snapshot import freeze, read_snapshot, write_snapshot
from tram.registry.kernel.changes import DevicePut, OrgPut
from tram.registry.kernel.set_aside import SetAsideEntry
from tram.registry.kernel.viewer import system_viewer
from tram.registry.kernel.views import NewOrganisation
from tram.registry.people.mail_server import MailServer
from tram.registry.registry import Registry
from tram.runtime.clock import SystemClock

__all__ = ("main",)

KEY = b"a key of thirty-two bytes, really"
NOW_MS = 1_795_000_000_000
ROWS_PER_BLOCK = 10_000
FIRING_EVERY = 100
SPECS: tuple[Spec, ...] = (
    Limit(metric="v", high=90.0, hysteresis=5.0),
    Rate(metric="v", op="outside", high=80.0, low=-80.0, per_s=60),
    Stuck(metric="v", for_s=3_600),
    AggregateWindow(metric="v", high=88.0, window_s=300, least=3),
    Limit(metric="v", op="below", low=-50.0, dwell_s=60),
)


def block_of(devices: np.ndarray, values: np.ndarray, at_ms: int) -> Block:
    """Return a block with one reading of the metric ``v`` per device."""
    count = len(devices)
    zeros = np.zeros(count, np.uint8)
    readings = pa.Table.from_arrays(
        [
            pa.array(np.arange(count, dtype=np.uint32)),
            pa.DictionaryArray.from_arrays(np.zeros(count, np.int32), ["v"]),
            pa.array(np.full(count, at_ms)),
            pa.array(zeros),
            pa.array(values),
            pa.nulls(count, pa.int64()),
            pa.nulls(count, pa.utf8()),
            pa.array(zeros),
            pa.array(zeros),
        ],
        schema=READINGS,
    )
    messages = MESSAGES.empty_table()
    columns = [pa.array(devices, pa.int64())]
    for field in list(MESSAGES)[1:]:
        empty = pa.array([""] * count) if field.type == pa.utf8() else pa.array(zeros)
        columns.append(empty.cast(field.type))
    messages = pa.Table.from_arrays(columns, schema=MESSAGES)
    header = BlockHeader("bench00000000000", 1, at_ms)
    return Block(header, readings, messages, EVENT_COLUMNS.empty_table())


def engine_of(series: int, specs: tuple[Spec, ...]) -> RuleEngine:
    """Return an engine with one device per series."""
    engine = RuleEngine()
    puts = [DevicePut(number, 1, None, "energy", 1) for number in range(1, series + 1)]
    engine.set_facts(1, [OrgPut(1, [1]), *puts])
    engine.set_rules(
        [
            Rule(id=number, version=1, org=1, spec=spec, scope=RuleScope())
            for number, spec in enumerate(specs, 1)
        ]
    )
    return engine


def throughput(series: int, rounds: int) -> dict[str, float]:
    """Judge every series ``rounds`` times; 1 % of the readings raise or end something."""
    engine = engine_of(series, SPECS)
    rng = np.random.default_rng(1)
    devices = np.arange(1, series + 1)
    used = said = readings = 0
    used_s = 0.0
    for turn in range(rounds + 2):
        values = rng.uniform(40, 60, series)
        values[rng.integers(0, series, series // FIRING_EVERY)] = 95.0
        for start in range(0, series, ROWS_PER_BLOCK):
            some = slice(start, start + ROWS_PER_BLOCK)
            block = block_of(devices[some], values[some], NOW_MS + turn * 60_000 + start // 1000)
            before_s = time.process_time()
            found = engine.apply(used, block)
            if turn >= 2:
                used_s += time.process_time() - before_s
                said += len(found)
                readings += len(values[some])
            used += 1
    return {
        "readings_per_s_per_core": round(readings / used_s),
        "series": series,
        "rules_per_series": len(SPECS),
        "transitions_share": round(said / readings, 4),
    }


def restart(states: int, folder: Path) -> dict[str, float]:
    """Write a snapshot of so many series, read it back and judge a first block."""
    engine = engine_of(states, (SPECS[0],))
    devices = np.arange(1, states + 1)
    for start in range(0, states, 100_000):
        some = slice(start, start + 100_000)
        engine.apply(1 + start, block_of(devices[some], np.full(len(devices[some]), 50.0), NOW_MS))
    start_s, cpu_s = time.monotonic(), time.process_time()
    write_snapshot(folder, freeze(engine, 1))
    written_s = time.monotonic() - start_s
    start_s, cpu_s = time.monotonic(), time.process_time()
    found = read_snapshot(folder)
    assert found is not None
    found[0].apply(states + 2, block_of(devices[:1000], np.full(1000, 95.0), NOW_MS + 1_000))
    return {
        "restart_s": round(time.monotonic() - start_s, 2),
        "restart_cpu_s": round(time.process_time() - cpu_s, 2),
        "snapshot_write_s": round(written_s, 2),
        "snapshot_mb": round((folder / "rules.snapshot").stat().st_size / 1e6, 1),
        "states": states,
    }


class _Ports:
    """The consumer's neighbours."""

    def __init__(self, log: LogReader, registry: Registry, alarms: Alarms) -> None:
        self.log, self.changes, self._alarms = log, registry.outbox, alarms

    async def rules(self) -> tuple[int, list[Rule]]:
        """Return the rules that are on."""
        return await self._alarms.rules.active()

    async def mark(self, epoch: int, seq: int) -> None:
        """Leave the log alone."""

    async def set_aside(self, entry: SetAsideEntry, error: Exception) -> None:
        """Nothing here may raise."""
        raise RuntimeError(entry.key) from error


class _Ears:
    """A web server that notes when each alarm was told of."""

    def __init__(self) -> None:
        self.heard: dict[int, float] = {}

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one call."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(
            int(line.split(":")[1])
            for line in head.splitlines()
            if line.lower().startswith("content-length")
        )
        body = json.loads(await reader.readexactly(length))
        if body["kind"] == "alarm":
            self.heard.setdefault(body["device_id"], time.monotonic())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


async def way(seconds: int, rate: int, folder: Path) -> dict[str, float]:
    """Publish ``rate`` messages a second; every tenth block breaks a limit for one device."""
    clock = SystemClock()
    nats = NatsProcess(folder)
    nats.start()
    link = await open_link(nats.access("ops"), "ops")
    await ensure_streams(link, 1 << 30, clock)
    registry = await Registry.open(
        f"sqlite+aiosqlite:///{folder / 'r.db'}", clock, KEY, QUANG_NGAI
    )
    viewer = system_viewer(await registry.seed_base())
    alarms = Alarms(registry.database, clock, KEY)
    ears = _Ears()
    server = await asyncio.start_server(ears.answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    devices = await _cast(registry, viewer, alarms, port)
    consumer = RulesConsumer(
        folder,
        _Ports(LogReader(link), registry, alarms),
        TransitionWriter(registry.database, clock),
        clock,
    )
    networks = (ipaddress.ip_network("127.0.0.0/8"),)
    outbox = NoticeDispatcher(
        registry.database,
        clock,
        NoticeChannels(MailServer("", 25, "x@y"), WebhookCaller(clock, KEY, networks), ""),
    )
    consumer.wake = outbox.wake
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(consumer.run()), group.create_task(outbox.run())]
        await asyncio.sleep(3)
        sent = await _publish(
            LogPublisher(link, "bench00000000000", clock), devices, (seconds, rate)
        )
        await asyncio.sleep(5)
        for task in tasks:
            task.cancel()
    waits = [1000 * (ears.heard[d] - at) for d, at in sent.items() if d in ears.heard]
    server.close()
    await registry.close()
    await link.close()
    nats.kill()
    return {
        "alarm_ms_p50": round(statistics.median(waits), 1),
        "alarm_ms_p99": round(statistics.quantiles(waits, n=100)[98], 1),
        "alarms_told": len(waits),
        "alarms_raised": len(sent),
        "messages_per_s": rate,
    }


async def _cast(registry: Registry, viewer, alarms: Alarms, port: int) -> np.ndarray:  # noqa: ANN001  # the system
    org = (
        await registry.organisations.create(
            viewer, NewOrganisation(parent=viewer.org, kind="enterprise", name="Bench", code="B")
        )
    ).id
    made: list[int] = []
    await registry.seed_devices(
        viewer,
        20_000,
        org=OrgId(org),
        sink=lambda some: made.extend(DeviceId(s.id) for s in some),
    )
    chains.FLOOD_MAX = len(made)  # every alarm is told, none held back
    new_hook = Webhook(name="ears", url=f"http://127.0.0.1:{port}/x")
    steps = [EscalationStep(webhooks=[await alarms.setup.add_webhook(viewer, new_hook)])]
    chain = await alarms.setup.add_chain(viewer, Chain(name="bench", steps=steps))
    for number, spec in enumerate(SPECS):
        new = NewRule(
            name=f"bench {number}", severity="major", content=RuleContent(spec=spec),
            enabled=True, chain=chain if number == 0 else None,
        )  # fmt: skip
        await alarms.rules.create(viewer, new)
    return np.array(made)


async def _publish(
    publisher: LogPublisher, devices: np.ndarray, load: tuple[int, int]
) -> dict[int, float]:
    seconds, rate = load
    per_block = rate // 50
    sent: dict[int, float] = {}
    encode = _encoder()
    start_s = time.monotonic()
    victims = iter(devices[-5_000:].tolist())
    for number in range(seconds * 50):
        wait_s = start_s + number * 0.02 - time.monotonic()
        if wait_s > 0:
            await asyncio.sleep(wait_s)
        some = devices[(number * per_block) % 15_000 :][:per_block].copy()
        values = np.full(len(some), 50.0)
        if number % 10 == 0:
            some[0], values[0] = next(victims), 99.0
            sent[int(some[0])] = time.monotonic()
        await publisher.put(number + 1, encode(some, values, number + 1))
    return sent


def _encoder() -> Callable[[np.ndarray, np.ndarray, int], bytes]:
    import struct  # noqa: PLC0415  # the block's own header, written here in columns

    def stream(table: pa.Table) -> bytes:
        if not table.num_rows:
            return b""
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(
            sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")
        ) as writer:
            writer.write_table(table)
        return bytes(sink.getvalue().to_pybytes())

    def encode(devices: np.ndarray, values: np.ndarray, number: int) -> bytes:
        at_ms = time.time_ns() // 1_000_000
        block = block_of(devices, values, at_ms)
        parts = [stream(block.readings), stream(block.messages), b""]
        head = struct.pack(
            "<8s16sQq3I", b"TRAMBLK1", b"bench00000000000", number, at_ms, *map(len, parts)
        )
        return head + b"".join(parts)

    decode_block(encode(np.array([1]), np.array([1.0]), 1))
    return encode


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--series", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--states", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--rate", type=int, default=20_000)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    engine_of(1, SPECS).apply(1, block_of(np.array([1]), np.array([1.0]), NOW_MS))  # compile
    figures: dict[str, float] = throughput(asked.series, asked.rounds)
    with tempfile.TemporaryDirectory() as folder:
        figures |= restart(asked.states, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        figures |= asyncio.run(way(asked.seconds, asked.rate, Path(folder)))
    if asked.json:
        print(msgspec.json.encode(figures).decode())
    else:
        for name, value in figures.items():
            print(f"{name:28}{value:>14}")


if __name__ == "__main__":
    main()
