"""Building entry loss: Recommendation ITU-R P.2109-2."""

import math
from dataclasses import dataclass
from statistics import NormalDist

from tram.runtime.errors import Fault, Refused

__all__ = ("EFFICIENT", "TRADITIONAL", "Building", "entry_loss_db")

_FREQUENCY_GHZ = (0.08, 100.0)
_LEAST_DB = -3.0


@dataclass(frozen=True, slots=True)
class Building:
    """Coefficients of a kind of building, Table 1; each is a polynomial in log10 of GHz."""

    median: tuple[float, float, float]
    spread: tuple[float, float]
    low_median: tuple[float, float]
    low_spread: tuple[float, float]


TRADITIONAL = Building((12.64, 3.72, 0.96), (9.6, 2.0), (9.1, -3.0), (4.5, -2.0))
EFFICIENT = Building((28.19, -3.00, 8.48), (13.5, 3.8), (27.8, -2.9), (9.4, -2.1))
"""Thermally efficient: metallised glass, foil-backed panels."""


def entry_loss_db(
    frequency_ghz: float,
    percent: float,
    building: Building = TRADITIONAL,
    elevation_deg: float = 0.0,
) -> float:
    """Loss into a building not exceeded with this probability, eq. 1-9 [dB].

    Raises:
        Refused: outside 0.08-100 GHz, or for a probability that is not between 0 and 100 %.
    """
    least, most = _FREQUENCY_GHZ
    holds = {"frequency_ghz": least <= frequency_ghz <= most, "percent": 0 < percent < 100}
    faults = tuple(
        Fault(field, "radio.p2109", {"least": least, "most": most})
        for field, is_held in holds.items()
        if not is_held
    )
    if faults:
        raise Refused("radio.range", faults[0].sentence, "Change the values.", faults)
    log_f = math.log10(frequency_ghz)
    deviate = NormalDist().inv_cdf(percent / 100)
    r, s, t = building.median
    median = r + s * log_f + t * log_f**2 + 0.212 * abs(elevation_deg)
    high = deviate * (building.spread[0] + building.spread[1] * log_f) + median
    low = deviate * (building.low_spread[0] + building.low_spread[1] * log_f) + (
        building.low_median[0] + building.low_median[1] * log_f
    )
    return 10 * math.log10(sum(10 ** (0.1 * part) for part in (high, low, _LEAST_DB)))
