"""Profiles: what a kind of device measures and how often it should speak."""

import msgspec

from tram.api.http.paging import LIMIT_MAX, cut
from tram.api.http.parameters import Cursor, PageLimit
from tram.api.http.services import Services
from tram.domain.ids import ProfileId
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import MetricDefinition, Profile

__all__ = (
    "MetricView",
    "ProfileItem",
    "ProfileList",
    "list_profiles",
    "metric_views",
    "show_profile",
)


class MetricView(MetricDefinition, frozen=True, kw_only=True):
    """A metric with its names and its unit (UCUM)."""


class ProfileItem(msgspec.Struct, frozen=True, kw_only=True):
    """What the devices of one model have in common."""

    id: int
    key: str
    name_vi: str
    name_en: str
    sector: str
    decoder: str
    expected_interval_s: int
    metrics: list[MetricView]


class ProfileList(msgspec.Struct, frozen=True):
    """One page of profiles."""

    items: list[ProfileItem]
    next: str | None
    as_of_ms: int


async def list_profiles(
    services: Services, viewer: Viewer, cursor: Cursor = None, limit: PageLimit = LIMIT_MAX
) -> ProfileList:
    """Return the profiles."""
    rows, following = cut(await services.registry.profiles.list(viewer), cursor, limit)
    return ProfileList([_item(row) for row in rows], following, services.clock.now_ms())


async def show_profile(services: Services, viewer: Viewer, profile: int) -> ProfileItem:
    """Return one profile.

    Raises:
        Refused: ``profile.unknown``.
    """
    return _item(await services.registry.profiles.one(viewer, ProfileId(profile)))


def metric_views(profile: Profile) -> list[MetricView]:
    """Return the metrics of a profile in its own order."""
    return msgspec.convert(profile.metrics, list[MetricView], from_attributes=True)


def _item(row: Profile) -> ProfileItem:
    return msgspec.convert(row, ProfileItem, from_attributes=True)
