"""The sectors that a province manages its devices by: everything else takes codes and names from here."""

from collections.abc import Mapping
from typing import NamedTuple

__all__ = ("SECTORS", "SECTOR_DEFINITIONS", "SECTOR_NAMES", "SectorDefinition")


class SectorDefinition(NamedTuple):
    """A sector: its code, its names, and the words by which a Vietnamese text speaks of it."""

    code: str
    vi: str
    en: str
    words: tuple[str, ...]


SECTOR_DEFINITIONS = (
    SectorDefinition("environment", "Môi trường", "Environment", ("môi trường", "quan trắc")),
    SectorDefinition("agriculture", "Nông nghiệp", "Agriculture", ("nông nghiệp", "tưới tiêu")),
    SectorDefinition("traffic", "Giao thông", "Traffic", ("giao thông",)),
    SectorDefinition("energy", "Năng lượng", "Energy", ("năng lượng",)),
    SectorDefinition("safety", "An toàn lao động", "Labour safety", ("an toàn lao động",)),
)
SECTORS: tuple[str, ...] = tuple(sector.code for sector in SECTOR_DEFINITIONS)
SECTOR_NAMES: Mapping[str, Mapping[str, str]] = {
    "vi": {sector.code: sector.vi for sector in SECTOR_DEFINITIONS},
    "en": {sector.code: sector.en for sector in SECTOR_DEFINITIONS},
}
"""Names by language and code."""
