"""One device's session: who gets in, what is answered, and how it ends."""

import asyncio
import gc

import pytest

from tests.fleet.gateway import client_packets
from tests.fleet.gateway.rig import (
    ATTRIBUTES,
    FIRST,
    OTHER_TOKEN,
    SECOND,
    TELEMETRY,
    TOKEN,
    Rig,
    running,
)
from tram.fleet.block.block import EventKind
from tram.fleet.gateway.protocols.mqtt import receiving
from tram.fleet.gateway.protocols.mqtt import session as session_module
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.fleet.gateway.protocols.mqtt.packets.codec import Connect, Will
from tram.fleet.gateway.settings import GatewaySettings

pytestmark = pytest.mark.usefixtures("each_form")

PING = codec.build_packet(codec.PINGREQ)
PONG = (codec.PINGRESP, b"")

# Connecting


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({}, codec.ACCEPTED),
        ({"client_id": ""}, codec.ACCEPTED),
        ({"clean": False}, codec.ACCEPTED),
        ({"password": b"any"}, codec.ACCEPTED),
        ({"client_id": "thiết bị số 1"}, codec.ACCEPTED),
        ({"will": Will("v1/devices/me/telemetry", b"{}", 1, retain=True)}, codec.ACCEPTED),
        ({"level": 3}, codec.WRONG_LEVEL),
        ({"level": 6}, codec.WRONG_LEVEL),
        ({"client_id": "", "clean": False}, codec.WRONG_CLIENT_ID),
        ({"client_id": "c" * 257}, codec.WRONG_CLIENT_ID),
        ({"token": "tr_wrong"}, codec.WRONG_TOKEN),
        ({"token": ""}, codec.WRONG_TOKEN),
        ({"token": "x" * 5000}, codec.WRONG_TOKEN),
        ({"token": None}, codec.NOT_AUTHORISED),
    ],
    ids=str,
)
async def test_connect_is_answered(rig: Rig, fields: dict, code: int) -> None:
    wire = await rig.wire()

    assert await wire.begin(**fields) == code

    if code == codec.ACCEPTED:
        wire.send(PING)
        assert await wire.packet() == PONG
    else:
        assert await wire.is_closed()
    assert rig.gateway.metrics.protocols["mqtt"].connack[code] == 1
    await wire.close()


async def test_identity_that_is_behind_is_unavailable_not_a_wrong_token(rig: Rig) -> None:
    rig.identity.is_behind = True
    wire = await rig.wire()

    assert await wire.begin(token="tr_wrong") == codec.UNAVAILABLE
    assert await wire.is_closed()


async def test_packets_sent_before_the_look_up_ends_wait_for_it(rig: Rig) -> None:
    rig.identity.open.clear()
    wire = await rig.wire()
    wire.send(codec.build_connect(Connect(4, "c", user_name=TOKEN)))
    for number in range(1, 21):
        wire.publish(b'{"t": %d}' % number, packet_id=number)
        await asyncio.sleep(0.001)
    assert await wire.is_quiet()
    assert not rig.sink.messages

    rig.identity.open.set()

    assert await wire.packet() == (codec.CONNACK, b"\0\0")
    assert [await wire.answer() for _ in range(20)] == [(codec.PUBACK, n) for n in range(1, 21)]
    assert rig.sink.values("t") == list(range(1, 21))
    await wire.close()


async def test_connection_that_leaves_during_the_look_up_is_gone_after_it(rig: Rig) -> None:
    rig.identity.open.clear()
    wire = await rig.wire()
    wire.send(codec.build_connect(Connect(4, "c", user_name=TOKEN)))
    await rig.until(lambda: rig.identity.look_ups)
    wire.writer.transport.abort()

    rig.identity.open.set()
    await rig.until(lambda: not rig.gateway.metrics.connections)
    await rig.until(lambda: len(rig.sink.events) == 2)
    assert rig.sink.events[-1]["kind"] == EventKind.DISCONNECTED


async def test_connection_without_connect_is_closed(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_module, "CONNECT_S", 0.1)
    wire = await rig.wire()

    assert await wire.is_closed(seconds=5)
    assert rig.gateway.metrics.closed == {"connect.late": 1}


async def test_connections_over_the_limit_are_closed_at_once() -> None:
    async with running(connections_max=1) as rig:
        first = await rig.connect()
        second = await rig.wire()
        assert await second.is_closed()

        first.send(PING)
        assert await first.packet() == PONG
        assert rig.gateway.metrics.refused["connections.too_many"] == 1
        await first.close()
        await rig.until(lambda: not rig.gateway.metrics.connections)
        third = await rig.connect()
        await third.close()


# The end


