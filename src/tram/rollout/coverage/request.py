"""What a prediction is asked for, where it keeps its losses, and how far it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tram.rollout.coverage.antennas import Patterns
from tram.rollout.coverage.network import RadioSector, Thresholds
from tram.rollout.coverage.regions import Region
from tram.runtime.errors import Refused

__all__ = ("CoverageRequest", "Folders", "Progress", "check_radius")

RADIUS_KM_MIN: Final = 1.0
RADIUS_KM_MAX: Final = 30.0


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


def check_radius(radius_km: float) -> None:
    """Refuse a radius around each station [km] that no prediction is made for.

    Raises:
        Refused: ``coverage.radius_wrong``.
    """
    if not RADIUS_KM_MIN <= radius_km <= RADIUS_KM_MAX:
        raise Refused(
            "coverage.radius_wrong",
            f"The radius must lie between {RADIUS_KM_MIN:g} and {RADIUS_KM_MAX:g} km.",
            "Choose another radius.",
        )
