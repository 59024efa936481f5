"""How large a block becomes; the batch reader in C is compiled with the same numbers."""

from typing import Final

__all__ = ("BLOCK_BYTES_MAX", "MESSAGES_MAX", "MESSAGE_CHARGE", "ROWS_MAX", "ROW_CHARGE")

BLOCK_BYTES_MAX: Final = 700_000
"""A block is closed at this charge; with one largest message more it stays under the log's 1 MB."""
MESSAGE_CHARGE: Final = 64
ROW_CHARGE: Final = 48
"""Bytes charged beside the payload, above what a message and a row take in a block."""
MESSAGES_MAX: Final = BLOCK_BYTES_MAX // (MESSAGE_CHARGE + ROW_CHARGE)
"""Messages with a row each, the smallest that the batch reader takes."""
ROWS_MAX: Final = BLOCK_BYTES_MAX // ROW_CHARGE + 1
