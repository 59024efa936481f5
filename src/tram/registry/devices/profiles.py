"""Profiles: what the devices of one model measure; reference data for everyone who reads devices."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import select

from tram.domain.ids import OrgId, ProfileId
from tram.domain.permissions import Permission
from tram.registry.kernel.access import denied, permissions_over
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.database import AnyRow, as_view
from tram.registry.kernel.repository import Repository, change_row, found_row
from tram.registry.kernel.tables import organisations, profiles
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import MetricDefinition, Profile
from tram.runtime.errors import Refused

__all__ = ("Profiles", "profile_of")


class Profiles(Repository):
    """The profiles that the product ships."""

    async def list(self, viewer: Viewer) -> list[Profile]:
        """Return all profiles by sector and key."""
        viewer.needs(Permission.DEVICE_READ)
        rows = await self._rows(select(profiles).order_by(profiles.c.sector, profiles.c.key))
        return [profile_of(row) for row in rows]

    async def one(self, viewer: Viewer, profile: ProfileId) -> Profile:
        """Return one profile; ``profile.unknown`` when there is none."""
        viewer.needs(Permission.DEVICE_READ)
        async with self._database.read() as connection:
            chosen = select(profiles).where(profiles.c.id == profile)
            return profile_of(await found_row(connection, chosen, _unknown()))

    async def topics(self, profile: ProfileId) -> Sequence[Mapping[str, Any]]:
        """Return the rules of a profile's free topics, for gateways."""
        async with self._database.read() as connection:
            chosen = select(profiles.c.topics).where(profiles.c.id == profile)
            return await connection.scalar(chosen) or ()

    async def set_topics(
        self, viewer: Viewer, profile: ProfileId, topics: Sequence[Mapping[str, Any]]
    ) -> None:
        """Replace the rules of a profile's free topics, checked before; for the whole province.

        Raises:
            Refused: ``profile.unknown``, ``access.denied``.
        """
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            root = select(organisations.c.id).where(organisations.c.parent_id.is_(None)).limit(1)
            province = OrgId((await connection.execute(root)).scalar_one())
            held = await permissions_over(connection, viewer, province, None, None)
            if Permission.DEVICE_WRITE not in held:
                raise denied()
            locked = select(profiles.c.topics).where(profiles.c.id == profile).with_for_update()
            row = await found_row(connection, locked, _unknown())
            after = {"topics": list(topics)}
            await change_row(connection, profiles, profile, **after)
            before = {"topics": row.topics}
            entry = AuditEntry("profile.topics", profile, viewer.org, before, after)
            await record(connection, viewer, now_ms, entry)


def _unknown() -> Refused:
    return Refused("profile.unknown", "There is no such profile.", "Look at the list of profiles.")


def profile_of(row: AnyRow) -> Profile:
    """Return the profile of a row of its table."""
    metrics = msgspec.convert(row.metrics, list[MetricDefinition])
    return as_view(Profile, row, metrics=metrics)
