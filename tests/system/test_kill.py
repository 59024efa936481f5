"""``kill -9`` of any part under load: nothing acknowledged is lost, nothing is there twice, or in another order."""

from collections.abc import Callable

import pytest
from benchmarks.crash import DEVICES, PARTS, Devices, kill_under_load

from tests.product import Beside, Product


@pytest.mark.parametrize("part", PARTS)
def test_killing_a_part_loses_and_doubles_nothing(
    product: Product, second: Beside, take: Callable[[int], Devices], part: str
) -> None:
    trial = kill_under_load(product, second, take(DEVICES), part)

    assert trial.acked_before > 100
    assert trial.acked_after > 0
    assert trial.unacked == 0
    assert trial.verdict.lost == 0, trial.verdict.examples
    assert trial.verdict.doubled == 0
    assert trial.verdict.revised == 0
    assert trial.verdict.disordered == 0
