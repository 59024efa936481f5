"""Figures as official papers write them: a fixed number of decimals, halves away from zero."""

import math
from decimal import Decimal
from fractions import Fraction

__all__ = ("ratio_percent", "rounded")


def rounded(value: Fraction | Decimal, places: int) -> Decimal:
    """Return the value with so many decimals, halves away from zero.

    >>> rounded(Decimal("4.365"), 2)
    Decimal('4.37')
    """
    halves_up = math.floor(abs(Fraction(value)) * 10**places + Fraction(1, 2))
    return Decimal(halves_up if value >= 0 else -halves_up).scaleb(-places)


def ratio_percent(part: int, whole: int) -> Decimal | None:
    """Return ``part`` in per cent of ``whole`` with two decimals; None of nothing.

    >>> ratio_percent(115, 2635)
    Decimal('4.36')
    """
    return rounded(Fraction(100 * part, whole), 2) if whole else None
