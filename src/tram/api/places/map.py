"""The map: devices and zones as GeoJSON (RFC 7946)."""

from typing import Literal

import msgspec

from tram.api.devices.states import read_states
from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer

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

DEVICES_MAX = 20_000
"""Devices drawn at once; ``truncated`` says that there are more."""


class PointGeometry(msgspec.Struct, frozen=True):
    """A place: longitude and latitude in degrees WGS 84."""

    coordinates: tuple[float, float]
    type: Literal["Point"] = "Point"


class DeviceProperties(msgspec.Struct, frozen=True, kw_only=True):
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


class DevicesOnMap(msgspec.Struct, frozen=True, kw_only=True):
    """Every device with a place; ``problem`` says why states are missing."""

    features: list[DeviceFeature]
    truncated: bool
    problem: str
    as_of_ms: int
    type: Literal["FeatureCollection"] = "FeatureCollection"


class ZoneProperties(msgspec.Struct, frozen=True, kw_only=True):
    """What the map shows of a zone; ``approximate`` must be visible, with its source."""

    code: str
    kind: str
    name: str
    approximate: bool
    coord_mark: str
    coord_quality: str


class ZoneFeature(msgspec.Struct, frozen=True):
    """A zone on the map."""

    id: int
    geometry: PointGeometry
    properties: ZoneProperties
    type: Literal["Feature"] = "Feature"


class ZonesOnMap(msgspec.Struct, frozen=True, kw_only=True):
    """Every zone with a place."""

    features: list[ZoneFeature]
    as_of_ms: int
    type: Literal["FeatureCollection"] = "FeatureCollection"


async def devices_on_map(services: Services, viewer: Viewer) -> DevicesOnMap:
    """Return the viewer's devices with place and state."""
    places = await services.registry.devices.positions(viewer, limit=DEVICES_MAX + 1)
    states = await read_states(services, viewer)
    features = []
    for place in places[:DEVICES_MAX]:
        state = states.of(place.id)
        properties = DeviceProperties(
            name=place.name,
            sector=place.sector,
            state=state.state,
            synthetic=place.synthetic,
            last_seen_ms=state.last_seen_ms,
        )
        features.append(DeviceFeature(place.id, PointGeometry((place.lon, place.lat)), properties))
    return DevicesOnMap(
        features=features,
        truncated=len(places) > DEVICES_MAX,
        problem=states.problem,
        as_of_ms=services.clock.now_ms(),
    )


async def zones_on_map(services: Services, viewer: Viewer) -> ZonesOnMap:
    """Return the viewer's zones with their marks."""
    features = [
        ZoneFeature(
            zone.id,
            PointGeometry((zone.lon, zone.lat)),
            msgspec.convert(zone, ZoneProperties, from_attributes=True),
        )
        for zone in await services.registry.zones.list(viewer)
        if zone.lon is not None and zone.lat is not None
    ]
    return ZonesOnMap(features=features, as_of_ms=services.clock.now_ms())
