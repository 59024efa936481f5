"""The decorators of the kernels: machine code with types kept, on disk for every process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from numba import njit

from tram.runtime.kernels import kept_in, kernel_folder

__all__ = ("FOLDER", "compiled", "inner")

_P = ParamSpec("_P")
_R = TypeVar("_R")

FOLDER = kernel_folder(Path(__file__).parent)
"""Where the machine code is kept; None if nothing can be written."""


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function of numbers and arrays that the interpreter calls; keep it on disk."""
    if FOLDER is None:
        return cast("Callable[_P, _R]", njit(nogil=True)(function))
    with kept_in(FOLDER):
        return cast("Callable[_P, _R]", njit(cache=True, nogil=True)(function))


def inner(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function that only kernels call: it needs no wrapper for the interpreter."""
    no_wrapper: dict[str, Any] = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return cast("Callable[_P, _R]", njit(nogil=True, **no_wrapper)(function))
