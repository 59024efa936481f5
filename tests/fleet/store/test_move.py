"""Two processes, one SQL: the contract of the engine over HTTP, and a move while readings come."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace

from tests.fleet.store.conftest import KEY, NORTH, NOW_MS, OpenWorld, World, timed, untimed, viewer
from tests.fleet.store.test_history import DAY, HOUR, START, rolled, writer
from tests.repository import ROOT
from tram.app.installation.data_folder import open_folder
from tram.fleet.store.engine.engine import ChdbEngine, EngineError
from tram.fleet.store.engine.http_client import HttpEngine
from tram.fleet.store.engine.moved import Home
from tram.fleet.store.engine.tables import create_tables
from tram.fleet.store.queries.questions import (
    Aggregates,
    Completeness,
    Correction,
    CorrectionJournal,
    Selection,
    SeriesRange,
    TimeSpan,
)
from tram.fleet.store.serving.client import StoreClient
from tram.runtime.errors import Refused
from tram.runtime.processes.process import free_port


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Home]:
    """Run an engine in another process."""
    port = free_port()
    command = [sys.executable, "-m", "tests.fleet.store.engine_process"]
    command += [str(tmp_path / "server"), str(port), KEY]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        for _ in range(600):
            with contextlib.suppress(httpx.TransportError):
                httpx.post(f"http://127.0.0.1:{port}/")
                break
            time.sleep(0.1)
        yield Home(f"http://127.0.0.1:{port}", KEY)
    finally:
        process.terminate()
        process.wait(30)


def contract(engine: ChdbEngine | HttpEngine) -> dict[str, object]:
    """Ask an engine everything that the store asks of one; return what it said."""
    create_tables(engine)
    engine.command(
        "CREATE TABLE tram.t (n Int64, f Float64, s String) ENGINE = MergeTree ORDER BY n"
    )
    numbers = np.arange(5_000)
    rows = {"n": numbers, "f": numbers / 7, "s": [f"Đ{k}" for k in numbers]}
    engine.insert("tram.t", pa.table(rows))
    some = "SELECT n, s FROM tram.t WHERE n < {many:Int64} ORDER BY n"
    engine.work(
        "ALTER TABLE tram.t DELETE WHERE n >= {least:Int64} SETTINGS mutations_sync = 1",
        {"least": "4000"},
    )
    with pytest.raises(EngineError):
        engine.query("SELECT nothing FROM tram.nowhere")
    windows = [{"many": "2"}, {"many": "3"}]
    stream = pa.ipc.open_stream(b"".join(engine.export(some, windows, "ab12")))
    with stream:
        exported = stream.read_all().to_pylist()
    return {
        "query": engine.query(some, {"many": "3"}).to_pylist(),
        "empty": engine.query(some, {"many": "0"}).column_names,
        "sum": engine.query("SELECT sum(f) AS f, count() AS n FROM tram.t").to_pylist(),
        "scan": sum(part.num_rows for part in engine.scan("SELECT * FROM tram.t")),
        "export": exported,
        "stream": b"".join(engine.stream(some, "ArrowStream", {"many": "1"}, "cd34")) != b"",
    }


def test_engine_over_http_answers_as_the_embedded_one(server: Home, tmp_path: Path) -> None:
    embedded = ChdbEngine(tmp_path / "embedded", 60)
    far = HttpEngine(server.url, server.key, 60)
    try:
        assert contract(far) == contract(embedded)
    finally:
        far.close()
        embedded.close()
    with pytest.raises(Refused, match="does not answer as it should"):
        HttpEngine(server.url, "a wrong key", 60)


@pytest.mark.timeout(180)
async def test_store_moves_to_a_server_while_readings_come(
    open_world: OpenWorld, server: Home, tmp_path: Path
) -> None:
    who = viewer(NORTH)
    async with open_world() as world:
        for k in range(200):
            world.blocks.message(10, timed("t", float(k), START + k * HOUR // 10), untimed("u", k))
        world.blocks.send()
        await rolled(world)
        change = Correction(device=10, metric="t", operation="scale", factor=2.0, reason="drift")
        await world.client.ask(writer(), replace(change, span=TimeSpan(START, START + HOUR)))
        await rolled(world)
        asked = await answers(world.client)

        async def keep_sending() -> None:
            """Send while the move goes on."""
            for k in range(50):
                world.blocks.message(11, timed("t", float(k), NOW_MS + k))
                world.blocks.send()
                await asyncio.sleep(0.02)

        sending = asyncio.create_task(keep_sending())
        rows = await moved_by_command(world, server, tmp_path)
        await sending
        log = world.log
    assert rows["readings"] >= 410
    assert rows["revisions"] == 1
    assert rows["rollup_hour"] > 0

    async with open_world(log) as again:  # the folder says where the tables are
        await again.settled()

        assert await answers(again.client) == asked
        late = await again.client.ask(
            who, SeriesRange(11, "t", TimeSpan(NOW_MS, NOW_MS + 100), 100)
        )
        assert late.values == [float(k) for k in range(50)]
        assert (await again.client.status()).rows == 450
        again.blocks.message(10, timed("t", 1.5, NOW_MS + 5))
    with pytest.raises(Refused, match="already"):
        async with open_world(folder=tmp_path / "other") as third:
            await third.client.move(server)


async def moved_by_command(world: World, server: Home, tmp_path: Path) -> dict[str, int]:
    """Run ``tram store move`` as an administrator does; return the rows of each table that it names."""
    folder = open_folder(tmp_path / "data")
    (folder.keys / "store.key").write_text(KEY)
    (tmp_path / "server.key").write_text(server.key)
    folder.running.write({"pid": os.getpid(), "ports": {"store": world.port}})
    with folder.running.lock():
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tram.app.cli", "store", "move", "--to", server.url),
            *("--key-file", str(tmp_path / "server.key"), "--data", str(folder.root)),
            stdout=subprocess.PIPE,
        )
        said, _ = await process.communicate()
    assert process.returncode == 0
    lines = [line.split("\t") for line in said.decode().splitlines()]
    assert f"The store is at {server.url} now" in lines[-1][0]
    return {table: int(rows) for table, rows, _hash in lines[:-1]}


async def answers(client: StoreClient) -> list[object]:
    who, span = viewer(NORTH), TimeSpan(START, START + DAY)
    return [
        await client.ask(who, SeriesRange(10, "t", TimeSpan(START, START + DAY), 500)),
        await client.ask(who, Aggregates(Selection(metric="t", device=10), span, step="hour")),
        await client.ask(who, Completeness(Selection(device=10), span, by="series")),
        await client.ask(who, CorrectionJournal(10, span)),
    ]
