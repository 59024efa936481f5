"""Short paths: 3GPP TR 38.901 V17.0.0, Table 7.4.1-1 (RMa, UMa, UMi street canyon)."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ("Environment", "SiteSurroundings", "path_loss_db")

_LIGHT_M_S = 3e8
"""The report rounds the speed of light (Note 1)."""
_NEAREST_M = 10.0
_ENVIRONMENT_M = 1.0
"""Effective environment height h_E of terminals up to 13 m (Note 1)."""


class Environment(StrEnum):
    """Kinds of surroundings."""

    RURAL = "rma"
    URBAN = "uma"
    STREET = "umi"


@dataclass(frozen=True, slots=True)
class SiteSurroundings:
    """Antenna heights, mean building height and street width around a station [m]."""

    base_m: float
    user_m: float = 1.5
    building_m: float = 5.0
    street_m: float = 20.0


def path_loss_db(
    environment: Environment,
    place: SiteSurroundings,
    frequency_ghz: float,
    distance_m: float,
    *,
    sight: bool,
) -> float:
    """Median loss at a horizontal distance, with or without line of sight [dB]."""
    flat_m = max(distance_m, _NEAREST_M)
    slant_m = math.hypot(flat_m, place.base_m - place.user_m)
    loss = _SIGHT[environment](place, frequency_ghz, flat_m, slant_m)
    if sight:
        return loss
    return max(loss, _NO_SIGHT[environment](place, frequency_ghz, slant_m))


def _rural_sight(place: SiteSurroundings, f: float, flat_m: float, slant_m: float) -> float:
    h = place.building_m

    def near(d: float) -> float:
        loss: float = (
            20 * math.log10(40 * math.pi * d * f / 3)
            + min(0.03 * h**1.72, 10) * math.log10(d)
            - min(0.044 * h**1.72, 14.77)
            + 0.002 * math.log10(h) * d
        )
        return loss

    break_m = 2 * math.pi * place.base_m * place.user_m * f * 1e9 / _LIGHT_M_S
    if flat_m <= break_m:
        return near(slant_m)
    return near(break_m) + 40 * math.log10(slant_m / break_m)


def _rural_no_sight(place: SiteSurroundings, f: float, slant_m: float) -> float:
    h, base = place.building_m, place.base_m
    return (
        161.04
        - 7.1 * math.log10(place.street_m)
        + 7.5 * math.log10(h)
        - (24.37 - 3.7 * (h / base) ** 2) * math.log10(base)
        + (43.42 - 3.1 * math.log10(base)) * (math.log10(slant_m) - 3)
        + 20 * math.log10(f)
        - (3.2 * math.log10(11.75 * place.user_m) ** 2 - 4.97)
    )


def _break_m(place: SiteSurroundings, f: float) -> float:
    base, user = place.base_m - _ENVIRONMENT_M, place.user_m - _ENVIRONMENT_M
    return 4 * base * user * f * 1e9 / _LIGHT_M_S


def _urban_sight(place: SiteSurroundings, f: float, flat_m: float, slant_m: float) -> float:
    break_m = _break_m(place, f)
    if flat_m <= break_m:
        return 28 + 22 * math.log10(slant_m) + 20 * math.log10(f)
    corner = 9 * math.log10(break_m**2 + (place.base_m - place.user_m) ** 2)
    return 28 + 40 * math.log10(slant_m) + 20 * math.log10(f) - corner


def _urban_no_sight(place: SiteSurroundings, f: float, slant_m: float) -> float:
    height = 0.6 * (place.user_m - 1.5)
    return 13.54 + 39.08 * math.log10(slant_m) + 20 * math.log10(f) - height


def _street_sight(place: SiteSurroundings, f: float, flat_m: float, slant_m: float) -> float:
    break_m = _break_m(place, f)
    if flat_m <= break_m:
        return 32.4 + 21 * math.log10(slant_m) + 20 * math.log10(f)
    corner = 9.5 * math.log10(break_m**2 + (place.base_m - place.user_m) ** 2)
    return 32.4 + 40 * math.log10(slant_m) + 20 * math.log10(f) - corner


def _street_no_sight(place: SiteSurroundings, f: float, slant_m: float) -> float:
    height = 0.3 * (place.user_m - 1.5)
    return 35.3 * math.log10(slant_m) + 22.4 + 21.3 * math.log10(f) - height


_SIGHT: dict[Environment, Callable[[SiteSurroundings, float, float, float], float]] = {
    Environment.RURAL: _rural_sight,
    Environment.URBAN: _urban_sight,
    Environment.STREET: _street_sight,
}
_NO_SIGHT: dict[Environment, Callable[[SiteSurroundings, float, float], float]] = {
    Environment.RURAL: _rural_no_sight,
    Environment.URBAN: _urban_no_sight,
    Environment.STREET: _street_no_sight,
}
