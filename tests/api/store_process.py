# ruff: noqa: ARG002  # what the ports ask for
"""A real store in a process of its own, knowing a registry's devices, fed with marked blocks.

``python -m tests.api.store_process REGISTRY_FILE FOLDER PORT NOW_MS``
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.clocks import StoppedClock
from tests.provinces import QUANG_NGAI
from tram.domain.ids import DeviceId, OrgId
from tram.domain.reading import Quality
from tram.fleet.block.block import BlockBuilder, BlockHeader, Event, EventKind, Message, Protocol
from tram.fleet.device.rows import Row
from tram.fleet.store.interfaces import StorePorts
from tram.fleet.store.serving.store import Store
from tram.fleet.store.settings import StoreSettings
from tram.registry.kernel.changes import Body, DevicePut
from tram.registry.kernel.viewer import system_viewer
from tram.registry.registry import Registry
from tram.runtime.clock import SystemClock
from tram.runtime.processes.process import die_with_parent

KEY = "k" * 32
BOOT = "boot000000000001"
LOOPBACK = "127.0.0.1"
FAR_MS = 253_402_300_799_999
OLD_TEXT = "\x01\u202e\nold\x00"


@dataclass
class Entry:
    seq: int
    payload: bytes


@dataclass
class OneBlock:
    """A log that holds one block for ever."""

    payload: bytes

    @property
    def last_seq(self) -> int:
        return 1

    async def epoch(self) -> int:
        return 1

    async def state(self) -> "OneBlock":
        return self

    async def read(self, after_seq: int) -> AsyncIterator[Entry]:
        if after_seq < 1:
            yield Entry(1, self.payload)
        await asyncio.Event().wait()

    async def purge_below(self, seq: int) -> None:
        raise AssertionError(seq)


@dataclass
class Known:
    """The registry's whole state, once."""

    changes: list[Body]
    version: int
    is_reset: bool = True

    async def follow(self, after_version: int) -> AsyncIterator["Known"]:
        yield self
        await asyncio.Event().wait()


class Nobody:
    def is_watched(self) -> bool:
        """Nobody looks."""
        return False

    async def publish(self, payload: bytes) -> None:
        return


async def known_of(file: str) -> tuple[Known, dict[int, str]]:
    """Return the registry's state, and the mark of every device: the first word of its name."""
    registry = await Registry.open(
        f"sqlite+aiosqlite:///{file}", SystemClock(), b"k" * 32, QUANG_NGAI
    )
    changes: list[Body] = []
    version = 0
    async with aclosing(registry.outbox.snapshot()) as parts:
        async for part in parts:
            changes += [change.body for change in part.changes]
            version = part.version
    root = system_viewer(await registry.seed_base())
    page = await registry.devices.page(root, limit=1000)
    await registry.close()
    return Known(changes, version), {row.id: row.name.split()[0] for row in page.items}


def block_of(known: Known, marks: dict[int, str], now_ms: int) -> bytes:
    """Return a block in which every text of a device carries its mark."""
    builder = BlockBuilder()
    for body in known.changes:
        if not isinstance(body, DevicePut):
            continue
        device, org, mark = DeviceId(body.device), OrgId(body.org), marks[body.device]
        at_ms = now_ms - 5_000
        message = Message(device, org, 1, False, 1, Protocol.MQTT, 1)
        rows = [
            Row("pH", at_ms, 7.5),
            Row(f"{mark}-metric", at_ms, 1),
            Row("zeta", at_ms, f"={mark}-value", quality=Quality.SERVER_TIMED),
        ]
        if mark == "LEAK-B":  # as kept before it was refused: see test_writers.py
            rows.append(Row("far", FAR_MS, f"{mark}{OLD_TEXT}"))
        builder.add_message(message, rows)
        refused = ("payload.not_json", f"{mark} said so")
        builder.add_event(Event(device, org, at_ms, EventKind.REFUSED, *refused))
        builder.add_event(
            Event(device, org, at_ms, EventKind.ATTRIBUTE, f"{mark}-fact", '"is true"')
        )
    return builder.encode(BlockHeader(BOOT, 1, now_ms - 4_000))


async def main(file: str, folder: str, port: str, now_ms: str) -> None:
    known, marks = await known_of(file)
    log = OneBlock(block_of(known, marks, int(now_ms)))
    ports = StorePorts(log, known, Nobody())
    store = Store(StoreSettings(batch_ms=20), Path(folder), ports, StoppedClock(int(now_ms)))
    await store.run(asyncio.Event(), int(port), KEY)


async def until_ready(port: int) -> None:
    """Wait until the store on this port has taken the block and knows the registry."""
    asking = httpx.AsyncClient(
        base_url=f"http://{LOOPBACK}:{port}", headers={"X-ClickHouse-Key": KEY}, trust_env=False
    )
    async with asking, asyncio.timeout(60):
        while True:
            try:
                status = (await asking.post("/tram/status", json={})).json()
            except httpx.TransportError:
                status = {}
            if status.get("checkpoint_seq") == 1 and status["dimensions_version"] >= 0:
                return
            await asyncio.sleep(0.05)


if __name__ == "__main__":
    die_with_parent(int(sys.argv.pop()))
    asyncio.run(main(*sys.argv[1:]))
