"""From what a walk found to diffraction losses, for all receivers of a ray at once.

The same equations as ``p1812.diffraction``, arranged for vector units: the logarithms share
their arguments, the cubic of the spherical earth is solved by one polynomial, and the point of
the flat profile that comes closest to the ray is that same root (both minimise the clearance
over the Fresnel radius). Rare receivers beyond the smooth horizon take the scalar way.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tram.rollout.radio.area.compiled import compiled, inlined
from tram.rollout.radio.area.horizon import Samples
from tram.rollout.radio.area.logarithms import exp2, log2

__all__ = ("SweepConstants", "loss_of_ray")

Floats = npt.NDArray[np.float64]
_DB = 20 * math.log10(2)
"""20 log10(x) = _DB log2(x)."""
_BULLINGTON = 1 / (6 * math.log(2))
"""exp(-L/6) = 2**(-_BULLINGTON L)."""


_DEGREE = 12


def _third_of_angle() -> tuple[float, ...]:
    """Coefficients, highest first, of sin(asin(y) / 3) as a polynomial in sqrt(1 - y)."""

    def wanted(u: Floats) -> Floats:
        return np.asarray(np.sin(np.arcsin(1 - u * u) / 3))

    fit = np.polynomial.Chebyshev.interpolate(wanted, _DEGREE, [0.0, 1.0])
    plain = fit.convert(kind=np.polynomial.Polynomial)
    return tuple(float(c) for c in plain.coef[::-1])


_SINE = _third_of_angle()


class SweepConstants(NamedTuple):
    """Constants of a sweep: step [km], radius [km], and those of eq. 22-37."""

    step_km: float
    radius_km: float
    bulge: float
    nu_scale: float
    """0.002 / wavelength."""
    fresnel: float
    """17.456 sqrt(wavelength)."""
    admittance: float
    """K for an effective radius of 1 km."""
    log_admittance: float
    """Its log2."""
    x_scale: float
    """21.88 f^(1/3)."""
    y_scale: float
    """0.9575 f^(2/3)."""


@compiled
def loss_of_ray(found: Samples, ground: SweepConstants, first: int, out: Floats) -> None:
    """Write the diffraction loss [dB] of receivers ``first`` and beyond to ``out``."""
    tx_all, rx_all = found.tx_smooth_m[first:], found.rx_smooth_m[first:]
    nu_all, losses = found.nu_squared[first:], out[first:]
    for j in range(len(losses)):
        losses[j] = _loss_db(nu_all[j], tx_all[j], rx_all[j], float(j + first), ground)
    horizon = math.sqrt(0.002 * ground.radius_km)
    for i in range(first, len(out)):
        tx, rx = found.tx_smooth_m[i], found.rx_smooth_m[i]
        if i * ground.step_km >= horizon * (math.sqrt(tx) + math.sqrt(rx)):
            out[i] = _beyond_horizon(found.nu_squared[i], tx, rx, i, ground)


@inlined
def _loss_db(nu_squared: float, tx: float, rx: float, i: float, ground: SweepConstants) -> float:
    """Delta-Bullington loss before the horizon of the smooth earth, eq. 39 [dB]."""
    d = i * ground.step_km
    actual = _with_correction(_edge_db(_signed_root(nu_squared)), d)
    nearest = _nearest(tx, rx, d, ground)
    smooth = _with_correction(_edge_db(_flat_nu(tx, rx, i, nearest, ground)), d)
    marginal = d / (math.sqrt(tx) + math.sqrt(rx))
    log_radius = 8.965784284662087 + 2 * log2(marginal)  # log2(500 marginal²)
    share = 1 - _clearance(tx, rx, d, nearest, ground)
    term = _first_term(tx, rx, d, log_radius, ground)
    return actual + max(max(share, 0.0) * max(term, 0.0) - smooth, 0.0)


@inlined
def _signed_root(nu_squared: float) -> float:
    root = math.sqrt(abs(nu_squared))
    return root if nu_squared >= 0 else -root


@inlined
def _edge_db(nu: float) -> float:
    """Knife edge, eq. 13 [dB]."""
    near = nu - 0.1
    loss = 6.9 + _DB * log2(math.sqrt(near * near + 1) + near)
    return loss if nu > -0.78 else 0.0  # eq. 13


@inlined
def _with_correction(edge_db: float, d: float) -> float:
    """Bullington's correction, eq. 21 [dB]."""
    return edge_db + (1 - exp2(-_BULLINGTON * edge_db)) * (10 + 0.02 * d)


