"""A network to predict: sectors on places, and what each band assumes where a list is silent."""

from dataclasses import dataclass

from tram.rollout.radio import tr38901
from tram.rollout.terrain.mosaic import Place

__all__ = ("BANDS", "Band", "Sector", "Thresholds", "Transmitter", "transmitters_of")

DEFAULT_HEIGHT_M = 35.0


@dataclass(frozen=True, slots=True)
class Band:
    """Assumptions of a band, each a parameter of the run: carrier, power per resource element.

    ``eirp_re_dbm`` follows from the budget of docs/radio.md; ``uplink_db`` is the largest path
    loss over which a phone of 23 dBm is still heard at the cell edge.
    """

    name: str
    frequency_ghz: float
    technology: str
    eirp_re_dbm: float
    uplink_db: float


BANDS: dict[str, Band] = {
    band.name: band
    for band in (
        Band("n28", 0.778, "5G", 39.0, 141.0),
        Band("n41", 2.55, "5G", 37.8, 138.0),
        Band("n78", 3.75, "5G", 37.8, 137.0),
        Band("n77", 3.85, "5G", 37.8, 137.0),
        Band("b28", 0.778, "4G", 37.0, 143.0),
        Band("b3", 1.84, "4G", 34.5, 141.0),
        Band("b1", 2.14, "4G", 34.5, 140.5),
    )
}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """SS-RSRP [dBm]: good outdoors, at the edge, and the outdoor proxy for indoor service."""

    indoor_dbm: float = -95.0
    good_dbm: float = -105.0
    edge_dbm: float = -110.0

    @property
    def all(self) -> tuple[float, float, float]:
        """From the strictest to the weakest."""
        return self.indoor_dbm, self.good_dbm, self.edge_dbm


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """One direction of a station; ``azimuth_deg`` None radiates all around.

    ``antenna`` names an imported pattern; without one of that name the sector has the parametric.
    """

    operator: str
    station: str
    band: str
    lon: float
    lat: float
    height_m: float = DEFAULT_HEIGHT_M
    azimuth_deg: float | None = None
    tilt_deg: float = 4.0
    eirp_re_dbm: float | None = None
    antenna: str = ""
    synthetic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmitter:
    """What the path loss of an area depends on: equal ones are computed once and shared."""

    lon: float
    lat: float
    height_m: float
    frequency_ghz: float
    radius_km: float
    environment: tr38901.Environment = tr38901.Environment.RURAL

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.lon, self.lat)


def transmitters_of(sectors: list[Sector], radius_km: float) -> dict[Transmitter, list[Sector]]:
    """Group sectors by the transmitter whose path loss they share, in order of first use."""
    groups: dict[Transmitter, list[Sector]] = {}
    for sector in sectors:
        transmitter = Transmitter(
            # About one metre: masts are not known better.
            lon=round(sector.lon, 5),
            lat=round(sector.lat, 5),
            height_m=sector.height_m,
            frequency_ghz=BANDS[sector.band].frequency_ghz,
            radius_km=radius_km,
        )
        groups.setdefault(transmitter, []).append(sector)
    return groups
