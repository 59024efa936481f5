"""Sectors and regions from the inventory: bands by their names, silence filled with assumptions."""

from collections.abc import Iterable

import shapely
from sqlalchemy import select

from tram.registry.database import Database
from tram.registry.tables import zones
from tram.rollout.coverage.network import BANDS, DEFAULT_HEIGHT_M, Sector
from tram.rollout.coverage.regions import Region
from tram.rollout.inventory.geography.borders import zone_regions
from tram.rollout.inventory.geography.tables import features
from tram.rollout.inventory.stations.views import Sector as Told
from tram.rollout.inventory.stations.views import Station

__all__ = ("read_regions", "sectors_of")

_THREE_WAYS = (0.0, 120.0, 240.0)
_BY_TECHNOLOGY = {"4G": "b3", "5G": "n78"}


def sectors_of(stations: Iterable[Station]) -> list[Sector]:
    """Return the sectors of stations that are on air; indoor ones serve their own building."""
    found = []
    for station in stations:
        if station.state != "on-air" or station.indoor:
            continue
        band = band_of(station)
        if band is None:
            continue
        found += _sectors(station, band)
    return found


def band_of(station: Station) -> str | None:
    """Return the name of a station's band, or what its technology is assumed to use."""
    words = station.band.lower().replace(",", " ").replace("/", " ").replace(";", " ").split()
    known = next((word for word in words if word in BANDS), None)
    return known or _BY_TECHNOLOGY.get(station.technology)


def _sectors(station: Station, band: str) -> list[Sector]:
    mast = station.mast_height_m or station.place.height_m or DEFAULT_HEIGHT_M
    told = station.sectors or [Told(code="", azimuth_deg=azimuth) for azimuth in _THREE_WAYS]
    return [_sector(station, band, mast, sector) for sector in told]


def _sector(station: Station, band: str, mast_m: float, told: Told) -> Sector:
    return Sector(
        operator=station.operator_code,
        station=station.code,
        band=band,
        lon=station.lon,
        lat=station.lat,
        height_m=min(max(told.height_m or mast_m, 3.0), 200.0),
        azimuth_deg=told.azimuth_deg,
        tilt_deg=4.0 if told.tilt_deg is None else told.tilt_deg,
        antenna=told.antenna,
        synthetic=station.synthetic,
    )


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
