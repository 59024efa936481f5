"""Acknowledged means on disk, in order, and slow when the disk is slow."""

import asyncio
import socket

import pytest

from tests.fleet.gateway import client_packets
from tests.fleet.gateway.rig import ATTRIBUTES, BOOT, FIRST, Rig, running
from tram.fleet.block.block import EventKind, Protocol
from tram.fleet.gateway import block_writer as intake_module
from tram.fleet.gateway import gateway as gateway_module
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.runtime.errors import Refused, Unavailable

pytestmark = pytest.mark.usefixtures("each_form")


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
    await wire.close()


async def test_message_carries_what_the_store_decides_doubles_by(rig: Rig) -> None:
    wire = await rig.connect()
    wire.publish(b'{"t": 1}', packet_id=7)
    await wire.answer()
    wire.publish(b'{"t": 1}', packet_id=7, duplicate=True)
    await wire.answer()
    wire.publish(b'{"t": 2}', packet_id=7)
    await wire.answer()

    first, again, other = rig.sink.messages
    assert (first["device"], first["org"]) == (FIRST.device, FIRST.org)
    assert (first["protocol"], first["qos"], first["packet_id"]) == (Protocol.MQTT, 1, 7)
    assert (first["duplicate"], again["duplicate"]) == (False, True)
    assert first["fingerprint"] == again["fingerprint"] != other["fingerprint"]
    await wire.close()


async def test_answers_and_readings_keep_the_order_of_the_packets(rig: Rig) -> None:
    wire = await rig.connect()
    for number in range(1, 501):
        wire.publish(b'{"t": %d}' % number, packet_id=number)

    assert [await wire.answer() for _ in range(500)] == [
        (codec.PUBACK, number) for number in range(1, 501)
    ]
    assert rig.sink.values("t") == list(range(1, 501))
    assert rig.sink.numbers == list(range(1, len(rig.sink.numbers) + 1))
    await wire.close()


async def test_blocks_are_numbered_named_by_the_boot_and_split_by_size(rig: Rig) -> None:
    wire = await rig.connect()
    text = b"x" * 4000
    for number in range(1, 401):
        wire.publish(b'{"t": %d, "text": "%b"}' % (number, text), packet_id=number)
    for _ in range(400):
        await wire.answer()

    assert rig.sink.values("t") == list(range(1, 401))
    assert {block.header.boot for block in rig.sink.blocks} == {BOOT}
    assert [block.header.number for block in rig.sink.blocks] == rig.sink.numbers
    assert len(rig.sink.blocks) > 2
    await wire.close()


async def test_message_without_acknowledgement_is_taken_too(rig: Rig) -> None:
    wire = await rig.connect()
    wire.publish(b'{"t": 1}', qos=0)

    await rig.until(lambda: rig.sink.values("t") == [1])
    assert rig.sink.messages[0]["packet_id"] == 0
    assert await wire.is_quiet()
    await wire.close()


async def test_idle_gateway_sends_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake_module, "HEARTBEAT_S", 0.05)
    async with running() as rig:
        await rig.until(lambda: len(rig.sink.blocks) > 2)

        assert not rig.sink.messages
        assert rig.sink.numbers[:3] == [1, 2, 3]


async def test_full_intake_stops_reading_and_loses_nothing() -> None:
    count = 12_000
    async with running(pending_bytes_max=65_536) as rig:
        flood = await rig.connect(client_id="flood")
        await rig.until(lambda: rig.sink.events)
        rig.sink.open.clear()
        pad = b"x" * 900
        for number in range(count):
            flood.publish(b'{"t": %d, "pad": "%b"}' % (number, pad), packet_id=1 + number)
        taken = await settled(lambda: rig.gateway.metrics.accepted[Protocol.MQTT][1])

        assert 0 < taken < 1_000, "one read more than the limit at most"
        assert flood.writer.transport.get_write_buffer_size() > 1_000_000
        assert rig.gateway.metrics.pending_bytes > 65_536

        rig.sink.open.set()
        answers = [await flood.answer() for _ in range(count)]
        assert answers == [(codec.PUBACK, 1 + number) for number in range(count)]
        assert rig.sink.values("t") == list(range(count))
        await flood.close()


