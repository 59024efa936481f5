"""Zones: economic zones, industrial parks and clusters of the province."""

from sqlalchemy import select

from tram.domain.ids import ZoneId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import zone_is_visible
from tram.registry.kernel.database import AnyRow, as_view
from tram.registry.kernel.repository import Repository, found_row
from tram.registry.kernel.tables import zones
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import Zone
from tram.runtime.errors import Refused

__all__ = ("Zones",)


class Zones(Repository):
    """The zones that the viewer's scopes reach: all of them, or the one that a scope names."""

    async def list(self, viewer: Viewer) -> list[Zone]:
        """Return the visible zones by name."""
        viewer.needs(Permission.ZONE_READ)
        visible = select(zones).where(zone_is_visible(viewer))
        rows = await self._rows(visible.order_by(zones.c.folded, zones.c.id))
        return [_view(row) for row in rows]

    async def one(self, viewer: Viewer, zone: ZoneId) -> Zone:
        """Return one zone; ``zone.unknown`` when it does not exist or is not visible."""
        async with self._database.read() as connection:
            visible = select(zones).where(zones.c.id == zone, zone_is_visible(viewer))
            return _view(await found_row(connection, visible, _unknown()))


def _unknown() -> Refused:
    return Refused("zone.unknown", "There is no such zone.", "Look at the list of zones.")


def _view(row: AnyRow) -> Zone:
    # No coordinates of the seed are surveyed: M is from memory, C the centroid of the commune.
    return as_view(Zone, row, approximate=row.coord_mark != "S")
