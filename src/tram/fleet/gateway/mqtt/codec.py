"""MQTT 3.1.1 packets: bytes to values and back. Pure functions, no sockets, no clock.

Chapter numbers in comments are those of the OASIS standard MQTT Version 3.1.1. Everything that
the standard forbids raises ``Malformed``; nothing else is ever raised over bytes from outside.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

__all__ = (
    "ACCEPTED",
    "CONNACK",
    "CONNECT",
    "DISCONNECT",
    "LEVEL_3_1_1",
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
    "Will",
    "build_connack",
    "build_connect",
    "build_packet",
    "build_publish",
    "build_suback",
    "build_subscribe",
    "build_unsubscribe",
    "build_with_id",
    "check_topic_filter",
    "check_topic_name",
    "decode_text",
    "parse_connack",
    "parse_connect",
    "parse_packet_id",
    "parse_suback",
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

LEVEL_3_1_1: Final = 4
QOS_MAX: Final = 2
SUBSCRIPTION_REFUSED: Final = 0x80
LENGTH_BYTES_MAX: Final = 4
TEXT_BYTES_MAX: Final = 65_535

_CLEAN: Final = 0x02
_WILL: Final = 0x04
_WILL_QOS_AND_RETAIN: Final = 0x38
_WILL_RETAIN: Final = 0x20
_PASSWORD: Final = 0x40
_USER_NAME: Final = 0x80
_FLAGS_OF_REQUEST: Final = 0x02  # SUBSCRIBE, UNSUBSCRIBE and PUBREL carry it (2.2.2)


class Malformed(Exception):
    """The bytes break the standard: the connection must be closed."""


class Will(NamedTuple):
    """The message that a client wants published if it vanishes."""

    topic: str
    payload: bytes
    qos: int
    retain: bool


class Connect(NamedTuple):
    """CONNECT; of another protocol level only ``level`` is filled. ``keep_alive_s`` 0 = never."""

    level: int
    client_id: str = ""
    clean: bool = True
    keep_alive_s: int = 0
    will: Will | None = None
    user_name: str | None = None
    password: bytes | None = None


def read_length(data: bytes, position: int) -> tuple[int, int]:
    """Return the remaining length at ``position`` and where the body starts; (-1, 0) if cut.

    Raises:
        Malformed: if the length takes more than four bytes.
    """
    length = shift = 0
    for at in range(position, min(position + LENGTH_BYTES_MAX, len(data))):
        byte = data[at]
        length |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004  # the continuation bit
            return length, at + 1
        shift += 7
    if len(data) >= position + LENGTH_BYTES_MAX:
        raise Malformed("The remaining length takes more than four bytes.")
    return -1, 0


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
    reader = _Reader(body)
    name = reader.binary()
    level = reader.byte()
    if name == b"MQIsdp" or (name == b"MQTT" and level != LEVEL_3_1_1):
        return Connect(level)
    if name != b"MQTT":
        raise Malformed("The protocol is not MQTT.")
    flags = reader.byte()
    keep_alive_s = reader.number()
    _check_connect_flags(flags)
    client_id = reader.text()
    will = None
    if flags & _WILL:
        topic = reader.text()
        check_topic_name(topic)
        will = Will(topic, reader.binary(), flags >> 3 & 3, bool(flags & _WILL_RETAIN))
    user_name = reader.text() if flags & _USER_NAME else None
    password = reader.binary() if flags & _PASSWORD else None
    reader.end()
    clean = bool(flags & _CLEAN)
    return Connect(level, client_id, clean, keep_alive_s, will, user_name, password)


def parse_packet_id(body: bytes) -> int:
    """Read a body that is a packet id alone.

    Raises:
        Malformed: if it is anything else, or the id is 0.
    """
    reader = _Reader(body)
    packet_id = reader.packet_id()
    reader.end()
    return packet_id


def parse_connack(body: bytes) -> tuple[bool, int]:
    """Return session-present and the return code of CONNACK.

    Raises:
        Malformed: if the body is not two bytes.
    """
    reader = _Reader(body)
    present, code = reader.byte(), reader.byte()
    reader.end()
    return bool(present & 1), code


def parse_subscribe(body: bytes) -> tuple[int, list[tuple[str, int]]]:
    """Return the packet id of SUBSCRIBE and its topic filters, each with the QoS asked for.

    Raises:
        Malformed: if there is no filter, or a filter or QoS breaks chapter 3.8.
    """
    reader = _Reader(body)
    packet_id = reader.packet_id()
    filters: list[tuple[str, int]] = []
    while not filters or not reader.at_end:
        topic_filter = reader.text()
        check_topic_filter(topic_filter)
        qos = reader.byte()
        if qos > QOS_MAX:
            raise Malformed("The QoS asked for does not exist.")  # 3-8.3-4
        filters.append((topic_filter, qos))
    return packet_id, filters


def parse_suback(body: bytes) -> tuple[int, bytes]:
    """Return the packet id of SUBACK and its return codes.

    Raises:
        Malformed: if the id is cut or 0.
    """
    reader = _Reader(body)
    return reader.packet_id(), body[2:]


def parse_unsubscribe(body: bytes) -> tuple[int, list[str]]:
    """Return the packet id of UNSUBSCRIBE and its topic filters.

    Raises:
        Malformed: if there is no filter, or a filter breaks chapter 3.10.
    """
    reader = _Reader(body)
    packet_id = reader.packet_id()
    filters: list[str] = []
    while not filters or not reader.at_end:
        topic_filter = reader.text()
        check_topic_filter(topic_filter)
        filters.append(topic_filter)
    return packet_id, filters


def check_topic_name(topic: str) -> None:
    """Check a topic to publish to.

    Raises:
        Malformed: if it is empty or holds a wildcard.
    """
    if not topic or "+" in topic or "#" in topic:
        raise Malformed("A topic must not be empty nor hold a wildcard.")  # 3.3.2-2, 4.7.3-1


def check_topic_filter(topic_filter: str) -> None:
    """Check a filter to subscribe to.

    Raises:
        Malformed: if it is empty or a wildcard stands in a wrong place.
    """
    if not topic_filter:
        raise Malformed("A topic filter must not be empty.")
    *levels, last = topic_filter.split("/")
    if any("#" in level for level in levels) or ("#" in last and last != "#"):
        raise Malformed("'#' must be the whole last level of a filter.")  # 4.7.1-2
    if any("+" in level and level != "+" for level in (*levels, last)):
        raise Malformed("'+' must be a whole level of a filter.")  # 4.7.1-3


def build_packet(first: int, body: bytes = b"") -> bytes:
    """Return a packet of a first byte and a body."""
    length = len(body)
    head = bytearray((first,))
    while length > 0x7F:  # noqa: PLR2004  # seven bits per byte
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + body


def build_with_id(first: int, packet_id: int) -> bytes:
    """Return PUBACK, PUBREC, PUBREL, PUBCOMP or UNSUBACK."""
    flags = _FLAGS_OF_REQUEST if first == PUBREL else 0
    return bytes((first | flags, 2)) + packet_id.to_bytes(2, "big")


def build_connect(connect: Connect) -> bytes:
    """Return CONNECT, as a client sends it."""
    flags = _CLEAN if connect.clean else 0
    fields = [_text(connect.client_id)]
    if connect.will is not None:
        will = connect.will
        flags |= _WILL | will.qos << 3 | (_WILL_RETAIN if will.retain else 0)
        fields += [_text(will.topic), _binary(will.payload)]
    if connect.user_name is not None:
        flags |= _USER_NAME
        fields.append(_text(connect.user_name))
    if connect.password is not None:
        flags |= _PASSWORD
        fields.append(_binary(connect.password))
    head = (
        b"\x00\x04MQTT" + bytes((connect.level, flags)) + connect.keep_alive_s.to_bytes(2, "big")
    )
    return build_packet(CONNECT, head + b"".join(fields))


def build_connack(code: int) -> bytes:
    """Return CONNACK without a session present."""
    return bytes((CONNACK, 2, 0, code))


def build_publish(
    topic: str, payload: bytes, qos: int = 0, packet_id: int = 0, *, duplicate: bool = False
) -> bytes:
    """Return PUBLISH; ``packet_id`` counts only with QoS 1 and 2."""
    first = PUBLISH | qos << 1 | (8 if duplicate else 0)
    number = packet_id.to_bytes(2, "big") if qos else b""
    return build_packet(first, _text(topic) + number + payload)


def build_subscribe(packet_id: int, filters: Sequence[tuple[str, int]]) -> bytes:
    """Return SUBSCRIBE, as a client sends it."""
    asked = b"".join(_text(topic_filter) + bytes((qos,)) for topic_filter, qos in filters)
    return build_packet(SUBSCRIBE | _FLAGS_OF_REQUEST, packet_id.to_bytes(2, "big") + asked)


def build_suback(packet_id: int, codes: Sequence[int]) -> bytes:
    """Return SUBACK with one granted QoS or SUBSCRIPTION_REFUSED per filter."""
    return build_packet(SUBACK, packet_id.to_bytes(2, "big") + bytes(codes))


def build_unsubscribe(packet_id: int, filters: Sequence[str]) -> bytes:
    """Return UNSUBSCRIBE, as a client sends it."""
    asked = b"".join(_text(topic_filter) for topic_filter in filters)
    return build_packet(UNSUBSCRIBE | _FLAGS_OF_REQUEST, packet_id.to_bytes(2, "big") + asked)


def decode_text(raw: bytes) -> str:
    """Return a string of the protocol.

    Raises:
        Malformed: if it is not UTF-8 or holds the character NUL (1.5.3).
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("A string is not UTF-8.") from None
    if "\0" in text:
        raise Malformed("A string holds the character NUL.")
    return text


