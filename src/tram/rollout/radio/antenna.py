"""Sector antennas: the parametric pattern of 3GPP, and patterns imported from MSI files.

Attenuation relative to the main lobe in dB (0 or more), by azimuth from boresight and by elevation
above the horizon; a downtilt turns the vertical cut.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tram.runtime.errors import Refused

__all__ = ("ATTENUATION_DB_MAX", "OMNI", "Pattern", "parametric", "read_msi")

Floats32 = npt.NDArray[np.float32]
_DEGREES = 360
_TILT_MAX = 20
ATTENUATION_DB_MAX = 30.0
"""Both cuts together attenuate by no more (A_max of 3GPP TR 38.901 Table 7.3-1)."""
_AZIMUTH_DB_MAX = 25.0
_ELEVATION_DB_MAX = 20.0
_DIPOLE_DBI = 2.15
_CUT_DB_MAX = 1000.0
"""A cut with a greater number, or with infinity, was written by mistake."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Attenuation by whole degree, counted around the circle.

    ``azimuth_db[a]`` lies a degrees clockwise from boresight, ``elevation_db[e]`` e degrees above
    the plane of the main lobe. ``gain_dbi`` is None where it is not known.
    """

    name: str
    azimuth_db: Floats32
    elevation_db: Floats32
    gain_dbi: float | None = None

    @property
    def tilt_deg(self) -> int:
        """How far below the horizon the pattern itself looks, in whole degrees: its main lobe."""
        below = [float(self.elevation_db[-down % _DEGREES]) for down in range(_TILT_MAX + 1)]
        return min(range(len(below)), key=below.__getitem__)


OMNI = Pattern("omni", np.zeros(_DEGREES, np.float32), np.zeros(_DEGREES, np.float32))


def parametric(azimuth_width_deg: float = 70.0, elevation_width_deg: float = 10.0) -> Pattern:
    """Return the pattern of 3GPP TR 36.814 V9.2.0 Table A.2.1.1-2 for these 3 dB widths.

    Front-to-back attenuation 25 dB, least vertical side lobe 20 dB.
    """
    angle = np.arange(_DEGREES, dtype=np.float64)
    angle = np.where(angle > _DEGREES / 2, angle - _DEGREES, angle)
    across = np.minimum(12 * (angle / azimuth_width_deg) ** 2, _AZIMUTH_DB_MAX)
    up = np.minimum(12 * (angle / elevation_width_deg) ** 2, _ELEVATION_DB_MAX)
    return Pattern("3GPP TR 36.814", across.astype(np.float32), up.astype(np.float32))


def read_msi(file: Path) -> Pattern:
    """Read an MSI Planet antenna file: a horizontal and a vertical cut of 360 attenuations.

    Raises:
        Refused: if it is not such a file.
    """
    cuts: dict[str, Floats32] = {}
    current = ""
    name = file.stem
    gain: float | None = None
    for line in file.read_text(encoding="latin-1").splitlines():
        words = line.split()
        if not words:
            continue
        key = words[0].upper()
        if key == "NAME" and len(words) > 1:
            name = " ".join(words[1:])
        elif key == "GAIN" and len(words) > 1:
            gain = _gain_dbi(words)
        elif key in {"HORIZONTAL", "VERTICAL"}:
            current = key
            cuts[key] = np.full(_DEGREES, np.nan, np.float32)
        elif current and len(words) > 1:
            _note(cuts[current], words)
    if set(cuts) != {"HORIZONTAL", "VERTICAL"} or any(
        np.isnan(cut).any() for cut in cuts.values()
    ):
        raise Refused(
            "antenna.not_msi",
            f"{file.name} does not hold 360 horizontal and 360 vertical attenuations.",
            "Give an MSI Planet file with both cuts in steps of one degree.",
        )
    # MSI counts the vertical cut downwards from the horizon.
    down = cuts["VERTICAL"]
    return Pattern(name, cuts["HORIZONTAL"], np.roll(down[::-1], 1), gain)


def _gain_dbi(words: list[str]) -> float | None:
    """Return the gain of a line like ``GAIN 15.5 dBi``; without a unit it is against a dipole."""
    number = words[1].lower().removesuffix("i").removesuffix("d").removesuffix("db")
    unit = "".join(words[1:]).lower()
    try:
        gain = float(number) + (0.0 if unit.endswith("dbi") else _DIPOLE_DBI)
    except ValueError:
        return None
    return gain if math.isfinite(gain) else None


def _note(cut: Floats32, words: list[str]) -> None:
    try:
        degree, level = round(float(words[0])) % _DEGREES, abs(float(words[1]))
    except (ValueError, OverflowError):  # no numbers, or infinity
        return
    cut[degree] = level if level <= _CUT_DB_MAX else np.nan
