"""Acknowledged means on disk, in order, and slow when the disk is slow."""

import asyncio

import pytest

from tests.gateway.rig import BOOT, FIRST, TELEMETRY, TOKEN, Rig, flooding_socket, running
from tram.fleet.gateway.mqtt import codec
from tram.runtime.errors import Unavailable


async def test_puback_waits_until_the_block_is_on_disk(rig: Rig) -> None:
    wire = await rig.connect()
    await rig.until(lambda: rig.sink.events)
    rig.sink.open.clear()
    wire.publish(b'{"t": 1}', packet_id=7)

    await rig.until(lambda: rig.sink.under_way)
    assert await wire.is_quiet()

    rig.sink.open.set()
    assert await wire.answer() == (codec.PUBACK, 7)
    assert rig.sink.values("t") == [1]
    assert rig.sink.messages[0]["device"] == FIRST.device
    assert rig.sink.messages[0]["org"] == FIRST.org
    await wire.close()