async def test_newcomers_wait_while_the_intake_is_full_and_then_connect() -> None:
    async with running(pending_bytes_max=65_536) as rig:
        flood = await rig.connect(client_id="flood")
        await rig.until(lambda: rig.sink.events)
        rig.sink.open.clear()
        for number in range(1, 101):
            flood.publish(b'{"pad": "%b"}' % (b"x" * 1000), packet_id=number)
        await rig.until(lambda: rig.gateway.metrics.pending_bytes > 65_536)

        newcomer = await rig.wire()
        newcomer.send(codec.build_connect(codec.Connect(4, "new", user_name="tr_second")))
        assert await newcomer.is_quiet()
        rig.sink.open.set()

        first, body = await newcomer.packet()
        assert (first, client_packets.parse_connack(body)) == (
            codec.CONNACK,
            (False, codec.ACCEPTED),
        )
        await flood.close()
        await newcomer.close()


async def test_end_of_the_boot_closes_everybody_without_acknowledging() -> None:
    async with running() as rig:
        wire = await rig.connect()
        await rig.until(lambda: rig.sink.events)
        rig.sink.error = Unavailable("log.boot_ended", "The boot has ended.")
        wire.publish(b'{"t": 1}')

        assert await wire.reader.read() == b""
        with pytest.raises(Unavailable, match="The boot has ended"):
            await rig.task
        assert rig.gateway.ports == ()
        await wire.close()


async def test_stop_acknowledges_what_was_taken_and_notes_who_left() -> None:
    async with running(flush_ms=10_000) as rig:
        wire = await rig.connect()
        wire.publish(b'{"t": 1}', packet_id=9)
        await rig.until(lambda: rig.gateway.metrics.accepted[Protocol.MQTT][1])
        rig.stop.set()

        assert await wire.answer() == (codec.PUBACK, 9)
        assert await wire.is_closed()
        await rig.task
        assert [event["kind"] for event in rig.sink.events] == [
            EventKind.CONNECTED,
            EventKind.DISCONNECTED,
        ]


async def test_stop_does_not_wait_for_a_dead_disk_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gateway_module, "STOP_S", 0.1)
    async with running() as rig:
        wire = await rig.connect()
        await rig.until(lambda: rig.sink.events)
        rig.sink.open.clear()
        wire.publish(b'{"t": 1}')
        await rig.until(lambda: rig.sink.under_way)
        rig.stop.set()

        assert await wire.reader.read() == b""
        async with asyncio.timeout(5):
            await rig.task
        await wire.close()


async def test_taken_port_is_refused_with_its_number() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Refused, match=str(port)):
            async with running(mqtt_port=port) as rig:
                await rig.task


async def test_message_that_could_outgrow_a_block_is_a_wrong_setting() -> None:
    with pytest.raises(Refused, match="payload_bytes_max"):
        async with running(payload_bytes_max=1_000_000):
            pass


async def test_largest_message_and_most_faults_fit_into_a_block() -> None:
    async with running(payload_bytes_max=700_000) as rig:
        wire = await rig.connect()
        values = ", ".join(f'"{n:0>100}": "{"ể" * 100}"' for n in range(1000))
        wire.publish(f"{{{values}}}".encode(), packet_id=1)
        wire.send(codec.build_publish(ATTRIBUTES, f"{{{values}}}".encode(), 1, 2))
        nulls = ", ".join(f'"{"k" * 1000}{n}": null' for n in range(600))
        wire.publish(f"{{{nulls}}}".encode(), packet_id=3)

        assert [(await wire.answer())[1] for _ in range(3)] == [1, 2, 3]
        assert len(rig.sink.readings) == 1000
        await wire.close()


async def test_slow_log_is_reported_as_a_problem(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rig.gateway.problem() is None
    monkeypatch.setattr(intake_module, "SLOW_PUT_S", 0.0)
    wire = await rig.connect()
    await rig.until(lambda: rig.sink.events)
    rig.sink.open.clear()
    wire.publish(b'{"t": 1}')
    await rig.until(lambda: rig.sink.under_way)

    assert "log" in str(rig.gateway.problem())
    rig.sink.open.set()
    await wire.answer()
    assert rig.gateway.problem() is None
    await wire.close()


async def settled(figure) -> int:
    """Return the figure once it has not changed for a third of a second."""
    before, now = -1, figure()
    while before != now or not now:
        before = now
        await asyncio.sleep(0.3)
        now = figure()
    return now
