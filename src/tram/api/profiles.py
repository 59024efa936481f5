"""Profiles: what a kind of device measures and how often it should speak."""

import msgspec

from tram.api.services import Services
from tram.registry.viewer import Viewer

__all__ = ("MetricView", "ProfileItem", "ProfileList", "list_profiles", "show_profile")


class MetricView(msgspec.Struct, frozen=True, kw_only=True):
    """A metric with its names and its unit (UCUM)."""

    key: str
    name_vi: str
    name_en: str
    unit: str


class ProfileItem(msgspec.Struct, frozen=True, kw_only=True):
    """A profile; a device is silent after three expected intervals without a message."""

    id: int
    name: str
    sector: str
    decoder: str
    expected_interval_s: int
    metrics: list[MetricView]


class ProfileList(msgspec.Struct, frozen=True):
    """All profiles by name."""

    items: list[ProfileItem]
    as_of_ms: int


async def list_profiles(services: Services, viewer: Viewer) -> ProfileList:
    """Return all profiles."""
    raise NotImplementedError


async def show_profile(services: Services, viewer: Viewer, profile: int) -> ProfileItem:
    """Return one profile. Refused ``profile.unknown``."""
    raise NotImplementedError
