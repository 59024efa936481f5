"""Which stations a viewer reaches, as SQL that every query of a viewer carries."""

from sqlalchemy import ColumnElement, exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.access import org_is_reached, owner_of_province_data
from tram.registry.viewer import Viewer
from tram.rollout.inventory.geography.tables import zone_facts
from tram.rollout.inventory.stations.tables import operators, station_zones, stations

__all__ = ("READ", "WRITE", "station_is_reached", "writable_operators")

READ = "inventory.read"
WRITE = "inventory.write"

Condition = ColumnElement[bool]


async def station_is_reached(connection: AsyncConnection, viewer: Viewer) -> Condition:
    """Match the stations that the viewer may read.

    Whoever reaches the keeper of the province's data sees all; an operator its own; the authority
    of a zone, and who has a role in one zone only, those that stand in it.
    """
    owner = literal(await owner_of_province_data(connection))
    return or_(
        org_is_reached(viewer, READ, owner),
        stations.c.operator_id.in_(
            select(operators.c.id).where(org_is_reached(viewer, READ, operators.c.org_id))
        ),
        exists().where(
            station_zones.c.station_id == stations.c.id,
            station_zones.c.zone_id == zone_facts.c.zone_id,
            org_is_reached(viewer, READ, zone_facts.c.authority_id),
        ),
        *_in_one_zone(viewer),
    )


async def writable_operators(connection: AsyncConnection, viewer: Viewer) -> frozenset[int]:
    """Return the operators whose stations the viewer may change."""
    viewer.needs(WRITE)
    owner = literal(await owner_of_province_data(connection))
    found = await connection.execute(
        select(operators.c.id).where(
            or_(
                org_is_reached(viewer, WRITE, owner),
                org_is_reached(viewer, WRITE, operators.c.org_id),
            )
        )
    )
    return frozenset(found.scalars())


def _in_one_zone(viewer: Viewer) -> list[Condition]:
    """Match what scopes that name a zone, but no sector, reach."""
    return [
        exists().where(
            station_zones.c.station_id == stations.c.id, station_zones.c.zone_id == scope.zone
        )
        for scope in viewer.scopes
        if READ in scope.permissions and scope.zone is not None and scope.sector is None
    ]
