"""Patterns: the parametric one by its rules, and MSI files as makers write them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tram.rollout.radio.antenna import OMNI, parametric, read_msi
from tram.runtime.errors import Refused

WIDTHS = st.floats(5, 120)


@given(WIDTHS, WIDTHS)
def test_the_parametric_pattern_is_the_same_left_and_right_up_and_down(across, up):
    pattern = parametric(across, up)
    for cut, most in ((pattern.azimuth_db, 25), (pattern.elevation_db, 20)):
        assert np.array_equal(cut[1:], cut[:0:-1])
        assert cut[0] == 0
        assert cut.max() <= most
        assert (np.diff(cut[:181]) >= 0).all(), "no side lobe rises"


@given(st.integers(5, 60), st.integers(3, 30))
def test_half_of_the_power_is_left_at_half_of_the_width(half_across, half_up):
    pattern = parametric(2 * half_across, 2 * half_up)
    assert pattern.azimuth_db[half_across] == pytest.approx(3, abs=1e-5)
    assert pattern.elevation_db[half_up] == pytest.approx(3, abs=1e-5)


def test_three_sectors_of_seventy_degrees_leave_no_gap():
    cut = parametric(70, 10).azimuth_db
    best = np.min([np.roll(cut, turn) for turn in (0, 120, 240)], axis=0)
    assert best.max() == pytest.approx(12 * (60 / 70) ** 2, abs=1e-4), "worst between two"
    assert np.array_equal(best, np.roll(best, 120)), "all three ways alike"


def test_all_around_hears_all_alike_and_looks_level():
    assert not OMNI.azimuth_db.any()
    assert not OMNI.elevation_db.any()
    assert OMNI.tilt_deg == 0
    assert parametric().tilt_deg == 0


def msi(tmp_path, *head, across=None, down=None, ending="\n"):
    """Write an MSI file with a horizontal and a vertical cut."""
    across = across or [f"{a} {min(a, 360 - a) / 10}" for a in range(360)]
    down = down or [f"{a} {min(abs(a - 4), 30)}" for a in range(360)]
    lines = [*head, "HORIZONTAL 360", *across, "VERTICAL 360", *down]
    file = tmp_path / "AAU 5613 n78.msi"
    file.write_bytes((ending.join(lines) + ending).encode("latin-1"))
    return file


@pytest.mark.parametrize(
    ("line", "gain"),
    [
        ("GAIN 17.5 dBi", 17.5),
        ("GAIN 17.5dBi", 17.5),
        ("GAIN 17.5 DBI", 17.5),
        ("GAIN 15.35 dBd", 17.5),
        ("GAIN 15.35dBd", 17.5),
        ("GAIN 15.35", 17.5),  # MSI Planet: against a dipole unless said otherwise
        ("Gain 15.35 dB", 17.5),
        ("GAIN -2.15", 0.0),
        ("GAIN unknown", None),
        ("GAIN inf dBi", None),
        ("GAIN 1e999", None),
        ("GAIN nan dBd", None),
        ("GAIN", None),
        ("COMMENT none", None),
    ],
)
def test_the_gain_is_told_against_an_isotropic_antenna(tmp_path, line, gain):
    found = read_msi(msi(tmp_path, line)).gain_dbi
    assert found is None if gain is None else found == pytest.approx(gain)


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (("NAME AQU4518R24v18, +45 °",), "AQU4518R24v18, +45 °"),
        (("name   X  1",), "X 1"),
        (("NAME",), "AAU 5613 n78"),
        ((), "AAU 5613 n78"),
    ],
)
def test_a_pattern_is_called_as_it_says_else_as_its_file(tmp_path, head, name):
    assert read_msi(msi(tmp_path, *head)).name == name


def test_order_signs_and_line_ends_do_not_matter(tmp_path):
    plain = read_msi(msi(tmp_path))
    across = [f"{a}.0   -{min(a, 360 - a) / 10}" for a in reversed(range(360))]
    down = ["", *(f"{a - 360}\t{min(abs(a - 4), 30)}" for a in range(360))]
    other = read_msi(msi(tmp_path, "", across=across, down=down, ending="\r\n"))
    assert np.array_equal(plain.azimuth_db, other.azimuth_db)
    assert np.array_equal(plain.elevation_db, other.elevation_db)


def test_the_vertical_cut_is_turned_from_down_to_up(tmp_path):
    """MSI counts downwards from the horizon; we count upwards."""
    pattern = read_msi(msi(tmp_path, down=[f"{a} {a / 20}" for a in range(360)]))
    assert pattern.elevation_db[0] == 0
    assert pattern.elevation_db[-7] == pytest.approx(0.35), "seven degrees below"
    assert pattern.elevation_db[90] == pytest.approx(13.5), "straight up is 270 of MSI"


@pytest.mark.parametrize(("down", "told"), [(0, 0), (4, 4), (20, 20), (21, 0)])
def test_how_far_a_pattern_looks_down_by_itself(tmp_path, down, told):
    """Beyond twenty degrees it is no tilt but another kind of antenna."""
    cut = [f"{a} {0 if a == down else 10}" for a in range(360)]
    assert read_msi(msi(tmp_path, down=cut)).tilt_deg == told


@pytest.mark.parametrize(
    "damage",
    [
        {"across": [f"{a} 0" for a in range(359)]},
        {"down": [f"{a} 0" for a in range(0, 360, 2)]},
        {"down": [f"{a} x" for a in range(360)]},
        {"across": [f"{a} nan" for a in range(360)]},
    ],
)
def test_a_file_that_lacks_a_degree_is_refused_with_its_name(tmp_path, damage):
    with pytest.raises(Refused, match=r"AAU 5613 n78\.msi does not hold 360") as caught:
        read_msi(msi(tmp_path, **damage))
    assert caught.value.code == "antenna.not_msi"
    assert "both cuts in steps of one degree" in caught.value.hint


@pytest.mark.parametrize("value", ["inf", "-inf", "1e999", "1e39"])
def test_a_pattern_without_bound_is_refused(tmp_path, value):
    across = [f"{a} {value if a == 90 else 0}" for a in range(360)]
    with pytest.raises(Refused, match="does not hold 360"):
        read_msi(msi(tmp_path, across=across))


@pytest.mark.parametrize("angle", ["inf", "nan", "1e999"])
def test_an_angle_that_is_none_is_no_angle(tmp_path, angle):
    across = [f"{a} 1" for a in range(360)]
    pattern = read_msi(msi(tmp_path, across=[*across, f"{angle} 30"]))
    assert (pattern.azimuth_db == 1).all()
