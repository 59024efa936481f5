"""The store at size: bytes per reading, replay from the log, questions warm and cold, an export.

A log is filled with what a year of a province would send (``history_data``); then the product's own
store reads it from a real nats-server, with rollups, ledger and newest values on. Questions go
through the port as the web process asks them. Cold means: the store was started anew and the
kernel's cache of its files was dropped.
"""

import argparse
import asyncio
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table
from tests.nats_process import NatsProcess

from benchmarks.cpu import cpu_seconds
from benchmarks.history_data import END_MS, METRICS, ORG, blocks, group, planned_rows
from benchmarks.machine import filesystem_of
from benchmarks.memory import PeakMemory
from benchmarks.store_process import KEY
from tram.fleet.log.nats_connection import NatsAccess, open_link
from tram.fleet.log.streams import BLOCK_SUBJECT, ensure_streams
from tram.fleet.store.engine.engine import ChdbEngine
from tram.fleet.store.engine.tables import READINGS
from tram.fleet.store.queries.questions import (
    Aggregates,
    Completeness,
    LatestColumns,
    ReadingRows,
    Selection,
    TimeSpan,
)
from tram.fleet.store.serving.client import StoreClient
from tram.fleet.store.views import StoreStatus
from tram.registry.kernel.viewer import Scope, Viewer
from tram.runtime.clock import SystemClock
from tram.runtime.errors import Unavailable
from tram.runtime.processes.process import free_port

__all__ = ("main",)

_DAY_MS = 86_400_000
_LOG_BYTES_MAX = 6 << 30
_AHEAD = 256
"""Blocks sent before the first must be confirmed."""
_STORED_S_MAX = 7_200.0
_MERGES_S_MAX = 1_800.0
_ROUNDS = 7
_EXPORT_ROWS = 10_000_000
_BUSY_SQL = """
    SELECT (SELECT count() FROM system.merges) + (
        SELECT count() FROM (
            SELECT partition_id FROM system.parts
            WHERE active AND database = 'tram' AND table LIKE 'rollup%'
            GROUP BY table, partition_id HAVING count() > 1
        )
    ) AS n
"""
VIEWER = Viewer(1, ORG, "benchmark", (Scope(ORG, None, None, frozenset({"device.read"})),))


