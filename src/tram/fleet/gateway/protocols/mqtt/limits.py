"""What a client may ask for over MQTT, and for how long it may take."""

from typing import Final

__all__ = (
    "ALIASES_MAX",
    "CLIENT_ID_CHARS_MAX",
    "CONNECT_S",
    "EXPIRY_S_MAX",
    "INFLIGHT_MAX",
    "KEEP_ALIVE_TIMES",
    "KEPT_MAX",
    "KEPT_OF_DEVICE_MAX",
    "QUEUE_BYTES_MAX",
    "QUEUE_MAX",
    "RECEIVE_MAX",
    "SUBSCRIPTIONS_MAX",
    "TOKEN_CHARS_MAX",
    "USER_PROPERTIES_MAX",
)

CLIENT_ID_CHARS_MAX: Final = 256
TOKEN_CHARS_MAX: Final = 256
ALIASES_MAX: Final = 16
"""Most topic aliases of a connection, each way."""
RECEIVE_MAX: Final = 1024
"""Most unanswered messages of QoS 1 and 2 that one client of MQTT 5 may have under way."""
EXPIRY_S_MAX: Final = 7 * 86_400
"""Sessions are kept for a week at most."""
CONNECT_S: Final = 10
"""A connection must begin with CONNECT within this time."""
KEEP_ALIVE_TIMES: Final = 1.5
"""So many times its keep-alive may pass before a silent client is cut off."""
QUEUE_MAX: Final = 1000
"""Most messages that wait in one session; more of QoS 1 are refused, of QoS 0 counted as skipped."""
QUEUE_BYTES_MAX: Final = 4_194_304
"""Most bytes that wait in one session."""
INFLIGHT_MAX: Final = 64
"""Most unanswered messages to one client, however many it would take."""
SUBSCRIPTIONS_MAX: Final = 64
USER_PROPERTIES_MAX: Final = 100
"""Most user properties of one packet."""
KEPT_OF_DEVICE_MAX: Final = 200
"""Most sessions without connection of one device in memory."""
KEPT_MAX: Final = 200_000
"""Most sessions without connection in memory; further ones live in the store of sessions alone."""
