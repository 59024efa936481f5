"""The map: devices and zones as GeoJSON (RFC 7946)."""

from typing import Literal

import msgspec

from tram.api.services import Services
from tram.registry.viewer import Viewer

__all__ = (
    "DeviceFeature",
    "DeviceProperties",
    "DevicesOnMap",
    "PointGeometry",
    "ZoneFeature",
    "ZoneProperties",
    "ZonesOnMap",
    "devices_on_map",
    "zones_on_map",
)


class PointGeometry(msgspec.Struct, frozen=True):
    """A place: longitude and latitude in degrees WGS 84."""

    coordinates: tuple[float, float]
    type: Literal["Point"] = "Point"


class DeviceProperties(msgspec.Struct, frozen=True):
    """What the map shows of a device."""

    name: str
    sector: str
    state: str
    synthetic: bool
    last_seen_ms: int | None


class DeviceFeature(msgspec.Struct, frozen=True):
    """A device on the map; ``id`` is the device's number."""

    id: int
    geometry: PointGeometry
    properties: DeviceProperties
    type: Literal["Feature"] = "Feature"


class DevicesOnMap(msgspec.Struct, frozen=True):
    """Every device with a place; ``problem`` says why states are missing."""

    features: list[DeviceFeature]
    problem: str
    as_of_ms: int
    type: Literal["FeatureCollection"] = "FeatureCollection"


class ZoneProperties(msgspec.Struct, frozen=True):
    """What the map shows of a zone; ``approximate`` must be visible."""

    name: str
    kind: str
    approximate: bool
    source: str


class ZoneFeature(msgspec.Struct, frozen=True):
    """A zone on the map."""

    id: int
    geometry: PointGeometry
    properties: ZoneProperties
    type: Literal["Feature"] = "Feature"


class ZonesOnMap(msgspec.Struct, frozen=True):
    """Every zone with a place."""

    features: list[ZoneFeature]
    as_of_ms: int
    type: Literal["FeatureCollection"] = "FeatureCollection"


async def devices_on_map(services: Services, viewer: Viewer) -> DevicesOnMap:
    """Return the viewer's devices with place and state."""
    raise NotImplementedError


async def zones_on_map(services: Services, viewer: Viewer) -> ZonesOnMap:
    """Return the viewer's zones with their marks."""
    raise NotImplementedError
