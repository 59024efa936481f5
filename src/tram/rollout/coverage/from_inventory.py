"""Sectors and regions from the inventory: bands by their names, silence filled with assumptions."""

from collections.abc import Iterable

import shapely
from sqlalchemy import select

from tram.registry.kernel.database import Database
from tram.registry.kernel.tables import zones
from tram.rollout.coverage.network import BANDS, DEFAULT_HEIGHT_M, RadioSector
from tram.rollout.coverage.regions import Region
from tram.rollout.inventory.geography.borders import zone_regions
from tram.rollout.inventory.geography.tables import features
from tram.rollout.inventory.stations.views import Sector as Told
from tram.rollout.inventory.stations.views import Station

__all__ = ("read_regions", "sectors_of")

_THREE_WAYS = (0.0, 120.0, 240.0)
_BY_TECHNOLOGY = {"4G": "b3", "5G": "n78"}
_HEIGHT_M = (3.0, 200.0)
_CARRIER_GHZ = (0.03, 6.0)
"""Where P.1812 holds; sectors beyond (26 GHz) are not predicted."""


def sectors_of(stations: Iterable[Station]) -> list[RadioSector]:
    """Return the sectors of stations that are on air; indoor ones serve their own building.

    What the list says of a sector is taken as it is. Where it is silent the sector names it among
    its ``assumed``: height (mast, place, then 35 m), azimuth, tilt, power, antenna, carrier, band.
    """
    found = []
    for station in stations:
        if station.state != "on-air" or station.indoor:
            continue
        if station.technology not in _BY_TECHNOLOGY:
            continue
        told = station.sectors or [Told(code="", azimuth_deg=azimuth) for azimuth in _THREE_WAYS]
        for sector in told:
            found += _sectors(station, sector)
    return found


def _sectors(station: Station, told: Told) -> list[RadioSector]:
    """Return a told sector once on each band that it has."""
    carrier = told.carrier_mhz / 1000 if told.carrier_mhz else None
    if carrier is not None and not _CARRIER_GHZ[0] <= carrier <= _CARRIER_GHZ[1]:
        return []
    bands, is_told = _bands(station, carrier)
    mast = told.height_m or station.mast_height_m or station.place.height_m or 0.0
    silent = _silent(station, told, mast) | (frozenset() if is_told else {"band"})
    return [
        RadioSector(
            operator=station.operator_code,
            station=station.code,
            code=told.code,
            band=band,
            lon=station.lon,
            lat=station.lat,
            height_m=min(max(mast or DEFAULT_HEIGHT_M, _HEIGHT_M[0]), _HEIGHT_M[1]),
            azimuth_deg=told.azimuth_deg,
            tilt_deg=told.tilt_deg,
            eirp_dbm=told.eirp_dbm,
            carrier_ghz=carrier,
            bandwidth_mhz=told.bandwidth_mhz,
            antenna=told.antenna,
            assumed=silent,
            synthetic=station.synthetic,
        )
        for band in bands
    ]


def _bands(station: Station, carrier_ghz: float | None) -> tuple[list[str], bool]:
    """Return the bands of a sector, and whether the list tells them.

    A carrier decides among the bands that the station names, else among all of its technology;
    without a carrier the sector is on every band that the station names.
    """
    words = station.band.lower().replace(",", " ").replace("/", " ").replace(";", " ").split()
    named = [word for word in dict.fromkeys(words) if word in BANDS]
    if carrier_ghz is None:
        return (named, True) if named else ([_BY_TECHNOLOGY[station.technology]], False)
    own = [band.name for band in BANDS.values() if band.technology == station.technology]
    for name in [*named, *own]:
        if BANDS[name].low_ghz <= carrier_ghz <= BANDS[name].high_ghz:
            return [name], True
    return (named[:1], True) if named else ([_BY_TECHNOLOGY[station.technology]], False)


def _silent(station: Station, told: Told, mast_m: float) -> frozenset[str]:
    is_there = {
        "height": bool(mast_m),
        "azimuth": bool(station.sectors) and told.azimuth_deg is not None,
        "tilt": told.tilt_deg is not None,
        "eirp": told.eirp_dbm is not None,
        "antenna": bool(told.antenna),
        "carrier": bool(told.carrier_mhz),
        "bandwidth": bool(told.bandwidth_mhz),
    }
    return frozenset(name for name, there in is_there.items() if not there)


async def read_regions(database: Database) -> list[Region]:
    """Return communes, zones and roads with their shapes, as far as they are known."""
    async with database.read() as connection:
        found = await connection.execute(
            select(features.c.layer, features.c.code, features.c.name, features.c.geometry)
            .where(features.c.layer.in_(("commune", "road")))
            .order_by(features.c.layer, features.c.code)
        )
        regions = [
            Region(row.layer, row.code, row.name or row.code, shapely.from_geojson(row.geometry))
            for row in found
        ]
        named = {
            str(row.id): (row.code, row.name)
            for row in await connection.execute(select(zones.c.id, zones.c.code, zones.c.name))
        }
        for zone in await zone_regions(connection):
            code, name = named[zone.key]
            regions.append(Region("zone", code, name, zone.shape, zone.approximate))
    return regions
