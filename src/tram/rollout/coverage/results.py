"""What a run of coverage leaves behind, as plain frozen structs; it is kept as ``run.json``."""

import msgspec

__all__ = ("FORMAT", "LADDER_DBM", "Hole", "Layer", "RegionShare", "Run")

FORMAT = 2
LADDER_DBM = tuple(range(-125, -65, 5))
"""Thresholds from the weakest to the strictest [dBm]."""


class RegionShare(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a commune, zone or road is served: shares from 0 to 1 by threshold, in order.

    ``likely`` weights every cell by the chance that a place in it is served. ``ladder`` and
    ``likely_ladder`` have both by LADDER_DBM, for thresholds that a person chooses.
    ``amount`` is square kilometres of an area, kilometres of a line; ``unknown`` the share of it
    without known ground.
    """

    kind: str
    key: str
    name: str
    amount: float
    unknown: float
    shares: list[float]
    likely: list[float]
    ladder: list[float]
    likely_ladder: list[float]
    approximate: bool = False


class Hole(msgspec.Struct, frozen=True, kw_only=True):
    """A connected area without enough signal: square kilometres, its middle, where it lies."""

    number: int
    area_km2: float
    lon: float
    lat: float
    commune: str


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One operator on one band (an empty band: the strongest of all its bands).

    ``likely`` are the shares with every cell weighted by its chance of being served; places vary
    around it by ``location_sigma_db``. ``corners`` are longitude and latitude of the overlay's north-west and south-east corner.
    """

    operator: str
    band: str
    frequency_ghz: float
    sectors: int
    synthetic: bool
    raster: str
    overlay: str
    package: str
    corners: tuple[float, float, float, float]
    location_sigma_db: float
    shares: list[float]
    likely: list[float]
    uplink_share: float
    regions: list[RegionShare]
    holes: list[Hole]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run: on which terrain, by which model, with which thresholds [dBm]."""

    id: str
    made_ms: int
    model: str
    terrain: str
    terrain_synthetic: bool
    thresholds: list[float]
    radius_km: float
    cell_m: float
    layers: list[Layer]
    format: int = FORMAT
