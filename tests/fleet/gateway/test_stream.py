"""The session over a transport in memory: any cut of the stream, any bytes at all."""

import asyncio
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleet.gateway import client_packets
from tests.fleet.gateway.rig import (
    BOOT,
    FIRST,
    TELEMETRY,
    TOKEN,
    MemoryDesk,
    MemoryIdentity,
    MemorySink,
    World,
)
from tram.fleet.device_api.verbs import DeviceApi
from tram.fleet.gateway.backpressure import Backpressure
from tram.fleet.gateway.block_writer import BlockWriter
from tram.fleet.gateway.connections import Connections
from tram.fleet.gateway.context import GatewayContext
from tram.fleet.gateway.faults import Faults
from tram.fleet.gateway.metrics import GatewayMetrics
from tram.fleet.gateway.protocols.http.listener import HttpListener
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.fleet.gateway.protocols.mqtt.protocol import MqttListener
from tram.fleet.gateway.settings import GatewaySettings
from tram.runtime.clock import ManualClock

NOW_MS = 1_763_848_000_000
CONNECT = codec.build_connect(codec.Connect(4, "c", user_name=TOKEN))


class MemoryTransport(asyncio.Transport):
    """Keeps what is written; has no other side."""

    def __init__(self) -> None:
        super().__init__()
        self.written = bytearray()
        self.is_reading = True
        self.is_open = True
        self.writes = 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def get_write_buffer_size(self) -> int:
        return 0

    def write(self, data: Any) -> None:
        assert self.is_open, "written after the end"
        self.writes += 1
        self.written += data

    def pause_reading(self) -> None:
        self.is_reading = False

    def resume_reading(self) -> None:
        self.is_reading = True

    def close(self) -> None:
        self.is_open = False

    def abort(self) -> None:
        self.is_open = False


