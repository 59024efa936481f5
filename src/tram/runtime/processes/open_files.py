"""The system's limit of open files: a connection is one, and the usual 1,024 are few."""

import contextlib
import resource
from typing import Final

__all__ = ("raise_file_limit",)

ENOUGH: Final = 1_048_576
"""More than any role opens; some kernels allow no more."""


def raise_file_limit() -> int:
    """Raise this process's limit to the most that it may have; return what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(hard, ENOUGH)
    if soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # it stays as it is
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
