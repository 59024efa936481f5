"""Basic transmission loss of a path by all sub-models together (P.1812-8 §4.2-4.10)."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from tram.rollout.radio.free_space import free_space_db
from tram.rollout.radio.p1812.anomalous import ducting_db, is_sea, troposcatter_db
from tram.rollout.radio.p1812.climate import Climate, climate_of
from tram.rollout.radio.p1812.diffraction import Diffraction, diffraction_of
from tram.rollout.radio.p1812.geometry import Geometry, geometry_of
from tram.rollout.radio.p1812.inputs import VERSION, PathParameters, PathProfile, check
from tram.rollout.radio.p1812.variability import location_loss_db

__all__ = ("PathPrediction", "predict")

_ETA = 2.5
_FAR_KM = 20.0
_FAR_SLOPE = 0.5
_ANGLE_MRAD = 0.3
_ANGLE_SLOPE = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPrediction:
    """The loss of a path and everything on the way to it; ``_db`` in dB, shares from 0 to 1."""

    model: str
    loss_db: float
    field_dbuv_m: float
    free_space_db: float
    line_of_sight_db: float
    line_of_sight_beta_db: float
    median_db: float
    diffraction_path_db: float
    least_line_of_sight_db: float
    least_ducting_db: float
    ducting_db: float
    mixed_db: float
    modified_db: float
    scatter_db: float
    combined_db: float
    location_db: float
    angle_share: float
    distance_share: float
    climate: Climate
    geometry: Geometry
    diffraction: Diffraction


class _LineOfSight(NamedTuple):
    """Free space, and free space with multipath for p and for beta0 [dB]."""

    free_db: float
    sight_db: float
    beta_db: float


def predict(profile: PathProfile, link: PathParameters) -> PathPrediction:
    """Return the basic transmission loss not exceeded for p % of time and pL % of places.

    Raises:
        Refused: if the path or the link lies outside the recommendation.
    """
    check(profile, link)
    climate = climate_of(profile, link)
    geometry = geometry_of(profile, link, climate)
    diffraction = diffraction_of(profile, link, climate, geometry)
    sight = _line_of_sight_db(profile, link, climate, geometry)
    ducting = ducting_db(profile, link, climate, geometry)
    scatter = troposcatter_db(profile, link, geometry)
    free_db, sight_db, sight_beta_db = sight

    median_db = free_db + diffraction.median.loss_db  # eq. 42
    path_db = sight_db + diffraction.loss_db  # eq. 43
    least_sight_db = _least_sight_db(sight, median_db, link, climate, diffraction)
    # eq. 60, written so that neither exponential can overflow.
    low, high = sorted((ducting, sight_db))
    least_ducting_db = high + _ETA * math.log1p(math.exp((low - high) / _ETA))
    far = _step(profile.length_km, _FAR_KM, _FAR_SLOPE)
    mixed_db = path_db
    if least_ducting_db <= path_db:
        mixed_db = least_ducting_db + (path_db - least_ducting_db) * far  # eq. 61
    angle = _step(geometry.scatter_mrad, _ANGLE_MRAD, _ANGLE_SLOPE)
    modified_db = mixed_db + (least_sight_db - mixed_db) * angle  # eq. 62
    combined_db = _combined_db(scatter, modified_db)
    location_db = (
        0.0 if is_sea(profile) else location_loss_db(link.location_percent, link.location_sigma_db)
    )
    loss_db = max(sight_db, combined_db + location_db)  # eq. 69
    return PathPrediction(
        model=VERSION,
        loss_db=loss_db,
        field_dbuv_m=199.36 + 20 * math.log10(link.frequency_ghz) - loss_db,  # eq. 70
        free_space_db=free_db,
        line_of_sight_db=sight_db,
        line_of_sight_beta_db=sight_beta_db,
        median_db=median_db,
        diffraction_path_db=path_db,
        least_line_of_sight_db=least_sight_db,
        least_ducting_db=least_ducting_db,
        ducting_db=ducting,
        mixed_db=mixed_db,
        modified_db=modified_db,
        scatter_db=scatter,
        combined_db=combined_db,
        location_db=location_db,
        angle_share=angle,
        distance_share=far,
        climate=climate,
        geometry=geometry,
        diffraction=diffraction,
    )


def _line_of_sight_db(
    profile: PathProfile, link: PathParameters, climate: Climate, geometry: Geometry
) -> _LineOfSight:
    """Return losses by eq. 8-11."""
    slant_km = math.hypot(profile.length_km, (geometry.tx_m - geometry.rx_m) / 1000)
    free_db = free_space_db(link.frequency_ghz, slant_km)
    horizons = geometry.tx_horizon_km + geometry.rx_horizon_km
    multipath = 2.6 * (1 - math.exp(-0.1 * horizons))
    return _LineOfSight(
        free_db,
        free_db + multipath * math.log10(link.time_percent / 50),
        free_db + multipath * math.log10(climate.beta0_percent / 50),
    )


def _least_sight_db(
    sight: _LineOfSight,
    median_db: float,
    link: PathParameters,
    climate: Climate,
    diffraction: Diffraction,
) -> float:
    """Notional least loss of line of sight and over-sea diffraction, eq. 59."""
    land_db = (1 - climate.sea_share) * diffraction.loss_db
    if link.time_percent < climate.beta0_percent:
        return sight.sight_db + land_db
    return median_db + (sight.beta_db + land_db - median_db) * diffraction.interpolation


def _step(value: float, middle: float, slope: float) -> float:
    """Smooth step from 1 to 0 around ``middle``, eq. 57 and 58."""
    return 1 - 0.5 * (1 + math.tanh(3 * slope * (value - middle) / middle))


def _combined_db(scatter_db: float, modified_db: float) -> float:
    """Power sum of the two ways, eq. 63, without overflow."""
    low, high = sorted((scatter_db, modified_db))
    return low - 5 * math.log10(1 + 10 ** (-0.2 * (high - low)))
