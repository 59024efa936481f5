"""Packets of MQTT 3.1.1: there and back, and what the standard forbids."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fleet.gateway import client_packets
from tests.fleet.gateway.parsers import codec_parsers
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.fleet.gateway.protocols.mqtt.packets.codec import Connect, Will
from tram.fleet.gateway.protocols.mqtt.packets.wire import Malformed, read_length

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=50)
NAMES = TEXTS.map(lambda text: "t" + text.replace("+", "").replace("#", ""))
IDS = st.integers(1, 65_535)
QOS = st.integers(0, 2)
WILLS = st.builds(Will, NAMES, st.binary(max_size=50), QOS, st.booleans(), st.none())


def body_of(packet: bytes) -> bytes:
    length, start = read_length(packet, 1)
    assert start + length == len(packet)
    return packet[start:]


@given(
    client_id=TEXTS,
    clean=st.booleans(),
    keep_alive_s=st.integers(0, 65_535),
    will=st.none() | WILLS,
    user=st.tuples(st.none(), st.none()) | st.tuples(TEXTS, st.none() | st.binary(max_size=50)),
)
def test_connect_comes_back(client_id, clean, keep_alive_s, will, user) -> None:
    connect = Connect(4, client_id, clean, keep_alive_s, will, *user)

    packet = codec.build_connect(connect)

    assert packet[0] == codec.CONNECT
    assert codec.parse_connect(body_of(packet)) == connect


@given(
    topic=NAMES, payload=st.binary(max_size=300), qos=QOS, packet_id=IDS, duplicate=st.booleans()
)
def test_publish_comes_back(topic, payload, qos, packet_id, duplicate) -> None:
    duplicate = duplicate and qos > 0
    packet = codec.build_publish(topic, payload, qos, packet_id, duplicate=duplicate)
    length, start = read_length(packet, 1)

    raw, got_id, payload_at = codec.split_publish(packet[0], packet, start, start + length)

    assert (raw.decode(), packet[payload_at:]) == (topic, payload)
    assert got_id == (packet_id if qos else 0)
    assert (packet[0] >> 1 & 3, bool(packet[0] & 8)) == (qos, duplicate)


@given(packet_id=IDS, filters=st.lists(st.tuples(NAMES, QOS), min_size=1, max_size=5))
def test_subscribe_and_unsubscribe_come_back(packet_id, filters) -> None:
    names = [name for name, _ in filters]
    subscribe = client_packets.build_subscribe(packet_id, filters)
    unsubscribe = client_packets.build_unsubscribe(packet_id, names)

    assert (subscribe[0], unsubscribe[0]) == (codec.SUBSCRIBE | 2, codec.UNSUBSCRIBE | 2)
    assert codec.parse_subscribe(body_of(subscribe)) == (packet_id, filters, 0)
    assert codec.parse_unsubscribe(body_of(unsubscribe)) == (packet_id, names)


@given(packet_id=IDS, codes=st.lists(st.sampled_from([0, 1, 2, 0x80]), min_size=1, max_size=300))
def test_suback_comes_back(packet_id, codes) -> None:
    packet = codec.build_suback(packet_id, codes)

    assert packet[0] == codec.SUBACK
    assert client_packets.parse_suback(body_of(packet)) == (packet_id, bytes(codes))


@pytest.mark.parametrize("code", range(6))
def test_connack_comes_back(code: int) -> None:
    assert client_packets.parse_connack(body_of(codec.build_connack(code))) == (False, code)


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        (codec.PUBACK, 0x40),
        (codec.PUBREC, 0x50),
        (codec.PUBREL, 0x62),
        (codec.PUBCOMP, 0x70),
        (codec.UNSUBACK, 0xB0),
    ],
)
def test_packets_of_an_id_come_back(kind: int, first: int) -> None:
    packet = codec.build_with_id(kind, 513)

    assert packet[0] == first
    assert codec.parse_ack(body_of(packet), five=False) == (513, 0)


@pytest.mark.parametrize("kind", [codec.PINGREQ, codec.PINGRESP, codec.DISCONNECT])
def test_packets_without_body_are_two_bytes(kind: int) -> None:
    assert codec.build_packet(kind) == bytes((kind, 0))


@pytest.mark.parametrize(
    ("length", "encoded"),
    [
        (0, "00"),
        (127, "7f"),
        (128, "8001"),
        (16_383, "ff7f"),
        (16_384, "808001"),
        (2_097_151, "ffff7f"),
        (2_097_152, "80808001"),
    ],
)
def test_remaining_length_is_the_standards_table(length: int, encoded: str) -> None:
    raw = bytes.fromhex(encoded)

    assert read_length(b"\x30" + raw, 1) == (length, 1 + len(raw))
    assert codec.build_packet(0x30, bytes(length)).startswith(b"\x30" + raw)
    for cut in range(len(raw)):
        assert read_length(b"\x30" + raw[:cut], 1)[0] == -1


def test_remaining_length_of_five_bytes_is_malformed() -> None:
    with pytest.raises(Malformed):
        read_length(b"\x30\xff\xff\xff\xff", 1)


CONNECTS = {
    "another protocol": b"\x00\x04HTTP\x04\x02\x00\x3c\x00\x00",
    "empty": b"",
    "only a name": b"\x00\x04MQTT",
    "reserved flag": b"\x00\x04MQTT\x04\x03\x00\x3c\x00\x00",
    "will QoS 3": b"\x00\x04MQTT\x04\x1e\x00\x3c\x00\x00\x00\x01t\x00\x00",
    "will QoS without will": b"\x00\x04MQTT\x04\x0a\x00\x3c\x00\x00",
    "will retain without will": b"\x00\x04MQTT\x04\x22\x00\x3c\x00\x00",
    "will without a topic": b"\x00\x04MQTT\x04\x06\x00\x3c\x00\x00\x00\x00\x00\x00",
    "will to a wildcard": b"\x00\x04MQTT\x04\x06\x00\x3c\x00\x00\x00\x01#\x00\x00",
    "password without user": b"\x00\x04MQTT\x04\x42\x00\x3c\x00\x00\x00\x01p",
    "client id is not UTF-8": b"\x00\x04MQTT\x04\x02\x00\x3c\x00\x01\xff",
    "client id holds a surrogate": b"\x00\x04MQTT\x04\x02\x00\x3c\x00\x03\xed\xa0\x80",
    "client id holds NUL": b"\x00\x04MQTT\x04\x02\x00\x3c\x00\x01\x00",
    "cut client id": b"\x00\x04MQTT\x04\x02\x00\x3c\x00\x05ab",
    "more than its fields": b"\x00\x04MQTT\x04\x02\x00\x3c\x00\x00!",
}


@pytest.mark.parametrize("body", CONNECTS.values(), ids=CONNECTS)
def test_wrong_connect_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        codec.parse_connect(body)


@pytest.mark.parametrize("body", [b"\x00\x06MQIsdp\x03", b"\x00\x04MQTT\x06\x02\x00\x3c\x00"])
def test_connect_of_another_level_tells_its_level_alone(body: bytes) -> None:
    assert codec.parse_connect(body).level in (3, 6)


@pytest.mark.parametrize(
    "body",
    [b"", b"\x00", b"\x00\x01", b"\x00\x00\x00\x01a\x00", b"\x00\x01\x00\x00\x00"]
    + [
        b"\x00\x01" + client_packets.build_subscribe(1, [(wrong, 0)])[4:]
        for wrong in ("a#", "#/a", "a+/b")
    ]
    + [b"\x00\x01\x00\x01a\x03", b"\x00\x01\x00\x01a", b"\x00\x01\x00\x05a\x00"],
)
def test_wrong_subscribe_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        codec.parse_subscribe(body)


PUBLISHES = {
    "empty": (0x30, b""),
    "cut topic": (0x30, b"\x00\x05abc"),
    "no packet id": (0x32, b"\x00\x01a"),
    "half a packet id": (0x32, b"\x00\x01a\x01"),
    "packet id 0": (0x32, b"\x00\x01a\x00\x00"),
    "QoS 3": (0x36, b"\x00\x01a\x00\x01"),
    "DUP with QoS 0": (0x38, b"\x00\x01a"),
}


@pytest.mark.parametrize(("first", "body"), PUBLISHES.values(), ids=PUBLISHES)
def test_wrong_publish_is_malformed(first: int, body: bytes) -> None:
    data = b"before" + body

    with pytest.raises(Malformed):
        codec.split_publish(first, data, len(b"before"), len(data))


@given(st.binary(max_size=100))
def test_parsers_raise_nothing_but_malformed(body: bytes) -> None:
    for parse in codec_parsers():
        with suppress(Malformed):
            parse(body)


def test_field_over_the_protocols_limit_cannot_be_built() -> None:
    with pytest.raises(ValueError, match="65536"):
        codec.build_publish("t" * 65_536, b"")
