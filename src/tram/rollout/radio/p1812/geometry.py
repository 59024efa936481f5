"""Path geometry: horizons, smooth earth, roughness (P.1812-8 Annex 1 Attachment 1)."""

from dataclasses import dataclass

import numpy as np

from tram.rollout.radio.p1812.climate import Climate
from tram.rollout.radio.p1812.inputs import Floats, PathParameters, PathProfile

__all__ = ("Geometry", "SmoothEarth", "geometry_of", "smooth_earth_of")


@dataclass(frozen=True, slots=True)
class SmoothEarth:
    """Fitted surface heights at the two ends [m]: plain fit, and those of the diffraction model."""

    fit_tx_m: float
    fit_rx_m: float
    diffraction_tx_m: float
    diffraction_rx_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Geometry:
    """Angles [mrad], horizon distances [km] and heights [m] of a path."""

    is_beyond_horizon: bool
    tx_m: float
    rx_m: float
    tx_horizon_mrad: float
    rx_horizon_mrad: float
    scatter_mrad: float
    tx_horizon_km: float
    rx_horizon_km: float
    smooth: SmoothEarth
    effective_tx_m: float
    effective_rx_m: float
    roughness_m: float


def geometry_of(profile: PathProfile, link: PathParameters, climate: Climate) -> Geometry:
    """Return the geometry of a path over ground without clutter."""
    d, h, radius = profile.distance_km, profile.ground_m, climate.earth_radius_km
    length = profile.length_km
    tx_m = float(h[0] + link.tx_height_m)
    rx_m = float(h[-1] + link.rx_height_m)
    inner, ground = d[1:-1], h[1:-1]

    # Elevation angles, eq. 76-81.
    from_tx = 1e3 * np.arctan((ground - tx_m) / (1e3 * inner) - inner / (2 * radius))
    rest = length - inner
    direct_tx = 1e3 * np.arctan((rx_m - tx_m) / (1e3 * length) - length / (2 * radius))
    first = int(np.argmax(from_tx))
    is_beyond = bool(from_tx[first] > direct_tx)
    if is_beyond:
        from_rx = 1e3 * np.arctan((ground - rx_m) / (1e3 * rest) - rest / (2 * radius))
        last = int(np.argmax(from_rx))
        tx_mrad, rx_mrad = float(from_tx[first]), float(from_rx[last])
    else:
        line_m = (tx_m * rest + rx_m * inner) / length
        nu = _fresnel_nu(inner, rest, ground - line_m, climate.earth_radius_km, link.wavelength_m)
        first = last = int(np.argmax(nu))
        tx_mrad = float(direct_tx)
        rx_mrad = float(1e3 * np.arctan((tx_m - rx_m) / (1e3 * length) - length / (2 * radius)))
    smooth = smooth_earth_of(d, h, tx_m, rx_m)
    # Ducting and roughness use the fit held below the ground at the ends, eq. 90.
    start, end = min(smooth.fit_tx_m, float(h[0])), min(smooth.fit_rx_m, float(h[-1]))
    between = slice(first + 1, last + 2)
    line = start + (end - start) / length * d[between]
    return Geometry(
        is_beyond_horizon=is_beyond,
        tx_m=tx_m,
        rx_m=rx_m,
        tx_horizon_mrad=tx_mrad,
        rx_horizon_mrad=rx_mrad,
        scatter_mrad=1e3 * length / radius + tx_mrad + rx_mrad,  # eq. 82
        tx_horizon_km=float(inner[first]),
        rx_horizon_km=float(rest[last]),
        smooth=smooth,
        effective_tx_m=tx_m - start,
        effective_rx_m=rx_m - end,
        roughness_m=float(np.max(h[between] - line, initial=-np.inf)),  # eq. 93
    )


def smooth_earth_of(d: Floats, h: Floats, tx_m: float, rx_m: float) -> SmoothEarth:
    """Fit a straight surface to the ground, eq. 83-89."""
    length = float(d[-1])
    step = np.diff(d)
    v1 = float(np.sum(step * (h[1:] + h[:-1])))
    v2 = float(np.sum(step * (h[1:] * (2 * d[1:] + d[:-1]) + h[:-1] * (d[1:] + 2 * d[:-1]))))
    fit_tx = (2 * v1 * length - v2) / length**2
    fit_rx = (v2 - v1 * length) / length**2

    inner, rest = d[1:-1], length - d[1:-1]
    above_line = h[1:-1] - (tx_m * rest + rx_m * inner) / length
    obstruction = float(np.max(above_line))
    raised_tx, raised_rx = fit_tx, fit_rx
    if obstruction > 0:
        slope_tx = float(np.max(above_line / inner))
        slope_rx = float(np.max(above_line / rest))
        raised_tx -= obstruction * slope_tx / (slope_tx + slope_rx)
        raised_rx -= obstruction * slope_rx / (slope_tx + slope_rx)
    return SmoothEarth(fit_tx, fit_rx, min(raised_tx, float(h[0])), min(raised_rx, float(h[-1])))


def _fresnel_nu(
    inner: Floats, rest: Floats, above_m: Floats, radius_km: float, wavelength_m: float
) -> Floats:
    """Diffraction parameter of points that stand ``above_m`` over the straight line, eq. 14."""
    scale = np.sqrt(0.002 * (inner + rest) / (wavelength_m * inner * rest))
    return np.asarray((above_m + 500 / radius_km * inner * rest) * scale)
