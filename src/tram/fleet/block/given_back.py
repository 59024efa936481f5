"""A block given back to the log from quarantine: the first of a boot of its own, for one reader alone."""

from hashlib import sha256
from typing import Final

from tram.fleet.block.block import BOOT_ID_CHARS, decode_header

__all__ = ("given_back", "is_for")

_AGAIN: Final = "again-"
"""Begins the boot of such a block; a gateway's is hexadecimal."""
_BOOT_AT: Final = 8
_FIRST: Final = (1).to_bytes(8, "little")


def given_back(payload: bytes, part: str) -> tuple[str, bytes]:
    """Return the boot and the block; the same block of the same part always has the same boot.

    Raises:
        Broken: if the bytes are no block.
    """
    decode_header(payload)
    digest = sha256(part.encode() + payload).hexdigest()
    boot = f"{_AGAIN}{part[0]}{digest}"[:BOOT_ID_CHARS]
    end = _BOOT_AT + BOOT_ID_CHARS
    return boot, payload[:_BOOT_AT] + boot.encode() + _FIRST + payload[end + len(_FIRST) :]


def is_for(boot: str, part: str) -> bool:
    """Tell whether a reader of the log is meant by a block of this boot."""
    return not boot.startswith(_AGAIN) or boot[len(_AGAIN)] == part[0]
