"""Three servers keep the log: the leader is killed, then all of them, and no promise is broken."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from benchmarks.load.devices import Fleet
from nats.js.errors import APIError

from tests.fleet.gateway.rig import BOOT, MemoryDesk, MemoryIdentity, World
from tests.nats_process import NatsCluster
from tram.domain.ids import DeviceId, OrgId, ProfileId
from tram.fleet.block.block import decode_block
from tram.fleet.device_api.interfaces import Device
from tram.fleet.gateway.gateway import Gateway
from tram.fleet.gateway.protocol import installed_protocols
from tram.fleet.gateway.settings import GatewaySettings
from tram.fleet.log.nats_connection import DOUBTS, NatsConnection, open_link
from tram.fleet.log.publisher import LogPublisher
from tram.fleet.log.reader import LogReader
from tram.fleet.log.streams import BLOCKS, ensure_streams
from tram.runtime.clock import SystemClock
from tram.runtime.processes.process import free_port

DEVICES = 12


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[NatsCluster]:
    cluster = NatsCluster(tmp_path)
    cluster.start()
    yield cluster
    cluster.kill()


async def test_leader_then_all_servers_are_killed_and_nothing_is_lost(
    cluster: NatsCluster,
) -> None:
    ops = await open_link(cluster.access("ops"), "ops")
    await make_streams(ops)
    async with serving(cluster) as port:
        with Fleet(port, [(n, f"token {n}") for n in range(DEVICES)], pause_s=0.01) as fleet:
            await asyncio.sleep(1)
            leader = (await ops.jetstream.stream_info(BLOCKS)).cluster.leader
            before_leader = len(fleet.acked)
            cluster.nodes[leader].kill()
            await until_more(fleet, 300)
            cluster.nodes[leader].start()
            await asyncio.sleep(1)
            before_all = len(fleet.acked)
            cluster.kill()
            await asyncio.sleep(0.5)
            cluster.start()
            await until_more(fleet, 300)
            unacked = await asyncio.to_thread(fleet.stop, 60)

    found = await stored(ops)
    await ops.close()
    assert unacked == 0
    assert 0 < before_leader < before_all
    assert {(device, seq) for device, seq, _ in fleet.acked} <= found.keys()
    assert set(found.values()) == {1}
    for number in range(DEVICES):
        sequences = [seq for device, seq in found if device == number]
        assert sequences == sorted(sequences)


@asynccontextmanager
async def serving(cluster: NatsCluster) -> AsyncIterator[int]:
    """Run a gateway that writes into the cluster; give its MQTT port."""
    clock, port, stop = SystemClock(), free_port(), asyncio.Event()
    identity = MemoryIdentity()
    identity.devices = {
        f"token {n}": Device(DeviceId(n), OrgId(1), ProfileId(1), n.to_bytes(32, "big"))
        for n in range(DEVICES)
    }
    link = await open_link(cluster.access("gateway"), "gateway")
    neighbours = World().neighbours(identity, LogPublisher(link, BOOT, clock), MemoryDesk())
    settings = GatewaySettings(mqtt_port=port, http_port=free_port())
    gateway = Gateway(settings, neighbours, clock, BOOT, installed_protocols())
    task = asyncio.create_task(gateway.run(stop))
    while not gateway.ports:
        await asyncio.sleep(0.01)
    yield port
    stop.set()
    await task
    await link.close()


async def stored(ops: NatsConnection) -> Counter[tuple[int, int]]:
    """Count every message of the log by device and sequence, in the order of the log.

    What a device sent again counts only where the first of it is not there, as the store decides.
    """
    found: Counter[tuple[int, int]] = Counter()
    last = (await LogReader(ops).state()).last_seq
    async for entry in LogReader(ops).read(0):
        block = decode_block(entry.payload)
        messages = block.messages.to_pylist()
        for row in block.readings.to_pylist():
            if row["metric"] == "seq":
                message = messages[row["message"]]
                key = (message["device"], row["i"])
                if not (message["duplicate"] and key in found):
                    found[key] += 1
        if entry.seq >= last:
            return found
    raise AssertionError("the log ended early")


async def make_streams(ops: NatsConnection) -> None:
    """Make the streams; the cluster needs a moment to choose its first leader."""
    async with asyncio.timeout(60):
        while True:
            try:
                await ensure_streams(ops, 2**30, SystemClock(), replicas=3)
            except (*DOUBTS, APIError):
                await asyncio.sleep(0.2)
            else:
                return


async def until_more(fleet: Fleet, count: int) -> None:
    """Wait until so many more messages were acknowledged."""
    wanted = len(fleet.acked) + count
    async with asyncio.timeout(60):
        while len(fleet.acked) < wanted:
            await asyncio.sleep(0.05)
