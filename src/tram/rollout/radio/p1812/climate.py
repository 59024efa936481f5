"""Radio climate of a path: land and sea, anomalous propagation, earth radius (P.1812-8 §3.2-3.7)."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tram.rollout.radio.p1812.inputs import (
    EARTH_RADIUS_KM,
    INLAND,
    SEA,
    PathParameters,
    PathProfile,
)

__all__ = ("Climate", "climate_of")

_K_BETA = 3.0
"""Effective earth radius factor exceeded for beta0 of the time (§3.7)."""
_TROPIC_DEG = 70.0


@dataclass(frozen=True, slots=True)
class Climate:
    """Climate parameters: distances [km], ``beta0_percent`` [%], ``sea_share`` 0-1."""

    sea_share: float
    land_km_max: float
    inland_km_max: float
    tau: float
    beta0_percent: float
    earth_radius_km: float
    earth_radius_beta_km: float


def climate_of(profile: PathProfile, link: PathParameters) -> Climate:
    """Return the climate along a path."""
    sea = profile.zone == SEA
    land_km = _longest_km(profile.distance_km, ~sea)
    inland_km = _longest_km(profile.distance_km, profile.zone == INLAND)
    tau = 1 - math.exp(-4.12e-4 * inland_km**2.41)  # eq. 3
    return Climate(
        sea_share=_share(profile.distance_km, sea),
        land_km_max=land_km,
        inland_km_max=inland_km,
        tau=tau,
        beta0_percent=_beta0_percent(land_km, tau, abs(link.centre_latitude_deg)),
        # eq. 6 and 7: median radius from the mean lapse rate.
        earth_radius_km=EARTH_RADIUS_KM * 157 / (157 - link.lapse_rate_n_per_km),
        earth_radius_beta_km=EARTH_RADIUS_KM * _K_BETA,
    )


def _beta0_percent(land_km: float, tau: float, latitude_deg: float) -> float:
    """Time percentage of high lapse rates, eq. 2, 4 and 5."""
    mu1 = min(
        1.0, (10 ** (-land_km / (16 - 6.6 * tau)) + 10 ** (-5 * (0.496 + 0.354 * tau))) ** 0.2
    )
    if latitude_deg <= _TROPIC_DEG:
        mu4 = 10 ** ((-0.935 + 0.0176 * latitude_deg) * math.log10(mu1))
        return float(10 ** (-0.015 * latitude_deg + 1.67) * mu1 * mu4)
    return float(4.17 * mu1 * 10 ** (0.3 * math.log10(mu1)))


def _runs(inside: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return the first and last index of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], inside.astype(np.int8), [0]))))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _extent_km(distance_km: npt.NDArray[np.float64], first: int, last: int) -> float:
    """Length of a run, reaching half a step into its neighbours."""
    length = distance_km[last] - distance_km[first]
    if first > 0:
        length += (distance_km[first] - distance_km[first - 1]) / 2
    if last < len(distance_km) - 1:
        length += (distance_km[last + 1] - distance_km[last]) / 2
    return float(length)


def _longest_km(distance_km: npt.NDArray[np.float64], inside: npt.NDArray[np.bool_]) -> float:
    return max((_extent_km(distance_km, a, b) for a, b in _runs(inside)), default=0.0)


def _share(distance_km: npt.NDArray[np.float64], inside: npt.NDArray[np.bool_]) -> float:
    total = sum(_extent_km(distance_km, a, b) for a, b in _runs(inside))
    return total / float(distance_km[-1] - distance_km[0])
