"""A dozen published figures, typed in with their sources. The whole sets run by command."""

import math
import subprocess
import sys

import numpy as np
import pytest

from tram.rollout.radio.free_space import free_space_db
from tram.rollout.radio.p1812.climate import climate_of
from tram.rollout.radio.p1812.inputs import INLAND, PathParameters, PathProfile
from tram.rollout.radio.p1812.normal import inverse_normal
from tram.rollout.radio.p1812.prediction import predict
from tram.rollout.radio.p1812.variability import location_loss_db, location_sigma_db
from tram.rollout.radio.p2108 import Clutter, aeronautical_db, height_gain_db, terrestrial_db
from tram.rollout.radio.p2109 import EFFICIENT, TRADITIONAL, entry_loss_db
from tram.rollout.radio.tr38901 import Environment, SiteSurroundings, path_loss_db
from tram.runtime.errors import Refused


@pytest.mark.parametrize(
    ("frequency", "distance", "percent", "loss"),
    [(0.5, 0.25, 50, 17.4), (0.5, 0.25, 1, 3.9), (26.6, 15.8, 45, 32.5), (3.5, 1, 99.9, 42.8)],
)
def test_p2108_terrestrial_as_ntia_publishes(frequency, distance, percent, loss):
    assert terrestrial_db(frequency, distance, percent) == pytest.approx(loss, abs=0.05)


@pytest.mark.parametrize(
    ("frequency", "height", "clutter_m", "kind", "loss"),
    [
        (1.5, 2, 10, Clutter.WATER, 16.0),
        (1.5, 2, 10, Clutter.SUBURBAN, 20.5),
        (1.5, 2, 20, Clutter.DENSE_URBAN, 27.1),
        (1.7, 30, 9.8, Clutter.SUBURBAN, 0.0),
    ],
)
def test_p2108_height_gain_as_ntia_publishes(frequency, height, clutter_m, kind, loss):
    street = 27 if clutter_m != 9.8 else 24.5
    assert height_gain_db(frequency, height, street, clutter_m, kind) == pytest.approx(
        loss, abs=0.05
    )


def test_p2108_slant_as_ntia_publishes():
    assert aeronautical_db(30, 2, 5) == pytest.approx(7.7, abs=0.05)
    assert aeronautical_db(10, 10.5, 45) == pytest.approx(12.4, abs=0.05)
    assert aeronautical_db(15, 90, 50) == pytest.approx(0.0, abs=0.05)


def test_p2108_refuses_what_it_does_not_cover():
    with pytest.raises(Refused, match=r"frequency_ghz.*distance_km"):
        terrestrial_db(0.24, 0.1, 50)


@pytest.mark.parametrize(
    ("environment", "frequency", "metres", "sight", "loss"),
    [
        # Oughton's worksheet to pysim5g (MIT): antenna at 35 m, user at 1.5 m.
        (Environment.RURAL, 0.7, 100, True, 70.21901464),
        (Environment.RURAL, 0.7, 5000, True, 121.33105477),
        (Environment.URBAN, 0.7, 100, True, 69.41007998),
        (Environment.URBAN, 0.7, 5000, False, 154.99808950),
        (Environment.STREET, 3.7, 100, False, 105.91799704),
        (Environment.STREET, 3.7, 5000, False, 165.07668196),
    ],
)
def test_tr38901_as_the_worksheet_has_it(environment, frequency, metres, sight, loss):
    ours = path_loss_db(environment, SiteSurroundings(35.0), frequency, metres, sight=sight)
    assert ours == pytest.approx(loss, abs=1e-6)


def test_tr38901_rural_without_sight_by_its_formula():
    # Table 7.4.1-1 worked by hand: 35 m mast, 1.5 m user, W = 20 m, h = 5 m, 0.7 GHz, d3D = 5 km.
    d3d = math.hypot(5000, 33.5)
    height = math.log10(35)
    by_hand = (
        161.04
        - 7.1 * math.log10(20)
        + 7.5 * math.log10(5)
        - (24.37 - 3.7 * (5 / 35) ** 2) * height
        + (43.42 - 3.1 * height) * (math.log10(d3d) - 3)
        + 20 * math.log10(0.7)
        - (3.2 * math.log10(11.75 * 1.5) ** 2 - 4.97)
    )
    ours = path_loss_db(Environment.RURAL, SiteSurroundings(35.0), 0.7, 5000, sight=False)
    assert ours == pytest.approx(by_hand, abs=1e-9)


