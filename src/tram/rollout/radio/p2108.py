"""Clutter loss where no clutter raster exists: Recommendation ITU-R P.2108-1."""

import math
from enum import IntEnum
from statistics import NormalDist

from tram.rollout.radio.p1812.diffraction import knife_edge_db
from tram.runtime.errors import Fault, Refused

__all__ = ("Clutter", "aeronautical_db", "height_gain_db", "terrestrial_db")

_normal = NormalDist()
_FAR_KM = 2.0
"""No distance gives more loss than this one (§3.2)."""


class Clutter(IntEnum):
    """Kinds of surroundings of §3.1."""

    WATER = 1
    OPEN = 2
    SUBURBAN = 3
    URBAN = 4
    FOREST = 5
    DENSE_URBAN = 6


def height_gain_db(
    frequency_ghz: float, height_m: float, street_m: float, clutter_m: float, clutter: Clutter
) -> float:
    """Loss of a terminal below the clutter around it, eq. 2, 0.03-3 GHz [dB].

    Raises:
        Refused: outside the recommendation.
    """
    _within(
        ("frequency_ghz", frequency_ghz, 0.03, 3.0),
        ("height_m", height_m, 1e-9, math.inf),
        ("street_m", street_m, 1e-9, math.inf),
        ("clutter_m", clutter_m, 1e-9, math.inf),
    )
    if height_m >= clutter_m:
        return 0.0
    if clutter in {Clutter.WATER, Clutter.OPEN}:
        return -(21.8 + 6.2 * math.log10(frequency_ghz)) * math.log10(height_m / clutter_m)
    below_m = clutter_m - height_m
    angle_deg = math.degrees(math.atan(below_m / street_m))
    nu = 0.342 * math.sqrt(frequency_ghz) * math.sqrt(below_m * angle_deg)
    return knife_edge_db(nu) - 6.03


def terrestrial_db(frequency_ghz: float, distance_km: float, location_percent: float) -> float:
    """Loss of one terminal within clutter not exceeded at so many places, eq. 3-6 [dB].

    Holds for 0.5-67 GHz from 0.25 km.

    Raises:
        Refused: outside the recommendation.
    """
    _within(
        ("frequency_ghz", frequency_ghz, 0.5, 67.0),
        ("distance_km", distance_km, 0.25, math.inf),
        ("location_percent", location_percent, 1e-9, 100 - 1e-9),
    )
    return min(
        _terrestrial_db(frequency_ghz, distance_km, location_percent),
        _terrestrial_db(frequency_ghz, _FAR_KM, location_percent),
    )


def _terrestrial_db(frequency_ghz: float, distance_km: float, location_percent: float) -> float:
    log_f = math.log10(frequency_ghz)
    long_db = -2 * math.log10(10 ** (-5 * log_f - 12.5) + 10**-16.5)
    short_db = 32.98 + 23.9 * math.log10(distance_km) + 3 * log_f
    long, short = 10 ** (-0.2 * long_db), 10 ** (-0.2 * short_db)
    sigma = math.sqrt((4**2 * long + 6**2 * short) / (long + short))
    return -5 * math.log10(long + short) + sigma * _normal.inv_cdf(location_percent / 100)


def aeronautical_db(frequency_ghz: float, elevation_deg: float, location_percent: float) -> float:
    """Loss of slant paths out of clutter, eq. 7, 10-100 GHz [dB].

    Raises:
        Refused: outside the recommendation.
    """
    _within(
        ("frequency_ghz", frequency_ghz, 10.0, 100.0),
        ("elevation_deg", elevation_deg, 0.0, 90.0),
        ("location_percent", location_percent, 1e-9, 100 - 1e-9),
    )
    share = location_percent / 100
    angle = 0.05 * (1 - elevation_deg / 90) + math.pi * elevation_deg / 180
    inner = -93 * frequency_ghz**0.175 * math.log(1 - share) / math.tan(angle)
    # At the zenith the exponent is nought, and the cotangent a rounding error.
    power = max(inner, 0.0) ** (0.5 * (90 - elevation_deg) / 90)
    return float(power - 1 + 0.6 * _normal.inv_cdf(share))


def _within(*bounds: tuple[str, float, float, float]) -> None:
    faults = tuple(
        Fault(name, "radio.value", {"value": value, "least": least, "most": most})
        for name, value, least, most in bounds
        if not least <= value <= most
    )
    if faults:
        raise Refused(
            "radio.range",
            "P.2108 does not hold here: " + " ".join(f"{f.field}: {f.sentence}" for f in faults),
            "Change the values, or choose another model.",
            faults,
        )
