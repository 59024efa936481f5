"""Where the compiled library lies; ``tools/compile_reader.py`` makes it there."""

import hashlib
import platform
import sys
from pathlib import Path
from typing import Final

from tram.fleet.block import limits as block
from tram.fleet.device import limits as payload

__all__ = ("DEFINITIONS", "FOLDER", "library_path", "sources")

FOLDER: Final = Path(__file__).parent
DEFINITIONS: Final = (
    f"-DBLOCK_BYTES_MAX={block.BLOCK_BYTES_MAX}",
    f"-DMESSAGES_MAX={block.MESSAGES_MAX}",
    f"-DROWS_MAX={block.ROWS_MAX}",
    f"-DMESSAGE_CHARGE={block.MESSAGE_CHARGE}",
    f"-DROW_CHARGE={block.ROW_CHARGE}",
    f"-DKEY_CHARS_MAX={payload.KEY_CHARS_MAX}",
    f"-DTEXT_CHARS_MAX={payload.TEXT_CHARS_MAX}",
    f"-DVALUES_MAX={payload.VALUES_MAX}",
)
"""The limits that the library shares with Python, for the compiler."""


def sources() -> list[Path]:
    """Return what is compiled."""
    return sorted(FOLDER.glob("*.c"))


def library_path() -> Path:
    """Return where the library compiled from the sources that lie here now would be.

    Sources, limits, machine and interpreter are part of its name: one that is out of date is never
    loaded.
    """
    text = b"".join(file.read_bytes() for file in (*sources(), *sorted(FOLDER.glob("*.h"))))
    version = hashlib.sha256(text + " ".join((*DEFINITIONS, sys.version)).encode()).hexdigest()[
        :16
    ]
    return FOLDER / f"reader-{platform.machine()}-{version}.so"
