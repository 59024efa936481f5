"""From rays to cells: path loss on the terrain's own grid, near and far models blended.

Diffraction is interpolated between the two nearest rays and the two nearest samples; free space is
taken at the cell's own distance. Below 250 m the path loss is that of 3GPP TR 38.901, up to 400 m
it passes over into P.1812, so that no ring is drawn.
"""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tram.rollout.radio import tr38901
from tram.rollout.radio.area.compiled import compiled, inlined
from tram.rollout.radio.area.logarithms import log2
from tram.rollout.radio.area.model import FAR_M, NEAR_M
from tram.rollout.radio.area.sweep import RadialSweep, Radio, SiteTerrain, polar_sweep, stride_at

__all__ = ("Near", "near_losses", "path_loss")

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]

_DB = 20 * math.log10(2)


class Near(NamedTuple):
    """Losses of the short-range model by metre, with and without line of sight [dB]."""

    sight: Floats
    no_sight: Floats


class _Far(NamedTuple):
    free_space_db: float
    tx_m: float
    rx_above_m: float
    radius: float
    """In cells."""


def near_losses(radio: Radio, environment: tr38901.Environment) -> Near:
    """Tabulate TR 38.901 by metre up to where it ends."""
    place = tr38901.SiteSurroundings(max(radio.tx_height_m, 2.0), radio.rx_height_m)

    def table(*, sight: bool) -> Floats:
        return np.array(
            [
                tr38901.path_loss_db(environment, place, radio.frequency_ghz, metres, sight=sight)
                for metres in range(int(FAR_M) + 2)
            ]
        )

    return Near(table(sight=True), table(sight=False))


def path_loss(field: SiteTerrain, radio: Radio, near: Near) -> Floats32:
    """Return the basic transmission loss of every cell [dB]; NaN beyond the radius or unknown."""
    sweep = polar_sweep(field, radio)
    tx_ground = sweep.tx_m - radio.tx_height_m
    far = _Far(
        92.4 + 20 * math.log10(radio.frequency_ghz),
        tx_ground + radio.tx_height_m,
        radio.rx_height_m,
        radio.radius_km / field.cell_km,
    )
    out = np.full(field.ground.shape, np.nan, np.float32)
    if math.isnan(sweep.tx_m):  # it stands on unknown ground
        return out
    _gather(field, sweep, near, far, out)
    return out


@inlined
def _arc_tangent(q: float) -> float:
    """Arc tangent for 0 <= q <= 1, within 1e-6 rad: far less than a cell at any radius."""
    z = q * q
    series = 0.00286623
    series = series * z - 0.0161657
    series = series * z + 0.0429096
    series = series * z - 0.0752896
    series = series * z + 0.1065626
    series = series * z - 0.1420890
    series = series * z + 0.1999355
    series = series * z - 0.3333314
    return q + q * z * series


@inlined
def _turn(across: float, down: float) -> float:
    """Azimuth from north as a share of a full turn."""
    wide, high = abs(across), abs(down)
    low = min(wide, high)
    angle = _arc_tangent(low / max(wide, high, 1e-12))
    angle = angle if wide <= high else 0.5 * math.pi - angle
    angle = angle if down <= 0 else math.pi - angle
    angle = angle if across >= 0 else 2 * math.pi - angle
    return angle * (0.5 / math.pi)


@compiled
def _gather(field: SiteTerrain, sweep: RadialSweep, near: Near, far: _Far, out: Floats32) -> None:
    rows, columns = out.shape
    cell_m = 1000 * field.cell_km
    turns = np.empty(columns)
    ranges = np.empty(columns)
    free = np.empty(columns)
    for row in range(rows):
        down = row + 0.5 - field.row
        heights = field.ground[row]
        for column in range(columns):
            across = column + 0.5 - field.column
            flat2 = across * across + down * down
            ranges[column] = math.sqrt(flat2)
            turns[column] = _turn(across, down)
            rise = (heights[column] + far.rx_above_m - far.tx_m) * 0.001
            slant2 = flat2 * field.cell_km * field.cell_km + rise * rise
            free[column] = far.free_space_db + 0.5 * _DB * log2(max(slant2, 1e-12))
        for column in range(columns):
            place = ranges[column]
            if place > far.radius or math.isnan(heights[column]):
                continue
            loss = free[column]
            metres = place * cell_m
            if metres > NEAR_M:
                loss += _diffraction(sweep.loss, turns[column], place)
            if metres < FAR_M:
                share = min(max((FAR_M - metres) / (FAR_M - NEAR_M), 0.0), 1.0)
                close = _close(near, sweep, turns[column], place, metres)
                loss = share * close + (1 - share) * loss
            out[row, column] = loss


@inlined
def _diffraction(loss: Floats, turn: float, place: float) -> float:
    """Interpolate between two rays and two samples."""
    rays, width = loss.shape
    i = int(place)
    stride = stride_at(i, width - 1)
    ray = turn * rays / stride
    k = int(ray)
    side, out = ray - k, place - i
    one = (k * stride) % rays
    other = ((k + 1) * stride) % rays
    inner = loss[one, i] * (1 - side) + loss[other, i] * side
    outer = loss[one, i + 1] * (1 - side) + loss[other, i + 1] * side
    between: float = inner * (1 - out) + outer * out
    return between


@compiled
def _close(near: Near, sweep: RadialSweep, turn: float, place: float, metres: float) -> float:
    """Loss by the short-range model, with the sight of the nearest ray."""
    rays, width = sweep.sight.shape
    i = int(place + 0.5)
    m = int(metres)
    part = metres - m
    sight = True
    if i >= 2:  # the nearest sample with ground in between
        stride = stride_at(i, width - 1)
        ray = (int(turn * rays / stride + 0.5) * stride) % rays
        sight = sweep.sight[ray, i]
    table = near.sight if sight else near.no_sight
    between: float = table[m] * (1 - part) + table[m + 1] * part
    return between
