"""A store over an in-memory log, real blocks and a real engine, asked through its real port."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from tests.clocks import ClockFrom
from tram.domain.reading import Quality
from tram.fleet.block.block import BlockBuilder, BlockHeader, Event, EventKind, Message, Protocol
from tram.fleet.device.rows import Row
from tram.fleet.store.engine.engine import ChdbEngine
from tram.fleet.store.interfaces import StorePorts
from tram.fleet.store.serving.client import StoreClient
from tram.fleet.store.serving.store import Store
from tram.fleet.store.settings import StoreSettings
from tram.fleet.store.views import LiveFrame
from tram.registry.kernel.changes import Body, DevicePut, OrgPut
from tram.registry.kernel.viewer import Scope, Viewer
from tram.runtime.clock import SystemClock
from tram.runtime.errors import Unavailable
from tram.runtime.processes.process import free_port
from tram.runtime.watch.inspection import Inspector

KEY = "k" * 32
NOW_MS = SystemClock().now_ms()
PROVINCE, NORTH, SOUTH = 1, 2, 3
READ = frozenset({"device.read"})
ORGS = [
    OrgPut(PROVINCE, [PROVINCE]),
    OrgPut(NORTH, [NORTH, PROVINCE]),
    OrgPut(SOUTH, [SOUTH, PROVINCE]),
]
DEVICES = [
    DevicePut(10, NORTH, 7, "energy", 1),
    DevicePut(11, NORTH, None, "traffic", 1),
    DevicePut(20, SOUTH, 8, "energy", 1),
]


class Entry(NamedTuple):
    seq: int
    payload: bytes


class State(NamedTuple):
    last_seq: int


class MemoryLog:
    """A log that keeps its blocks in a list, and notes what was purged."""

    def __init__(self, epoch: int = 100) -> None:
        self.number = epoch
        self.entries: list[Entry] = []
        self.purged_below = 0
        self._grown = asyncio.Event()

    def append(self, payload: bytes) -> int:
        self.entries.append(Entry(len(self.entries) + 1, payload))
        self._grown.set()
        return len(self.entries)

    async def epoch(self) -> int:
        return self.number

    async def state(self) -> State:
        return State(len(self.entries))

    async def read(self, after_seq: int) -> AsyncIterator[Entry]:
        place = after_seq
        while True:
            while place < len(self.entries):
                place += 1
                yield self.entries[place - 1]
            self._grown.clear()
            await self._grown.wait()

    async def purge_below(self, seq: int) -> None:
        self.purged_below = seq


@dataclass
class Batch:
    version: int
    is_reset: bool
    changes: list[Body]


class MemoryDims:
    """A registry's feed that tests write into."""

    def __init__(self, changes: list[Body]) -> None:
        self._queue: asyncio.Queue[Batch] = asyncio.Queue()
        self.version = 0
        if changes:
            self.put(changes, is_reset=True)

    def put(self, changes: list[Body], *, is_reset: bool = False) -> int:
        self.version += 1
        self._queue.put_nowait(Batch(self.version, is_reset, changes))
        return self.version

    async def follow(self, after_version: int) -> AsyncIterator[Batch]:
        while True:
            batch = await self._queue.get()
            if batch.version > after_version or batch.is_reset:
                yield batch


@dataclass
class MemoryLive:
    """Keeps the frames."""

    frames: list[LiveFrame] = field(default_factory=list)

    watched: bool = True

    def is_watched(self) -> bool:
        return self.watched

    async def publish(self, payload: bytes) -> None:
        self.frames.append(msgspec.json.decode(payload, type=LiveFrame))


