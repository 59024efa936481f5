"""Walking outwards along one ray: horizons, Fresnel clearance and smooth earth per receiver.

Heights stand in the frame y = h - c d² with c = 500 / effective earth radius, where the earth's
bulge is a straight line: slopes and convex hulls of one receiver serve the next (P.1812-8 §4.3.1).
Distances in km, heights in m.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tram.rollout.radio.area.compiled import compiled, inlined

__all__ = ("CLEAR", "Hull", "RayParameters", "Samples", "march", "scratch_for")

Floats = npt.NDArray[np.float64]

CLEAR = -1.0
"""``nu_squared`` of a receiver whose path is clear of every edge."""
_NU_SQUARED_MIN = 0.78**2


class RayParameters(NamedTuple):
    """What all rays of a sweep share."""

    step_km: float
    tx_m: float
    """Antenna above mean sea level."""
    rx_above_m: float
    bulge: float
    """500 / effective earth radius [m/km²]."""
    nu_scale: float
    """0.002 / wavelength."""


class Hull(NamedTuple):
    """Upper convex hull of the points seen, as a stack: numbers of the points, and heights."""

    number: npt.NDArray[np.int32]
    height: Floats


class Samples(NamedTuple):
    """Along one ray: what was sampled, and what the walk found for a receiver at each sample."""

    ground: Floats
    bent: Floats
    """Ground and clutter, in the bent frame."""
    nu_squared: Floats
    """Signed square of the diffraction parameter, or CLEAR."""
    inverse: Floats
    """One over the number of the sample."""
    tx_smooth_m: Floats
    rx_smooth_m: Floats
    """Antenna heights above the smooth earth of the diffraction model."""


@compiled
def scratch_for(samples: int) -> tuple[Samples, Hull, Hull]:
    """Return working room for rays of so many samples beyond the transmitter."""
    size = samples + 1
    inverse = 1.0 / np.maximum(np.arange(size), 1)
    findings = Samples(
        np.zeros(size), np.zeros(size), np.zeros(size), inverse, np.zeros(size), np.zeros(size)
    )
    bent = Hull(np.zeros(size, np.int32), np.zeros(size))
    raw = Hull(np.zeros(size, np.int32), np.zeros(size))
    return findings, bent, raw


@compiled
def march(samples: Samples, link: RayParameters, bent: Hull, raw: Hull, first: int) -> None:
    """Fill the findings of every receiver from number ``first`` (2 or more) outwards."""
    step, tx_m = link.step_km, link.tx_m
    tops = 0
    raw_tops = 0
    steepest = raw_steepest = -1e300
    per_step = 1 / step
    v1 = v2 = 0.0
    for i in range(1, len(samples.ground)):
        d = i * step
        per_km = samples.inverse[i] * per_step
        ground = samples.ground[i]
        before = samples.ground[i - 1]
        v1 += step * (ground + before)
        v2 += step * step * (ground * (3 * i - 1) + before * (3 * i - 2))
        if i >= first:
            rx_m = ground + link.rx_above_m
            bent_rx = rx_m - link.bulge * d * d
            direct = (bent_rx - tx_m) * per_km
            if steepest < direct:
                k = _least_clearance(samples.bent, bent, tops, (d, step, tx_m, direct, link))
                samples.nu_squared[i] = CLEAR if k < 0 else -k * link.nu_scale * d
            else:
                rx_slope = _tangent(bent, tops, step, d, bent_rx)[0]
                # eq. 16-18 with the Bullington point put in: two angles and the length are left.
                samples.nu_squared[i] = (
                    link.nu_scale * d * (steepest - direct) * (rx_slope + direct)
                )
            ends = (step, tx_m, rx_m, raw_steepest, v1, v2, per_km)
            _smooth_earth(samples, raw, raw_tops, i, ends)
        surface = samples.bent[i]
        steepest = max(steepest, (surface - tx_m) * per_km)
        raw_steepest = max(raw_steepest, (ground - tx_m) * per_km)
        tops = _push(bent, tops, i, surface)
        raw_tops = _push(raw, raw_tops, i, ground)


@inlined
def _push(hull: Hull, tops: int, i: int, height: float) -> int:
    """Add the outermost point; return the new number of points of the hull."""
    x, y = hull
    while tops >= 2:  # two points make a line
        a, b = tops - 2, tops - 1
        if (y[b] - y[a]) * (i - x[a]) > (height - y[a]) * (x[b] - x[a]):
            break
        tops -= 1
    x[tops] = i
    y[tops] = height
    return tops + 1


@inlined
def _tangent(hull: Hull, tops: int, step: float, d: float, height: float) -> tuple[float, int]:
    """Return the steepest slope from a receiver back to the hull, and the point it touches."""
    x, y = hull
    k = tops - 1
    rise, run = y[k] - height, d - x[k] * step
    while k > 0:
        next_rise, next_run = y[k - 1] - height, d - x[k - 1] * step
        if next_rise * run <= rise * next_run:
            break
        rise, run = next_rise, next_run
        k -= 1
    return rise / run, k


@inlined
def _smooth_earth(
    samples: Samples,
    raw: Hull,
    tops: int,
    i: int,
    at: tuple[float, float, float, float, float, float, float],
) -> None:
    """Antenna heights above the fitted earth, P.1812-8 eq. 83-89."""
    step, tx_m, rx_m, steepest, v1, v2, inverse = at
    d = i * step
    fit_tx = (2 * v1 * d - v2) * inverse * inverse
    fit_rx = (v2 - v1 * d) * inverse * inverse
    slope = (rx_m - tx_m) * inverse
    if steepest > slope:
        tx_angle = steepest - slope
        back, k = _tangent(raw, tops, step, d, rx_m)
        rx_angle = back + slope
        x, y = raw
        per_point = slope * step
        most = y[k] - per_point * x[k]
        while k > 0:
            other = y[k - 1] - per_point * x[k - 1]
            if other <= most:
                break
            most = other
            k -= 1
        obstruction = (most - tx_m) / (tx_angle + rx_angle)
        fit_tx -= obstruction * tx_angle
        fit_rx -= obstruction * rx_angle
    samples.tx_smooth_m[i] = tx_m - min(fit_tx, samples.ground[0])
    samples.rx_smooth_m[i] = rx_m - min(fit_rx, samples.ground[i])


@inlined
def _least_clearance(
    bent: Floats, hull: Hull, tops: int, at: tuple[float, float, float, float, RayParameters]
) -> float:
    """Return the least u²/(x (d - x)) over the samples below a clear line of sight, or -1.

    ``u`` is the depth of a sample below the line. A depth that changes linearly along a straight
    chord has one minimum of that measure, in closed form. Every sample lies below its chord of
    the hull, and all that lies further in lies below the chord's extension: so a chord whose
    extension cannot beat the best so far ends the search.
    """
    d, step, tx_m, direct, link = at
    bound = _NU_SQUARED_MIN / (link.nu_scale * d)
    best = bound
    k = tops - 1
    xb = hull.number[k] * step
    ub = tx_m + direct * xb - hull.height[k]
    best = min(best, ub * ub / (xb * (d - xb)))
    while k > 0:
        xa = hull.number[k - 1] * step
        ua = tx_m + direct * xa - hull.height[k - 1]
        slope = (ub - ua) / (xb - xa)
        start = ua - slope * xa
        low = _lowest(start, slope, d, step, xb)
        if start > 0 and _measure(start, slope, low, d) >= best:
            break
        if hull.number[k] - hull.number[k - 1] > 1:
            low = min(max(low, xa), xb)
            if start <= 0 or _measure(start, slope, low, d) < best:
                line = (tx_m, direct, start, slope, d, step)
                ends = (hull.number[k - 1], hull.number[k])
                best = _scan(bent, ends, int(low / step), line, best)
        best = min(best, ua * ua / (xa * (d - xa)))
        xb, ub = xa, ua
        k -= 1
    return best if best < bound else -1.0


@inlined
def _measure(start: float, slope: float, x: float, d: float) -> float:
    u = start + slope * x
    return u * u / (x * (d - x))


@inlined
def _lowest(start: float, slope: float, d: float, least: float, most: float) -> float:
    """Where the measure of a linear depth is least between two places."""
    ends = slope * d + 2 * start
    if ends <= 0:
        return most
    return min(max(start * d / ends, least), most)


@inlined
def _scan(
    bent: Floats,
    ends: tuple[int, int],
    middle: int,
    line: tuple[float, float, float, float, float, float],
    best: float,
) -> float:
    """Look at the samples under one chord, from its lowest place outwards both ways."""
    tx_m, direct, start, slope, d, step = line
    middle = min(max(middle, ends[0] + 1), ends[1] - 1)
    whole = start <= 0
    for way in (-1, 1):
        j = middle if way < 0 else middle + 1
        while ends[0] < j < ends[1]:
            x = j * step
            if not whole and _measure(start, slope, x, d) >= best:
                break
            u = tx_m + direct * x - bent[j]
            best = min(best, u * u / (x * (d - x)))
            j += way
    return best
