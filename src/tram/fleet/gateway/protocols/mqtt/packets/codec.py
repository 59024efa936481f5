"""Packets of MQTT 3.1.1 and 5: bytes to values and back. Pure functions, no sockets, no clock.

What only MQTT 5 has stands under ``five``. Everything that the standards forbid raises
``Malformed``; nothing else is ever raised over bytes from outside (see ``wire``).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from tram.fleet.gateway.protocols.mqtt.packets.properties import (
    OF_ACK,
    OF_CONNECT,
    OF_DISCONNECT,
    OF_SUBSCRIBE,
    OF_UNSUBSCRIBE,
    OF_WILL,
    SUBSCRIPTION_ID,
    Properties,
    build_properties,
    read_properties,
)
from tram.fleet.gateway.protocols.mqtt.packets.topics import check_topic_filter, check_topic_name
from tram.fleet.gateway.protocols.mqtt.packets.wire import (
    PROTOCOL_ERROR,
    Malformed,
    Reader,
    binary,
    decode_text,
    read_length,
    text,
    variable,
)

__all__ = (
    "ACCEPTED",
    "CONNACK",
    "CONNECT",
    "CROWDED",
    "DISCONNECT",
    "LEVEL_3_1_1",
    "LEVEL_5",
    "NOT_AUTHORISED",
    "PINGREQ",
    "PINGRESP",
    "PUBACK",
    "PUBCOMP",
    "PUBLISH",
    "PUBREC",
    "PUBREL",
    "SUBACK",
    "SUBSCRIBE",
    "SUBSCRIPTION_REFUSED",
    "UNAVAILABLE",
    "UNSUBACK",
    "UNSUBSCRIBE",
    "WRONG_CLIENT_ID",
    "WRONG_LEVEL",
    "WRONG_TOKEN",
    "Connect",
    "Malformed",
    "Subscribe",
    "Will",
    "build_connack",
    "build_connect",
    "build_disconnect",
    "build_packet",
    "build_publish",
    "build_suback",
    "build_unsuback",
    "build_with_id",
    "decode_text",
    "parse_ack",
    "parse_connect",
    "parse_disconnect",
    "parse_subscribe",
    "parse_unsubscribe",
    "read_length",
    "split_publish",
)

# Packet types: the upper four bits of the first byte (2.2.1).
CONNECT: Final = 0x10
CONNACK: Final = 0x20
PUBLISH: Final = 0x30
PUBACK: Final = 0x40
PUBREC: Final = 0x50
PUBREL: Final = 0x60
PUBCOMP: Final = 0x70
SUBSCRIBE: Final = 0x80
SUBACK: Final = 0x90
UNSUBSCRIBE: Final = 0xA0
UNSUBACK: Final = 0xB0
PINGREQ: Final = 0xC0
PINGRESP: Final = 0xD0
DISCONNECT: Final = 0xE0

# Return codes of CONNACK (3.2.2.3).
ACCEPTED: Final = 0
WRONG_LEVEL: Final = 1
WRONG_CLIENT_ID: Final = 2
UNAVAILABLE: Final = 3
WRONG_TOKEN: Final = 4
NOT_AUTHORISED: Final = 5
CROWDED: Final = -1
"""Too many connections: 3.1.1 has no code of its own for it."""

LEVEL_3_1_1: Final = 4
LEVEL_5: Final = 5
QOS_MAX: Final = 2
SUBSCRIPTION_REFUSED: Final = 0x80
_OPTIONS_RESERVED: Final = 0xC0
_RETAIN_HANDLING_MAX: Final = 2

_CLEAN: Final = 0x02
_WILL: Final = 0x04
_WILL_QOS_AND_RETAIN: Final = 0x38
_WILL_RETAIN: Final = 0x20
_PASSWORD: Final = 0x40
_USER_NAME: Final = 0x80
_FLAGS_OF_REQUEST: Final = 0x02  # SUBSCRIBE, UNSUBSCRIBE and PUBREL carry it (2.2.2)


class Will(NamedTuple):
    """The message that a client wants published if it vanishes."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    properties: Properties | None = None


class Connect(NamedTuple):
    """CONNECT; of another protocol level only ``level`` is filled. ``keep_alive_s`` 0 = never."""

    level: int
    client_id: str = ""
    clean: bool = True
    keep_alive_s: int = 0
    will: Will | None = None
    user_name: str | None = None
    password: bytes | None = None
    properties: Properties | None = None

    @property
    def five(self) -> bool:
        """Whether the client speaks MQTT 5."""
        return self.level == LEVEL_5


class Subscribe(NamedTuple):
    """SUBSCRIBE; each filter with its options, whose lowest two bits are the QoS asked for."""

    packet_id: int
    filters: list[tuple[str, int]]
    identifier: int = 0


