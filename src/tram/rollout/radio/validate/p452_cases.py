"""The P.452 set: its diffraction columns, which share the construction of P.1812.

P.452-18 adds clutter heights to the profile as P.1812 does, but none within 50 m of a terminal.
"""

import csv
from functools import cache
from pathlib import Path

import numpy as np

from tram.rollout.radio.p1812.climate import climate_of
from tram.rollout.radio.p1812.diffraction import diffraction_of
from tram.rollout.radio.p1812.geometry import geometry_of
from tram.rollout.radio.p1812.inputs import COASTAL, INLAND, SEA, PathParameters, PathProfile
from tram.rollout.radio.validate.great_circle import latitude_along_deg
from tram.rollout.radio.validate.outcome import ENCODING, ValidationResult

__all__ = ("run",)

_KIND = "Ldsph, Ld50, Ldp dB"
_CLEAR_KM = 0.05 - 1e-9
_ZONES = {"1": COASTAL, "2": INLAND, "3": SEA}


def run(folder: Path) -> ValidationResult:
    """Compare every row with our own diffraction over its profile, paired by file name."""
    outcome = ValidationResult("Py452 (P.452-18 diffraction)", {_KIND: 0.01})
    examples = folder / "tests" / "validation_examples"
    for result in sorted((examples / "results").glob("test_result_*.csv")):
        name = result.name.replace("test_result_", "test_profile_")
        file = examples / "profiles" / name
        if not file.is_file():
            outcome.problems.append(f"{result.name}: its profile {name} is missing")
            continue
        with result.open(encoding=ENCODING, newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines)):
                where = f"{result.stem} row {number + 1}"
                with outcome.case(where):
                    _compare(outcome, where, _read_profile(file), row)
    return outcome


def _compare(
    outcome: ValidationResult, where: str, profile: PathProfile, row: dict[str, str]
) -> None:
    ends = tuple(float(row[f"phi{end} (deg)"]) for end in ("t_n", "t_e", "r_n", "r_e"))
    link = PathParameters(
        frequency_ghz=float(row["f (GHz)"]),
        tx_height_m=float(row["htg (m)"]),
        rx_height_m=float(row["hrg (m)"]),
        time_percent=float(row["p (%)"]),
        polarisation="horizontal" if int(row["pol (1-h/2-v)"]) == 1 else "vertical",
        centre_latitude_deg=latitude_along_deg(ends, profile.length_km / 2),
        lapse_rate_n_per_km=float(row["DN"]),
    )
    climate = climate_of(profile, link)
    ours = diffraction_of(profile, link, climate, geometry_of(profile, link, climate))
    for column, loss in (
        ("Ldsph", ours.median.spherical_db),
        ("Ld50", ours.median.loss_db),
        ("Ldp", ours.loss_db),
    ):
        outcome.compare(_KIND, f"{where} {column}", loss, float(row[column]))


@cache
def _read_profile(file: Path) -> PathProfile:
    rows = list(csv.reader(file.read_text(encoding=ENCODING).splitlines()))[1:]
    numbers = np.array([[float(cell) for cell in cells[:3]] for cells in rows if cells])
    zones = np.array([_ZONES[cells[4].strip()] for cells in rows if cells], np.uint8)
    distance_km = numbers[:, 0]
    from_end_km = np.minimum(distance_km, distance_km[-1] - distance_km)
    clutter_m = np.where(from_end_km < _CLEAR_KM, 0.0, numbers[:, 2])
    return PathProfile(distance_km, numbers[:, 1], clutter_m, zones)
