"""Location probability: the chance that a place in a pixel is served, given the pixel's median.

Places vary around the median by a normal distribution with the standard deviation of
ITU-R P.1812-8 §4.8.
"""

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

__all__ = ("SURE", "chances", "likely_shares", "sure_margin_db")

SURE = 0.95
"""The probability for which the needed signal is told beside every threshold."""

Floats = npt.NDArray[np.floating]


def sure_margin_db(sigma_db: float) -> float:
    """Return how far above a threshold the median must be for SURE of the places [dB]."""
    return NormalDist().inv_cdf(SURE) * sigma_db


def chances(
    signal_dbm: npt.ArrayLike, threshold_dbm: npt.ArrayLike, sigma_db: float
) -> npt.NDArray[np.float64]:
    """Return the share of places that are at or above a threshold; one half at the threshold."""
    # A process that weighs no coverage starts without it: half a second.
    from scipy.special import ndtr  # noqa: PLC0415

    above = np.asarray(signal_dbm, np.float64) - np.asarray(threshold_dbm, np.float64)
    if sigma_db <= 0:
        return np.asarray(above >= 0, np.float64)
    return np.asarray(ndtr(above / sigma_db), np.float64)


def likely_shares(levels: Floats, thresholds: Sequence[float], sigma_db: float) -> list[float]:
    """Return the share of cells [dBm], each weighted by its chance, at each threshold.

    Levels count in tenths of a decibel, as they are written into the raster.
    """
    if not len(levels):
        return [0.0 for _ in thresholds]
    values, counts = np.unique(np.rint(10 * levels), return_counts=True)
    chance = chances(values[:, None] / 10, np.asarray(thresholds), sigma_db)
    return [round(float(share), 6) for share in counts @ chance / len(levels)]
