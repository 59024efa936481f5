"""From path losses to the strongest signal everywhere, and which sector gives it."""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tram.rollout.coverage.antennas import tilt_of, uplink_loss_db
from tram.rollout.coverage.losses import LEAST_DB, NOTHING, STEP_DB, LossGrid
from tram.rollout.coverage.network import RadioSector, Transmitter
from tram.rollout.coverage.results import SILENT_DBM
from tram.rollout.radio.antenna import ATTENUATION_DB_MAX, Pattern
from tram.rollout.radio.area.compiled import compiled
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic

__all__ = (
    "Frame",
    "NumberedSector",
    "Signal",
    "add_sector",
    "frame_around",
    "silence",
)

_RX_M = 1.5


class Frame(NamedTuple):
    """A part of the mosaic's grid: first row and column, and size."""

    row: int
    column: int
    rows: int
    columns: int


class Signal(NamedTuple):
    """SS-RSRP of the best server [dBm], its number among the sectors (-1: none), uplink [dB].

    ``uplink`` is what a phone has to spare on its way to the best server; NaN where none is heard.
    """

    rsrp: npt.NDArray[np.float32]
    server: npt.NDArray[np.int32]
    uplink: npt.NDArray[np.float32]


class NumberedSector(NamedTuple):
    """A sector by its number in a layer, on its transmitter and with its pattern."""

    number: int
    sector: RadioSector
    transmitter: Transmitter
    pattern: Pattern


class _Beam(NamedTuple):
    number: int
    eirp_dbm: float
    uplink_db: float
    azimuth_deg: float
    tilt_deg: float
    tx_m: float
    column: float
    row: float
    cell_m: float


def frame_around(mosaic: Mosaic, sectors: Iterable[RadioSector], radius_km: float) -> Frame:
    """Return the part of the mosaic that lies within the radius of a sector."""
    spots = [mosaic.grid_of(GeoPoint(sector.lon, sector.lat)) for sector in sectors]
    radius = 1000 * radius_km / mosaic.about.cell_m
    about = mosaic.about
    left = max(0, math.floor(min(c for c, _ in spots) - radius))
    right = min(about.columns, math.ceil(max(c for c, _ in spots) + radius))
    top = max(0, math.floor(min(r for _, r in spots) - radius))
    bottom = min(about.rows, math.ceil(max(r for _, r in spots) + radius))
    return Frame(top, left, max(0, bottom - top), max(0, right - left))


def silence(frame: Frame) -> Signal:
    """Return a frame in which nothing is heard."""
    shape = (frame.rows, frame.columns)
    return Signal(
        np.full(shape, SILENT_DBM, np.float32),
        np.full(shape, -1, np.int32),
        np.full(shape, np.nan, np.float32),
    )


def add_sector(
    signal: Signal, frame: Frame, mosaic: Mosaic, heard: NumberedSector, grid: LossGrid
) -> None:
    """Let a sector be heard: keep it wherever it is the strongest so far."""
    number, what, transmitter, pattern = heard
    top, left = max(grid.row, frame.row), max(grid.column, frame.column)
    bottom = min(grid.row + grid.steps.shape[0], frame.row + frame.rows)
    right = min(grid.column + grid.steps.shape[1], frame.column + frame.columns)
    if top >= bottom or left >= right:
        return
    column, row = mosaic.grid_of(transmitter.place)
    ground = np.asarray(mosaic.ground[top:bottom, left:right])
    tx_ground = float(mosaic.sample(np.array([column]), np.array([row]))[0][0])
    beam = _Beam(
        number,
        what.eirp_re_dbm,
        uplink_loss_db(what, pattern),
        what.azimuth_deg or 0.0,
        tilt_of(what, pattern),
        tx_ground + what.height_m,
        column - left,
        row - top,
        mosaic.about.cell_m,
    )
    inside = (
        slice(top - frame.row, bottom - frame.row),
        slice(left - frame.column, right - frame.column),
    )
    _take(
        beam,
        grid.steps[top - grid.row : bottom - grid.row, left - grid.column : right - grid.column],
        ground,
        (pattern.azimuth_db, pattern.elevation_db),
        (signal.rsrp[inside], signal.server[inside], signal.uplink[inside]),
    )


@compiled
def _take(
    beam: _Beam,
    steps: npt.NDArray[np.uint8],
    ground: npt.NDArray[np.float32],
    pattern: tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]],
    best: tuple[npt.NDArray[np.float32], npt.NDArray[np.int32], npt.NDArray[np.float32]],
) -> None:
    across_db, up_db = pattern
    rsrp, server, uplink = best
    degree = 180 / math.pi
    for r in range(steps.shape[0]):
        down = r + 0.5 - beam.row
        for c in range(steps.shape[1]):
            step = steps[r, c]
            if step == NOTHING:
                continue
            loss = LEAST_DB + STEP_DB * step
            if beam.eirp_dbm - loss <= rsrp[r, c]:
                continue
            across = c + 0.5 - beam.column
            away_m = max(math.sqrt(across * across + down * down) * beam.cell_m, 1.0)
            turn = math.atan2(across, -down) * degree - beam.azimuth_deg
            rise = (ground[r, c] + _RX_M - beam.tx_m) / away_m
            tilt = math.atan(rise) * degree + beam.tilt_deg
            aside = across_db[int(turn + 1080.5) % 360] + up_db[int(tilt + 720.5) % 360]
            lost = loss + min(aside, ATTENUATION_DB_MAX)
            level = beam.eirp_dbm - lost
            if level > rsrp[r, c]:
                rsrp[r, c] = level
                server[r, c] = beam.number
                uplink[r, c] = beam.uplink_db - lost
