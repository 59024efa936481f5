"""The P.2108 set: height gain, terrestrial and slant clutter; wrong inputs must be refused."""

import csv
from collections.abc import Callable
from pathlib import Path

from tram.rollout.radio.p2108 import Clutter, aeronautical_db, height_gain_db, terrestrial_db
from tram.rollout.radio.validate.outcome import ENCODING, ValidationResult
from tram.runtime.errors import Refused

__all__ = ("run",)

_KIND = "L dB"
_Row = dict[str, str]


def _terrestrial(row: _Row) -> float:
    return terrestrial_db(float(row["f__ghz"]), float(row["d__km"]), float(row["p"]))


def _height_gain(row: _Row) -> float:
    return height_gain_db(
        float(row["f__ghz"]),
        float(row["h__meter"]),
        float(row["w_s__meter"]),
        float(row["R__meter"]),
        Clutter(int(row["clutter_type"])),
    )


def _aeronautical(row: _Row) -> float:
    return aeronautical_db(float(row["f__ghz"]), float(row["theta_deg"]), float(row["p"]))


_TABLES: dict[str, tuple[Callable[[_Row], float], str]] = {
    "TerrestrialStatisticalModelTestData.csv": (_terrestrial, "L_ctt__db"),
    "HeightGainTerminalCorrectionModelTestData.csv": (_height_gain, "A_h__db"),
    "AeronauticalStatisticalModelTestData.csv": (_aeronautical, "L_ces__db"),
}


def run(folder: Path) -> ValidationResult:
    """Compare every row; a row with an error code is met by a refusal."""
    outcome = ValidationResult("NTIA_p2108-test-data (P.2108-1)", {_KIND: 0.1})
    for name, (model, column) in _TABLES.items():
        file = folder / name
        if not file.is_file():
            continue
        with file.open(encoding=ENCODING, newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines)):
                where = f"{name} row {number + 1}"
                with outcome.case(where):
                    _compare(outcome, where, row, model, column)
    return outcome


def _compare(
    outcome: ValidationResult, where: str, row: _Row, model: Callable[[_Row], float], column: str
) -> None:
    is_wrong = int(row["rtn"]) != 0
    try:
        loss = model(row)
    except Refused as error:
        if not is_wrong:
            outcome.problems.append(f"{where}: refused, {error}")
        return
    except ValueError as error:  # a kind of clutter that does not exist
        if not is_wrong:
            outcome.problems.append(f"{where}: {error}")
        return
    if is_wrong:
        outcome.problems.append(f"{where}: should have been refused")
        return
    outcome.compare(_KIND, where, loss, float(row[column]))
