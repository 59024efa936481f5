"""Stations changed one by one or by the thousand: checked for rights, audited, kept with history."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from tram.registry.kernel.access import denied, owner_of_province_data
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.database import Database
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.geography.borders import locators
from tram.rollout.inventory.stations.sites import Sites
from tram.rollout.inventory.stations.views import StationImage
from tram.rollout.inventory.stations.visibility import writable_operators
from tram.rollout.inventory.stations.writing import (
    Author,
    Key,
    PlacementIndex,
    WriteCounts,
    images_of,
    put_images,
    remove_stations,
)
from tram.runtime.clock import Clock

__all__ = ("BATCH_STATIONS", "StationKeeping", "ground_of", "must_write", "note")

BATCH_STATIONS = 1_000
"""Stations of one transaction: with life, sectors and history well below its 5,000 rows."""


class StationKeeping:
    """Puts stations on the list and takes them off it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def put(self, viewer: Viewer, images: Sequence[StationImage]) -> WriteCounts:
        """Make the stations be as the images say, batch by batch."""
        async with self._database.read() as connection:
            await must_write(connection, viewer, {image.operator for image in images})
            ground = await ground_of(connection)
        outcome = WriteCounts()
        for start in range(0, len(images), BATCH_STATIONS):
            some = images[start : start + BATCH_STATIONS]
            author = Author(viewer, self._clock.now_ms())
            async with self._database.write() as connection:
                done = await put_images(connection, author, some, ground)
                await note(connection, author, "station.put", done)
            outcome += done
        return outcome

    async def remove(self, viewer: Viewer, keys: Sequence[Key]) -> int:
        """Take stations off the list; return how many were on it."""
        author = Author(viewer, self._clock.now_ms())
        async with self._database.write() as connection:
            await must_write(connection, viewer, {operator for operator, _, _ in keys})
            found = await images_of(connection, keys, lock=True)
            present = [item for item in found.values() if not item.removed]
            await remove_stations(connection, author, present)
            await note(connection, author, "station.remove", WriteCounts(changed=len(present)))
        return len(present)


async def ground_of(connection: AsyncConnection) -> PlacementIndex:
    """Read borders and places."""
    communes, zones = await locators(connection)
    return PlacementIndex(communes, zones, await Sites.load(connection))


async def must_write(connection: AsyncConnection, viewer: Viewer, operators: set[int]) -> None:
    """Refuse unless the viewer may change the stations of all these operators."""
    unknown = operators - await writable_operators(connection, viewer)
    if unknown:
        raise denied()


async def note(
    connection: AsyncConnection, author: Author, action: str, outcome: WriteCounts
) -> None:
    """Write one audit row for a batch; the stations' own history has the details."""
    owner = await owner_of_province_data(connection)
    after = {"new": outcome.new, "changed": outcome.changed, "same": outcome.same}
    audit_entry = AuditEntry(action, author.import_id or 0, owner, after=after)
    await record(connection, author.viewer, author.at_ms, audit_entry)
