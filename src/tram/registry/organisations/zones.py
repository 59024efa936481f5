"""Zones: economic zones, industrial parks and clusters of the province."""

from sqlalchemy import select

from tram.domain.ids import ZoneId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import zone_is_visible
from tram.registry.kernel.database import AnyRow, Database, fields_of
from tram.registry.kernel.tables import zones
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import Zone
from tram.runtime.errors import Refused

__all__ = ("Zones",)


class Zones:
    """The zones that the viewer's scopes reach: all of them, or the one that a scope names."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, viewer: Viewer) -> list[Zone]:
        """Return the visible zones by name."""
        viewer.needs(Permission.ZONE_READ)
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(zones).where(zone_is_visible(viewer)).order_by(zones.c.folded, zones.c.id)
            )
            return [_view(row) for row in rows]

    async def one(self, viewer: Viewer, zone: ZoneId) -> Zone:
        """Return one zone; ``zone.unknown`` when it does not exist or is not visible."""
        async with self._database.read() as connection:
            found = await connection.execute(
                select(zones).where(zones.c.id == zone, zone_is_visible(viewer))
            )
            row = found.one_or_none()
        if row is None:
            raise Refused("zone.unknown", "There is no such zone.", "Look at the list of zones.")
        return _view(row)


def _view(row: AnyRow) -> Zone:
    fields = {name: value for name, value in fields_of(row).items() if name != "folded"}
    # No coordinates of the seed are surveyed: M is from memory, C the centroid of the commune.
    return Zone(**fields, approximate=row.coord_mark != "S")
