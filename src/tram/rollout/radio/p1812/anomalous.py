"""Ducting and layer reflection, and tropospheric scatter (P.1812-8 §4.4 and §4.5)."""

import math

from tram.rollout.radio.p1812.climate import Climate
from tram.rollout.radio.p1812.geometry import Geometry
from tram.rollout.radio.p1812.inputs import SEA, PathParameters, PathProfile

__all__ = ("ducting_db", "troposcatter_db")


def troposcatter_db(profile: PathProfile, link: PathParameters, geometry: Geometry) -> float:
    """Basic transmission loss by scatter, eq. 44 [dB]."""
    f = link.frequency_ghz
    frequency_db = 25 * math.log10(f) - 2.5 * math.log10(0.5 * f) ** 2
    time_db: float = 10.125 * math.log10(50 / link.time_percent) ** 0.7
    return (
        190.1
        + frequency_db
        + 20 * math.log10(profile.length_km)
        + 0.573 * geometry.scatter_mrad
        - 0.15 * link.sea_level_refractivity_n
        - time_db
    )


def ducting_db(
    profile: PathProfile, link: PathParameters, climate: Climate, geometry: Geometry
) -> float:
    """Basic transmission loss during ducting and layer reflection, eq. 46 [dB]."""
    return _coupling_db(link, climate, geometry) + _along_db(profile, link, climate, geometry)


def _coupling_db(link: PathParameters, climate: Climate, geometry: Geometry) -> float:
    """Fixed coupling losses between the antennas and the duct, eq. 47 [dB]."""
    f = link.frequency_ghz
    low_db = 45.375 - 137.0 * f + 92.5 * f**2 if f < 0.5 else 0.0  # eq. 47a
    horizons = geometry.tx_horizon_km + geometry.rx_horizon_km
    shielding = _shielding_db(geometry.tx_horizon_mrad, geometry.tx_horizon_km, f)
    shielding += _shielding_db(geometry.rx_horizon_mrad, geometry.rx_horizon_km, f)
    coast = 0.0
    if climate.sea_share >= 0.75:  # eq. 49
        coast += _coast_db(link.tx_coast_km, geometry.tx_horizon_km, geometry.tx_m)
        coast += _coast_db(link.rx_coast_km, geometry.rx_horizon_km, geometry.rx_m)
    return 102.45 + 20 * math.log10(f) + 20 * math.log10(horizons) + low_db + shielding + coast


def _shielding_db(horizon_mrad: float, horizon_km: float, frequency_ghz: float) -> float:
    """Site shielding, eq. 48 [dB]."""
    angle = horizon_mrad - 0.1 * horizon_km
    if angle <= 0:
        return 0.0
    near = 20 * math.log10(1 + 0.361 * angle * math.sqrt(frequency_ghz * horizon_km))
    return near + 0.264 * angle * float(frequency_ghz ** (1 / 3))


def _coast_db(coast_km: float, horizon_km: float, antenna_m: float) -> float:
    """Coupling over sea near the coast, eq. 49 [dB]."""
    if coast_km > min(horizon_km, 5.0):
        return 0.0
    return -3 * math.exp(-0.25 * coast_km**2) * (1 + math.tanh(0.07 * (50 - antenna_m)))


def _along_db(
    profile: PathProfile, link: PathParameters, climate: Climate, geometry: Geometry
) -> float:
    """Losses by angle and time along the duct, eq. 50-56 [dB]."""
    d, radius = profile.length_km, climate.earth_radius_km
    per_mrad: float = 5e-5 * radius * link.frequency_ghz ** (1 / 3)
    tx = min(geometry.tx_horizon_mrad, 0.1 * geometry.tx_horizon_km)
    rx = min(geometry.rx_horizon_mrad, 0.1 * geometry.rx_horizon_km)
    angle = 1e3 * d / radius + tx + rx

    alpha = max(-0.6 - 3.5e-9 * d**3.1 * climate.tau, -3.4)
    heights = math.sqrt(geometry.effective_tx_m) + math.sqrt(geometry.effective_rx_m)
    mu2 = min(1.0, (500 / radius * d**2 / heights**2) ** alpha)
    rough = geometry.roughness_m
    between = min(d - geometry.tx_horizon_km - geometry.rx_horizon_km, 40.0)
    mu3 = 1.0
    if rough > 10:  # eq. 56
        mu3 = math.exp(-4.6e-5 * (rough - 10) * (43 + 6 * between))
    beta = climate.beta0_percent * mu2 * mu3
    log_beta = math.log10(beta)
    gamma: float = (
        1.076
        / (2.0058 - log_beta) ** 1.012
        * math.exp(-(9.51 - 4.8 * log_beta + 0.198 * log_beta**2) * 1e-6 * d**1.13)
    )
    ratio = link.time_percent / beta
    time_db: float = -12 + (1.2 + 3.7e-3 * d) * math.log10(ratio) + 12 * ratio**gamma
    return per_mrad * angle + time_db


def is_sea(profile: PathProfile) -> bool:
    """Whether the receiver stands over the sea, where locations do not vary (§4.8)."""
    return bool(profile.zone[-1] == SEA)
