"""Where the compiled library lies; ``tools/compile_reader.py`` makes it there."""

import hashlib
import platform
import sys
from pathlib import Path
from typing import Final

__all__ = ("FOLDER", "library_path", "sources")

FOLDER: Final = Path(__file__).parent


def sources() -> list[Path]:
    """Return what is compiled."""
    return sorted(FOLDER.glob("*.c"))


def library_path() -> Path:
    """Return where the library compiled from the sources that lie here now would be.

    Sources, machine and interpreter are part of its name: one that is out of date is never loaded.
    """
    text = b"".join(file.read_bytes() for file in (*sources(), *sorted(FOLDER.glob("*.h"))))
    version = hashlib.sha256(text + sys.version.encode()).hexdigest()[:16]
    return FOLDER / f"reader-{platform.machine()}-{version}.so"
