"""What one device said: latest values, ranges, messages, events, attributes, and who may see it."""

import msgspec

from tram.api.services import Services
from tram.registry.viewer import Viewer

__all__ = (
    "AttributeView",
    "AudienceView",
    "DeviceAttributes",
    "DeviceAudience",
    "DeviceEvents",
    "DeviceMessages",
    "EventView",
    "LatestReading",
    "LatestReadings",
    "MessageView",
    "RangeQuery",
    "ReadingRange",
    "device_attributes",
    "device_audience",
    "device_events",
    "device_messages",
    "latest_readings",
    "reading_range",
)


class LatestReading(msgspec.Struct, frozen=True, kw_only=True):
    """The newest value of one metric; names and unit come from the profile, else the key."""

    metric: str
    name_vi: str
    name_en: str
    unit: str
    kind: str
    value: bool | int | float | str | None
    status: str
    quality: list[str]
    observed_at_ms: int
    received_at_ms: int
    age_s: int


class LatestReadings(msgspec.Struct, frozen=True):
    """All metrics of a device, in the order of its profile, then by key."""

    items: list[LatestReading]
    as_of_ms: int


class RangeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A span of one metric; at most ``points`` points come back (min and max per step if thinned)."""

    metric: str
    start_ms: int
    end_ms: int
    points: int = 600


class ReadingRange(msgspec.Struct, frozen=True, kw_only=True):
    """Columns of equal length; ``raw`` says that nothing was thinned (then low == high)."""

    metric: str
    unit: str
    raw: bool
    times: list[int]
    values: list[float | None]
    low: list[float | None]
    high: list[float | None]
    as_of_ms: int


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened: ``kind`` is connected, disconnected, refused or attribute."""

    at_ms: int
    kind: str
    code: str
    detail: str


class DeviceEvents(msgspec.Struct, frozen=True):
    """Events, newest first."""

    items: list[EventView]
    as_of_ms: int


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted message: when, by which protocol, how many values, and the first of them."""

    received_at_ms: int
    protocol: str
    qos: int
    rows: int
    sample: str


class DeviceMessages(msgspec.Struct, frozen=True):
    """Messages, newest first."""

    items: list[MessageView]
    as_of_ms: int


class AttributeView(msgspec.Struct, frozen=True, kw_only=True):
    """A fact that the device states about itself; ``value`` is JSON text."""

    key: str
    value: str


class DeviceAttributes(msgspec.Struct, frozen=True):
    """Attributes by key."""

    items: list[AttributeView]
    as_of_ms: int


class AudienceView(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation that may see the device: ``by`` is ``tree`` or ``grant``."""

    org: int
    org_name: str
    by: str
    metric: str | None
    purpose: str
    until_ms: int | None


class DeviceAudience(msgspec.Struct, frozen=True):
    """Who may see the device, and why."""

    items: list[AudienceView]
    as_of_ms: int


async def latest_readings(services: Services, viewer: Viewer, device: int) -> LatestReadings:
    """Return the newest value of every metric with its age."""
    raise NotImplementedError


async def reading_range(
    services: Services, viewer: Viewer, device: int, wanted: RangeQuery
) -> ReadingRange:
    """Return one metric over a time span, thinned to the points asked for."""
    raise NotImplementedError


async def device_events(
    services: Services, viewer: Viewer, device: int, kind: str | None = None, limit: int = 100
) -> DeviceEvents:
    """Return the newest events; ``kind='refused'`` gives the refusals with their reasons."""
    raise NotImplementedError


async def device_messages(
    services: Services, viewer: Viewer, device: int, limit: int = 50
) -> DeviceMessages:
    """Return the newest accepted messages."""
    raise NotImplementedError


async def device_attributes(services: Services, viewer: Viewer, device: int) -> DeviceAttributes:
    """Return what the device states about itself."""
    raise NotImplementedError


async def device_audience(services: Services, viewer: Viewer, device: int) -> DeviceAudience:
    """Return who may see the device, by tree and by grant."""
    raise NotImplementedError
