"""Our error codes in the words of the protocol: return codes of 3.1.1, reason codes of 5."""

from typing import Final

from tram.fleet.gateway.protocols.mqtt.packets import codec

__all__ = (
    "BAD_AUTHENTICATION_METHOD",
    "NOT_AUTHORIZED",
    "NO_SUBSCRIPTION",
    "PACKET_ID_UNKNOWN",
    "PROTOCOL_ERROR",
    "QUOTA_EXCEEDED",
    "RECEIVE_MAXIMUM_EXCEEDED",
    "SHARED_UNAVAILABLE",
    "TOPIC_ALIAS_INVALID",
    "WITH_WILL",
    "connack_code",
    "reason_of_end",
    "reason_of_refusal",
)

WITH_WILL: Final = 0x04
NO_SUBSCRIPTION: Final = 0x11
PROTOCOL_ERROR: Final = 0x82
NOT_AUTHORIZED: Final = 0x87
BAD_AUTHENTICATION_METHOD: Final = 0x8C
PACKET_ID_UNKNOWN: Final = 0x92
RECEIVE_MAXIMUM_EXCEEDED: Final = 0x93
TOPIC_ALIAS_INVALID: Final = 0x94
QUOTA_EXCEEDED: Final = 0x97
SHARED_UNAVAILABLE: Final = 0x9E
_IMPLEMENTATION: Final = 0x83
_PAYLOAD_INVALID: Final = 0x99

_CONNACK_5: Final = {
    codec.ACCEPTED: 0x00,
    codec.WRONG_LEVEL: 0x84,
    codec.WRONG_CLIENT_ID: 0x85,
    codec.UNAVAILABLE: 0x88,
    codec.WRONG_TOKEN: 0x86,
    codec.NOT_AUTHORISED: 0x87,
    codec.CROWDED: QUOTA_EXCEEDED,
}
_ENDS: Final = {
    "session.taken_over": 0x8E,
    "keep_alive.expired": 0x8D,
    "gateway.stopped": 0x8B,
    "credential.revoked": 0x87,
    "payload.too_large": 0x95,
    "desk.silent": 0x89,
    "session.too_many": QUOTA_EXCEEDED,
    "session.damaged": 0x80,
}
_REFUSALS: Final = {
    "topic.unknown": NOT_AUTHORIZED,
    "payload.not_json": _PAYLOAD_INVALID,
    "payload.wrong": _PAYLOAD_INVALID,
    "session.too_many": QUOTA_EXCEEDED,
}


def connack_code(code: int, *, five: bool) -> int:
    """Return the code of CONNACK for a return code of 3.1.1."""
    if five:
        return _CONNACK_5[code]
    return codec.UNAVAILABLE if code == codec.CROWDED else code


def reason_of_end(reason: str) -> int | None:
    """Return the reason code of DISCONNECT for why we end a connection; None says nothing."""
    return _ENDS.get(reason)


def reason_of_refusal(code: str) -> int:
    """Return the reason code of PUBACK or PUBREC for a refused message."""
    return _REFUSALS.get(code, _IMPLEMENTATION)
