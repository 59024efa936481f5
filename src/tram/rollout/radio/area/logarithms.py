"""Logarithm and exponential to base 2 in plain arithmetic, so that loops over them vectorise.

Relative error below 1e-11 for positive normal numbers, far below what a loss in dB shows.
"""

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from tram.rollout.radio.area.compiled import inlined

__all__ = ("exp2", "log2")

_ROOT_HALF_BITS = 0x3FE6A09E667F3BCD
_EXPONENT_MASK = -0x10000000000000
_LOG2_E_2 = 2.8853900817779268
"""2 / ln 2."""


@intrinsic
def _as_bits(_typing: Any, _value: Any) -> Any:  # noqa: ANN401  # the compiler's own types
    """Reinterpret a float64 as int64."""

    def make(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:  # noqa: ANN401
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), make


@intrinsic
def _as_float(_typing: Any, _value: Any) -> Any:  # noqa: ANN401  # the compiler's own types
    """Reinterpret an int64 as float64."""

    def make(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:  # noqa: ANN401
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), make


# An intrinsic is called with its second argument alone.
_bits_of = cast("Callable[[float], int]", _as_bits)
_float_of = cast("Callable[[int], float]", _as_float)


@inlined
def log2(x: float) -> float:
    """Logarithm to base 2 of a positive number."""
    bits = _bits_of(x)
    above = bits - _ROOT_HALF_BITS
    exponent = above >> 52
    mantissa = _float_of(bits - (above & _EXPONENT_MASK))  # between sqrt(1/2) and sqrt(2)
    s = (mantissa - 1.0) / (mantissa + 1.0)
    q = s * s
    series = 1 / 13
    series = series * q + 1 / 11
    series = series * q + 1 / 9
    series = series * q + 1 / 7
    series = series * q + 1 / 5
    series = series * q + 1 / 3
    series = series * q + 1.0
    return float(exponent) + _LOG2_E_2 * s * series


@inlined
def exp2(x: float) -> float:
    """Two to the power of x, for x between -1000 and 1000."""
    whole = int(x + 2048.5) - 2048
    z = (x - float(whole)) * 0.6931471805599453
    series = 1 / 3628800
    series = series * z + 1 / 362880
    series = series * z + 1 / 40320
    series = series * z + 1 / 5040
    series = series * z + 1 / 720
    series = series * z + 1 / 120
    series = series * z + 1 / 24
    series = series * z + 1 / 6
    series = series * z + 0.5
    series = series * z + 1.0
    series = series * z + 1.0
    return series * _float_of((whole + 1023) << 52)
