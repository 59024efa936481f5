"""Whoever sends too much is slowed, and nobody else notices."""

import asyncio
import json
import time

import pytest

from tests.fleet.gateway.rig import OTHER_TOKEN, TELEMETRY, TOKEN, Wire, running
from tram.fleet.gateway.protocols.mqtt.packets import codec

pytestmark = pytest.mark.usefixtures("each_form")


def publish(number: int, payload: dict, packet_id: int) -> bytes:
    topic = TELEMETRY.encode()
    body = len(topic).to_bytes(2, "big") + topic + packet_id.to_bytes(2, "big")
    return codec.build_packet(0x32, body + json.dumps(payload | {"n": number}).encode())


async def acknowledgements(wire: Wire, count: int) -> None:
    for _ in range(count):
        kind, _ = await wire.answer()
        assert kind == codec.PUBACK


async def test_device_over_its_rate_is_slowed_and_loses_nothing() -> None:
    async with running(device_messages_per_s=300) as rig:
        fast = await rig.connect(token=TOKEN)
        slow = await rig.connect(token=OTHER_TOKEN, client_id="slow")
        for start in range(0, 3_600, 100):
            fast.send(*(publish(n, {}, n % 60_000 + 1) for n in range(start, start + 100)))
            await fast.writer.drain()
            await asyncio.sleep(0)
        await rig.until(lambda: rig.gateway.metrics.paced)
        slow.publish(b'{"quick": 1}')
        assert await slow.answer() == (codec.PUBACK, 1)

        await acknowledgements(fast, 3_600)

        assert rig.sink.values("n") == list(range(3_600))


async def test_noisy_organisation_does_not_slow_another() -> None:
    noisy_each, wires = 1_500, 12
    async with running(device_messages_per_s=1_000_000) as rig:
        noisy = [await rig.connect(token=TOKEN, client_id=f"n{n}") for n in range(wires)]
        quiet = await rig.connect(token=OTHER_TOKEN, client_id="quiet")
        flood = b"".join(publish(n, {}, n + 1) for n in range(noisy_each))
        for wire in noisy:
            wire.send(flood)
        quiet.publish(b'{"quiet": 1}')
        assert await quiet.answer() == (codec.PUBACK, 1)
        for wire in noisy:
            await acknowledgements(wire, noisy_each)

        devices = [line["device"] for line in rig.sink.messages]
        assert len(devices) == noisy_each * wires + 1
        assert devices.index(2) < len(devices) / 2
        assert rig.gateway.metrics.turns_waited > 0


async def test_while_the_log_is_slow_a_quiet_organisation_is_still_taken() -> None:
    async with running(pending_bytes_max=400_000, device_messages_per_s=1_000_000) as rig:
        noisy = [await rig.connect(token=TOKEN, client_id=f"n{n}") for n in range(8)]
        quiet = await rig.connect(token=OTHER_TOKEN, client_id="quiet")
        rig.sink.open.clear()
        flood = b"".join(publish(n, {}, n + 1) for n in range(1_500))
        for wire in noisy:
            wire.send(flood)
        await rig.until(lambda: rig.gateway.metrics.turns_waited)
        quiet.publish(b'{"quiet": 1}')
        await asyncio.sleep(0.1)
        rig.sink.open.set()
        assert await quiet.answer() == (codec.PUBACK, 1)
        for wire in noisy:
            await acknowledgements(wire, 1_500)

        devices = [line["device"] for line in rig.sink.messages]
        assert devices.index(2) < len(devices) / 2


async def test_backlog_goes_by_a_lane_of_its_own_and_arrives_whole() -> None:
    files, rows = 40, 200
    long_ago_ms = time.time_ns() // 1_000_000 - 60 * 86_400_000
    async with running(backlog_rows_per_s=10_000) as rig:
        logger = await rig.connect(token=TOKEN)
        live = await rig.connect(token=OTHER_TOKEN, client_id="live")
        for file in range(files):
            readings = [
                {"ts": long_ago_ms + 1_000 * (file * rows + row), "values": {"old": row}}
                for row in range(rows)
            ]
            logger.publish(json.dumps(readings).encode(), packet_id=file + 1)
        await rig.until(lambda: rig.gateway.metrics.backlog_rows)
        live.publish(b'{"live": 1}')
        assert await live.answer() == (codec.PUBACK, 1)
        before = len(rig.sink.values("old"))
        await acknowledgements(logger, files)

        assert rig.sink.values("old") == list(range(rows)) * files
        assert before < files * rows
        assert rig.gateway.metrics.backlog_rows == files * rows


async def test_what_a_device_sent_before_it_left_is_taken() -> None:
    async with running(device_messages_per_s=1_000_000) as rig:
        first = await rig.connect(token=TOKEN, client_id="first")
        second = await rig.connect(token=TOKEN, client_id="second")
        flood = b"".join(publish(n, {}, n + 1) for n in range(3_000))
        first.send(flood)
        second.publish(b'{"last": 1}', qos=0)
        second.send(codec.build_packet(codec.DISCONNECT))
        await second.close()
        await acknowledgements(first, 3_000)
        await rig.until(lambda: rig.sink.values("last") == [1])