class StoreUnderTest:
    """The product's store in its own process."""

    def __init__(self, folder: Path, access: NatsAccess) -> None:
        self.folder = folder
        self._access = access
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @property
    def pid(self) -> int:
        """Return the process's number."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it; ``answers`` says when it listens."""
        self.port = free_port()
        command = [sys.executable, "-m", "benchmarks.store_process", str(self.folder)]
        command += ["--nats", self._access.url, "--seed", self._access.seed]
        command += ["--port", str(self.port)]
        self._process = subprocess.Popen(command)

    def stop(self) -> None:
        """Stop it in good order."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(120)
            self._process = None

    def client(self) -> StoreClient:
        """Return a client of its port."""
        return StoreClient(f"http://127.0.0.1:{self.port}", KEY)

    async def status(self) -> StoreStatus:
        """Return where it stands, waiting until it listens."""
        client = self.client()
        try:
            while True:
                try:
                    return await client.status()
                except Unavailable:
                    assert self._process is not None
                    if self._process.poll() is not None:
                        raise RuntimeError("the store ended") from None
                    await asyncio.sleep(0.2)
        finally:
            await client.close()


async def fill(access: NatsAccess, readings: int) -> int:
    """Write the blocks into the log; return how many."""
    link = await open_link(access, "ops")
    try:
        await ensure_streams(link, _LOG_BYTES_MAX, SystemClock())
        subject = f"{BLOCK_SUBJECT}.benchmark0000001"
        waiting: list[Awaitable[Any]] = []
        count = 0
        for payload in blocks(readings):
            waiting.append(await link.jetstream.publish_async(subject, payload))
            count += 1
            if len(waiting) >= _AHEAD:
                await asyncio.gather(*waiting)
                waiting = []
        await asyncio.gather(*waiting)
    finally:
        await link.close()
    return count


async def replay(store: StoreUnderTest, last: int) -> dict[str, float]:
    """Let the store read the whole log; return how fast and at what cost."""
    store.start()
    status = await store.status()
    started_s, cpu_s = time.monotonic(), cpu_seconds(store.pid)
    deadline_s = started_s + _STORED_S_MAX
    while status.checkpoint_seq < last or status.rolled_seq < last:
        if time.monotonic() > deadline_s:
            raise RuntimeError("the store did not read the log in time")
        await asyncio.sleep(0.5)
        status = await store.status()
    wall_s = time.monotonic() - started_s
    cpu_s = cpu_seconds(store.pid) - cpu_s
    return {
        "readings": status.rows,
        "replay_readings_per_s": round(status.rows / wall_s),
        "replay_cpu_us_per_reading": round(1e6 * cpu_s / status.rows, 3),
        "replay_s": round(wall_s, 1),
    }


async def merges_idle(client: StoreClient) -> float:
    """Wait until nothing merges and every past period of a rollup is one part; return how long."""
    started_s, quiet = time.monotonic(), 0
    while quiet < 10 and time.monotonic() - started_s < _MERGES_S_MAX:  # ten looks
        found = await client.sql(_BUSY_SQL)
        quiet = 0 if found["n"][0].as_py() else quiet + 1
        await asyncio.sleep(0.5)
    return round(time.monotonic() - started_s, 1)


async def sizes(client: StoreClient) -> dict[str, Any]:
    """Return bytes per row of the tables on disk."""
    found = await client.sql(
        "SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, count() AS parts"
        " FROM system.parts WHERE active AND database = 'tram' GROUP BY table"
    )
    tables = {line.pop("table"): line for line in found.to_pylist()}
    readings = tables["readings"]
    rollups = sum(
        tables[f"rollup_{step}"]["bytes"] for step in ("hour", "day") if f"rollup_{step}" in tables
    )
    columns = await client.sql(
        "SELECT column, sum(column_data_compressed_bytes) / sum(rows) AS bytes"
        " FROM system.parts_columns WHERE active AND table = 'readings' AND database = 'tram'"
        " GROUP BY column ORDER BY bytes DESC"
    )
    return {
        "bytes_per_reading": round(readings["bytes"] / readings["rows"], 3),
        "rollup_bytes_per_reading": round(rollups / readings["rows"], 3),
        "parts_of_readings": readings["parts"],
        "rows": {name: table["rows"] for name, table in sorted(tables.items())},
        "bytes_by_column": {
            line["column"]: round(line["bytes"], 3) for line in columns.to_pylist()
        },
    }


def questions(client: StoreClient, readings: int) -> dict[str, Callable[[], Awaitable[int]]]:
    """Return the questions of the table by name; each returns how much was answered."""
    month = TimeSpan(END_MS - 30 * _DAY_MS, END_MS)
    year = TimeSpan(END_MS - 365 * _DAY_MS, END_MS)
    first_of_year, first_of_month = group("year", readings).first, group("month", readings).first
    thousand = list(range(first_of_month, first_of_month + 1_000))

    async def latest() -> int:
        return (await client.ask(VIEWER, LatestColumns())).num_rows

    async def year_hourly() -> int:
        one = Selection(metric=METRICS[0], device=first_of_year)
        return len(await client.ask(VIEWER, Aggregates(one, year, step="hour")))

    async def hour_mean() -> int:
        many = Selection(metric=METRICS[0], devices=thousand)
        return len(await client.ask(VIEWER, Aggregates(many, month, step="hour")))

    async def completeness() -> int:
        devices = list(range(first_of_month, first_of_month + 1_250))
        found = await client.ask(
            VIEWER, Completeness(Selection(devices=devices), month, by="series")
        )
        return len(found)

    return {
        "latest_100k_ms": latest,
        "year_hourly_ms": year_hourly,
        "hour_mean_1000_devices_ms": hour_mean,
        "completeness_10k_ms": completeness,
    }


async def ask(store: StoreUnderTest, readings: int) -> dict[str, float]:
    """Ask every question cold, then warm: the median of seven."""
    result: dict[str, float] = {}
    for name in questions(store.client(), readings):
        store.stop()
        drop_cache(store.folder)
        store.start()
        await store.status()
        client = store.client()
        question = questions(client, readings)[name]
        result[f"{name}_cold"] = (await _timed(question))[0]
        warm = [await _timed(question) for _ in range(_ROUNDS)]
        result[name] = round(statistics.median(one for one, _ in warm), 2)
        result[name.replace("_ms", "_lines")] = warm[0][1]
        await client.close()
    return result


async def _timed(question: Callable[[], Awaitable[int]]) -> tuple[float, int]:
    started = time.perf_counter()
    lines = await question()
    return round(1000 * (time.perf_counter() - started), 2), lines


def export(store: StoreUnderTest, folder: Path, readings: int) -> dict[str, float]:
    """Write ten million rows as a client would; return time and greatest memory of both sides."""
    plan = group("year", readings)
    per_day = plan.devices * plan.steps * len(METRICS) / plan.days
    days = min(plan.days, _EXPORT_ROWS / per_day)
    span = TimeSpan(END_MS - plan.days * _DAY_MS, END_MS - int((plan.days - days) * _DAY_MS))
    devices = list(range(plan.first, plan.first + plan.devices))
    client = store.client()
    target = folder / "export.parquet"
    rows = 0
    with PeakMemory(os.getpid()) as mine, PeakMemory(store.pid) as its:
        started = time.perf_counter()
        batches: Iterator[pa.RecordBatch] = client.stream(
            VIEWER, ReadingRows(Selection(devices=devices), span)
        )
        writer = None
        for batch in batches:
            writer = writer or pq.ParquetWriter(target, batch.schema, compression="zstd")
            writer.write_batch(batch)
            rows += batch.num_rows
        if writer is not None:
            writer.close()
        wall_s = time.perf_counter() - started
    asyncio.run(client.close())
    return {
        "export_rows": rows,
        "export_parquet_s": round(wall_s, 2),
        "export_10m_rows_parquet_s": round(wall_s * _EXPORT_ROWS / max(rows, 1), 2),
        "export_memory_mb": round(mine.grown_mb, 1),
        "export_store_memory_mb": round(its.grown_mb, 1),
        "export_all_memory_mb": round(mine.grown_mb + its.grown_mb, 1),
        "export_file_mb": round(target.stat().st_size / 1e6, 1),
    }


def by_nature(folder: Path) -> dict[str, float]:
    """Copy the smooth and the noisy series apart and return the bytes per reading of each."""
    engine = ChdbEngine(folder, 3_600)
    result = {}
    try:
        engine.command("SET enable_alp_codec = 1")
        for nature in ("smooth", "noisy"):
            table = READINGS._replace(name=f"only_{nature}")
            engine.command(table.ddl())
            names = "(SELECT series FROM tram.series WHERE metric LIKE {nature:String})"
            sql = f"INSERT INTO {table.full_name} SELECT * FROM tram.readings"
            engine.work(f"{sql} WHERE series IN {names}", {"nature": f"{nature}%"})
            engine.work(f"OPTIMIZE TABLE {table.full_name} FINAL", {})
            found = engine.query(
                "SELECT sum(bytes_on_disk) / sum(rows) AS b FROM system.parts"
                " WHERE active AND table = {name:String}",
                {"name": table.name},
            )
            result[f"bytes_per_reading_{nature}"] = round(found["b"][0].as_py(), 3)
            engine.command(f"DROP TABLE {table.full_name}")
    finally:
        engine.close()
    return result


def drop_cache(folder: Path) -> None:
    """Ask the kernel to forget the pages of every file below a folder."""
    for path in folder.rglob("*"):
        if path.is_file():
            with contextlib.suppress(FileNotFoundError):
                file = os.open(path, os.O_RDONLY)
                os.fdatasync(file)
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
                os.close(file)


def measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Run the whole benchmark in a folder."""
    nats = NatsProcess(folder)
    nats.start()
    store = StoreUnderTest(folder / "store", nats.access("store"))
    try:
        started_s = time.monotonic()
        count = asyncio.run(fill(nats.access("ops"), options.readings))
        note(f"log filled: {count} blocks in {time.monotonic() - started_s:.0f} s")
        result: dict[str, Any] = {"blocks": count, "planned": planned_rows(options.readings)}
        result |= asyncio.run(replay(store, count))
        note(str(result))
        result |= asyncio.run(_at_rest(store))
        note(str(result))
        result |= asyncio.run(ask(store, options.readings))
        note(str(result))
        result |= export(store, folder, options.readings)
    finally:
        store.stop()
        nats.kill()
    return result | by_nature(folder / "store")


async def _at_rest(store: StoreUnderTest) -> dict[str, Any]:
    client = store.client()
    waited_s = await merges_idle(client)
    result = await sizes(client)
    await client.close()
    return result | {"merges_waited_s": waited_s}


def note(text: str) -> None:
    """Say how far it is, beside the result."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--readings", type=int, default=10_000_000)
    parser.add_argument("--folder", type=Path, help="where the data is made (a real disk)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="tram-store-bench-", dir=options.folder))
    try:
        result = measure(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result["conditions"] = {
        "cores": len(os.sched_getaffinity(0)),
        "load_average_1_min": round(os.getloadavg()[0], 2),
        "filesystem": filesystem_of(folder.parent),
    }
    if options.json:
        print(msgspec.json.encode(result).decode())
    else:
        table = Table("figure", "value")
        for name, value in result.items():
            table.add_row(name, str(value))
        Console().print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
