"""Where compiled kernels are kept: one folder for each state of their sources, for all processes."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numba

__all__ = ("kept_in", "kernel_folder")


def kernel_folder(package: Path) -> Path | None:
    """Return where a package's kernels are kept, None where nothing can be written.

    The compiler looks for changes in the file of a function alone, but a kernel holds parts from
    others: so the folder's name says which sources it was made from.
    """
    digest = hashlib.sha256()
    for file in sorted(package.glob("*.py")):
        digest.update(file.read_bytes())
    for base in (package / "__pycache__", Path.home() / ".cache" / "tram"):
        folder = base / f"kernels-{digest.hexdigest()[:16]}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return None


@contextmanager
def kept_in(folder: Path) -> Iterator[None]:
    """Let functions that are decorated meanwhile keep their machine code in a folder."""
    before = numba.config.CACHE_DIR  # type: ignore[attr-defined]  # set as it is read
    numba.config.CACHE_DIR = str(folder)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        numba.config.CACHE_DIR = before  # type: ignore[attr-defined]
