"""Properties of MQTT 5 packets (chapter 2.2.2 of MQTT Version 5.0): bytes to a dict and back.

A dict of properties holds each identifier once; USER_PROPERTY holds a list of pairs, and
SUBSCRIPTION_IDENTIFIER a list of numbers, for these two may be repeated.
"""

from collections.abc import Callable
from typing import Any, Final

from tram.fleet.gateway.protocols.mqtt.limits import USER_PROPERTIES_MAX
from tram.fleet.gateway.protocols.mqtt.packets.wire import (
    PROTOCOL_ERROR,
    Malformed,
    Reader,
    binary,
    text,
    variable,
)

__all__ = (
    "ASSIGNED_CLIENT_ID",
    "AUTHENTICATION_DATA",
    "AUTHENTICATION_METHOD",
    "CONTENT_TYPE",
    "CORRELATION_DATA",
    "MAXIMUM_PACKET_SIZE",
    "MAXIMUM_QOS",
    "MESSAGE_EXPIRY",
    "OF_ACK",
    "OF_CONNACK",
    "OF_CONNECT",
    "OF_DISCONNECT",
    "OF_PUBLISH",
    "OF_SUBSCRIBE",
    "OF_UNSUBSCRIBE",
    "OF_WILL",
    "PAYLOAD_FORMAT",
    "REASON_STRING",
    "RECEIVE_MAXIMUM",
    "REQUEST_PROBLEM",
    "RESPONSE_TOPIC",
    "RETAIN_AVAILABLE",
    "SERVER_KEEP_ALIVE",
    "SESSION_EXPIRY",
    "SHARED_AVAILABLE",
    "SUBSCRIPTION_ID",
    "TOPIC_ALIAS",
    "TOPIC_ALIAS_MAXIMUM",
    "USER_PROPERTY",
    "WILL_DELAY",
    "Properties",
    "build_properties",
    "read_properties",
)

Properties = dict[int, Any]

PAYLOAD_FORMAT: Final = 1
MESSAGE_EXPIRY: Final = 2
CONTENT_TYPE: Final = 3
RESPONSE_TOPIC: Final = 8
CORRELATION_DATA: Final = 9
SUBSCRIPTION_ID: Final = 11
SESSION_EXPIRY: Final = 17
ASSIGNED_CLIENT_ID: Final = 18
SERVER_KEEP_ALIVE: Final = 19
AUTHENTICATION_METHOD: Final = 21
AUTHENTICATION_DATA: Final = 22
REQUEST_PROBLEM: Final = 23
WILL_DELAY: Final = 24
REQUEST_RESPONSE: Final = 25
RESPONSE_INFORMATION: Final = 26
SERVER_REFERENCE: Final = 28
REASON_STRING: Final = 31
RECEIVE_MAXIMUM: Final = 33
TOPIC_ALIAS_MAXIMUM: Final = 34
TOPIC_ALIAS: Final = 35
MAXIMUM_QOS: Final = 36
RETAIN_AVAILABLE: Final = 37
USER_PROPERTY: Final = 38
MAXIMUM_PACKET_SIZE: Final = 39
WILDCARD_AVAILABLE: Final = 40
SUBSCRIPTION_IDS_AVAILABLE: Final = 41
SHARED_AVAILABLE: Final = 42


def _of_size(size: int) -> tuple[Callable[[Reader], Any], Callable[[Any], bytes]]:
    return (lambda reader: reader.number(size)), (lambda value: value.to_bytes(size, "big"))


_BYTE = _of_size(1)
_TWO = _of_size(2)
_FOUR = _of_size(4)
_TEXT = (Reader.text, text)
_BINARY = (Reader.binary, binary)
_VARIABLE = (Reader.variable, variable)
_PAIR = (
    (lambda reader: (reader.text(), reader.text())),
    (lambda pair: text(pair[0]) + text(pair[1])),
)

