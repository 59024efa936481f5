"""Measured against predicted: robust figures, corrections only from enough points, surprises."""

import numpy as np
import pytest

from tram.insight.drive_test import POINTS_MIN, Measurement, PredictedSignal, compare
from tram.insight.signals import measurements_of
from tram.registry.kernel.views import DevicePosition


def measured(number: int, level: float, **more: object) -> Measurement:
    values = {"is_indoor": False, "accuracy_m": 10.0, "operator": "A", "band": "n78", **more}
    return Measurement(
        device=number, name=f"d{number}", lon=108.8, lat=15.1, rsrp_dbm=level, at_ms=1, **values
    )


def test_a_few_cellars_do_not_move_the_bias():
    chance = np.random.default_rng(1)
    levels = [-90 - 4 + float(chance.normal(0, 6)) for _ in range(200)] + [-135.0] * 15
    points = [measured(i, level) for i, level in enumerate(levels)]
    found = compare(points, [PredictedSignal(rsrp_dbm=-90.0, cover="crops")] * len(points))
    group = found.groups[0]
    assert group.points == 215
    assert group.bias_db == pytest.approx(-4, abs=1.5)
    assert group.spread_db == pytest.approx(6, abs=1.5)
    assert group.correction_db == group.bias_db
    assert 0 < group.confidence_db < 2
    assert len(found.surprises) >= 15
    assert found.surprises[0].measured_dbm == -135


def test_too_few_points_give_no_correction():
    points = [measured(i, -95.0 - i / 10) for i in range(POINTS_MIN - 1)]
    group = compare(points, [PredictedSignal(rsrp_dbm=-90.0, cover="trees")] * len(points)).groups[
        0
    ]
    assert group.correction_db is None
    assert group.confidence_db is None
    assert group.bias_db < 0


def test_what_cannot_be_compared_is_left_out_with_its_reason():
    points = [
        measured(1, -90, is_indoor=True),
        measured(2, -90, is_indoor=None),
        measured(3, -90, accuracy_m=None),
        measured(4, -90, accuracy_m=5_000.0),
        measured(5, -90),
        measured(6, -90, technology="4G"),
    ]
    known = PredictedSignal(rsrp_dbm=-90.0, cover="crops")
    found = compare(points, [known, known, known, known, None, known])
    assert found.points == 0
    assert found.left_out == {
        "indoor": 1,
        "place_unknown": 1,
        "position_unknown": 2,
        "not_predicted": 1,
        "technology_differs": 1,
    }


def test_operators_and_bands_are_never_mixed():
    points = [measured(1, -90), measured(2, -80, operator="B"), measured(3, -70, band="n28")]
    found = compare(points, [PredictedSignal(rsrp_dbm=-90.0, cover="crops")] * 3)
    assert {(g.operator, g.band, g.points) for g in found.groups} == {
        ("A", "n78", 1),
        ("B", "n78", 1),
        ("A", "n28", 1),
    }


def test_a_device_says_its_signal_by_its_metrics():
    device = DevicePosition(id=1, name="d", sector="energy", lon=108.8, lat=15.1, synthetic=True)
    values = {"rsrp_dbm": -97, "operator": "viettel", "band": "N78", "indoor": False}
    times = dict.fromkeys(values, 5)
    found = measurements_of(device, values, times)
    assert (found[0].operator, found[0].band, found[0].rsrp_dbm) == ("VIETTEL", "n78", -97)
    assert found[0].accuracy_m is None
    assert measurements_of(device, {"rsrp_dbm": -97}, times) == []
    by_number = measurements_of(device, {**values, "band": 3, "technology": "LTE"}, times)
    assert (by_number[0].band, by_number[0].technology) == ("b3", "4G")
    assert (
        measurements_of(device, {**values, "band": 78.0, "technology": "NR"}, times)[0].band
        == "n78"
    )
    assert measurements_of(device, {**values, "rsrp_dbm": True}, times) == []
