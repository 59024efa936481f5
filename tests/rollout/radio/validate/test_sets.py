"""Published sets: what is read from their files, and that a wrong figure or file is told."""

import math
from pathlib import Path

import pytest

from tram.rollout.radio.validate.__main__ import main
from tram.rollout.radio.validate.great_circle import latitude_along_deg
from tram.rollout.radio.validate.outcome import ValidationResult
from tram.rollout.radio.validate.sets import validate

ROW_452 = {
    "f (GHz)": "0.5",
    "p (%)": "50",
    "htg (m)": "10",
    "hrg (m)": "10",
    "phit_e (deg)": "0",
    "phit_n (deg)": "51.2",
    "phir_e (deg)": "0",
    "phir_n (deg)": "51.155",
    "pol (1-h/2-v)": "2",
    "DN": "42.531260",
    # Of flat_land_5km of the P.452-18 reference.
    "Ldsph": "7.30775532",
    "Ld50": "7.30775532",
    "Ldp": "7.30775532",
}


def write_452(root: Path, *rows: dict[str, str], cover="0") -> Path:
    """Write five kilometres of flat land and results over it."""
    examples = root / "Py452" / "tests" / "validation_examples"
    for name in ("profiles", "results"):
        (examples / name).mkdir(parents=True)
    points = [f"{k / 100:g},0,{cover if k in (2, 498) else 0},A2,2" for k in range(501)]
    profile = examples / "profiles" / "test_profile_flat.csv"
    profile.write_text("\n".join(["\ufeffd (km),h(m),cover,zone,code", *points]) + "\n")
    lines = [",".join(ROW_452), *(",".join({**ROW_452, **row}.values()) for row in rows)]
    (examples / "results" / "test_result_flat.csv").write_text("\n".join(lines) + "\n")
    return profile


def only(root: Path) -> ValidationResult:
    (outcome,), unknown = validate(root)
    assert unknown == []
    return outcome


def test_diffraction_rows_are_met(tmp_path):
    write_452(
        tmp_path,
        {},
        {"f (GHz)": "1", "Ldsph": "1.75163653", "Ld50": "1.75163653", "Ldp": "1.75163653"},
    )
    outcome = only(tmp_path)
    assert outcome.is_within, outcome.lines()
    assert outcome.cases == 2
    assert outcome.worst["Ldsph, Ld50, Ldp dB"][0] < 1e-6
    assert only(tmp_path / "Py452").is_within, "the folder may be the set itself"


def test_clutter_within_fifty_metres_of_a_terminal_is_left_out(tmp_path):
    write_452(tmp_path, {}, cover="30")
    assert only(tmp_path).is_within


@pytest.mark.parametrize("column", ["Ldsph", "Ld50", "Ldp"])
def test_each_column_counts(tmp_path, column):
    write_452(tmp_path, {}, {column: "7.33"})
    outcome = only(tmp_path)
    assert not outcome.is_within
    error, where = outcome.worst["Ldsph, Ld50, Ldp dB"]
    assert error == pytest.approx(0.0222, abs=1e-4)
    assert where == f"test_result_flat row 2 {column}"


def test_polarisation_and_time_are_those_of_the_row(tmp_path):
    write_452(tmp_path, {"f (GHz)": "0.1", "pol (1-h/2-v)": "1"}, {"p (%)": "10", "DN": "60"})
    assert not only(tmp_path).is_within


def test_a_profile_that_is_missing_or_broken_is_a_problem_of_its_rows(tmp_path):
    profile = write_452(tmp_path, {}, {"f (GHz)": "fast"})
    outcome = only(tmp_path)
    assert outcome.cases == 2
    assert not outcome.is_within
    assert outcome.problems == [
        "test_result_flat row 2: ValueError, could not convert string to float: 'fast'"
    ]
    profile.unlink()
    assert only(tmp_path).problems == [
        "test_result_flat.csv: its profile test_profile_flat.csv is missing"
    ]


HEAD_1812 = """\ufeffvalley
Tx LAT:,15.0
Tx LON:,108.0
Rx LAT:,15.018
Rx LON:,108.0
Average annual values dN (N-units/km):,45
Average annual sea-level surface refractivity No (N-units):,326.5
{Begin of Profile}
d,h,r,Ct,zone
"""


def write_1812(root: Path, loss_db: float, **figures: float) -> Path:
    """Write two kilometres over a deep valley, where nothing but free space is lost."""
    tests = root / "Py1812" / "tests"
    for name in ("validation_profiles", "validation_results"):
        (tests / name).mkdir(parents=True, exist_ok=True)
    points = [f"{k / 10:g},{300 if k in (0, 20) else 0},0,0,4" for k in range(21)]
    measured = [
        "{End of Profile}",
        "{Begin of Measurements}",
        "95.3,99,,99,1,,,,,,,,30,,1,,0,0",
        "2000,30,,10,2,,,,,,,,30,,50,,1.5,1.5",
    ]
    profile = tests / "validation_profiles" / "valley.csv"
    profile.write_text(HEAD_1812 + "\n".join([*points, *measured]) + "\n")
    log = [
        "# Parameter,Ref,,Value,",
        "f (GHz),,,2,",
        "hts (m),,,330,",
        "hrs (m),,,310,",
        "dtm (km),Sec 3.6,,2,",
        "ae (km),Eq (7a),,8930.776786,",
        f"Lbfs,Eq (8),,{figures.get('free', loss_db)!r},",
        f"Ld50,Eq (39),,{figures.get('median', 0.0)!r},",
        f"Lb,Eq (69),,{loss_db!r},",
    ]
    file = tests / "validation_results" / "valley_1_log.csv"
    file.write_text("\n".join(log) + "\n")
    return file


