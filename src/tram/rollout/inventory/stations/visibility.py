"""Which stations a viewer reaches, as SQL that every query of a viewer carries."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, exists, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.permissions import Permission
from tram.registry.kernel.access import org_is_visible, owner_of_province_data
from tram.registry.kernel.viewer import Scope, Viewer
from tram.rollout.inventory.geography.tables import zone_facts
from tram.rollout.inventory.stations.tables import operators, station_zones, stations

__all__ = (
    "READ",
    "WRITE",
    "Sight",
    "operator_is_writable",
    "sight_of",
    "station_is_visible",
    "writable_operators",
)

READ = Permission.INVENTORY_READ
WRITE = Permission.INVENTORY_WRITE

Condition = ColumnElement[bool]


async def station_is_visible(connection: AsyncConnection, viewer: Viewer) -> Condition:
    """Match the stations that the viewer may read.

    Whoever reaches the keeper of the province's data sees all; an operator its own; the authority
    of a zone, and who has a role in one zone only, those that stand in it.
    """
    owner = literal(await owner_of_province_data(connection))
    return or_(
        org_is_visible(viewer, READ, owner),
        stations.c.operator_id.in_(
            select(operators.c.id).where(org_is_visible(viewer, READ, operators.c.org_id))
        ),
        exists().where(
            station_zones.c.station_id == stations.c.id,
            station_zones.c.zone_id == zone_facts.c.zone_id,
            org_is_visible(viewer, READ, zone_facts.c.authority_id),
        ),
        *_in_one_zone(viewer),
    )


class Sight(NamedTuple):
    """Of which operators and in which zones the viewer sees every station: elsewhere 0 says nothing."""

    everything: bool
    operators: frozenset[int]
    zones: frozenset[int]


async def sight_of(connection: AsyncConnection, viewer: Viewer) -> Sight:
    """Return what the viewer sees whole; the same rules as ``station_is_visible``."""
    owner = literal(await owner_of_province_data(connection))
    everything = select(org_is_visible(viewer, READ, owner))
    if (await connection.execute(everything)).scalar_one():
        return Sight(everything=True, operators=frozenset(), zones=frozenset())
    own = select(operators.c.id).where(org_is_visible(viewer, READ, operators.c.org_id))
    spoken_for = select(zone_facts.c.zone_id).where(
        org_is_visible(viewer, READ, zone_facts.c.authority_id)
    )
    one_zone = {scope.zone for scope in _zone_scopes(viewer) if scope.zone is not None}
    return Sight(
        everything=False,
        operators=frozenset((await connection.execute(own)).scalars()),
        zones=frozenset((await connection.execute(spoken_for)).scalars()) | one_zone,
    )


async def writable_operators(connection: AsyncConnection, viewer: Viewer) -> frozenset[int]:
    """Return the operators whose stations the viewer may change."""
    viewer.needs(WRITE)
    writable = await operator_is_writable(connection, viewer)
    return frozenset((await connection.execute(select(operators.c.id).where(writable))).scalars())


async def operator_is_writable(connection: AsyncConnection, viewer: Viewer) -> Condition:
    """Match the operators whose counts and stations the viewer may change."""
    owner = literal(await owner_of_province_data(connection))
    return or_(
        org_is_visible(viewer, WRITE, owner),
        org_is_visible(viewer, WRITE, operators.c.org_id),
    )


def _in_one_zone(viewer: Viewer) -> list[Condition]:
    """Match what scopes that name a zone, but no sector, reach."""
    return [
        exists().where(
            station_zones.c.station_id == stations.c.id, station_zones.c.zone_id == scope.zone
        )
        for scope in _zone_scopes(viewer)
    ]


def _zone_scopes(viewer: Viewer) -> list[Scope]:
    return [
        scope
        for scope in viewer.scopes
        if READ in scope.permissions and scope.zone is not None and scope.sector is None
    ]
