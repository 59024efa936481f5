"""What a prediction is asked for, where it keeps its losses, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tram.rollout.coverage.antennas import Patterns
from tram.rollout.coverage.network import RadioSector, Thresholds
from tram.rollout.coverage.regions import Region

__all__ = ("CoverageRequest", "Folders", "Progress")


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the terrain lies and where losses are kept; workers of a cluster share both."""

    terrain: Path
    losses: Path


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; ``eta_s`` is None until a first loss is there."""

    done: int
    total: int
    eta_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageRequest:
    """What to compute: sectors, their patterns, regions to report on, reach and thresholds."""

    id: str
    sectors: Sequence[RadioSector]
    patterns: Patterns = field(default_factory=dict)
    regions: Sequence[Region] = ()
    radius_km: float = 10.0
    thresholds: Thresholds = field(default_factory=Thresholds)
    scheduler: str = ""
