"""Delta-Bullington diffraction (P.1812-8 §4.3; the same construction as P.452-18 §4.2).

All functions take plain numbers: heights above sea level in m, distances in km, the frequency in
GHz. This is the scalar reference that the area kernel is measured against.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tram.rollout.radio.p1812.climate import Climate
from tram.rollout.radio.p1812.geometry import Geometry
from tram.rollout.radio.p1812.inputs import Floats, PathParameters, PathProfile, Polarisation
from tram.rollout.radio.p1812.normal import time_interpolation

__all__ = (
    "LAND",
    "SEA_WATER",
    "DeltaBullington",
    "Diffraction",
    "GroundKind",
    "Surface",
    "admittance",
    "bullington_db",
    "delta_bullington",
    "diffraction_of",
    "first_term_db",
    "knife_edge_db",
    "spherical_db",
)

_NU_MIN = -0.78


class GroundKind(NamedTuple):
    """Relative permittivity and conductivity [S/m] of a ground (§4.3.3)."""

    permittivity: float
    conductivity: float


LAND = GroundKind(22.0, 0.003)
SEA_WATER = GroundKind(80.0, 5.0)


@dataclass(frozen=True, slots=True)
class DeltaBullington:
    """Parts of one delta-Bullington loss [dB]: over the profile, over smooth earth, spherical."""

    actual_db: float
    smooth_db: float
    spherical_db: float

    @property
    def loss_db(self) -> float:
        """Diffraction loss, eq. 39 [dB]."""
        return self.actual_db + max(self.spherical_db - self.smooth_db, 0.0)


@dataclass(frozen=True, slots=True)
class Diffraction:
    """Median, for beta0 and for p percent of the time; ``interpolation`` is F_i."""

    median: DeltaBullington
    beta: DeltaBullington
    loss_db: float
    interpolation: float


@dataclass(frozen=True, slots=True)
class Surface:
    """One path for the construction: distances [km], surface [m] and antenna heights [m]."""

    distance_km: Floats
    surface_m: Floats
    tx_m: float
    rx_m: float
    radius_km: float
    wavelength_m: float


def diffraction_of(
    profile: PathProfile, link: PathParameters, climate: Climate, geometry: Geometry
) -> Diffraction:
    """Return diffraction for the link's time percentage, eq. 38-41."""
    median = delta_bullington(profile, link, geometry, climate.earth_radius_km, climate.sea_share)
    beta = delta_bullington(
        profile, link, geometry, climate.earth_radius_beta_km, climate.sea_share
    )
    share = time_interpolation(link.time_percent, climate.beta0_percent)
    loss_db = median.loss_db + share * (beta.loss_db - median.loss_db)
    return Diffraction(median, beta, loss_db, share)


def delta_bullington(
    profile: PathProfile,
    link: PathParameters,
    geometry: Geometry,
    radius_km: float,
    sea_share: float,
) -> DeltaBullington:
    """Return the complete construction for one earth radius, §4.3.4."""
    smooth = geometry.smooth
    tx_m = geometry.tx_m - smooth.diffraction_tx_m
    rx_m = geometry.rx_m - smooth.diffraction_rx_m
    wavelength = link.wavelength_m
    d = profile.distance_km
    actual = Surface(d, profile.surface_m, geometry.tx_m, geometry.rx_m, radius_km, wavelength)
    flat = Surface(d, np.zeros(len(d)), tx_m, rx_m, radius_km, wavelength)
    return DeltaBullington(
        bullington_db(actual), bullington_db(flat), spherical_db(flat, link, sea_share)
    )


def knife_edge_db(nu: float) -> float:
    """Loss over one knife edge by its diffraction parameter, eq. 13 [dB]."""
    if nu <= _NU_MIN:
        return 0.0
    return 6.9 + 20 * math.log10(math.sqrt((nu - 0.1) ** 2 + 1) + nu - 0.1)


def bullington_db(path: Surface) -> float:
    """Loss by the Bullington construction, §4.3.1 [dB]."""
    length = float(path.distance_km[-1])
    inner, g = path.distance_km[1:-1], path.surface_m[1:-1]
    rest = length - inner
    bulged = g + 500 / path.radius_km * inner * rest
    tx_slope = float(np.max((bulged - path.tx_m) / inner))
    direct = (path.rx_m - path.tx_m) / length
    if tx_slope < direct:
        line = (path.tx_m * rest + path.rx_m * inner) / length
        scale = np.sqrt(0.002 * length / (path.wavelength_m * inner * rest))
        edge_db = knife_edge_db(float(np.max((bulged - line) * scale)))
    else:
        rx_slope = float(np.max((bulged - path.rx_m) / rest))
        at_km = (path.rx_m - path.tx_m + rx_slope * length) / (tx_slope + rx_slope)
        line_m = (path.tx_m * (length - at_km) + path.rx_m * at_km) / length
        scale_at = math.sqrt(0.002 * length / (path.wavelength_m * at_km * (length - at_km)))
        edge_db = knife_edge_db((path.tx_m + tx_slope * at_km - line_m) * scale_at)
    return edge_db + (1 - math.exp(-edge_db / 6)) * (10 + 0.02 * length)