def split_publish(first: int, data: bytes, start: int, stop: int) -> tuple[bytes, int, int]:
    """Return topic, packet id (0 without) and where the payload starts, of a PUBLISH body.

    ``data[start:stop]`` is the body, ``first`` the packet's first byte.

    Raises:
        Malformed: if the body is cut, or id, QoS or DUP break the standard.
    """
    payload_at = start + 2
    if payload_at > stop:
        raise Malformed("PUBLISH is cut.")
    topic_end = payload_at + (data[start] << 8 | data[start + 1])
    qos = first >> 1 & 3
    if not qos:
        if topic_end > stop:
            raise Malformed("PUBLISH is cut.")
        if first & 8:
            raise Malformed("PUBLISH with QoS 0 must not be marked as sent again.")  # 3.3.1-2
        return data[payload_at:topic_end], 0, topic_end
    if topic_end + 2 > stop:
        raise Malformed("PUBLISH is cut.")
    packet_id = data[topic_end] << 8 | data[topic_end + 1]
    if not packet_id:
        raise Malformed("Packet id 0 is forbidden.")  # 2.3.1-1
    if qos > QOS_MAX:
        raise Malformed("QoS 3 is forbidden.")  # 3.3.1-4
    return data[payload_at:topic_end], packet_id, topic_end + 2


def parse_connect(body: bytes) -> Connect:
    """Read CONNECT's body.

    Raises:
        Malformed: if anything breaks chapter 3.1 but the protocol level, which gets an answer.
    """
    reader = Reader(body)
    name = reader.binary()
    level = reader.byte()
    if name == b"MQIsdp" or (name == b"MQTT" and level not in (LEVEL_3_1_1, LEVEL_5)):
        return Connect(level)
    if name != b"MQTT":
        raise Malformed("The protocol is not MQTT.")
    five = level == LEVEL_5
    flags = reader.byte()
    keep_alive_s = reader.number()
    _check_connect_flags(flags, five=five)
    properties = read_properties(reader, OF_CONNECT) if five else None
    client_id = reader.text()
    will = _read_will(reader, flags, five=five) if flags & _WILL else None
    user_name = reader.text() if flags & _USER_NAME else None
    password = reader.binary() if flags & _PASSWORD else None
    reader.end()
    clean = bool(flags & _CLEAN)
    return Connect(level, client_id, clean, keep_alive_s, will, user_name, password, properties)


def _read_will(reader: Reader, flags: int, *, five: bool) -> Will:
    properties = read_properties(reader, OF_WILL) if five else None
    topic = reader.text()
    check_topic_name(topic)
    return Will(topic, reader.binary(), flags >> 3 & 3, bool(flags & _WILL_RETAIN), properties)


def parse_ack(body: bytes, *, five: bool) -> tuple[int, int]:
    """Return packet id and reason code (0 = success) of PUBACK, PUBREC, PUBREL or PUBCOMP.

    Raises:
        Malformed: if it is anything else, or the id is 0.
    """
    reader = Reader(body)
    packet_id = reader.packet_id()
    reason = 0
    if five and not reader.at_end:
        reason = reader.byte()
        if not reader.at_end:
            read_properties(reader, OF_ACK)
    reader.end()
    return packet_id, reason


def parse_disconnect(body: bytes) -> tuple[int, Properties]:
    """Return reason code and properties of an MQTT 5 DISCONNECT.

    Raises:
        Malformed: if it breaks chapter 3.14.
    """
    reader = Reader(body)
    reason = 0 if reader.at_end else reader.byte()
    properties = {} if reader.at_end else read_properties(reader, OF_DISCONNECT)
    reader.end()
    return reason, properties


def parse_subscribe(body: bytes, *, five: bool = False) -> Subscribe:
    """Read SUBSCRIBE's body.

    Raises:
        Malformed: if there is no filter, or a filter or its options break chapter 3.8.
    """
    reader = Reader(body)
    packet_id = reader.packet_id()
    properties = read_properties(reader, OF_SUBSCRIBE) if five else {}
    identifiers = properties.get(SUBSCRIPTION_ID, [0])
    if len(identifiers) > 1:
        raise Malformed("SUBSCRIBE has two subscription identifiers.", PROTOCOL_ERROR)
    filters: list[tuple[str, int]] = []
    if five and reader.at_end:
        raise Malformed("SUBSCRIBE holds no filter.", PROTOCOL_ERROR)
    while not filters or not reader.at_end:
        topic_filter = reader.text()
        check_topic_filter(topic_filter)
        options = reader.byte()
        _check_options(topic_filter, options, five=five)
        filters.append((topic_filter, options))
    return Subscribe(packet_id, filters, identifiers[0])


def _check_options(topic_filter: str, options: int, *, five: bool) -> None:
    if options & 3 > QOS_MAX or (not five and options > QOS_MAX):
        raise Malformed("The QoS asked for does not exist.")  # 3-8.3-4
    if options & _OPTIONS_RESERVED or options >> 4 & 3 > _RETAIN_HANDLING_MAX:
        raise Malformed("The options of a subscription do not exist.")  # 5: 3.8.3-5
    if options & 4 and topic_filter.startswith("$share/"):
        raise Malformed("A shared subscription cannot ask for no local.", PROTOCOL_ERROR)


