"""A network to predict: sectors on places, and what each band assumes where a list is silent."""

import math
from dataclasses import dataclass

import numpy as np

from tram.rollout.coverage.budget import Uplink, power_per_element_dbm
from tram.rollout.radio import tr38901
from tram.rollout.radio.tr38901 import Environment
from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic

__all__ = (
    "BANDS",
    "Band",
    "RadioSector",
    "Thresholds",
    "Transmitter",
    "environment_at",
    "transmitters_of",
)

DEFAULT_HEIGHT_M = 35.0
_AROUND_M = 250.0
_BUILT_SHARE = 0.5
_ROOFS_M = 15.0
"""TR 38.901 has street cells at 10 m, below the roofs, and macro cells at 25 m, above them."""


@dataclass(frozen=True, slots=True)
class Band:
    """Assumptions of a band for where a list is silent: carrier, power, antenna, channel, uplink.

    ``low_ghz`` and ``high_ghz`` are the edges of its downlink.
    """

    name: str
    technology: str
    frequency_ghz: float
    low_ghz: float
    high_ghz: float
    power_dbm: float
    gain_dbi: float
    line_db: float
    bandwidth_mhz: float
    uplink: Uplink

    @property
    def eirp_dbm(self) -> float:
        """What a sector radiates in its main lobe, over the whole channel."""
        return self.power_dbm + self.gain_dbi - self.line_db

    @property
    def eirp_re_dbm(self) -> float:
        """The same for one resource element."""
        return power_per_element_dbm(
            self.eirp_dbm, self.technology, self.frequency_ghz, self.bandwidth_mhz
        )


# Passive antennas hear as they speak; an array forms a narrower beam for a phone than for the SSB.
_ARRAY_UP = Uplink(gain_dbi=24.0, line_db=0.0, bandwidth_mhz=18.0, share_of_time=0.25)


def _passive_up(gain_dbi: float) -> Uplink:
    return Uplink(gain_dbi=gain_dbi, line_db=0.5, bandwidth_mhz=4.5, share_of_time=1.0)


BANDS: dict[str, Band] = {
    band.name: band
    # Carrier, edges [GHz], power [dBm], gain [dBi], loss of the line [dB], channel [MHz], uplink.
    for band in (
        Band("n28", "5G", 0.778, 0.758, 0.803, 52.0, 15.5, 0.5, 10.0, _passive_up(15.5)),
        Band("n41", "5G", 2.55, 2.496, 2.690, 53.0, 20.0, 0.0, 100.0, _ARRAY_UP),
        Band("n78", "5G", 3.75, 3.300, 3.800, 53.0, 20.0, 0.0, 100.0, _ARRAY_UP),
        Band("n77", "5G", 3.85, 3.300, 4.200, 53.0, 20.0, 0.0, 100.0, _ARRAY_UP),
        Band("b28", "4G", 0.778, 0.758, 0.803, 49.0, 15.5, 0.5, 10.0, _passive_up(15.5)),
        Band("b8", "4G", 0.942, 0.925, 0.960, 49.0, 15.5, 0.5, 10.0, _passive_up(15.5)),
        Band("b3", "4G", 1.84, 1.805, 1.880, 49.0, 17.5, 0.5, 20.0, _passive_up(17.5)),
        Band("b1", "4G", 2.14, 2.110, 2.170, 49.0, 18.0, 0.5, 20.0, _passive_up(18.0)),
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
class RadioSector:
    """One direction of a station; ``azimuth_deg`` None radiates all around.

    ``antenna`` names an imported pattern; without one of that name the sector has the parametric.
    What is None is taken from the band; ``assumed`` names all that the list did not say.
    """

    operator: str
    station: str
    band: str
    lon: float
    lat: float
    code: str = ""
    height_m: float = DEFAULT_HEIGHT_M
    azimuth_deg: float | None = None
    tilt_deg: float | None = None
    eirp_dbm: float | None = None
    carrier_ghz: float | None = None
    bandwidth_mhz: float | None = None
    antenna: str = ""
    assumed: frozenset[str] = frozenset()
    synthetic: bool = False

    @property
    def frequency_ghz(self) -> float:
        """Its own carrier, or that of its band."""
        return self.carrier_ghz or BANDS[self.band].frequency_ghz

    @property
    def eirp_re_dbm(self) -> float:
        """The EIRP of one resource element in the main lobe."""
        band = BANDS[self.band]
        return power_per_element_dbm(
            band.eirp_dbm if self.eirp_dbm is None else self.eirp_dbm,
            band.technology,
            self.frequency_ghz,
            self.bandwidth_mhz or band.bandwidth_mhz,
        )


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
    def place(self) -> GeoPoint:
        """Where it stands."""
        return GeoPoint(self.lon, self.lat)


def transmitters_of(
    sectors: list[RadioSector], radius_km: float, mosaic: Mosaic
) -> dict[Transmitter, list[RadioSector]]:
    """Group sectors by the transmitter whose path loss they share, in order of first use."""
    groups: dict[Transmitter, list[RadioSector]] = {}
    for sector in sectors:
        transmitter = Transmitter(
            # About one metre: masts are not known better.
            lon=round(sector.lon, 5),
            lat=round(sector.lat, 5),
            height_m=sector.height_m,
            frequency_ghz=sector.frequency_ghz,
            radius_km=radius_km,
            environment=environment_at(mosaic, GeoPoint(sector.lon, sector.lat), sector.height_m),
        )
        groups.setdefault(transmitter, []).append(sector)
    return groups


def environment_at(mosaic: Mosaic, place: GeoPoint, height_m: float) -> Environment:
    """Return urban (macro, or street below the roofs) where half of the land around is built."""
    column, row = (math.floor(value) for value in mosaic.grid_of(place))
    reach = max(1, round(_AROUND_M / mosaic.about.cell_m))
    rows = slice(max(row - reach, 0), max(row + reach + 1, 0))
    columns = slice(max(column - reach, 0), max(column + reach + 1, 0))
    cover = np.asarray(mosaic.cover[rows, columns])
    if not cover.size or (cover == Cover.BUILT).mean() < _BUILT_SHARE:
        return Environment.RURAL
    return Environment.STREET if height_m < _ROOFS_M else Environment.URBAN