def spherical_db(flat: Surface, link: PathParameters, sea_share: float) -> float:
    """Loss over a smooth sphere between two heights above it, §4.3.2 [dB]."""
    length, radius = float(flat.distance_km[-1]), flat.radius_km
    tx, rx = flat.tx_m, flat.rx_m
    horizon_km = math.sqrt(2 * radius) * (math.sqrt(0.001 * tx) + math.sqrt(0.001 * rx))
    if length >= horizon_km:
        return first_term_db(length, (tx, rx), radius, link, sea_share)
    c = (tx - rx) / (tx + rx)
    m = 250 * length**2 / (radius * (tx + rx))
    b = (
        2
        * math.sqrt((m + 1) / (3 * m))
        * math.cos(math.pi / 3 + math.acos(1.5 * c * math.sqrt(3 * m / (m + 1) ** 3)) / 3)
    )
    d1 = length / 2 * (1 + b)
    d2 = length - d1
    clearance = ((tx - 500 * d1**2 / radius) * d2 + (rx - 500 * d2**2 / radius) * d1) / length
    needed = 17.456 * math.sqrt(d1 * d2 * flat.wavelength_m / length)
    if clearance > needed:
        return 0.0
    marginal_km = 500 * (length / (math.sqrt(tx) + math.sqrt(rx))) ** 2
    loss = first_term_db(length, (tx, rx), marginal_km, link, sea_share)
    return max((1 - clearance / needed) * loss, 0.0) if loss > 0 else 0.0


def first_term_db(
    length_km: float,
    heights_m: tuple[float, float],
    radius_km: float,
    link: PathParameters,
    sea: float,
) -> float:
    """First term of the residue series over land and sea, §4.3.3 [dB]."""

    def over(ground: GroundKind) -> float:
        return _residue_db(length_km, heights_m, radius_km, link, ground)

    if sea <= 0:
        return over(LAND)
    if sea >= 1:
        return over(SEA_WATER)
    return sea * over(SEA_WATER) + (1 - sea) * over(LAND)


def _residue_db(
    length_km: float,
    heights_m: tuple[float, float],
    radius_km: float,
    link: PathParameters,
    ground: GroundKind,
) -> float:
    frequency = link.frequency_ghz
    k = admittance(radius_km, frequency, link.polarisation, ground)
    beta = (1 + 1.6 * k**2 + 0.67 * k**4) / (1 + 4.5 * k**2 + 1.53 * k**4)
    x: float = 21.88 * beta * (frequency / radius_km**2) ** (1 / 3) * length_km
    y: float = 0.9575 * beta * (frequency**2 / radius_km) ** (1 / 3)
    if x >= 1.6:  # eq. 34
        distance_db = 11 + 10 * math.log10(x) - 17.6 * x
    else:
        distance_db = -20 * math.log10(x) - 5.6488 * x**1.425
    gains: float = sum(_height_gain_db(beta * y * height, k) for height in heights_m)
    return -distance_db - gains


def admittance(
    radius_km: float, frequency_ghz: float, polarisation: Polarisation, ground: GroundKind
) -> float:
    """Normalised surface admittance, eq. 30."""
    permittivity, conductivity = ground
    loss = (18 * conductivity / frequency_ghz) ** 2
    k: float = (
        0.036 * (radius_km * frequency_ghz) ** (-1 / 3) * ((permittivity - 1) ** 2 + loss) ** -0.25
    )
    return float(k * math.sqrt(permittivity**2 + loss) if polarisation == "vertical" else k)


def _height_gain_db(b: float, k: float) -> float:
    """Gain of a terminal by its normalised height, eq. 35."""
    if b > 2:  # eq. 35a
        gain = 17.6 * math.sqrt(b - 1.1) - 5 * math.log10(b - 1.1) - 8
    else:
        gain = 20 * math.log10(b + 0.1 * b**3)
    return max(gain, 2 + 20 * math.log10(k))
