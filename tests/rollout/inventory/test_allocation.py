"""Shares of the operators: by equal ratio and in proportion to 4G, with sums that are stated."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tram.rollout.inventory.allocation import (
    OperatorHolding,
    equal_ratio,
    largest_remainder,
    proportional,
)

LETTER = [
    OperatorHolding(1, "MOBIFONE", "MobiFone", 813, 4),
    OperatorHolding(2, "VNPT", "VNPT", 826, 19),
    OperatorHolding(3, "VIETTEL", "Viettel", 996, 92),
]
HALF = Decimal(50)
percents = st.decimals(0, 100, places=1)
holdings = st.lists(
    st.tuples(st.integers(0, 3_000), st.integers(0, 3_000)), min_size=1, max_size=6
).map(lambda pairs: [OperatorHolding(i, str(i), str(i), *pair) for i, pair in enumerate(pairs)])


def test_equal_ratio_gives_the_letters_figures() -> None:
    shares = equal_ratio(HALF, LETTER)

    assert [(row.needed, row.more) for row in shares.rows] == [(407, 403), (413, 394), (498, 406)]
    assert (shares.needed_rows_sum, shares.needed_total) == (1_318, 1_318)
    assert (shares.more_rows_sum, shares.more_total) == (1_203, 1_203)


def test_share_in_proportion_to_4g_ignores_what_each_has() -> None:
    shares = proportional(HALF, LETTER)

    assert [row.more for row in shares.rows] == [371, 377, 455]
    assert [row.needed for row in shares.rows] == [375, 396, 547]
    assert (shares.more_rows_sum, shares.more_total) == (1_203, 1_203)


def test_rounded_up_rows_may_exceed_the_rounded_up_total() -> None:
    odd = [OperatorHolding(i, str(i), str(i), 3, 0) for i in range(3)]

    shares = equal_ratio(HALF, odd)

    assert (shares.needed_rows_sum, shares.needed_total) == (6, 5)
    assert (shares.more_rows_sum, shares.more_total) == (6, 5)


def test_operator_ahead_of_its_ratio_builds_none_under_the_equal_rule() -> None:
    shares = equal_ratio(
        HALF, [OperatorHolding(1, "a", "a", 100, 80), OperatorHolding(2, "b", "b", 100, 0)]
    )

    assert [row.more for row in shares.rows] == [0, 50]
    assert (shares.more_rows_sum, shares.more_total) == (50, 20)


@given(percents, holdings)
def test_equal_ratio_is_never_below_the_total(
    percent: Decimal, held: list[OperatorHolding]
) -> None:
    shares = equal_ratio(percent, held)

    assert shares.needed_rows_sum == sum(row.needed for row in shares.rows)
    assert 0 <= shares.needed_rows_sum - shares.needed_total < len(held)
    assert shares.more_rows_sum >= shares.more_total >= 0


@given(percents, holdings)
def test_proportional_rows_add_up_to_the_total(
    percent: Decimal, held: list[OperatorHolding]
) -> None:
    shares = proportional(percent, held)

    has_base = any(item.base for item in held)
    assert shares.more_rows_sum == (shares.more_total if has_base else 0)
    assert all(row.more >= 0 for row in shares.rows)


@given(st.integers(0, 100_000), st.lists(st.integers(0, 10_000), max_size=8))
def test_each_share_is_its_exact_part_but_for_one(total: int, weights: list[int]) -> None:
    shares = largest_remainder(total, weights)

    whole = sum(weights)
    assert sum(shares) == (total if whole else 0)
    for share, weight in zip(shares, weights, strict=True):
        if whole:
            assert total * weight // whole <= share <= -(-total * weight // whole)


@given(st.integers(0, 100_000), st.lists(st.integers(0, 10_000), max_size=8))
def test_heavier_never_gets_less(total: int, weights: list[int]) -> None:
    shares = largest_remainder(total, weights)

    ordered = [share for _, share in sorted(zip(weights, shares, strict=True))]
    assert ordered == sorted(ordered)
