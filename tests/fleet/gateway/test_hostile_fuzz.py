"""Hostile devices over all doors at once: the gateway lives, and a neighbour is served meanwhile.

The rig fails a test over any fault that it counts, so this finds what a guard would hide.
"""

import asyncio
import random
from contextlib import suppress

import pytest
from websockets.asyncio.client import connect as open_websocket
from websockets.exceptions import WebSocketException

from tests.fleet.gateway.hostile import http_bytes, mqtt_packets
from tests.fleet.gateway.rig import OTHER_TOKEN, Rig, running
from tram.fleet.device_api.downlinks import ATTRIBUTES, RPC, Downlink
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.runtime.processes.process import free_port

PACKETS_MAX = 12
_PAUSE_S = 0.002


async def by_mqtt(rig: Rig, rng: random.Random) -> None:
    wire = await rig.wire()
    await say(wire.writer, mqtt_packets(rng, PACKETS_MAX), rng)
    await wire.close()


async def by_http(rig: Rig, rng: random.Random) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", rig.http_port)
    await say(writer, [http_bytes(rng)], rng)
    writer.close()


async def by_websocket(port: int, rng: random.Random) -> None:
    if rng.randrange(4) == 0:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        await say(writer, [http_bytes(rng), rng.randbytes(20)], rng)
        writer.close()
        return
    with suppress(WebSocketException):
        async with open_websocket(
            f"ws://127.0.0.1:{port}/mqtt", subprotocols=["mqtt"], close_timeout=0.01
        ) as socket:
            for packet in mqtt_packets(rng, PACKETS_MAX):
                await socket.send(packet if rng.randrange(30) else "text")


async def say(writer: asyncio.StreamWriter, packets, rng: random.Random) -> None:
    with suppress(ConnectionError, RuntimeError):  # uvloop says both of a closed connection
        for packet in packets:
            cut = rng.randrange(len(packet) + 1)
            for part in (packet[:cut], packet[cut:]):
                writer.write(part)
                if rng.randrange(3) == 0:
                    await writer.drain()
                    await asyncio.sleep(_PAUSE_S)
        await writer.drain()
        await asyncio.sleep(_PAUSE_S)


async def one_seed(rig: Rig, ws_port: int, seed: int, connections: int) -> None:
    rng = random.Random(seed)
    rig.rpc.answers |= {
        "behind": lambda _device, _body: b'{"device": 7, "org": 10, "profile": 100}',
        "rpc": lambda _device, body: body[:100] or b"1",
        "claim": lambda _device, _body: b"{}",
        "provision": lambda _device, _body: b"{}",
        "attributes": lambda _device, _body: b'{"client": {"a": 1}, "shared": {"b": [1e300]}}',
        "profile": lambda _device, _body: (
            b'{"topics": [{"topic": "free/#", "decoder": "senml"},'
            b' {"topic": "+", "decoder": "csv", "columns": ["ts", "v"]}]}'
        ),
    }
    neighbour = await rig.connect(token=OTHER_TOKEN, client_id="neighbour")
    for number in range(connections):
        way = rng.randrange(4)
        if way < 2:
            await by_mqtt(rig, rng)
        elif way == 2:
            await by_http(rig, rng)
        else:
            await by_websocket(ws_port, rng)
        kind = rng.choice((RPC, ATTRIBUTES))
        body = b'{"method": "m"}'
        name = rng.choice(("", "A"))
        rig.world.downlinks.put(Downlink(number + 1, 1, 1, kind, body, name, expires_ms=0))
        neighbour.publish(b'{"t": %d}' % number, number + 1)
        assert await neighbour.answer() == (codec.PUBACK, number + 1), seed
    assert not rig.task.done(), seed
    assert not rig.gateway.metrics.faults, seed
    await neighbour.close()


@pytest.mark.parametrize("seed", range(3))
async def test_hostile_devices_cost_a_neighbour_nothing(each_form: str, seed: int) -> None:
    ws_port = free_port()
    async with running(ws_port=ws_port, payload_bytes_max=20_000) as rig:
        await one_seed(rig, ws_port, seed, connections=25)
