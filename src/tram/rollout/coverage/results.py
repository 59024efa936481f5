"""What a run of coverage leaves behind, as plain frozen structs; it is kept as ``run.json``."""

import msgspec

__all__ = (
    "FORMAT",
    "LADDER_DBM",
    "RUNS",
    "RUN_FILE",
    "SILENT_DBM",
    "Budget",
    "CoverageLayer",
    "CoverageRun",
    "Hole",
    "RegionShare",
    "Serving",
)

FORMAT = 3
RUNS = "coverage/runs"
"""Where runs lie in the folder of files, a folder each."""
RUN_FILE = "run.json"
"""The last file of a run: one without it is not there."""
SILENT_DBM = -200.0
"""Where no sector is heard."""
LADDER_DBM = tuple(range(-125, -65, 5))
"""Thresholds from the weakest to the strictest [dBm]."""


class RegionShare(msgspec.Struct, frozen=True, kw_only=True):
    """How much of a commune, zone or road is served: shares from 0 to 1 by threshold, in order.

    ``likely`` weights every cell by the chance that a place in it is served. ``ladder`` and
    ``likely_ladder`` have both by LADDER_DBM, for thresholds that a person chooses. Of
    ``uplink_share`` a phone is heard, in ``both_ways`` both links hold.
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
    uplink_share: float
    both_ways: list[float]
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


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """The largest path loss each way in the main lobe [dB], medians of a layer's sectors.

    Downwards from the EIRP of a resource element to the weakest threshold; upwards from a phone of
    ``phone_dbm`` to a base station with this noise figure, at ``rate_mbps``. ``weaker`` is the way
    that ends first: ``downlink`` or ``uplink``.
    """

    eirp_re_dbm: float
    downlink_db: float
    uplink_db: float
    weaker: str
    phone_dbm: float
    body_db: float
    gain_dbi: float
    line_db: float
    noise_figure_db: float
    interference_db: float
    sinr_db: float
    rate_mbps: float
    bandwidth_mhz: float
    share_of_time: float


class Serving(msgspec.Struct, frozen=True, kw_only=True):
    """A sector by its number in the raster of best servers, and what it was predicted with."""

    number: int
    station: str
    sector: str
    lon: float
    lat: float
    height_m: float
    azimuth_deg: float | None
    tilt_deg: float
    eirp_dbm: float
    carrier_ghz: float
    antenna: str
    assumed: list[str]


class CoverageLayer(msgspec.Struct, frozen=True, kw_only=True):
    """One operator on one band (an empty band: the strongest of all its bands).

    ``likely`` are the shares with every cell weighted by its chance of being served; places vary
    around it by ``location_sigma_db``. ``uplink_share`` is the land from which a phone is heard,
    ``both_ways`` that where neither link ends before each threshold. ``assumed`` counts the sectors
    for which the list did not say something. ``corners`` are longitude and latitude of the
    overlay's north-west and south-east corner.
    """

    operator: str
    band: str
    frequency_ghz: float
    sectors: int
    synthetic: bool
    raster: str
    overlay: str
    servers: str
    package: str
    corners: tuple[float, float, float, float]
    location_sigma_db: float
    shares: list[float]
    likely: list[float]
    uplink_share: float
    both_ways: list[float]
    budget: Budget
    assumed: dict[str, int]
    serving: list[Serving]
    regions: list[RegionShare]
    holes: list[Hole]


class CoverageRun(msgspec.Struct, frozen=True, kw_only=True):
    """A run: on which terrain, by which model, with which thresholds [dBm]."""

    id: str
    made_ms: int
    model: str
    terrain: str
    terrain_synthetic: bool
    thresholds: list[float]
    radius_km: float
    cell_m: float
    layers: list[CoverageLayer]
    format: int = FORMAT
