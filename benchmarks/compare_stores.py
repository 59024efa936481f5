"""The same readings and questions in Trạm's store, InfluxDB 1.6 and PostgreSQL 15, in one run.

Each gets the same columns of what a reading is (series, time, value, status); Trạm keeps its other
columns too. InfluxDB: line protocol, one measurement, tags device and metric. PostgreSQL: one table
with an index on (series, time), loaded by COPY. Questions are asked warm, the median of five, by
each one's usual client. Needs ``influxd`` and PostgreSQL (``apt-get install influxdb postgresql``).
"""

import argparse
import asyncio
import csv
import io
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import httpx
import msgspec
import numpy as np
from tests.nats_process import NatsProcess

from benchmarks.history_data import END_MS, METRICS, blocks, group
from benchmarks.machine import filesystem_of
from benchmarks.store import VIEWER, StoreUnderTest, fill, merges_idle, replay, sizes
from tram.fleet.block.block import decode_block
from tram.fleet.store.queries.questions import (
    Aggregates,
    Completeness,
    LatestColumns,
    Selection,
    TimeSpan,
)
from tram.runtime.processes.process import free_port

__all__ = ("main",)

_DAY_MS = 86_400_000
_ROUNDS = 5
_YEAR = TimeSpan(END_MS - 365 * _DAY_MS, END_MS)
_MONTH = TimeSpan(END_MS - 30 * _DAY_MS, END_MS)
_BATCH_LINES = 20_000
QUESTIONS = (
    "latest_100k_ms",
    "year_hourly_ms",
    "hour_mean_1000_devices_ms",
    "completeness_10k_ms",
)
_POSTGRES = Path("/usr/lib/postgresql/15/bin")


class Peer(Protocol):
    """One store: loaded, measured, asked."""

    def load(self, readings: int) -> None:
        """Take all readings."""
        ...

    def bytes_on_disk(self) -> int:
        """Return what they take when at rest."""
        ...

    def ask(self, question: str, readings: int) -> int:
        """Answer a question; return how many lines that were."""
        ...


def columns(readings: int) -> Iterator[tuple[np.ndarray[Any, Any], ...]]:
    """Yield device, metric place, time, value and status of each block's readings."""
    for payload in blocks(readings):
        block = decode_block(payload)
        rows = block.readings
        device = block.messages["device"].to_numpy()[rows["message"].to_numpy()]
        place = rows["metric"].combine_chunks()
        words = place.dictionary.to_pylist()
        metric = np.array([METRICS.index(word) for word in words])[place.indices.to_numpy()]
        time_ms = rows["observed_at_ms"].to_numpy()
        yield device, metric, time_ms, rows["f"].to_numpy(), rows["status"].to_numpy()


class Influx:
    """InfluxDB 1.6 with its defaults, on a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "influx"
        self._data.mkdir()
        port, rpc = free_port(), free_port()
        settings = folder / "influx.conf"
        settings.write_text(
            f"""reporting-disabled = true