class Desk:
    """The gateway's parts without sockets."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        settings = GatewaySettings(flush_ms=1)
        self.metrics = GatewayMetrics()
        self.sink = MemorySink()
        self.clock = ManualClock(NOW_MS)
        self.block_writer = BlockWriter(settings, self.sink, self.clock, BOOT, self.metrics)
        backpressure = Backpressure(settings, self.block_writer, self.metrics)
        faults = Faults(self.metrics, self.block_writer, self.clock)
        connections = Connections(settings, self.metrics, backpressure, faults)
        neighbours = World().neighbours(MemoryIdentity(), self.sink, MemoryDesk())
        self.context = GatewayContext(
            settings,
            neighbours,
            DeviceApi(self.block_writer, neighbours, self.clock, self.metrics),
            self.block_writer,
            connections,
            self.metrics,
            self.clock,
            group.create_task,
            lambda: None,
        )
        self.transport = MemoryTransport()
        group.create_task(self.block_writer.run())

    def mqtt(self) -> asyncio.Protocol:
        return self._begun(MqttListener(self.context, None).make())

    def http(self) -> asyncio.Protocol:
        return self._begun(HttpListener(self.context).make())

    def _begun(self, protocol: asyncio.Protocol) -> asyncio.Protocol:
        protocol.connection_made(self.transport)
        return protocol

    async def feed(self, protocol: asyncio.Protocol, data: bytes) -> bool:
        """Hand one read over, once reading is on; False when the connection has ended."""
        for _ in range(1000):
            if self.transport.is_reading or not self.transport.is_open:
                break
            await asyncio.sleep(0.001)
        if self.transport.is_open:
            protocol.data_received(data)
        return self.transport.is_open

    async def finish(self) -> None:
        self.block_writer.close()
        assert not self.metrics.faults


def in_memory(scene: Callable[[Desk], Awaitable[None]]) -> None:
    async def play() -> None:
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            rpc = Desk(group)
            await scene(rpc)
            await rpc.finish()

    asyncio.run(play())


def chunks_of(stream: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({cut % (len(stream) + 1) for cut in cuts} | {0, len(stream)})
    return [stream[a:b] for a, b in itertools.pairwise(places)]


MESSAGES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(-1000, 1000), st.integers(0, 300)),
    min_size=1,
    max_size=12,
)


@given(messages=MESSAGES, cuts=st.lists(st.integers(0, 10_000), max_size=30))
def test_any_cut_of_the_stream_gives_the_same_messages(messages, cuts) -> None:
    stream = CONNECT
    for number, (qos, value, padding) in enumerate(messages, 1):
        payload = b'{"t": %d}' % value + b" " * padding
        stream += codec.build_publish(TELEMETRY, payload, qos, number)
        stream += codec.build_packet(codec.PINGREQ)

    async def scene(rpc: Desk) -> None:
        session = rpc.mqtt()
        for chunk in chunks_of(stream, cuts):
            assert await rpc.feed(session, chunk)
        expected = {number for number, (qos, *_) in enumerate(messages, 1) if qos}
        answers: list[tuple[int, int]] = []
        while {number for _, number in answers} != expected:
            await asyncio.sleep(0.001)
            answers = answers_in(bytes(rpc.transport.written))
        assert [number for _, number in answers] == sorted(expected)
        while len(rpc.sink.values("t")) < len(messages):
            await asyncio.sleep(0.001)
        assert rpc.sink.values("t") == [value for _, value, _ in messages]
        assert [line["qos"] for line in rpc.sink.messages] == [qos for qos, *_ in messages]

    in_memory(scene)


def answers_in(written: bytes) -> list[tuple[int, int]]:
    """Return the acknowledgements among the answers, in order."""
    found = []
    at = 0
    while at < len(written):
        body = written[at + 2 : at + 2 + written[at + 1]]
        if written[at] in (codec.PUBACK, codec.PUBREC):
            found.append((written[at], codec.parse_ack(body, five=False)[0]))
        at += 2 + written[at + 1]
    return found


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=5), st.booleans())
def test_any_bytes_end_in_a_close_at_worst(chunks: list[bytes], connected: bool) -> None:
    async def scene(rpc: Desk) -> None:
        session = rpc.mqtt()
        if connected:
            await rpc.feed(session, CONNECT)
        for chunk in chunks:
            await rpc.feed(session, chunk)

    in_memory(scene)


PACKETS = st.sampled_from(
    [
        CONNECT,
        codec.build_publish(TELEMETRY, b'{"t": 1}', 1, 1),
        codec.build_publish(TELEMETRY, b'{"t": 1}', 2, 2),
        codec.build_publish("a/b", b"{}", 1, 1),
        client_packets.build_subscribe(1, [("v1/devices/me/#", 1)]),
        client_packets.build_unsubscribe(1, ["a"]),
        codec.build_with_id(codec.PUBREL, 2),
        codec.build_packet(codec.PINGREQ),
    ]
)


@given(st.lists(PACKETS, min_size=1, max_size=5), st.data())
def test_any_damage_to_good_packets_ends_in_a_close_at_worst(packets, data) -> None:
    stream = bytearray(b"".join(packets))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(stream) - 1))
        stream[at] = data.draw(st.integers(0, 255))

    async def scene(rpc: Desk) -> None:
        session = rpc.mqtt()
        await rpc.feed(session, CONNECT)
        await rpc.feed(session, bytes(stream))

    in_memory(scene)


@given(st.lists(st.binary(min_size=1, max_size=200), max_size=5))
def test_any_bytes_over_http_end_in_an_answer_or_a_close(chunks: list[bytes]) -> None:
    async def scene(rpc: Desk) -> None:
        connection = rpc.http()
        for chunk in chunks:
            await rpc.feed(connection, chunk)

    in_memory(scene)


REQUEST = (
    b'POST /api/v1/tr_first/telemetry HTTP/1.1\r\nHost: t\r\nContent-Length: 8\r\n\r\n{"t": 1}'
)


@given(cuts=st.lists(st.integers(0, 1000), max_size=10), count=st.integers(1, 4), data=st.data())
def test_http_requests_survive_any_cut_and_most_damage(cuts, count, data) -> None:
    stream = bytearray(REQUEST * count)
    damage = data.draw(
        st.lists(st.tuples(st.integers(0, len(stream) - 1), st.integers(0, 255)), max_size=2)
    )
    for at, byte in damage:
        stream[at] = byte

    async def scene(rpc: Desk) -> None:
        connection = rpc.http()
        for chunk in chunks_of(bytes(stream), cuts):
            await rpc.feed(connection, chunk)
        if not damage:
            while rpc.transport.written.count(b"HTTP/1.1 200") < count:
                await asyncio.sleep(0.001)
            assert rpc.sink.values("t") == [1] * count

    in_memory(scene)


def test_flood_of_pings_in_one_read_is_answered_by_one_write() -> None:
    async def scene(rpc: Desk) -> None:
        session = rpc.mqtt()
        await rpc.feed(session, CONNECT)
        before = rpc.transport.writes
        await rpc.feed(session, codec.build_packet(codec.PINGREQ) * 10_000)
        assert len(rpc.transport.written) > 20_000
        assert rpc.transport.writes <= before + 2

    in_memory(scene)


def test_peer_that_takes_no_answers_is_not_read() -> None:
    async def scene(rpc: Desk) -> None:
        session = rpc.mqtt()
        await rpc.feed(session, CONNECT)
        while not rpc.transport.written:
            await asyncio.sleep(0.001)

        session.pause_writing()
        assert not rpc.transport.is_reading
        rpc.context.connections.hold_all()
        session.resume_writing()
        assert not rpc.transport.is_reading, "the intake still has no room"
        rpc.context.connections.release_all()
        assert rpc.transport.is_reading

    in_memory(scene)


@pytest.mark.parametrize("qos", [1, 2])
def test_acknowledgements_of_one_block_leave_in_one_write(qos: int) -> None:
    async def scene(rpc: Desk) -> None:
        session = rpc.mqtt()
        await rpc.feed(session, CONNECT)
        while not rpc.transport.written:
            await asyncio.sleep(0.001)
        packets = [codec.build_publish(TELEMETRY, b'{"t": 1}', qos, n) for n in range(1, 101)]
        await rpc.feed(session, b"".join(packets))
        while len(answers_in(bytes(rpc.transport.written))) < 100:
            await asyncio.sleep(0.001)
        assert rpc.transport.writes == 2
        assert rpc.sink.messages[0]["device"] == FIRST.device

    in_memory(scene)
