"""The P.1812 set: measured profiles and the logs of a reference run with every intermediate.

Inputs come from the profile's own header and measurement block; the reference's answers stand in
the log alone.
"""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tram.rollout.radio.p1812.inputs import PathParameters, PathProfile
from tram.rollout.radio.p1812.prediction import PathPrediction, predict
from tram.rollout.radio.validate.great_circle import latitude_along_deg
from tram.rollout.radio.validate.outcome import ENCODING, ValidationResult

__all__ = ("run",)

_LOSS = "Lb dB"
_REST = "intermediates rel"
_FIGURES: dict[tuple[str, str], Callable[[PathPrediction], float]] = {
    ("dlt", "Eq (78)"): lambda p: p.geometry.tx_horizon_km,
    ("dlr", "Eq (81a)"): lambda p: p.geometry.rx_horizon_km,
    ("th_t", "Eqs (76-78)"): lambda p: p.geometry.tx_horizon_mrad,
    ("th_r", "Eqs (79-81)"): lambda p: p.geometry.rx_horizon_mrad,
    ("th", "Eq (82)"): lambda p: p.geometry.scatter_mrad,
    ("hts", ""): lambda p: p.geometry.tx_m,
    ("hrs", ""): lambda p: p.geometry.rx_m,
    ("w", "Table 5"): lambda p: p.climate.sea_share,
    ("dtm", "Sec 3.6"): lambda p: p.climate.land_km_max,
    ("dlm", "Sec 3.6"): lambda p: p.climate.inland_km_max,
    ("b0", "Eq (5)"): lambda p: p.climate.beta0_percent,
    ("ae", "Eq (7a)"): lambda p: p.climate.earth_radius_km,
    ("hst", "Eq (85)"): lambda p: p.geometry.smooth.fit_tx_m,
    ("hsr", "Eq (86)"): lambda p: p.geometry.smooth.fit_rx_m,
    ("hstd", "Eq (89)"): lambda p: p.geometry.smooth.diffraction_tx_m,
    ("hsrd", "Eq (89)"): lambda p: p.geometry.smooth.diffraction_rx_m,
    ("hst", "Eq (90a)"): lambda p: p.geometry.tx_m - p.geometry.effective_tx_m,
    ("hsr", "Eq (90b)"): lambda p: p.geometry.rx_m - p.geometry.effective_rx_m,
    ("htc", "Eq (37a)"): lambda p: p.geometry.tx_m - p.geometry.smooth.diffraction_tx_m,
    ("hrc", "Eq (37b)"): lambda p: p.geometry.rx_m - p.geometry.smooth.diffraction_rx_m,
    ("hte", "Eq (92a)"): lambda p: p.geometry.effective_tx_m,
    ("hre", "Eq (92b)"): lambda p: p.geometry.effective_rx_m,
    ("hm", "Eq (93)"): lambda p: p.geometry.roughness_m,
    ("Fi", "Eq (40)"): lambda p: p.diffraction.interpolation,
    ("Fj", "Eq (57)"): lambda p: p.angle_share,
    ("Fk", "Eq (58)"): lambda p: p.distance_share,
    ("Lbfs", "Eq (8)"): lambda p: p.free_space_db,
    ("Lb0p", "Eq (10)"): lambda p: p.line_of_sight_db,
    ("Lb0b", "Eq (11)"): lambda p: p.line_of_sight_beta_db,
    # The log's parts of diffraction are those of its second run, for beta0.
    ("Lbulla", "Eq (21)"): lambda p: p.diffraction.beta.actual_db,
    ("Lbulls", "Eq (21)"): lambda p: p.diffraction.beta.smooth_db,
    ("Ldsph", "Eq (27)"): lambda p: p.diffraction.beta.spherical_db,
    ("Ld50", "Eq (39)"): lambda p: p.diffraction.median.loss_db,
    ("Ldb", "Eq (39)"): lambda p: p.diffraction.beta.loss_db,
    ("Ldp", "Eq (41)"): lambda p: p.diffraction.loss_db,
    ("Lbd50", "Eq (42)"): lambda p: p.median_db,
    # The log prints L_bda in the line of L_bd as well.
    ("Lbd", "Eq (43)"): lambda p: p.mixed_db,
    ("Lminb0p", "Eq (59)"): lambda p: p.least_line_of_sight_db,
    ("Lba", "Eq (46)"): lambda p: p.ducting_db,
    ("Lminbap", "Eq (60)"): lambda p: p.least_ducting_db,
    ("Lbda", "Eq (61)"): lambda p: p.mixed_db,
    ("Lbam", "Eq (62)"): lambda p: p.modified_db,
    ("Lbs", "Eq (44)"): lambda p: p.scatter_db,
    ("Lbc", "Eq (63)"): lambda p: p.combined_db,
    ("Ep", "Eq (70)"): lambda p: p.field_dbuv_m,
}
_FREQUENCY, _TX, _RX, _POLARISATION, _TIME = 0, 1, 3, 4, 14
"""Columns of the measurement block."""


