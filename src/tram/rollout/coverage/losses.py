"""Path loss around a transmitter, kept on disk: computed once per place, height and band.

A file holds half decibels from 40 dB as bytes, cropped to where the loss is below 167 dB.
"""

import hashlib
import os
from dataclasses import astuple
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from tram.rollout.coverage.network import Transmitter
from tram.rollout.radio.area.gather import near_losses, path_loss
from tram.rollout.radio.area.model import MODEL
from tram.rollout.radio.area.sweep import Radio, SiteTerrain
from tram.rollout.terrain.mosaic import Mosaic

__all__ = ("LEAST_DB", "NOTHING", "STEP_DB", "LossGrid", "LossStore")

LEAST_DB, STEP_DB = 40.0, 0.5
NOTHING = 255
"""Byte of a cell beyond reach or of unknown ground."""
_HEAD_BYTES = 64


class LossGrid(msgspec.Struct, frozen=True):
    """Bytes of loss with the mosaic's row and column of the first one."""

    row: int
    column: int
    steps: npt.NDArray[np.uint8]


class _Head(msgspec.Struct, frozen=True, array_like=True):
    row: int
    column: int
    rows: int
    columns: int


class LossStore:
    """The cache of one mosaic; the key of a file holds all that its content depends on."""

    def __init__(self, folder: Path, mosaic: Mosaic) -> None:
        self._folder = folder
        self._mosaic = mosaic

    def has(self, transmitter: Transmitter) -> bool:
        """Whether its loss is there already."""
        return self._file(transmitter).is_file()

    def make(self, transmitter: Transmitter) -> None:
        """Compute and write the loss around a transmitter unless it is there."""
        file = self._file(transmitter)
        if file.is_file():
            return
        grid = compute(self._mosaic, transmitter)
        head = msgspec.json.encode(_Head(grid.row, grid.column, *grid.steps.shape))
        file.parent.mkdir(parents=True, exist_ok=True)
        passing = file.with_suffix(f".{os.getpid()}")
        passing.write_bytes(head.ljust(_HEAD_BYTES) + grid.steps.tobytes())
        passing.replace(file)

    def read(self, transmitter: Transmitter) -> LossGrid:
        """Return the loss around a transmitter, computing it where it is missing."""
        self.make(transmitter)
        content = self._file(transmitter).read_bytes()
        head = msgspec.json.decode(content[:_HEAD_BYTES], type=_Head)
        steps = np.frombuffer(content, np.uint8, offset=_HEAD_BYTES)
        return LossGrid(head.row, head.column, steps.reshape(head.rows, head.columns))

    def _file(self, transmitter: Transmitter) -> Path:
        words = repr((MODEL, self._mosaic.identity, astuple(transmitter)))
        key = hashlib.sha256(words.encode()).hexdigest()[:32]
        return self._folder / key[:2] / f"{key}.loss"


def compute(mosaic: Mosaic, transmitter: Transmitter) -> LossGrid:
    """Return the loss around a transmitter as bytes, cropped."""
    radio = Radio(
        frequency_ghz=transmitter.frequency_ghz,
        tx_height_m=transmitter.height_m,
        radius_km=transmitter.radius_km,
    )
    column, row = mosaic.grid_of(transmitter.place)
    window = mosaic.window(column, row, 1000 * transmitter.radius_km + 2 * mosaic.about.cell_m)
    field = SiteTerrain(
        window.ground,
        window.clutter_m,
        column - window.column,
        row - window.row,
        mosaic.about.cell_m / 1000,
    )
    loss = path_loss(field, radio, near_losses(radio, transmitter.environment))
    with np.errstate(invalid="ignore"):
        steps = np.rint((loss - LEAST_DB) / STEP_DB)
        steps = np.where(steps < NOTHING, np.maximum(steps, 0), NOTHING)  # NaN is not below
    heard = steps < NOTHING
    rows, columns = np.flatnonzero(heard.any(1)), np.flatnonzero(heard.any(0))
    if not len(rows):
        return LossGrid(window.row, window.column, np.zeros((0, 0), np.uint8))
    cut = steps[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.uint8)
    return LossGrid(window.row + int(rows[0]), window.column + int(columns[0]), cut)