FREE_DB = 92.4 + 20 * math.log10(2) + 20 * math.log10(math.hypot(2, 0.02))


def test_a_log_is_met_with_inputs_from_its_own_measurement(tmp_path):
    write_1812(tmp_path, FREE_DB)
    outcome = only(tmp_path)
    assert outcome.is_within, outcome.lines()
    assert outcome.cases == 1
    assert set(outcome.worst) == {"Lb dB", "intermediates rel"}


@pytest.mark.parametrize(
    ("figures", "kind"),
    [
        ({"loss_db": FREE_DB + 0.02, "free": FREE_DB}, "Lb dB"),
        ({"loss_db": FREE_DB, "free": FREE_DB * (1 + 2e-6)}, "intermediates rel"),
        ({"loss_db": FREE_DB, "median": 1e-3}, "intermediates rel"),
    ],
)
def test_a_wrong_figure_is_past_its_tolerance(tmp_path, figures, kind):
    write_1812(tmp_path, **figures)
    outcome = only(tmp_path)
    assert not outcome.is_within
    assert [line.split(":")[0].strip() for line in outcome.lines() if "PAST" in line] == [kind]


def test_a_log_that_lacks_its_loss_or_its_profile_is_a_problem(tmp_path):
    log = write_1812(tmp_path, FREE_DB)
    log.write_text(log.read_text().replace("Lb,Eq (69)", "Lx,Eq (69)"))
    outcome = only(tmp_path)
    assert outcome.problems == ["valley_1_log.csv: KeyError, ('Lb', 'Eq (69)')"]
    assert not outcome.is_within
    (tmp_path / "Py1812" / "tests" / "validation_profiles" / "valley.csv").unlink()
    assert only(tmp_path).problems == ["valley_1_log.csv: its profile valley.csv is missing"]


HEIGHT_GAIN = "f__ghz,h__meter,w_s__meter,R__meter,clutter_type,rtn,A_h__db\n"
SLANT = "f__ghz,theta_deg,p,rtn,L_ces__db\n"


@pytest.mark.parametrize(
    ("table", "rows", "problems"),
    [
        ("HeightGainTerminalCorrection", HEIGHT_GAIN + "1.5,2,27,10,1,0,16\n", []),
        ("HeightGainTerminalCorrection", HEIGHT_GAIN + "4,2,27,10,3,32,0\n2,2,27,9,9,33,0\n", []),
        ("AeronauticalStatistical", SLANT + "30,2,5,0,7.7\n18,90.1,50,65,0\n", []),
        ("AeronauticalStatistical", SLANT + "30,2,5,64,7.7\n", ["should have been refused"]),
        ("AeronauticalStatistical", SLANT + "30,91,5,0,7.7\n", ["refused, P.2108 does not hold"]),
        (
            "HeightGainTerminalCorrection",
            HEIGHT_GAIN + "2,2,27,9,9,0,0\n",
            ["9 is not a valid Clutter"],
        ),
    ],
)
def test_a_row_with_an_error_code_is_met_by_a_refusal_and_no_other(
    tmp_path, table, rows, problems
):
    folder = tmp_path / "NTIA_p2108-test-data"
    folder.mkdir()
    (folder / f"{table}ModelTestData.csv").write_text(rows)
    outcome = only(tmp_path)
    assert len(outcome.problems) == len(problems)
    for problem, words in zip(outcome.problems, problems, strict=True):
        assert words in problem


def test_an_empty_set_is_not_within(tmp_path):
    (tmp_path / "NTIA_p2108-test-data").mkdir()
    outcome = only(tmp_path)
    assert not outcome.is_within
    assert outcome.lines()[0] == "NTIA_p2108-test-data (P.2108-1): 0 cases"


@pytest.mark.parametrize("ours", [math.nan, math.inf])
def test_a_figure_that_is_none_is_infinitely_wrong(ours):
    outcome = ValidationResult("x", {"L dB": 0.1})
    with outcome.case("a"):
        outcome.compare("L dB", "a", ours, 1.0)
    with outcome.case("b"):
        outcome.compare("L dB", "b", 1.0, 1.0)
    assert outcome.worst["L dB"] == (math.inf, "a")
    assert not outcome.is_within


def test_the_command_names_the_worst_case(tmp_path, capsys):
    write_452(tmp_path, {"Ld50": "9"})
    (tmp_path / "Other").mkdir()
    assert main([str(tmp_path)]) == 1
    told = capsys.readouterr().out
    assert "worst 1.69 (≤ 0.01) PAST THE TOLERANCE, at test_result_flat row 1 Ld50" in told
    assert "Other: skipped, not a set that this command knows" in told
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("ends", "way_km", "latitude"),
    [
        ((51.2, 0, 51.155, 0), 2.5, 51.17752),  # south along a meridian
        ((0, 0, 0, 10), 500, 0),  # along the equator
        ((60, 0, 60, 180), 30 * math.pi / 180 * 6371, 90),  # over the pole
        ((-10, 20, 10, 20), 0, -10),
    ],
)
def test_latitudes_along_a_great_circle(ends, way_km, latitude):
    assert latitude_along_deg(ends, way_km) == pytest.approx(latitude, abs=1e-5)