def run(folder: Path) -> ValidationResult:
    """Compare every log with our own run over its profile."""
    outcome = ValidationResult("Py1812 (P.1812-8)", {_LOSS: 0.01, _REST: 1e-6})
    tests = folder / "tests"
    for log in sorted((tests / "validation_results").glob("*_log.csv")):
        name, _, row = log.name.removesuffix("_log.csv").rpartition("_")
        profile = tests / "validation_profiles" / f"{name}.csv"
        if not profile.is_file():
            outcome.problems.append(f"{log.name}: its profile {profile.name} is missing")
            continue
        with outcome.case(log.name):
            _compare(outcome, log, profile, int(row))
    return outcome


def _compare(outcome: ValidationResult, log: Path, profile_file: Path, row: int) -> None:
    published = _read_log(log)
    profile, link = _read_profile(profile_file, row)
    ours = predict(profile, link)
    where = log.name.removesuffix("_log.csv")
    for key, figure in _FIGURES.items():
        if key in published:
            outcome.compare(_REST, f"{where} {key[0]} {key[1]}", figure(ours), published[key])
    outcome.compare(_LOSS, where, ours.loss_db, published["Lb", "Eq (69)"])


def _read_log(file: Path) -> dict[tuple[str, str], float]:
    figures: dict[tuple[str, str], float] = {}
    for cells in csv.reader(file.read_text(encoding=ENCODING).splitlines()):
        if len(cells) > 3 and cells[3] not in {"", "Value"}:  # the value's column
            name = cells[0].split("(")[0].strip()
            figures.setdefault((name, cells[1].strip()), float(cells[3]))
    return figures


def _read_profile(file: Path, row: int) -> tuple[PathProfile, PathParameters]:
    rows = list(csv.reader(file.read_text(encoding=ENCODING).splitlines()))
    head = {cells[0]: cells[1] for cells in rows if len(cells) > 1}
    marks = [cells[0] if cells else "" for cells in rows]
    begin = marks.index("{Begin of Profile}") + 2
    points = np.array(
        [[float(c) for c in cells[:5]] for cells in rows[begin : marks.index("{End of Profile}")]]
    )
    profile = PathProfile(points[:, 0], points[:, 1], points[:, 3], points[:, 4].astype(np.uint8))
    cells = rows[marks.index("{Begin of Measurements}") + 1 + row]
    ends = tuple(float(head[f"{end} {axis}:"]) for end in ("Tx", "Rx") for axis in ("LAT", "LON"))
    link = PathParameters(
        frequency_ghz=float(cells[_FREQUENCY]) / 1000,
        tx_height_m=float(cells[_TX]),
        rx_height_m=float(cells[_RX]),
        time_percent=float(cells[_TIME]),
        polarisation="horizontal" if int(cells[_POLARISATION]) == 1 else "vertical",
        centre_latitude_deg=latitude_along_deg(ends, profile.length_km / 2),
        lapse_rate_n_per_km=float(head["Average annual values dN (N-units/km):"]),
        sea_level_refractivity_n=float(
            head["Average annual sea-level surface refractivity No (N-units):"]
        ),
    )
    return profile, link