def _check_connect_flags(flags: int) -> None:
    if flags & 1:
        raise Malformed("The reserved flag of CONNECT is set.")  # 3.1.2-3
    if flags & _WILL:
        if flags >> 3 & 3 > QOS_MAX:
            raise Malformed("The QoS of the will does not exist.")  # 3.1.2-14
    elif flags & _WILL_QOS_AND_RETAIN:
        raise Malformed("CONNECT describes a will that it does not have.")  # 3.1.2-13
    if flags & _PASSWORD and not flags & _USER_NAME:
        raise Malformed("CONNECT has a password without a user name.")  # 3.1.2-22


def _text(text: str) -> bytes:
    return _binary(text.encode())


def _binary(raw: bytes) -> bytes:
    if len(raw) > TEXT_BYTES_MAX:
        raise ValueError(f"{len(raw)} bytes do not fit into one field.")
    return len(raw).to_bytes(2, "big") + raw


class _Reader:
    """Reads the fields of a body one after the other."""

    __slots__ = ("_at", "_body")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    @property
    def at_end(self) -> bool:
        """Whether every byte was read."""
        return self._at == len(self._body)

    def byte(self) -> int:
        """Read one byte."""
        return self._take(1)[0]

    def number(self) -> int:
        """Read a 16-bit number."""
        return int.from_bytes(self._take(2), "big")

    def packet_id(self) -> int:
        """Read a packet id, which is never 0."""
        packet_id = self.number()
        if not packet_id:
            raise Malformed("Packet id 0 is forbidden.")
        return packet_id

    def binary(self) -> bytes:
        """Read bytes with their length before them."""
        return self._take(self.number())

    def text(self) -> str:
        """Read a string with its length before it."""
        return decode_text(self.binary())

    def end(self) -> None:
        """Check that nothing is left."""
        if not self.at_end:
            raise Malformed("The packet is longer than its fields.")

    def _take(self, count: int) -> bytes:
        start, self._at = self._at, self._at + count
        if self._at > len(self._body):
            raise Malformed("The packet is cut.")
        return self._body[start : self._at]
