"""Profiles: what the devices of one model measure; reference data for everyone who reads devices."""

import msgspec
from sqlalchemy import select

from tram.domain.ids import ProfileId
from tram.registry.database import AnyRow, Database, fields_of
from tram.registry.tables import profiles
from tram.registry.viewer import Viewer
from tram.registry.views import MetricDefinition, Profile
from tram.runtime.errors import Refused

__all__ = ("Profiles", "profile_of")


class Profiles:
    """The profiles that the product ships."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, viewer: Viewer) -> list[Profile]:
        """Return all profiles by sector and key."""
        viewer.needs("device.read")
        async with self._database.read() as connection:
            rows = await connection.execute(
                select(profiles).order_by(profiles.c.sector, profiles.c.key)
            )
            return [profile_of(row) for row in rows]

    async def one(self, viewer: Viewer, profile: ProfileId) -> Profile:
        """Return one profile; ``profile.unknown`` when there is none."""
        viewer.needs("device.read")
        async with self._database.read() as connection:
            found = await connection.execute(select(profiles).where(profiles.c.id == profile))
            row = found.one_or_none()
        if row is None:
            raise Refused(
                "profile.unknown", "There is no such profile.", "Look at the list of profiles."
            )
        return profile_of(row)


def profile_of(row: AnyRow) -> Profile:
    """Return the profile of a row of its table."""
    fields = fields_of(row)
    fields["metrics"] = msgspec.convert(fields["metrics"], list[MetricDefinition])
    return Profile(**fields)