bind-address = "127.0.0.1:{rpc}"
[meta]
dir = "{self._data}/meta"
[data]
dir = "{self._data}/data"
wal-dir = "{self._data}/wal"
max-series-per-database = 0
max-values-per-tag = 0
query-log-enabled = false
[http]
bind-address = "127.0.0.1:{port}"
log-enabled = false
[monitor]
store-enabled = false
[logging]
level = "error"
"""
        )
        self._process = subprocess.Popen(
            ["influxd", "-config", str(settings)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", timeout=600, trust_env=False
        )
        wait(lambda: self._http.get("/ping").status_code == 204)  # its answer
        self._http.post("/query", params={"q": "CREATE DATABASE tram"})

    def load(self, readings: int) -> None:
        """Write line protocol in batches."""
        lines: list[str] = []
        for device, metric, at, value, status in columns(readings):
            lines += [
                f"r,device={d},metric={METRICS[m]} v={v},s={s}i {t}"
                for d, m, t, v, s in zip(
                    device.tolist(),
                    metric.tolist(),
                    at.tolist(),
                    value.tolist(),
                    status.tolist(),
                    strict=True,
                )
            ]
            if len(lines) >= _BATCH_LINES:
                self._write(lines)
                lines = []
        self._write(lines)

    def bytes_on_disk(self) -> int:
        """Return the size of its files, once it compacts no more."""
        before = -1
        while (now := tree_bytes(self._data)) != before:
            before = now
            time.sleep(10)
        return now

    def ask(self, question: str, readings: int) -> int:
        """Answer by InfluxQL."""
        first = group("month", readings).first
        devices, more = (
            f"/^({'|'.join(str(d) for d in range(first, first + many))})$/"
            for many in (1000, 1250)
        )
        month = f"time >= {_MONTH.start_ms}ms and time < {_MONTH.end_ms}ms"
        year = f"time >= {_YEAR.start_ms}ms and time < {_YEAR.end_ms}ms"
        metric = f"metric = '{METRICS[0]}'"
        text = {
            "latest_100k_ms": "SELECT last(v) FROM r GROUP BY device, metric",
            "year_hourly_ms": f"SELECT mean(v), min(v), max(v) FROM r WHERE device = '1' AND {metric}"
            f" AND {year} GROUP BY time(1h) fill(none)",
            "hour_mean_1000_devices_ms": f"SELECT mean(v), min(v), max(v) FROM r WHERE {metric}"
            f" AND device =~ {devices} AND {month} GROUP BY time(1h) fill(none)",
            "completeness_10k_ms": f"SELECT count(v) FROM r WHERE device =~ {more} AND {month}"
            " GROUP BY device, metric",
        }[question]
        answer = self._http.post("/query", data={"q": text, "db": "tram", "epoch": "ms"})
        series = answer.json()["results"][0].get("series", [])
        return sum(len(one["values"]) for one in series)

    def close(self) -> None:
        """Stop it."""
        self._http.close()
        self._process.terminate()
        self._process.wait(60)

    def _write(self, lines: list[str]) -> None:
        if lines:
            params = {"db": "tram", "precision": "ms"}
            answer = self._http.post("/write", params=params, content="\n".join(lines).encode())
            answer.raise_for_status()


class Postgres:
    """PostgreSQL 15 with 1 GB of shared buffers, on a folder of its own, run by its own user."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "postgres"
        self._data.mkdir()
        self._port = free_port()
        folder.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(self._data, "postgres", "postgres")
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", "bench")
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c shared_buffers=1GB"
        options += f" -c max_wal_size=8GB -c unix_socket_directories={self._data}"
        self._run(
            "pg_ctl",
            "-D",
            str(self._data),
            "-w",
            "-o",
            options,
            "-l",
            f"{self._data}/log",
            "start",
        )
        self._loop = asyncio.new_event_loop()
        self._link = self._loop.run_until_complete(
            asyncpg.connect(host="127.0.0.1", port=self._port, user="bench", database="postgres")
        )

    def load(self, readings: int) -> None:
        """Copy everything, then index it."""
        self._do(
            "CREATE TABLE r (device int, metric smallint, t timestamptz, v float8, s smallint)"
        )
        buffer, writer, waiting = io.StringIO(), None, 0
        for block in columns(readings):
            writer = writer or csv.writer(buffer)
            moments = np.array(block[2], "datetime64[ms]").astype(str)
            parts = (
                block[0].tolist(),
                block[1].tolist(),
                moments.tolist(),
                block[3].tolist(),
                block[4].tolist(),
            )
            writer.writerows(zip(*parts, strict=True))
            waiting += len(moments)
            if waiting >= 10 * _BATCH_LINES:
                self._copy(buffer)
                buffer, writer, waiting = io.StringIO(), None, 0
        self._copy(buffer)
        self._do("CREATE INDEX ON r (device, metric, t)")
        self._do("VACUUM ANALYZE r")

    def bytes_on_disk(self) -> int:
        """Return table and index."""
        return int(
            self._loop.run_until_complete(
                self._link.fetchval("SELECT pg_total_relation_size('r')")
            )
        )

    def ask(self, question: str, readings: int) -> int:
        """Answer by SQL."""
        first = group("month", readings).first
        month = f"t >= to_timestamp({_MONTH.start_ms / 1000}) AND t < to_timestamp({_MONTH.end_ms / 1000})"
        year = f"t >= to_timestamp({_YEAR.start_ms / 1000}) AND t < to_timestamp({_YEAR.end_ms / 1000})"
        hourly = "SELECT date_trunc('hour', t) h, avg(v), min(v), max(v) FROM r WHERE"
        text = {
            "latest_100k_ms": "SELECT d.device, d.metric, l.t, l.v FROM (SELECT device, metric FROM"
            " generate_series(1, 12500) device, generate_series(0, 7) metric) d, LATERAL (SELECT t, v"
            " FROM r WHERE r.device = d.device AND r.metric = d.metric ORDER BY t DESC LIMIT 1) l",
            "year_hourly_ms": f"{hourly} device = 1 AND metric = 0 AND {year} GROUP BY h ORDER BY h",
            "hour_mean_1000_devices_ms": f"{hourly} metric = 0 AND device BETWEEN {first} AND"
            f" {first + 999} AND {month} GROUP BY h ORDER BY h",
            "completeness_10k_ms": "SELECT device, metric, count(*) FROM r WHERE device BETWEEN"
            f" {first} AND {first + 1249} AND {month} GROUP BY device, metric",
        }[question]
        return len(self._loop.run_until_complete(self._link.fetch(text)))

    def close(self) -> None:
        """Stop it."""
        self._loop.run_until_complete(self._link.close())
        self._loop.close()
        self._run("pg_ctl", "-D", str(self._data), "-m", "fast", "stop")

    def _copy(self, buffer: io.StringIO) -> None:
        source = io.BytesIO(buffer.getvalue().encode())
        self._loop.run_until_complete(self._link.copy_to_table("r", source=source, format="csv"))

    def _do(self, text: str) -> None:
        self._loop.run_until_complete(self._link.execute(text))

    @staticmethod
    def _run(program: str, *arguments: str) -> None:
        command = [str(_POSTGRES / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


class Tram:
    """The product's store on its log, asked through its port."""

    def __init__(self, folder: Path) -> None:
        self._nats = NatsProcess(folder)
        self._nats.start()
        self._store = StoreUnderTest(folder / "store", self._nats.access("store"))
        self._loop = asyncio.new_event_loop()

    def load(self, readings: int) -> None:
        """Fill the log and let the store read it."""
        run = self._loop.run_until_complete
        count = run(fill(self._nats.access("ops"), readings))
        run(replay(self._store, count))
        self._client = self._store.client()
        run(merges_idle(self._client))

    def bytes_on_disk(self) -> int:
        """Return readings and rollups together."""
        found = self._loop.run_until_complete(sizes(self._client))
        each = found["bytes_per_reading"] + found["rollup_bytes_per_reading"]
        return round(each * found["rows"]["readings"])

    def ask(self, question: str, readings: int) -> int:
        """Answer by the store's client."""
        first = group("month", readings).first
        metric, client = METRICS[0], self._client
        one = Selection(metric=metric, device=1)
        thousand = Selection(metric=metric, devices=list(range(first, first + 1000)))
        many = Selection(devices=list(range(first, first + 1250)))

        async def answer() -> int:
            """Ask one question."""
            if question == "latest_100k_ms":
                return (await client.ask(VIEWER, LatestColumns())).num_rows
            if question == "year_hourly_ms":
                return len(await client.ask(VIEWER, Aggregates(one, _YEAR, step="hour")))
            if question == "hour_mean_1000_devices_ms":
                return len(await client.ask(VIEWER, Aggregates(thousand, _MONTH, step="hour")))
            return len(await client.ask(VIEWER, Completeness(many, _MONTH, by="series")))

        return self._loop.run_until_complete(answer())

    def close(self) -> None:
        """Stop everything."""
        self._loop.run_until_complete(self._client.close())
        self._loop.close()
        self._store.stop()
        self._nats.kill()


def measure(peer: Peer, readings: int) -> dict[str, Any]:
    """Load one store and ask it everything."""
    started = time.perf_counter()
    peer.load(readings)
    result: dict[str, Any] = {"load_s": round(time.perf_counter() - started, 1)}
    result["bytes_per_reading"] = round(peer.bytes_on_disk() / readings, 2)
    for question in QUESTIONS:
        result[question.replace("_ms", "_lines")] = peer.ask(question, readings)
        times = []
        for _ in range(_ROUNDS):
            started = time.perf_counter()
            peer.ask(question, readings)
            times.append(1000 * (time.perf_counter() - started))
        result[question] = round(statistics.median(times), 1)
    return result


def tree_bytes(folder: Path) -> int:
    """Return the size of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def wait(is_ready: Callable[[], bool]) -> None:
    """Wait until a server answers.

    Raises:
        RuntimeError: after a minute.
    """
    for _ in range(600):
        try:
            if is_ready():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError("a server did not start")


def main() -> int:
    """Measure all three and print one object."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.compare_stores", description=__doc__
    )
    parser.add_argument("--readings", type=int, default=100_000_000)
    parser.add_argument("--folder", type=Path, help="where the data is made (a real disk)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    result: dict[str, Any] = {"readings": options.readings}
    peers: dict[str, Callable[[Path], Any]] = {
        "tram": Tram,
        "influxdb": Influx,
        "postgresql": Postgres,
    }
    for name, make in peers.items():
        folder = Path(tempfile.mkdtemp(prefix=f"tram-{name}-", dir=options.folder))
        peer = make(folder)
        try:
            result[name] = measure(peer, options.readings)
        finally:
            peer.close()
            shutil.rmtree(folder, ignore_errors=True)
        print(name, result[name], file=sys.stderr, flush=True)
    for name in ("influxdb", "postgresql"):
        result[f"times_better_than_{name}"] = {
            figure: round(result[name][figure] / result["tram"][figure], 1)
            for figure in ("bytes_per_reading", *QUESTIONS)
        }
    result["conditions"] = {
        "load_average_1_min": round(os.getloadavg()[0], 2),
        "filesystem": filesystem_of(Path(options.folder or tempfile.gettempdir())),
    }
    if options.json:
        print(msgspec.json.encode(result).decode())
    else:
        for name, figures in result.items():
            print(name, figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