async def test_presence_tells_how_a_connection_ended(rig: Rig) -> None:
    polite = await rig.connect()
    polite.send(codec.build_packet(codec.DISCONNECT))
    assert await polite.is_closed()
    rude = await rig.connect(token=OTHER_TOKEN)
    rude.writer.transport.abort()
    await rig.until(lambda: len(rig.sink.events) == 4)

    assert [(e["device"], e["kind"], e["code"]) for e in rig.sink.events] == [
        (FIRST.device, EventKind.CONNECTED, ""),
        (FIRST.device, EventKind.DISCONNECTED, ""),
        (SECOND.device, EventKind.CONNECTED, ""),
        (SECOND.device, EventKind.DISCONNECTED, "connection.lost"),
    ]


async def test_silence_of_one_and_a_half_keep_alives_ends_the_connection(rig: Rig) -> None:
    silent = await rig.connect(keep_alive_s=1)
    talking = await rig.connect(keep_alive_s=1, client_id="talking")
    never = await rig.connect(keep_alive_s=0, client_id="never")
    closing = asyncio.create_task(silent.is_closed())
    pongs = 0
    while not closing.done():
        talking.send(PING)
        assert await talking.packet() == PONG
        pongs += 1
        await asyncio.sleep(0.2)

    assert pongs > 5
    never.send(PING)
    assert await never.packet() == PONG
    assert rig.gateway.metrics.closed == {"keep_alive.expired": 1}
    await talking.close()
    await never.close()


async def test_newest_connection_of_a_client_wins(rig: Rig) -> None:
    older = await rig.connect(client_id="same")
    other_client = await rig.connect(client_id="other")
    other_device = await rig.connect(client_id="same", token=OTHER_TOKEN)
    newer = await rig.connect(client_id="same")

    assert await older.is_closed()
    for alive in (other_client, other_device, newer):
        alive.send(PING)
        assert await alive.packet() == PONG
        await alive.close()
    await rig.until(lambda: len(rig.sink.events) == 8)
    kinds = [(e["kind"], e["code"]) for e in rig.sink.events if e["device"] == FIRST.device]
    taken_over = kinds.index((EventKind.DISCONNECTED, "session.taken_over"))
    assert kinds[taken_over + 1] == (EventKind.CONNECTED, "")


async def test_revocation_closes_the_credentials_connections_only(rig: Rig) -> None:
    wires = [await rig.connect(client_id=name) for name in "ab"]
    other = await rig.connect(token=OTHER_TOKEN)

    rig.identity.revoke(TOKEN)

    for wire in wires:
        assert await wire.is_closed(seconds=1)
    other.send(PING)
    assert await other.packet() == PONG
    again = await rig.wire()
    assert await again.begin() == codec.WRONG_TOKEN
    await again.close()
    await other.close()


# Wrong packets

CONNECT = codec.build_connect(Connect(4, "c", user_name=TOKEN))
PUBLISH = codec.build_publish(TELEMETRY, b'{"t": 1}', 1, 1)
FIRST_PACKETS = {
    "publish": PUBLISH,
    "ping": PING,
    "zeros": bytes(10),
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00",
    "endless length": b"\x10\xff\xff\xff\xff\x01",
    "too long": b"\x10\xff\xff\xff\x7f",
    "connect with flags": b"\x11" + CONNECT[1:],
    "wrong name": codec.build_packet(0x10, b"\x00\x04MQTX\x04\x02\x00\x3c\x00\x00"),
}
LATER_PACKETS = {
    "second connect": CONNECT,
    "type 0": b"\x00\x00",
    "type 15": b"\xf0\x00",
    "connack from a client": codec.build_connack(0),
    "suback from a client": codec.build_suback(1, [0]),
    "ping with a body": b"\xc0\x01x",
    "disconnect with a body": b"\xe0\x01x",
    "disconnect with flags": b"\xe1\x00",
    "pubrel without its flag": b"\x60\x02\x00\x01",
    "pubrel of id 0": b"\x62\x02\x00\x00",
    "pubrel cut": b"\x62\x01\x00",
    "subscribe without its flag": b"\x80" + client_packets.build_subscribe(1, [("a", 0)])[1:],
    "subscribe to nothing": b"\x82\x02\x00\x01",
    "unsubscribe from nothing": b"\xa2\x02\x00\x01",
    "publish QoS 3": b"\x36" + PUBLISH[1:],
    "publish id 0": codec.build_publish(TELEMETRY, b"{}", 1, 0),
    "publish DUP with QoS 0": b"\x38" + codec.build_publish(TELEMETRY, b"{}")[1:],
    "publish to a wildcard": codec.build_publish("v1/devices/+/telemetry", b"{}", 1, 1),
    "publish to nothing": codec.build_publish("", b"{}", 1, 1),
    "publish to no UTF-8": codec.build_packet(0x32, b"\x00\x02\xff\xff\x00\x01{}"),
    "publish to NUL": codec.build_packet(0x32, b"\x00\x02a\x00\x00\x01{}"),
    "publish cut": codec.build_packet(0x32, b"\x00\x20v1"),
    "endless length": b"\x30\xff\xff\xff\xff",
    "longer than any packet": b"\x30\xff\xff\xff\x7f",
}


