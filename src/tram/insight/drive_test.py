"""The standing drive test: signal that devices report against the predicted coverage.

Robust figures: the bias is a median, the spread 1.4826 times the median absolute deviation, so
that a few devices in cellars do not decide. A correction is offered only from enough points, with
the half-width of its 95 % interval (of a median: 1.2533 standard errors of the mean).
"""

import math
from collections import defaultdict
from collections.abc import Sequence

import msgspec
import numpy as np

from tram.rollout.coverage.budget import told_db
from tram.rollout.coverage.network import BANDS, Thresholds

__all__ = (
    "POINTS_MIN",
    "Bias",
    "DriveTest",
    "Measurement",
    "PredictedSignal",
    "Surprise",
    "compare",
)

POINTS_MIN = 30
"""Fewer points give no correction."""
ACCURACY_M_MAX = 100.0
"""A position known worse than this says nothing about one pixel."""
_MAD_TO_SIGMA = 1.4826
_MEDIAN_ERROR = 1.2533
_Z95 = 1.96
_THRESHOLDS = Thresholds()


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """The newest signal of one device: SS-RSRP [dBm], and how well its position is known [m].

    None, or an empty technology, means that the device does not say.
    """

    device: int
    name: str
    lon: float
    lat: float
    operator: str
    band: str
    technology: str = ""
    rsrp_dbm: float
    at_ms: int
    is_indoor: bool | None = None
    accuracy_m: float | None = None
    synthetic: bool = False


class PredictedSignal(msgspec.Struct, frozen=True, kw_only=True):
    """What the newest run says at a measurement: SS-RSRP [dBm] and the cover there."""

    rsrp_dbm: float
    cover: str


class Bias(msgspec.Struct, frozen=True, kw_only=True):
    """Measured less predicted for one operator, band and cover [dB]."""

    operator: str
    band: str
    cover: str
    points: int
    bias_db: float
    spread_db: float
    correction_db: float | None
    confidence_db: float | None


class Surprise(msgspec.Struct, frozen=True, kw_only=True):
    """A device that measures bad where good was predicted [dBm]."""

    device: int
    name: str
    lon: float
    lat: float
    operator: str
    band: str
    predicted_dbm: float
    measured_dbm: float
    at_ms: int


class DriveTest(msgspec.Struct, frozen=True, kw_only=True):
    """Biases by group, surprises worst first, and why points were left out."""

    points: int
    groups: list[Bias]
    surprises: list[Surprise]
    left_out: dict[str, int]
    synthetic: bool


def reason_to_leave_out(measurement: Measurement) -> str:
    """Return why a measurement cannot be compared, or nothing.

    A signal of another technology than its band's is that of another cell (a phone that fell back).
    """
    band = BANDS.get(measurement.band)
    if band and measurement.technology not in {"", band.technology}:
        return "technology_differs"
    if measurement.is_indoor is None:
        return "place_unknown"
    if measurement.is_indoor:
        return "indoor"
    if measurement.accuracy_m is None or measurement.accuracy_m > ACCURACY_M_MAX:
        return "position_unknown"
    return ""


def compare(
    measurements: Sequence[Measurement], predictions: Sequence[PredictedSignal | None]
) -> DriveTest:
    """Compare measurements with what was predicted at the same places, in the same order.

    A prediction is None where the newest run has no layer of the same operator and band, or
    nothing is known.
    """
    differences: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    left_out: dict[str, int] = defaultdict(int)
    surprises = []
    synthetic = False
    for measured, predicted in zip(measurements, predictions, strict=True):
        reason = reason_to_leave_out(measured) or ("" if predicted else "not_predicted")
        if reason or predicted is None:
            left_out[reason] += 1
            continue
        synthetic = synthetic or measured.synthetic
        key = (measured.operator, measured.band, predicted.cover)
        differences[key].append(measured.rsrp_dbm - predicted.rsrp_dbm)
        is_good = predicted.rsrp_dbm >= _THRESHOLDS.good_dbm
        if is_good and measured.rsrp_dbm < _THRESHOLDS.edge_dbm:
            surprises.append(_surprise(measured, predicted))
    groups = [_bias(*key, differences[key]) for key in sorted(differences)]
    return DriveTest(
        points=sum(group.points for group in groups),
        groups=groups,
        surprises=sorted(surprises, key=lambda s: s.measured_dbm - s.predicted_dbm),
        left_out=dict(left_out),
        synthetic=synthetic,
    )


def _bias(operator: str, band: str, cover: str, differences: list[float]) -> Bias:
    values = np.asarray(differences)
    bias = float(np.median(values))
    spread = _MAD_TO_SIGMA * float(np.median(np.abs(values - bias)))
    enough = len(values) >= POINTS_MIN
    confidence = _Z95 * _MEDIAN_ERROR * spread / math.sqrt(len(values))
    return Bias(
        operator=operator,
        band=band,
        cover=cover,
        points=len(values),
        bias_db=told_db(bias),
        spread_db=told_db(spread),
        correction_db=told_db(bias) if enough else None,
        confidence_db=told_db(confidence) if enough else None,
    )


def _surprise(measured: Measurement, predicted: PredictedSignal) -> Surprise:
    return Surprise(
        device=measured.device,
        name=measured.name,
        lon=measured.lon,
        lat=measured.lat,
        operator=measured.operator,
        band=measured.band,
        predicted_dbm=round(predicted.rsrp_dbm, 1),
        measured_dbm=round(measured.rsrp_dbm, 1),
        at_ms=measured.at_ms,
    )
