"""Measured antenna patterns that an installation keeps, and which pattern a sector has."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import msgspec
import numpy as np

from tram.rollout.coverage.network import Sector
from tram.rollout.radio.antenna import OMNI, Pattern, parametric, read_msi

__all__ = ("Patterns", "keep_pattern", "pattern_of", "read_patterns")

Patterns = Mapping[str, Pattern]
"""Patterns by their name as :func:`_key` writes it."""


class _Kept(msgspec.Struct, frozen=True):
    name: str
    azimuth_db: list[float]
    elevation_db: list[float]


def keep_pattern(folder: Path, file: Path) -> Pattern:
    """Keep an MSI file under the name that it states; it replaces one of the same name.

    Raises:
        Refused: if it is not such a file.
    """
    pattern = read_msi(file)
    content = _Kept(pattern.name, pattern.azimuth_db.tolist(), pattern.elevation_db.tolist())
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
        cuts = (np.array(cut, np.float32) for cut in (kept.azimuth_db, kept.elevation_db))
        found[_key(kept.name)] = Pattern(kept.name, *cuts)
    return found


def pattern_of(sector: Sector, patterns: Patterns) -> Pattern:
    """Return the pattern that a sector names, else the parametric one, or all around."""
    named = patterns.get(_key(sector.antenna)) if sector.antenna else None
    if named is not None:
        return named
    return OMNI if sector.azimuth_deg is None else parametric()


def _key(name: str) -> str:
    """Return a name without what people write differently: case and spaces."""
    return "".join(name.casefold().split())
