"""Where P.1812 holds: each bound's inner edge gives a loss, its outer edge a fault with its field."""

import math

import numpy as np
import pytest

from tests.rollout.radio.p1812.paths import flat, link, over
from tram.rollout.radio.p1812.prediction import predict
from tram.runtime.errors import Refused


@pytest.mark.parametrize(
    ("field", "held", "beyond", "unit"),
    [
        ("frequency_ghz", 0.03, 0.0299, "GHz"),
        ("frequency_ghz", 6.0, 6.001, "GHz"),
        ("time_percent", 1, 0.99, "%"),
        ("time_percent", 50, 50.1, "%"),
        ("location_percent", 1, 0.99, "%"),
        ("location_percent", 99, 99.1, "%"),
        ("tx_height_m", 1, 0.99, "m"),
        ("tx_height_m", 3000, 3000.5, "m"),
        ("rx_height_m", 1, 0.99, "m"),
        ("rx_height_m", 3000, 3000.5, "m"),
        ("frequency_ghz", 2, math.nan, "GHz"),
        ("tx_height_m", 30, math.inf, "m"),
    ],
)
def test_a_link_at_and_beyond_each_bound(field, held, beyond, unit):
    profile = flat(5, 0.1)
    assert math.isfinite(predict(profile, link(**{field: held})).loss_db)
    with pytest.raises(Refused) as caught:
        predict(profile, link(**{field: beyond}))
    (fault,) = caught.value.faults
    assert fault.field == field
    assert fault.sentence.startswith(f"{beyond:g} {unit} is not within")
    assert caught.value.hint == "Change the link, or choose another model."


@pytest.mark.parametrize(("held", "beyond"), [(0.25, 0.2499), (3000, 3000.1)])
def test_a_path_at_and_beyond_its_lengths(held, beyond):
    assert math.isfinite(predict(flat(held, held / 9), link()).loss_db)
    with pytest.raises(Refused, match=r"distance_km: .* km is not within 0\.25-3000 km"):
        predict(flat(beyond, beyond / 9), link())


@pytest.mark.parametrize("place", [0, 5, 10])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_ground_and_clutter_must_be_known_all_the_way(place, value):
    hole = np.zeros(11)
    hole[place] = value
    for profile in (over(hole, 5), over(np.zeros(11), 5, clutter=hole)):
        with pytest.raises(Refused, match="ground without a known height") as caught:
            predict(profile, link())
        assert [fault.field for fault in caught.value.faults] == ["profile"]


def test_two_points_are_no_profile_and_three_are():
    with pytest.raises(Refused, match="needs 3 points or more"):
        predict(over([0, 0], 5), link())
    assert math.isfinite(predict(over([0, 0, 0], 5), link()).loss_db)


def test_clutter_at_the_terminals_themselves_is_left_out():
    """Eq. 1: antennas are given above ground, not above the trees that they stand in."""
    ends = np.zeros(51)
    ends[[0, -1]] = 40
    bare = predict(over(np.zeros(51), 5), link()).loss_db
    assert predict(over(np.zeros(51), 5, clutter=ends), link()).loss_db == bare
    ends[1] = 40
    assert predict(over(np.zeros(51), 5, clutter=ends), link()).loss_db > bare + 3