@pytest.mark.parametrize("packet", FIRST_PACKETS.values(), ids=FIRST_PACKETS)
async def test_wrong_first_packet_closes_without_an_answer(rig: Rig, packet: bytes) -> None:
    wire = await rig.wire()
    wire.send(packet)

    assert await wire.reader.read() == b""
    assert rig.gateway.metrics.refused["packet.malformed"] == 1
    assert not rig.identity.look_ups
    await wire.close()


@pytest.mark.parametrize("packet", LATER_PACKETS.values(), ids=LATER_PACKETS)
async def test_wrong_packet_closes_and_is_told_to_the_devices_owner(
    rig: Rig, packet: bytes
) -> None:
    wire = await rig.connect()
    wire.send(PUBLISH, packet)

    assert await wire.is_closed()
    await rig.until(lambda: len(rig.sink.events) == 3)
    refused, gone = rig.sink.events[1:]
    assert (refused["kind"], refused["code"]) == (EventKind.REFUSED, "packet.malformed")
    assert refused["detail"]
    assert TOKEN not in refused["detail"]
    assert (gone["kind"], gone["code"]) == (EventKind.DISCONNECTED, "packet.malformed")
    assert rig.sink.values("t") == [1], "what came before it was good"


async def test_payload_over_the_limit_closes_and_is_counted() -> None:
    async with running(payload_bytes_max=100) as rig:
        wire = await rig.connect()
        wire.publish(b'{"a":%b}' % (b" " * 93 + b"1"))
        assert (await wire.answer())[0] == codec.PUBACK
        wire.publish(b'{"a":%b}' % (b" " * 94 + b"1"))

        assert await wire.is_closed()
        await rig.until(lambda: len(rig.sink.events) == 3)
        assert rig.sink.events[1]["code"] == "payload.too_large"
        assert rig.gateway.metrics.refused == {"payload.too_large": 1}


# Refused messages


@pytest.mark.parametrize(
    ("topic", "payload", "code", "words"),
    [
        (TELEMETRY, b'{"t": nan}', "payload.not_json", ["JSON", '{"t": nan}']),
        (TELEMETRY, b'{"a": null, "b": null}', "payload.wrong", ["a: null", "b: null"]),
        (TELEMETRY, b"", "payload.not_json", []),
        (TELEMETRY, b"\x00\xff" + b"x" * 500, "payload.not_json", ["\\x00\\xffxxx", "…"]),
        (ATTRIBUTES, b"[]", "payload.wrong", ["object"]),
        ("sensors/1", b"{}", "topic.unknown", ["sensors/1", TELEMETRY]),
        ("v1/devices/other/telemetry", b"{}", "topic.unknown", []),
    ],
    ids=str,
)
async def test_refused_message_is_an_event_and_acknowledged_once_that_is_on_disk(
    rig: Rig, topic: str, payload: bytes, code: str, words: list[str]
) -> None:
    wire = await rig.connect()
    await rig.until(lambda: rig.sink.events)
    rig.sink.open.clear()
    wire.send(codec.build_publish(topic, payload, 1, 5))
    await rig.until(lambda: rig.sink.under_way)
    assert await wire.is_quiet()
    rig.sink.open.set()

    assert await wire.answer() == (codec.PUBACK, 5)
    event = rig.sink.events[1]
    assert (event["kind"], event["code"]) == (EventKind.REFUSED, code)
    assert (event["device"], event["org"]) == (FIRST.device, FIRST.org)
    assert all(word in event["detail"] for word in words)
    assert event["detail"].isprintable()
    assert len(event["detail"]) < 500
    assert rig.gateway.metrics.refused == {code: 1}
    assert not rig.sink.messages
    wire.send(PING)
    assert await wire.packet() == PONG
    await wire.close()


async def test_attributes_become_events_with_their_json(rig: Rig) -> None:
    wire = await rig.connect()
    wire.send(codec.build_publish(ATTRIBUTES, b'{"model": "AQ-1", "n": [1]}', 1, 1))

    await wire.answer()
    facts = [e for e in rig.sink.events if e["kind"] == EventKind.ATTRIBUTE]
    assert [(e["code"], e["detail"]) for e in facts] == [("model", '"AQ-1"'), ("n", "[1]")]
    assert len(rig.sink.messages) == 1
    await wire.close()


