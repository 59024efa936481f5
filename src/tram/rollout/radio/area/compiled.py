"""The decorators under which kernels are compiled: typed, cached, without the interpreter."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba

__all__ = ("compiled", "inlined")

_P = ParamSpec("_P")
_R = TypeVar("_R")
_HERE = Path(__file__).parent


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function of plain numbers and arrays on its first call; keep it on disk.

    Products may be contracted into fused operations; nothing else of IEEE 754 is given up.
    """
    made = numba.njit(
        cache=_FOLDER is not None, error_model="numpy", fastmath={"contract", "nsz"}, nogil=True
    )
    return cast("Callable[_P, _R]", made(function))


def inlined(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a small part of a kernel into each caller, so that a loop over it can vectorise."""
    made = numba.njit(error_model="numpy", fastmath={"contract", "nsz"}, forceinline=True)
    return cast("Callable[_P, _R]", made(function))


def _cache_folder() -> Path | None:
    """Return where compiled kernels are kept, None where nothing can be written.

    The compiler looks for changes in the file of a function alone, but a kernel holds parts from
    others: so the folder's name says which sources it was made from.
    """
    digest = hashlib.sha256()
    for file in sorted(_HERE.glob("*.py")):
        digest.update(file.read_bytes())
    for base in (_HERE / "__pycache__", Path.home() / ".cache" / "tram"):
        folder = base / f"kernels-{digest.hexdigest()[:16]}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return None


_FOLDER = _cache_folder()
if _FOLDER is not None:
    numba.config.CACHE_DIR = str(_FOLDER)  # type: ignore[attr-defined]  # set as it is read
