"""Borders read from the tables: of communes, and of zones or the circles that stand for them."""

from collections.abc import Sequence

import shapely
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.province import Commune
from tram.registry.kernel.tables import zones
from tram.rollout.inventory.geography.locator import LocatedArea, Locator, circle, commune_locator
from tram.rollout.inventory.geography.tables import features

__all__ = ("commune_borders", "commune_names", "locators", "zone_regions")


async def commune_borders(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Return the communes' codes with their borders as GeoJSON."""
    found = await connection.execute(
        select(features.c.code, features.c.geometry)
        .where(features.c.layer == "commune")
        .order_by(features.c.code)
    )
    return [(row.code, row.geometry) for row in found]


async def commune_names(
    connection: AsyncConnection, communes: Sequence[Commune]
) -> dict[str, str]:
    """Return names by code: of the communes with borders, else of those of the province's list."""
    found = await connection.execute(
        select(features.c.code, features.c.name).where(features.c.layer == "commune")
    )
    borders = {row.code: row.name for row in found}
    return borders or {commune.code: commune.name for commune in communes}


async def zone_regions(connection: AsyncConnection) -> list[LocatedArea]:
    """Return the zones that lie somewhere, with their numbers as keys, smallest first.

    A zone without an imported border is a circle of its area around its point, or the point alone.
    """
    borders = await connection.execute(
        select(features.c.code, features.c.geometry).where(features.c.layer == "zone")
    )
    shapes = {row.code: shapely.from_geojson(row.geometry) for row in borders}
    regions = []
    for row in await connection.execute(select(zones).order_by(zones.c.id)):
        if row.code in shapes:
            regions.append(LocatedArea(str(row.id), shapes[row.code]))
        elif row.lon is not None:
            point = shapely.Point(row.lon, row.lat)
            shape = circle(row.lon, row.lat, row.area_ha) if row.area_ha else point
            regions.append(LocatedArea(str(row.id), shape, approximate=True))
    return sorted(regions, key=lambda region: region.shape.area)


async def locators(connection: AsyncConnection) -> tuple[Locator, Locator]:
    """Return what finds communes by code, and what finds zones by number."""
    communes = commune_locator(await commune_borders(connection))
    return communes, Locator(await zone_regions(connection))
