"""Measured antenna patterns that an installation keeps, and which pattern a sector has."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from tram.rollout.coverage.network import BANDS, RadioSector
from tram.rollout.radio.antenna import OMNI, Pattern, parametric, read_msi

__all__ = (
    "DEFAULT_TILT_DEG",
    "Patterns",
    "is_measured",
    "keep_pattern",
    "pattern_of",
    "read_patterns",
    "tilt_of",
    "uplink_loss_db",
)

DEFAULT_TILT_DEG = 4.0

Patterns = Mapping[str, Pattern]
"""Patterns by their name as :func:`_key` writes it."""


class _Kept(msgspec.Struct, frozen=True):
    name: str
    azimuth_db: list[float]
    elevation_db: list[float]
    gain_dbi: float | None = None


def keep_pattern(folder: Path, file: Path) -> Pattern:
    """Keep an MSI file under the name that it states; it replaces one of the same name.

    Raises:
        Refused: if it is not such a file.
    """
    pattern = read_msi(file)
    content = _Kept(
        pattern.name,
        pattern.azimuth_db.tolist(),
        pattern.elevation_db.tolist(),
        pattern.gain_dbi,
    )
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / f"{hashlib.sha256(_key(pattern.name).encode()).hexdigest()[:16]}.json"
    passing = kept.with_suffix(".part")
    passing.write_bytes(msgspec.json.encode(content))
    passing.replace(kept)
    return pattern


def read_patterns(folder: Path) -> Patterns:
    """Return all patterns kept in a folder."""
    found = {}
    for file in sorted(folder.glob("*.json")):
        kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
        across, up = (np.array(cut, np.float32) for cut in (kept.azimuth_db, kept.elevation_db))
        found[_key(kept.name)] = Pattern(kept.name, across, up, kept.gain_dbi)
    return found


def pattern_of(sector: RadioSector, patterns: Patterns) -> Pattern:
    """Return the pattern that a sector names, else the parametric one, or all around."""
    if is_measured(sector, patterns):
        return patterns[_key(sector.antenna)]
    return OMNI if sector.azimuth_deg is None else parametric()


def is_measured(sector: RadioSector, patterns: Patterns) -> bool:
    """Whether a pattern was imported under the name of the sector's antenna."""
    return bool(sector.antenna) and _key(sector.antenna) in patterns


def tilt_of(sector: RadioSector, pattern: Pattern) -> float:
    """Return how far a sector's pattern is turned below the horizon [degrees].

    Where the list is silent the beam looks DEFAULT_TILT_DEG down; a measured pattern that looks
    down by itself is not turned further.
    """
    if sector.tilt_deg is not None:
        return sector.tilt_deg
    return 0.0 if pattern.tilt_deg else DEFAULT_TILT_DEG


def uplink_loss_db(sector: RadioSector, pattern: Pattern) -> float:
    """Return the largest loss in the main lobe over which a phone is heard."""
    return BANDS[sector.band].uplink.largest_loss_db(pattern.gain_dbi)


def _key(name: str) -> str:
    """Return a name without what people write differently: case and spaces."""
    return "".join(name.casefold().split())
