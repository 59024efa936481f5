"""Who builds how many: shares of the operators by a stated rule.

Rounded-up rows need not add up to the rounded-up total, so an allocation keeps both sums.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tram.rollout.inventory.forecast import gap, needed_stations
from tram.rollout.inventory.views import Allocation, AllocationRow

__all__ = (
    "EQUAL_RATIO",
    "PROPORTIONAL_4G",
    "OperatorHolding",
    "equal_ratio",
    "largest_remainder",
    "proportional",
)

EQUAL_RATIO = "equal-ratio"
PROPORTIONAL_4G = "proportional-4g"


@dataclass(frozen=True, slots=True)
class OperatorHolding:
    """What one operator has: ``base`` stations that the target is measured by, ``there`` 5G."""

    operator: int
    code: str
    name: str
    base: int
    there: int


def equal_ratio(percent: Decimal, holdings: Sequence[OperatorHolding]) -> Allocation:
    """Let every operator reach the same ratio of its own base, each rounded up."""
    rows = [_row(item, needed_stations(percent, item.base)) for item in holdings]
    return _allocation(EQUAL_RATIO, percent, holdings, rows)


def proportional(percent: Decimal, holdings: Sequence[OperatorHolding]) -> Allocation:
    """Share what the province still lacks in proportion to the bases, whatever each has already.

    Largest remainders get the stations left over, so the rows always add up to the total.
    """
    lacking = _lacking(percent, holdings)
    more = largest_remainder(lacking, [item.base for item in holdings])
    rows = [_row(item, item.there + extra) for item, extra in zip(holdings, more, strict=True)]
    return _allocation(PROPORTIONAL_4G, percent, holdings, rows)


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Share a whole number by weight; ties go to the heavier, then to the earlier.

    Nothing is shared when no weight is above zero.

    >>> largest_remainder(10, [1, 1, 1])
    [4, 3, 3]
    """
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    shares = [total * weight // whole for weight in weights]
    left_over = total - sum(shares)
    order = sorted(
        range(len(weights)), key=lambda i: (-(total * weights[i] % whole), -weights[i], i)
    )
    for i in order[:left_over]:
        shares[i] += 1
    return shares


def _lacking(percent: Decimal, holdings: Sequence[OperatorHolding]) -> int:
    needed = needed_stations(percent, sum(item.base for item in holdings))
    return gap(needed, sum(item.there for item in holdings))


def _row(item: OperatorHolding, needed: int) -> AllocationRow:
    return AllocationRow(
        operator=item.operator,
        code=item.code,
        name=item.name,
        base=item.base,
        there=item.there,
        needed=needed,
        more=gap(needed, item.there),
    )


def _allocation(
    rule: str, percent: Decimal, holdings: Sequence[OperatorHolding], rows: list[AllocationRow]
) -> Allocation:
    return Allocation(
        rule=rule,
        rows=rows,
        needed_rows_sum=sum(row.needed for row in rows),
        needed_total=needed_stations(percent, sum(item.base for item in holdings)),
        more_rows_sum=sum(row.more for row in rows),
        more_total=_lacking(percent, holdings),
    )