class Blocks:
    """Makes the blocks of one gateway boot."""

    def __init__(self, log: MemoryLog, boot: str = "boot000000000001") -> None:
        self._log = log
        self._boot = boot
        self._builder = BlockBuilder()
        self._number = 0

    def message(self, device: int, *rows: Row, org: int = NORTH, **kinds: object) -> None:
        values = {
            "packet_id": 0,
            "duplicate": False,
            "qos": 1,
            "protocol": Protocol.MQTT,
            "fingerprint": 1,
        }
        self._builder.add_message(Message(device=device, org=org, **(values | kinds)), rows)

    def event(self, device: int, kind: EventKind, code: str = "", detail: str = "", **at) -> None:
        self._builder.add_event(
            Event(device, at.get("org", NORTH), at.get("at_ms", NOW_MS), kind, code, detail)
        )

    def payload(self, received_at_ms: int = NOW_MS, number: int | None = None) -> bytes:
        self._number += 1
        header = BlockHeader(self._boot, number or self._number, received_at_ms)
        payload, self._builder = self._builder.encode(header), BlockBuilder()
        return payload

    def send(self, received_at_ms: int = NOW_MS, number: int | None = None) -> int:
        return self._log.append(self.payload(received_at_ms, number))


@dataclass
class World:
    """A running store and everything around it."""

    store: Store
    client: StoreClient
    log: MemoryLog
    dimensions: MemoryDims
    live: MemoryLive
    blocks: Blocks
    folder: Path
    port: int

    async def settled(self) -> None:
        """Return when every block is in the tables and the registry's changes are known."""
        async with asyncio.timeout(20):
            while True:
                status = await self.client.status()
                done = status.checkpoint_seq >= len(self.log.entries)
                if done and status.dimensions_version >= self.dimensions.version:
                    return
                await asyncio.sleep(0.01)

    async def rows(self, table: str = "readings", order: str = "log_seq, row_no") -> list[dict]:
        found = await self.client.sql(f"SELECT * FROM tram.{table} ORDER BY {order}")
        return found.to_pylist()


OpenWorld = Callable[..., AbstractAsyncContextManager[World]]


@contextlib.asynccontextmanager
async def opened(
    folder: Path,
    log: MemoryLog | None = None,
    *,
    make_engine: Callable = ChdbEngine,
    changes: list[Body] | None = None,
    inspector: Inspector | None = None,
    **settings: int,
) -> AsyncIterator[World]:
    """Start a store on a folder; leaving it stops the store in good order."""
    log = log or MemoryLog()
    dimensions, live = MemoryDims(ORGS + DEVICES if changes is None else changes), MemoryLive()
    store = Store(
        StoreSettings(batch_ms=20, **settings),
        folder,
        StorePorts(log, dimensions, live, make_engine, inspector=inspector or Inspector()),
        ClockFrom(NOW_MS),
    )
    stop, port = asyncio.Event(), free_port()
    client = StoreClient(f"http://127.0.0.1:{port}", KEY)
    running = asyncio.create_task(store.run(stop, port, KEY))
    try:
        await until_listening(client, running)
        yield World(store, client, log, dimensions, live, Blocks(log), folder, port)
    finally:
        await client.close()
        stop.set()
        await running


@pytest.fixture
def open_world(tmp_path: Path) -> OpenWorld:
    """Open stores on the test's own folder."""
    return lambda *arguments, folder=tmp_path, **kinds: opened(folder, *arguments, **kinds)


async def until_listening(client: StoreClient, running: asyncio.Task) -> None:
    while not running.done():
        try:
            await client.status()
        except Unavailable:
            await asyncio.sleep(0.01)
        else:
            return
    await running


@pytest.fixture
async def world(open_world: OpenWorld) -> AsyncIterator[World]:
    async with open_world() as opened:
        yield opened


def viewer(org: int, zone: int | None = None, sector: str | None = None) -> Viewer:
    return Viewer(1, org, "someone", (Scope(org, zone, sector, READ),))


def timed(metric: str, value: object, at_ms: int = NOW_MS, **kinds: int) -> Row:
    return Row(metric, at_ms, value, **kinds)


def untimed(metric: str, value: object, at_ms: int = NOW_MS) -> Row:
    return Row(metric, at_ms, value, quality=Quality.SERVER_TIMED)
