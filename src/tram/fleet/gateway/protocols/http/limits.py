"""What a device may ask for over HTTP, and for how long it may take."""

from typing import Final

__all__ = (
    "HEAD_BYTES_MAX",
    "IDEMPOTENCY_KEY_CHARS_MAX",
    "IDLE_S",
    "POLL_S",
    "POLL_S_MAX",
    "REQUEST_S",
    "RETRY_AFTER_S",
    "TOKEN_BYTES_MAX",
    "WAIT_S",
)

HEAD_BYTES_MAX: Final = 16_384
IDEMPOTENCY_KEY_CHARS_MAX: Final = 128
WAIT_S: Final = 30
"""Longest wait of a request for the disk."""
REQUEST_S: Final = 30
"""Longest time that one request may take to arrive."""
IDLE_S: Final = 75
"""A connection without a request is closed after this time."""
RETRY_AFTER_S: Final = 5
"""After this time a device that asked too often may ask again."""
TOKEN_BYTES_MAX: Final = 256
POLL_S: Final = 20.0
"""A long poll without ``timeout`` (milliseconds) waits so long."""
POLL_S_MAX: Final = 60.0