_FORMS: Final[dict[int, tuple[Callable[[Reader], Any], Callable[[Any], bytes]]]] = {
    **dict.fromkeys(
        (
            PAYLOAD_FORMAT,
            REQUEST_PROBLEM,
            REQUEST_RESPONSE,
            MAXIMUM_QOS,
            RETAIN_AVAILABLE,
            WILDCARD_AVAILABLE,
            SUBSCRIPTION_IDS_AVAILABLE,
            SHARED_AVAILABLE,
        ),
        _BYTE,
    ),
    **dict.fromkeys((SERVER_KEEP_ALIVE, RECEIVE_MAXIMUM, TOPIC_ALIAS_MAXIMUM, TOPIC_ALIAS), _TWO),
    **dict.fromkeys((MESSAGE_EXPIRY, SESSION_EXPIRY, WILL_DELAY, MAXIMUM_PACKET_SIZE), _FOUR),
    **dict.fromkeys(
        (
            CONTENT_TYPE,
            RESPONSE_TOPIC,
            ASSIGNED_CLIENT_ID,
            AUTHENTICATION_METHOD,
            RESPONSE_INFORMATION,
            SERVER_REFERENCE,
            REASON_STRING,
        ),
        _TEXT,
    ),
    **dict.fromkeys((CORRELATION_DATA, AUTHENTICATION_DATA), _BINARY),
    SUBSCRIPTION_ID: _VARIABLE,
    USER_PROPERTY: _PAIR,
}
_REPEATED: Final = (USER_PROPERTY, SUBSCRIPTION_ID)
_FLAGS: Final = (PAYLOAD_FORMAT, REQUEST_PROBLEM, REQUEST_RESPONSE)
_NEVER_ZERO: Final = (RECEIVE_MAXIMUM, MAXIMUM_PACKET_SIZE, SUBSCRIPTION_ID)

# Which packet may carry which (5: table 2-4), as far as clients send or receive it here.
OF_CONNECT: Final = frozenset(
    {
        SESSION_EXPIRY,
        RECEIVE_MAXIMUM,
        MAXIMUM_PACKET_SIZE,
        TOPIC_ALIAS_MAXIMUM,
        REQUEST_RESPONSE,
        REQUEST_PROBLEM,
        USER_PROPERTY,
        AUTHENTICATION_METHOD,
        AUTHENTICATION_DATA,
    }
)
OF_WILL: Final = frozenset(
    {
        WILL_DELAY,
        PAYLOAD_FORMAT,
        MESSAGE_EXPIRY,
        CONTENT_TYPE,
        RESPONSE_TOPIC,
        CORRELATION_DATA,
        USER_PROPERTY,
    }
)
OF_CONNACK: Final = frozenset(_FORMS) - OF_WILL - {SUBSCRIPTION_ID} | {USER_PROPERTY}
OF_PUBLISH: Final = (OF_WILL - {WILL_DELAY}) | {SUBSCRIPTION_ID, TOPIC_ALIAS}
OF_ACK: Final = frozenset({REASON_STRING, USER_PROPERTY})
OF_SUBSCRIBE: Final = frozenset({SUBSCRIPTION_ID, USER_PROPERTY})
OF_UNSUBSCRIBE: Final = frozenset({USER_PROPERTY})
OF_DISCONNECT: Final = frozenset({SESSION_EXPIRY, REASON_STRING, USER_PROPERTY, SERVER_REFERENCE})


def read_properties(reader: Reader, allowed: frozenset[int]) -> Properties:
    """Read the properties of a packet that may carry those allowed.

    Raises:
        Malformed: if one is unknown, misplaced, repeated, cut or has a value it must not have.
    """
    length = reader.variable()
    if not length:
        return {}
    part = Reader(reader.take(length))
    properties: Properties = {}
    while not part.at_end:
        identifier = part.variable()
        if identifier not in allowed:
            raise Malformed(f"Property {identifier} has no place here.")
        value = _FORMS[identifier][0](part)
        _check(identifier, value)
        if identifier in _REPEATED:
            _append(properties.setdefault(identifier, []), value)
        elif identifier in properties:
            raise Malformed(f"Property {identifier} stands there twice.", PROTOCOL_ERROR)
        else:
            properties[identifier] = value
    return properties


def build_properties(properties: Properties | None) -> bytes:
    """Return the properties with their length before them."""
    if not properties:
        return b"\0"
    parts: list[bytes] = []
    for identifier, value in properties.items():
        build = _FORMS[identifier][1]
        values = value if identifier in _REPEATED else (value,)
        parts += [bytes((identifier,)) + build(each) for each in values]
    raw = b"".join(parts)
    return variable(len(raw)) + raw


def _check(identifier: int, value: Any) -> None:  # noqa: ANN401  # by identifier
    if identifier in _FLAGS and value > 1:
        raise Malformed(f"Property {identifier} is neither 0 nor 1.", PROTOCOL_ERROR)
    if identifier in _NEVER_ZERO and not value:
        raise Malformed(f"Property {identifier} must not be 0.", PROTOCOL_ERROR)


def _append(values: list[Any], value: Any) -> None:  # noqa: ANN401  # by identifier
    if len(values) >= USER_PROPERTIES_MAX:
        raise Malformed(f"A packet has more than {USER_PROPERTIES_MAX} user properties.")
    values.append(value)
