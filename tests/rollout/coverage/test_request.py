"""What may be asked of a prediction, whoever asks: the page, the interface, or the command."""

import pytest

from tram.rollout.coverage.request import check_radius
from tram.runtime.errors import Refused


@pytest.mark.parametrize("radius_km", [1.0, 10.0, 30.0])
def test_a_radius_within_the_bounds_is_taken(radius_km: float) -> None:
    check_radius(radius_km)


@pytest.mark.parametrize("radius_km", [0.0, -5.0, 0.99, 30.01, float("nan"), float("inf")])
def test_a_radius_beyond_them_is_refused_and_told_the_bounds(radius_km: float) -> None:
    with pytest.raises(Refused, match="between 1 and 30 km") as caught:
        check_radius(radius_km)
    assert caught.value.code == "coverage.radius_wrong"