# Quality of service 2, subscriptions, pings


async def test_qos_2_message_is_taken_once_however_often_it_is_sent(rig: Rig) -> None:
    wire = await rig.connect()
    await rig.until(lambda: rig.sink.events)
    rig.sink.open.clear()
    for duplicate in (False, True, True):
        wire.publish(b'{"t": 1}', packet_id=3, qos=2, duplicate=duplicate)
    await rig.until(lambda: rig.sink.under_way)
    assert await wire.is_quiet()
    rig.sink.open.set()

    assert [await wire.answer() for _ in range(3)] == [(codec.PUBREC, 3)] * 3
    wire.send(codec.build_with_id(codec.PUBREL, 3))
    assert await wire.answer() == (codec.PUBCOMP, 3)
    assert rig.sink.values("t") == [1]

    wire.publish(b'{"t": 2}', packet_id=3, qos=2)
    assert await wire.answer() == (codec.PUBREC, 3)
    assert rig.sink.values("t") == [1, 2], "after PUBREL the id is free for another message"
    wire.send(codec.build_with_id(codec.PUBREL, 99))
    assert await wire.answer() == (codec.PUBCOMP, 99)
    await wire.close()


async def test_repeated_qos_2_message_is_answered_after_the_first_is_on_disk(rig: Rig) -> None:
    wire = await rig.connect()
    wire.publish(b'{"t": 1}', packet_id=3, qos=2)
    assert await wire.answer() == (codec.PUBREC, 3)
    blocks = len(rig.sink.blocks)

    wire.publish(b'{"t": 1}', packet_id=3, qos=2, duplicate=True)
    assert await wire.answer() == (codec.PUBREC, 3)
    assert len(rig.sink.blocks) == blocks, "an answer alone needs no block"
    await wire.close()


async def test_open_qos_2_messages_of_one_connection_are_bounded(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "QOS2_IDS_MAX", 5)
    wire = await rig.connect()
    for number in range(1, 7):
        wire.publish(b'{"t": 1}', packet_id=number, qos=2)

    assert await wire.is_closed()
    await rig.until(lambda: len(rig.sink.events) == 3)
    assert "QoS 2" in rig.sink.events[1]["detail"]


async def test_subscriptions_are_granted_within_the_own_topics_only(rig: Rig) -> None:
    wire = await rig.connect()
    filters = [
        ("v1/devices/me/attributes", 1),
        ("v1/devices/me/rpc/request/+", 2),
        ("v1/devices/me/#", 0),
        ("#", 0),
        ("v1/devices/+/attributes", 1),
        ("$SYS/#", 0),
    ]
    wire.send(client_packets.build_subscribe(77, filters))

    first, body = await wire.packet()
    assert first == codec.SUBACK
    assert client_packets.parse_suback(body) == (77, bytes([1, 1, 0, 0x80, 0x80, 0x80]))
    wire.send(client_packets.build_unsubscribe(78, ["v1/devices/me/#"]))
    assert await wire.answer() == (codec.UNSUBACK, 78)
    await wire.close()


async def test_answers_of_a_client_to_nothing_are_ignored(rig: Rig) -> None:
    wire = await rig.connect()
    wire.send(
        *(codec.build_with_id(kind, 1) for kind in (codec.PUBACK, codec.PUBREC, codec.PUBCOMP))
    )
    wire.send(PING)

    assert await wire.packet() == PONG
    await wire.close()


async def test_server_timed_reading_has_the_time_of_arrival(rig: Rig) -> None:
    assert GatewaySettings().flush_ms <= 20
    wire = await rig.connect()
    wire.publish(b'{"t": 1}')
    await wire.answer()

    (line,) = rig.sink.readings
    header = rig.sink.blocks[-1].header
    assert header.received_at_ms - 5_000 < line["observed_at_ms"] <= header.received_at_ms
    await wire.close()


async def test_a_connection_that_has_ended_leaves_nothing_for_the_collector(rig: Rig) -> None:
    """The collector looks seldom: what reconnects again and again must go by itself."""
    gc.collect()
    gc.disable()
    try:
        before = _sessions_in_memory()
        for number in range(20):
            wire = await rig.wire()
            assert await wire.begin(client_id=f"c{number}") == codec.ACCEPTED
            wire.publish(b'{"t": 1}')
            await wire.packet()
            wire.send(codec.build_packet(codec.DISCONNECT))
            assert await wire.is_closed()
        await asyncio.sleep(0.1)

        assert _sessions_in_memory() - before <= 1  # the last one may be on its way
    finally:
        gc.enable()


def _sessions_in_memory() -> int:
    return sum(isinstance(found, session_module.MqttSession) for found in gc.get_objects())
