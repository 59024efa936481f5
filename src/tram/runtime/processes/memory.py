"""Memory that was freed is kept for the next use, in a process that takes large arrays all the time.

The C library gives every large array back to the kernel when it is freed, and gets the next one
from it page by page, each filled with zeros: a third of the store's CPU time, measured.
"""

import ctypes
import sys

import pyarrow as pa

__all__ = ("keep_freed_memory",)

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Options of ``mallopt`` (glibc, malloc.h)."""
KEPT_BYTES = 536_870_912
"""Freed memory beyond this goes back to the kernel."""


def keep_freed_memory() -> None:
    """Let this process keep what it frees, Arrow's columns too; does nothing without glibc."""
    if not sys.platform.startswith("linux"):
        return
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallopt"):
        return
    library.mallopt(_MMAP_THRESHOLD, KEPT_BYTES)
    library.mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
    pa.set_memory_pool(pa.system_memory_pool())