@inlined
def _nearest(tx: float, rx: float, d: float, ground: SweepConstants) -> float:
    """Return b of eq. 24: where the ray comes closest to the sphere, from -1 to 1.

    The middle root of m b³ - (m + 1) b + c = 0, by the triple-angle formula and a Newton step.
    """
    both = tx + rx
    c = (tx - rx) / both
    m = 0.5 * ground.bulge * d * d / both
    one = m + 1
    ratio = one / (3 * m)
    y = min(1.5 * abs(c) / (one * math.sqrt(ratio)), 1.0)
    u = math.sqrt(1 - y)
    s = _SINE[0]
    s = s * u + _SINE[1]
    s = s * u + _SINE[2]
    s = s * u + _SINE[3]
    s = s * u + _SINE[4]
    s = s * u + _SINE[5]
    s = s * u + _SINE[6]
    s = s * u + _SINE[7]
    s = s * u + _SINE[8]
    s = s * u + _SINE[9]
    s = s * u + _SINE[10]
    s = s * u + _SINE[11]
    s = s * u + _SINE[12]
    b = 2 * math.sqrt(ratio) * s
    falling = min(3 * m * b * b - one, -1e-3)
    b -= (m * b * b * b - one * b + abs(c)) / falling
    return b if c >= 0 else -b


@inlined
def _clearance(tx: float, rx: float, d: float, b: float, ground: SweepConstants) -> float:
    """Least clearance over the clearance that loses nothing, eq. 23 and 26."""
    d1 = 0.5 * d * (1 + b)
    d2 = d - d1
    height = ((tx - ground.bulge * d1 * d1) * d2 + (rx - ground.bulge * d2 * d2) * d1) / d
    return height / (ground.fresnel * math.sqrt(d1 * d2 / d))


@inlined
def _flat_nu(tx: float, rx: float, i: float, b: float, ground: SweepConstants) -> float:
    """Largest diffraction parameter over the samples of the flat profile, eq. 14."""
    step = ground.step_km
    d = i * step
    slope = (rx - tx) / d
    place = float(int(0.5 * i * (1 + b)))
    low = min(max(place, 1.0), i - 1.0) * step
    high = min(max(place + 1, 1.0), i - 1.0) * step
    low_area, high_area = low * (d - low), high * (d - high)
    low_u = tx + slope * low - ground.bulge * low_area
    high_u = tx + slope * high - ground.bulge * high_area
    least = min(low_u * low_u / low_area, high_u * high_u / high_area)
    return -math.sqrt(least * ground.nu_scale * d)


@inlined
def _first_term(
    tx: float, rx: float, d: float, log_radius: float, ground: SweepConstants
) -> float:
    """First term of the residue series, eq. 30-37 [dB], by log2 of the radius."""
    log_k = ground.log_admittance - log_radius * (1 / 3)
    cube = exp2(log_radius * (-1 / 3))
    k = ground.admittance * cube
    k2 = k * k
    beta = (1 + k2 * (1.6 + 0.67 * k2)) / (1 + k2 * (4.5 + 1.53 * k2))
    x = ground.x_scale * beta * cube * cube * d
    log_x = log2(x)
    near = -_DB * log_x - 5.6488 * exp2(1.425 * log_x)
    far = 11 + 0.5 * _DB * log_x - 17.6 * x
    distance_db = far if x >= 1.6 else near  # eq. 34
    least = 2 + _DB * log_k
    per_metre = ground.y_scale * beta * beta * cube
    gain = max(_height_gain_db(per_metre * tx), least)
    gain += max(_height_gain_db(per_metre * rx), least)
    return -distance_db - gain


@inlined
def _height_gain_db(b: float) -> float:
    """Height gain, eq. 35 [dB]."""
    high = b > 2  # eq. 35
    above = max(b - 1.1, 0.9)
    log = log2(above if high else b + 0.1 * b * b * b)
    rise = 17.6 * math.sqrt(above) - 0.25 * _DB * log - 8
    return rise if high else _DB * log


@compiled
def _beyond_horizon(
    nu_squared: float, tx: float, rx: float, i: int, ground: SweepConstants
) -> float:
    """The same loss where the smooth earth hides the receiver, one sample after the other."""
    step = ground.step_km
    d = i * step
    direct = (rx - tx) / d
    up = back = -1e300
    least = 1e300
    for j in range(1, i):
        x = j * step
        bulge = ground.bulge * x * (d - x)
        up = max(up, (bulge - tx) / x)
        back = max(back, (bulge - rx) / (d - x))
        u = tx + direct * x - bulge
        least = min(least, u * u / (x * (d - x)))
    if up < direct:
        nu = -math.sqrt(least * ground.nu_scale * d)
    else:
        at = (rx - tx + back * d) / (up + back)
        nu = (up - direct) * math.sqrt(ground.nu_scale * d * at / (d - at))
    smooth = _with_correction(_edge_db(nu), d)
    spherical = _first_term(tx, rx, d, log2(ground.radius_km), ground)
    actual = _with_correction(_edge_db(_signed_root(nu_squared)), d)
    return actual + max(spherical - smooth, 0.0)
