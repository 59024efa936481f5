"""The decorator of the kernels: machine code with types kept, cached beside the installation."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

__all__ = ("compiled",)

_P = ParamSpec("_P")
_R = TypeVar("_R")


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Compile a function of numbers and arrays; it keeps its signature for the type checker."""
    return cast("Callable[_P, _R]", njit(cache=True, nogil=True)(function))
