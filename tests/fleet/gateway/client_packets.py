"""What a client of MQTT reads and writes, where the gateway does the reverse."""

from collections.abc import Sequence

from tram.fleet.gateway.protocols.mqtt.packets.codec import (
    SUBSCRIBE,
    UNSUBSCRIBE,
    build_packet,
    decode_text,
    split_publish,
)
from tram.fleet.gateway.protocols.mqtt.packets.properties import (
    OF_ACK,
    OF_CONNACK,
    OF_PUBLISH,
    Properties,
    build_properties,
    read_properties,
)
from tram.fleet.gateway.protocols.mqtt.packets.wire import Reader, text

AUTH = 0xF0
_FLAGS_OF_REQUEST = 0x02


def parse_publish(first: int, body: bytes, *, five: bool) -> tuple[str, int, bytes, Properties]:
    """Return topic, packet id, payload and properties of a PUBLISH.

    Raises:
        Malformed: if the body is cut or breaks chapter 3.3.
    """
    raw, packet_id, at = split_publish(first, body, 0, len(body))
    properties: Properties = {}
    if five:
        reader = Reader(body, at)
        properties = read_properties(reader, OF_PUBLISH)
        at = reader.at
    return decode_text(raw), packet_id, body[at:], properties


def parse_connack(body: bytes) -> tuple[bool, int]:
    """Return session-present and the return code of CONNACK of MQTT 3.1.1.

    Raises:
        Malformed: if the body is not two bytes.
    """
    reader = Reader(body)
    present, code = reader.byte(), reader.byte()
    reader.end()
    return bool(present & 1), code


def parse_connack_5(body: bytes) -> tuple[bool, int, Properties]:
    """Return session-present, reason code and properties of CONNACK of MQTT 5.

    Raises:
        Malformed: if it breaks chapter 3.2.
    """
    reader = Reader(body)
    present, code = reader.byte(), reader.byte()
    properties = read_properties(reader, OF_CONNACK)
    reader.end()
    return bool(present & 1), code, properties


def parse_suback(body: bytes, *, five: bool = False) -> tuple[int, bytes]:
    """Return the packet id of SUBACK or UNSUBACK and its return codes.

    Raises:
        Malformed: if the id is cut or 0.
    """
    reader = Reader(body)
    packet_id = reader.packet_id()
    if five:
        read_properties(reader, OF_ACK)
    return packet_id, body[reader.at :]


def build_subscribe(
    packet_id: int, filters: Sequence[tuple[str, int]], properties: Properties | None = None
) -> bytes:
    """Return SUBSCRIBE, as a client sends it."""
    asked = b"".join(text(topic_filter) + bytes((options,)) for topic_filter, options in filters)
    middle = b"" if properties is None else build_properties(properties)
    return build_packet(
        SUBSCRIBE | _FLAGS_OF_REQUEST, packet_id.to_bytes(2, "big") + middle + asked
    )


def build_unsubscribe(
    packet_id: int, filters: Sequence[str], properties: Properties | None = None
) -> bytes:
    """Return UNSUBSCRIBE, as a client sends it."""
    asked = b"".join(text(topic_filter) for topic_filter in filters)
    middle = b"" if properties is None else build_properties(properties)
    return build_packet(
        UNSUBSCRIBE | _FLAGS_OF_REQUEST, packet_id.to_bytes(2, "big") + middle + asked
    )
