"""What the recommendation is given: a terrain profile and a link over it (P.1812-8 §2, §3)."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tram.runtime.errors import Fault, Refused

__all__ = (
    "COASTAL",
    "EARTH_RADIUS_KM",
    "INLAND",
    "SEA",
    "TIME_PERCENT",
    "VERSION",
    "Floats",
    "PathParameters",
    "PathProfile",
    "Polarisation",
)

VERSION = "ITU-R P.1812-8"
Floats = npt.NDArray[np.float64]
Polarisation = Literal["horizontal", "vertical"]

SEA, COASTAL, INLAND = 1, 3, 4
"""Radio-climatic zones, by the codes of Table 2."""
EARTH_RADIUS_KM = 6371.0
_POINTS_MIN = 3
_FREQUENCY_GHZ = (0.03, 6.0)
_DISTANCE_KM = (0.25, 3000.0)
TIME_PERCENT = 50.0
"""The share of time of a prediction for which none is asked: the median."""
_TIME_PERCENT = (1.0, 50.0)
_HEIGHT_M = (1.0, 3000.0)
_LOCATION_PERCENT = (1.0, 99.0)


@dataclass(frozen=True, slots=True)
class PathProfile:
    """Points from transmitter to receiver, both ends included.

    ``distance_km`` starts at 0; ``ground_m`` is above mean sea level; ``clutter_m`` is the
    representative clutter height on the ground; ``zone`` one of SEA, COASTAL, INLAND per point.
    """

    distance_km: Floats
    ground_m: Floats
    clutter_m: Floats
    zone: npt.NDArray[np.uint8]

    @property
    def length_km(self) -> float:
        """Length of the path [km]."""
        return float(self.distance_km[-1])

    @property
    def surface_m(self) -> Floats:
        """Ground and clutter, with bare ground at the two terminals (eq. 1a-1c) [m]."""
        surface = self.ground_m + self.clutter_m
        surface[0], surface[-1] = self.ground_m[0], self.ground_m[-1]
        return surface


@dataclass(frozen=True, slots=True, kw_only=True)
class PathParameters:
    """Frequency, terminals and climate of one path (Tables 1 and 3)."""

    frequency_ghz: float
    tx_height_m: float
    rx_height_m: float
    time_percent: float = TIME_PERCENT
    location_percent: float = 50.0
    location_sigma_db: float = 0.0
    polarisation: Polarisation = "vertical"
    centre_latitude_deg: float = 15.0
    lapse_rate_n_per_km: float = 45.0
    sea_level_refractivity_n: float = 325.0
    tx_coast_km: float = 500.0
    rx_coast_km: float = 500.0

    @property
    def wavelength_m(self) -> float:
        """Wavelength [m] with the recommendation's rounded speed of light."""
        return 0.2998 / self.frequency_ghz


def check(profile: PathProfile, link: PathParameters) -> None:
    """Refuse what lies outside the recommendation.

    Raises:
        Refused: with one fault per field.
    """
    bounds = (
        ("frequency_ghz", link.frequency_ghz, _FREQUENCY_GHZ, "GHz"),
        ("distance_km", profile.length_km, _DISTANCE_KM, "km"),
        ("time_percent", link.time_percent, _TIME_PERCENT, "%"),
        ("location_percent", link.location_percent, _LOCATION_PERCENT, "%"),
        ("tx_height_m", link.tx_height_m, _HEIGHT_M, "m"),
        ("rx_height_m", link.rx_height_m, _HEIGHT_M, "m"),
    )
    faults = [
        Fault(name, "radio.unit", {"value": value, "least": least, "most": most, "unit": unit})
        for name, value, (least, most), unit in bounds
        if not least <= value <= most
    ]
    if len(profile.distance_km) < _POINTS_MIN:
        faults.append(Fault("profile", "profile.points", {"least": _POINTS_MIN}))
    if not (np.isfinite(profile.ground_m).all() and np.isfinite(profile.clutter_m).all()):
        faults.append(Fault("profile", "profile.ground"))
    if faults:
        raise Refused(
            "radio.range",
            "P.1812 does not hold here: " + " ".join(f"{f.field}: {f.sentence}" for f in faults),
            "Change the link, or choose another model.",
            tuple(faults),
        )