def parse_unsubscribe(body: bytes, *, five: bool = False) -> tuple[int, list[str]]:
    """Return the packet id of UNSUBSCRIBE and its topic filters.

    Raises:
        Malformed: if there is no filter, or a filter breaks chapter 3.10.
    """
    reader = Reader(body)
    packet_id = reader.packet_id()
    if five:
        read_properties(reader, OF_UNSUBSCRIBE)
    filters: list[str] = []
    while not filters or not reader.at_end:
        topic_filter = reader.text()
        check_topic_filter(topic_filter)
        filters.append(topic_filter)
    return packet_id, filters


def build_packet(first: int, body: bytes = b"") -> bytes:
    """Return a packet of a first byte and a body."""
    return bytes((first,)) + variable(len(body)) + body


def build_with_id(
    first: int, packet_id: int, reason: int = 0, properties: Properties | None = None
) -> bytes:
    """Return PUBACK, PUBREC, PUBREL, PUBCOMP or the UNSUBACK of 3.1.1.

    ``reason`` other than 0 and properties exist in MQTT 5 only.
    """
    flags = _FLAGS_OF_REQUEST if first == PUBREL else 0
    body = packet_id.to_bytes(2, "big")
    if reason or properties:
        body += bytes((reason,))
    if properties:
        body += build_properties(properties)
    return build_packet(first | flags, body)


def build_connect(connect: Connect) -> bytes:
    """Return CONNECT, as a client sends it."""
    flags = _CLEAN if connect.clean else 0
    fields = [build_properties(connect.properties)] if connect.five else []
    fields.append(text(connect.client_id))
    if connect.will is not None:
        will = connect.will
        flags |= _WILL | will.qos << 3 | (_WILL_RETAIN if will.retain else 0)
        fields += [build_properties(will.properties)] if connect.five else []
        fields += [text(will.topic), binary(will.payload)]
    if connect.user_name is not None:
        flags |= _USER_NAME
        fields.append(text(connect.user_name))
    if connect.password is not None:
        flags |= _PASSWORD
        fields.append(binary(connect.password))
    head = (
        b"\x00\x04MQTT" + bytes((connect.level, flags)) + connect.keep_alive_s.to_bytes(2, "big")
    )
    return build_packet(CONNECT, head + b"".join(fields))


def build_connack(
    code: int, *, present: bool = False, properties: Properties | None = None
) -> bytes:
    """Return CONNACK; with properties, even none, in the form of MQTT 5."""
    tail = b"" if properties is None else build_properties(properties)
    return build_packet(CONNACK, bytes((present, code)) + tail)


def build_publish(  # noqa: PLR0913  # the fields of the packet
    topic: str,
    payload: bytes,
    qos: int = 0,
    packet_id: int = 0,
    *,
    duplicate: bool = False,
    retain: bool = False,
    properties: Properties | None = None,
) -> bytes:
    """Return PUBLISH, in the form of MQTT 5 with properties, even none.

    ``packet_id`` counts only with QoS 1 and 2.
    """
    first = PUBLISH | qos << 1 | (8 if duplicate else 0) | retain
    number = packet_id.to_bytes(2, "big") if qos else b""
    middle = b"" if properties is None else build_properties(properties)
    return build_packet(first, text(topic) + number + middle + payload)


def build_suback(packet_id: int, codes: Sequence[int], *, five: bool = False) -> bytes:
    """Return SUBACK with one granted QoS or refusal per filter."""
    middle = b"\0" if five else b""
    return build_packet(SUBACK, packet_id.to_bytes(2, "big") + middle + bytes(codes))


def build_unsuback(packet_id: int, codes: Sequence[int], *, five: bool = False) -> bytes:
    """Return UNSUBACK; only MQTT 5 says a code per filter."""
    tail = b"\0" + bytes(codes) if five else b""
    return build_packet(UNSUBACK, packet_id.to_bytes(2, "big") + tail)


def build_disconnect(reason: int, properties: Properties | None = None) -> bytes:
    """Return the DISCONNECT of MQTT 5."""
    return build_packet(DISCONNECT, bytes((reason,)) + build_properties(properties))


def _check_connect_flags(flags: int, *, five: bool) -> None:
    if flags & 1:
        raise Malformed("The reserved flag of CONNECT is set.")  # 3.1.2-3
    if flags & _WILL:
        if flags >> 3 & 3 > QOS_MAX:
            raise Malformed("The QoS of the will does not exist.")  # 3.1.2-14
    elif flags & _WILL_QOS_AND_RETAIN:
        raise Malformed("CONNECT describes a will that it does not have.")  # 3.1.2-13
    if flags & _PASSWORD and not flags & _USER_NAME and not five:
        raise Malformed("CONNECT has a password without a user name.")  # 3.1.2-22
