"""How many devices a viewer sees, by sector and by zone.

Counted first by organisation, sector and zone, the order of an index: a million entries are then
counted as they come, without a sort.
"""

from typing import Any

from sqlalchemy import false, func, not_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.permissions import Permission
from tram.registry.kernel.access import is_lent, is_own
from tram.registry.kernel.device_rows import THERE
from tram.registry.kernel.tables import devices
from tram.registry.kernel.viewer import Viewer

__all__ = ("device_tallies",)


async def device_tallies(
    connection: AsyncConnection, viewer: Viewer, now_ms: int, place: str
) -> dict[Any, int]:
    """Return the number of visible devices by ``sector`` or ``zone_id``; own and lent ones add up."""
    own = is_own(viewer, Permission.DEVICE_READ)
    # No more columns than asked for: the fewer groups, the quicker; the order stays the index's.
    by = (devices.c.org_id, devices.c.sector, *([devices.c.zone_id] if place == "zone_id" else []))
    counted: dict[Any, int] = {}
    # A device without a zone makes a comparison of zones unknown, and so is "not" that: told as no.
    not_own = not_(func.coalesce(own, false()))
    for reached in (own, is_lent(viewer, now_ms) & not_own):
        places = (
            select(*by, func.count().label("many")).where(THERE, reached).group_by(*by).subquery()
        )
        named = places.c[place]
        summed = select(named, func.sum(places.c.many)).group_by(named)
        for value, many in await connection.execute(summed):
            counted[value] = counted.get(value, 0) + int(many)
    return counted
