"""The sweep: one ray per cell of the circle's rim, each carried outwards once.

A ring at half the radius needs half the rays: a ray in between only starts to give losses where
its neighbours have drifted a cell apart. The polar result is then read out onto the grid.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tram.rollout.radio.area.compiled import compiled, inlined
from tram.rollout.radio.area.horizon import RayParameters, Samples, march, scratch_for
from tram.rollout.radio.area.losses import SweepConstants, loss_of_ray
from tram.rollout.radio.p1812.diffraction import LAND, admittance
from tram.rollout.radio.p1812.inputs import Polarisation

__all__ = ("RadialSweep", "Radio", "SiteTerrain", "polar_sweep", "sampling_only", "stride_at")

Floats32 = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
_FIRST = 2
"""The nearest sample with a point between it and the transmitter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Radio:
    """What a sweep is about, apart from the place: frequency, heights above ground, climate."""

    frequency_ghz: float
    tx_height_m: float
    rx_height_m: float = 1.5
    polarisation: Polarisation = "vertical"
    radius_km: float = 10.0
    earth_radius_km: float = 8495.0

    @property
    def wavelength_m(self) -> float:
        """Wavelength [m]."""
        return 0.2998 / self.frequency_ghz


class SiteTerrain(NamedTuple):
    """Ground around a transmitter: heights and clutter [m], its own place in cells, cell [km]."""

    ground: Floats32
    clutter: Floats32
    column: float
    row: float
    cell_km: float


class RadialSweep(NamedTuple):
    """Diffraction loss [dB] and line of sight by ray and sample; NaN where not computed."""

    loss: Floats
    sight: npt.NDArray[np.bool_]
    tx_m: float
    """The antenna above sea level."""


def polar_sweep(field: SiteTerrain, radio: Radio) -> RadialSweep:
    """Return the diffraction loss around a transmitter."""
    samples = max(_FIRST, math.ceil(radio.radius_km / field.cell_km) + 1)
    rays = _rays_for(samples)
    loss = np.full((rays, samples + 1), np.nan)
    sight = np.zeros((rays, samples + 1), np.bool_)
    tx_ground = _height_at(field.ground, field.column - 0.5, field.row - 0.5)
    bulge = 500 / radio.earth_radius_km
    link = RayParameters(
        field.cell_km,
        tx_ground + radio.tx_height_m,
        radio.rx_height_m,
        bulge,
        0.002 / radio.wavelength_m,
    )
    _sweep(field, link, _ground_for(radio, field.cell_km), loss, sight)
    return RadialSweep(loss, sight, tx_ground + radio.tx_height_m)


def sampling_only(field: SiteTerrain, radio: Radio) -> None:
    """Read the ground along every ray and do nothing with it: the floor of any sweep's time."""
    samples = max(_FIRST, math.ceil(radio.radius_km / field.cell_km) + 1)
    _sample_all(field, _rays_for(samples), samples)


def _rays_for(samples: int) -> int:
    """Rays of a circle, a multiple of 64 so that inner rings can take every 2nd, 4th … of them."""
    return 64 * math.ceil(2 * math.pi * samples / 64)


def _ground_for(radio: Radio, step_km: float) -> SweepConstants:
    f = radio.frequency_ghz
    one_km = admittance(1.0, f, radio.polarisation, LAND)
    return SweepConstants(
        step_km,
        radio.earth_radius_km,
        500 / radio.earth_radius_km,
        0.002 / radio.wavelength_m,
        17.456 * math.sqrt(radio.wavelength_m),
        one_km,
        math.log2(one_km),
        21.88 * f ** (1 / 3),
        0.9575 * f ** (2 / 3),
    )


@compiled
def stride_at(sample: int, samples: int) -> int:
    """Every how many-th ray is computed at a sample's distance."""
    stride = 1
    while stride < 64 and 2 * stride * sample <= samples:  # rays' divisor
        stride *= 2
    return stride


@compiled
def _first_of(ray: int, samples: int) -> int:
    """The nearest sample at which a ray is computed."""
    stride = 1
    while stride < 64 and ray % (2 * stride) == 0:  # rays' divisor
        stride *= 2
    if stride == 64:  # rays' divisor
        return _FIRST
    return max(_FIRST, samples // (2 * stride) + 1)


@compiled
def _height_at(heights: Floats32, x: float, y: float) -> float:
    return _bilinear(heights, x, y)


@inlined
def _bilinear(heights: Floats32, x: float, y: float) -> float:
    left, top = int(x), int(y)
    fx, fy = x - left, y - top
    upper = heights[top, left] * (1 - fx) + heights[top, left + 1] * fx
    lower = heights[top + 1, left] * (1 - fx) + heights[top + 1, left + 1] * fx
    height: float = upper * (1 - fy) + lower * fy
    return height


@compiled
def _sweep(
    field: SiteTerrain,
    link: RayParameters,
    ground: SweepConstants,
    loss: Floats,
    sight: npt.NDArray[np.bool_],
) -> None:
    rays, width = loss.shape
    found, bent, raw = scratch_for(width - 1)
    for ray in range(rays):
        angle = 2 * math.pi * ray / rays
        _sample(field, math.sin(angle), -math.cos(angle), link.bulge, found)
        first = _first_of(ray, width - 1)
        march(found, link, bent, raw, first)
        loss_of_ray(found, ground, first, loss[ray])
        for i in range(first, width):
            sight[ray, i] = found.nu_squared[i] < 0


@compiled
def _sample(field: SiteTerrain, across: float, down: float, bulge: float, found: Samples) -> None:
    """Read the ground and the clutter along one ray, both bilinear."""
    heights, clutter, column, row, step = field
    x, y = column - 0.5, row - 0.5
    for i in range(len(found.ground)):
        height = _bilinear(heights, x, y)
        found.ground[i] = height
        d = i * step
        found.bent[i] = height + _bilinear(clutter, x, y) - bulge * d * d
        x += across
        y += down


@compiled
def _sample_all(field: SiteTerrain, rays: int, samples: int) -> None:
    found, _, _ = scratch_for(samples)
    for ray in range(rays):
        angle = 2 * math.pi * ray / rays
        _sample(field, math.sin(angle), -math.cos(angle), 0.0, found)
