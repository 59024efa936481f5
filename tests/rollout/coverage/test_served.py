"""Location probability: normal around the predicted median, P.1812-8 §4.8."""

import numpy as np
import pytest

from tram.rollout.coverage.served import chances, likely_shares, sure_margin_db

SIGMA_DB = 1.6


def test_half_of_the_places_are_served_at_the_threshold():
    assert chances(-110.0, -110.0, SIGMA_DB) == pytest.approx(0.5)
    assert chances(-110.0 + SIGMA_DB, -110.0, SIGMA_DB) == pytest.approx(0.841345, abs=1e-6)
    assert chances(-200.0, -110.0, SIGMA_DB) == 0


def test_ninety_five_in_a_hundred_need_the_margin_above_it():
    margin = sure_margin_db(SIGMA_DB)
    assert margin == pytest.approx(1.644854 * SIGMA_DB, abs=1e-5)
    assert chances(-110.0 + margin, -110.0, SIGMA_DB) == pytest.approx(0.95)


def test_without_variation_a_place_is_served_or_not():
    assert sure_margin_db(0.0) == 0
    assert list(chances([-110.1, -110.0], -110.0, 0.0)) == [0, 1]


def test_a_share_weights_every_cell_by_its_chance():
    levels = np.array([-110.0, -110.0, -100.0, -200.0], np.float32)
    at_edge, strict = likely_shares(levels, (-110.0, -90.0), SIGMA_DB)
    assert at_edge == pytest.approx((0.5 + 0.5 + 1 + 0) / 4, abs=1e-6)
    assert strict == 0
    assert likely_shares(np.empty(0, np.float32), (-110.0,), SIGMA_DB) == [0]
