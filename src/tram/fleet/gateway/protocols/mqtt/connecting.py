"""What CONNECT asks for, what it is granted, and what refuses it before any look-up."""

from typing import Final

from tram.fleet.device_api.interfaces import ShownCredentials
from tram.fleet.gateway.protocols.mqtt.limits import (
    ALIASES_MAX,
    CLIENT_ID_CHARS_MAX,
    EXPIRY_S_MAX,
    RECEIVE_MAX,
    TOKEN_CHARS_MAX,
)
from tram.fleet.gateway.protocols.mqtt.mailbox import SessionTerms
from tram.fleet.gateway.protocols.mqtt.packets import codec
from tram.fleet.gateway.protocols.mqtt.packets import properties as props
from tram.fleet.gateway.protocols.mqtt.packets.codec import Connect
from tram.fleet.gateway.protocols.mqtt.packets.properties import Properties
from tram.fleet.gateway.protocols.mqtt.packets.reasons import (
    BAD_AUTHENTICATION_METHOD,
    connack_code,
)

__all__ = (
    "granted_keep_alive",
    "granted_properties",
    "refusal_of",
    "terms_of",
)


def refusal_of(connect: Connect, presented: ShownCredentials) -> int:
    """Return the code of CONNACK that refuses a CONNECT before any look-up, or 0."""
    if connect.five and props.AUTHENTICATION_METHOD in (connect.properties or {}):
        return BAD_AUTHENTICATION_METHOD
    return connack_code(_code(connect, presented), five=connect.five)


def _code(connect: Connect, presented: ShownCredentials) -> int:
    if connect.level not in (codec.LEVEL_3_1_1, codec.LEVEL_5):
        return codec.WRONG_LEVEL
    if len(connect.client_id) > CLIENT_ID_CHARS_MAX:
        return codec.WRONG_CLIENT_ID
    if not connect.client_id and not connect.clean and not connect.five:
        return codec.WRONG_CLIENT_ID  # 3.1.3-8
    if connect.user_name is None and presented.certificate is None:
        return codec.NOT_AUTHORISED
    fits = len(connect.user_name or "") <= TOKEN_CHARS_MAX
    return codec.ACCEPTED if fits else codec.WRONG_TOKEN


def terms_of(connect: Connect) -> SessionTerms:
    """Return what the client can take."""
    if not connect.five:
        return _TERMS_CLEAN if connect.clean else _TERMS_KEPT
    asked = connect.properties or {}
    return SessionTerms(
        True,  # noqa: FBT003  # a column
        asked.get(props.RECEIVE_MAXIMUM, 65_535),
        asked.get(props.MAXIMUM_PACKET_SIZE, 0),
        asked.get(props.TOPIC_ALIAS_MAXIMUM, 0),
        bool(asked.get(props.REQUEST_PROBLEM, 1)),
        min(asked.get(props.SESSION_EXPIRY, 0), EXPIRY_S_MAX),
    )


def granted_keep_alive(connect: Connect, most_s: int) -> int:
    """Return the keep-alive to enforce: what MQTT 5 is told, and what 3.1.1 said itself."""
    if connect.five and (not connect.keep_alive_s or connect.keep_alive_s > most_s):
        return most_s
    return connect.keep_alive_s


def granted_properties(
    connect: Connect, keep_alive_s: int, assigned: str, packet_bytes_max: int
) -> Properties:
    """Return the properties of CONNACK that tell a client of MQTT 5 what differs from its wish."""
    granted: Properties = {
        props.RECEIVE_MAXIMUM: RECEIVE_MAX,
        props.MAXIMUM_PACKET_SIZE: packet_bytes_max,
        props.TOPIC_ALIAS_MAXIMUM: ALIASES_MAX,
        props.SHARED_AVAILABLE: 0,
    }
    if keep_alive_s != connect.keep_alive_s:
        granted[props.SERVER_KEEP_ALIVE] = keep_alive_s
    if assigned:
        granted[props.ASSIGNED_CLIENT_ID] = assigned
    if (connect.properties or {}).get(props.SESSION_EXPIRY, 0) > EXPIRY_S_MAX:
        granted[props.SESSION_EXPIRY] = EXPIRY_S_MAX
    return granted


_TERMS_CLEAN: Final = SessionTerms()
_TERMS_KEPT: Final = SessionTerms(expiry_s=EXPIRY_S_MAX)
