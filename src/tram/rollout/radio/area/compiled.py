"""The decorators under which kernels are compiled: typed, cached, without the interpreter."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import ParamSpec, TypeVar, cast

import numba

from tram.runtime.kernels import kept_in, kernel_folder

__all__ = ("compiled", "inlined")

_P = ParamSpec("_P")
_R = TypeVar("_R")
_FOLDER = kernel_folder(Path(__file__).parent)


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function of plain numbers and arrays on its first call; keep it on disk.

    Products may be contracted into fused operations; nothing else of IEEE 754 is given up.
    """
    made = numba.njit(
        cache=_FOLDER is not None, error_model="numpy", fastmath={"contract", "nsz"}, nogil=True
    )
    with kept_in(_FOLDER) if _FOLDER is not None else nullcontext():
        return cast("Callable[_P, _R]", made(function))


def inlined(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a small part of a kernel into each caller, so that a loop over it can vectorise."""
    made = numba.njit(error_model="numpy", fastmath={"contract", "nsz"}, forceinline=True)
    return cast("Callable[_P, _R]", made(function))