def test_p2109_is_the_sum_of_its_parts():
    # At the median the two lognormals stand at their medians: eq. 1 worked by hand at 1 GHz.
    by_hand = 10 * math.log10(10**1.264 + 10**0.91 + 10**-0.3)
    assert entry_loss_db(1.0, 50, TRADITIONAL) == pytest.approx(by_hand, abs=1e-9)
    assert entry_loss_db(3.5, 50, EFFICIENT) > entry_loss_db(3.5, 50, TRADITIONAL) + 10
    assert entry_loss_db(3.5, 90) > entry_loss_db(3.5, 50)
    with pytest.raises(Refused):
        entry_loss_db(200.0, 50)


def test_flat_land_5km_as_py452_publishes():
    # Row of test_result_flat_land_5km.csv: 0.1 GHz, 10 m over flat land, vertical.
    flat = np.zeros(501)
    profile = PathProfile(np.linspace(0, 5, 501), flat, flat, np.full(501, INLAND, np.uint8))
    link = PathParameters(
        frequency_ghz=0.1,
        tx_height_m=10,
        rx_height_m=10,
        lapse_rate_n_per_km=42.531260,
        centre_latitude_deg=51.1775,
    )
    found = predict(profile, link)
    assert found.climate.earth_radius_km == pytest.approx(8738.167287, abs=1e-5)
    assert found.climate.beta0_percent == pytest.approx(6.950436, abs=1e-5)
    assert found.diffraction.median.spherical_db == pytest.approx(20.02432081, abs=1e-6)


def test_sea_path_climate_by_hand():
    zone = np.array([4, 4, 1, 1, 1], np.uint8)
    profile = PathProfile(np.arange(5.0), np.zeros(5), np.zeros(5), zone)
    climate = climate_of(profile, PathParameters(frequency_ghz=1, tx_height_m=10, rx_height_m=10))
    assert climate.sea_share == pytest.approx(2.5 / 4)
    assert climate.land_km_max == pytest.approx(1.5)


def test_time_and_place_variability():
    assert inverse_normal(0.01) == pytest.approx(2.3263, abs=5e-4)
    assert inverse_normal(0.9) == -inverse_normal(0.1)
    sigma = location_sigma_db(3.5, 100.0, 1.5, 10.0)
    assert sigma == pytest.approx((0.024 * 3.5 + 0.52) * 100**0.28)
    assert location_sigma_db(3.5, 100.0, 25.0, 10.0) == 0
    assert location_loss_db(90, sigma) > 0 > location_loss_db(10, sigma)


def test_free_space_at_one_kilometre():
    assert free_space_db(1.0, 1.0) == pytest.approx(92.4)


@pytest.mark.parametrize("name", ["nothing", "P1813"])
def test_the_command_says_when_no_set_is_known(tmp_path, name):
    if name == "P1813":
        (tmp_path / name).mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tram.rollout.radio.validate", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "no known set" in done.stderr
    assert (name == "P1813") == ("P1813: skipped" in done.stdout)


def test_the_command_compares_and_finds_a_wrong_figure(tmp_path):
    folder = tmp_path / "NTIA_p2108-test-data"
    folder.mkdir()
    rows = folder / "TerrestrialStatisticalModelTestData.csv"
    rows.write_text("f__ghz,d__km,p,rtn,L_ctt__db\n0.5,0.25,50,0,17.4\n0.24,2,50,48,0\n")
    command = [sys.executable, "-m", "tram.rollout.radio.validate", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "2 cases" in done.stdout
    rows.write_text("f__ghz,d__km,p,rtn,L_ctt__db\n0.5,0.25,50,0,18.4\n")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "PAST THE TOLERANCE" in done.stdout
    rows.write_text("f__ghz,d__km,p,rtn,L_ctt__db\n0.5,0.25,fifty,0,17.4\n0.5,0.25,50,0,17.4\n")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "row 1: could not convert string to float: 'fifty'" in done.stdout
