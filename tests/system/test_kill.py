"""``kill -9`` of any part under load: nothing acknowledged is lost, nothing is there twice, or in another order."""

import random
from collections.abc import Callable

import pytest
from benchmarks.crash import DEVICES, PARTS, Devices, kill_under_load

from tests.product import Beside, Product

KILLS = 5
"""Of each part; ``python -m benchmarks.crash`` does many more."""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("part", PARTS)
def test_killing_a_part_loses_and_doubles_nothing(
    product: Product, second: Beside, take: Callable[[int], Devices], part: str
) -> None:
    rng = random.Random(part)
    moments_s = [1.5, *(rng.uniform(0.1, 1.5) for _ in range(KILLS - 1))]
    trial = kill_under_load(product, second, take(DEVICES), part, moments_s=moments_s)

    assert trial.acked_before > 100
    assert trial.acked_after > 0
    assert trial.unacked == 0
    assert trial.verdict.lost == 0, trial.verdict.examples
    assert trial.verdict.doubled == 0
    assert trial.verdict.revised == 0
    assert trial.verdict.disordered == 0
