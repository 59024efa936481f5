"""What happened to one device: events and refusals, messages, attributes, and who may see it."""

import msgspec
from litestar.params import FromQuery

from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import PageLimit
from tram.api.http.services import Services
from tram.domain.ids import DeviceId
from tram.domain.reading import Value
from tram.fleet.block.block import EventKind, Protocol
from tram.fleet.store.queries.questions import RecentEvents, RecentMessages, StatedAttributes
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Fault, Refused

__all__ = (
    "AttributeView",
    "AudienceView",
    "DeviceAttributes",
    "DeviceAudience",
    "DeviceEvents",
    "DeviceMessages",
    "EventView",
    "MessageValueView",
    "MessageView",
    "device_attributes",
    "device_audience",
    "device_events",
    "device_messages",
)


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


class MessageValueView(msgspec.Struct, frozen=True):
    """One value that a message carried."""

    metric: str
    value: Value


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """One accepted message; ``values`` are its first few, ``rows`` counts all."""

    received_at_ms: int
    protocol: str
    qos: int
    rows: int
    fingerprint: str
    values: list[MessageValueView]


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
    """An organisation that may read the device; ``via`` is owner, scope or grant.

    ``people`` counts those whose role reaches it; ``metric``, ``purpose`` and ``until_ms`` belong
    to a grant (``metric`` None lends all).
    """

    org: int
    org_name: str
    via: str
    people: int
    metric: str | None
    purpose: str
    until_ms: int | None


class DeviceAudience(msgspec.Struct, frozen=True):
    """Who may see the device, and why."""

    items: list[AudienceView]
    as_of_ms: int


async def device_events(
    services: Services,
    viewer: Viewer,
    device: int,
    kind: FromQuery[str | None] = None,
    limit: PageLimit = LIMIT_DEFAULT,
) -> DeviceEvents:
    """Return the newest events; ``kind='refused'`` gives the refusals with their reasons.

    Raises:
        Refused: ``kind.invalid`` for a word that names no kind of event.
    """
    await services.registry.devices.one(viewer, DeviceId(device))
    number = None if kind is None else _kind_of(kind)
    found = await services.store.ask(viewer, RecentEvents(device, number, limit))
    items = [
        EventView(**msgspec.structs.asdict(event) | {"kind": EventKind(event.kind).name.lower()})
        for event in found
    ]
    return DeviceEvents(items, services.clock.now_ms())


async def device_messages(
    services: Services, viewer: Viewer, device: int, limit: PageLimit = LIMIT_DEFAULT
) -> DeviceMessages:
    """Return the newest accepted messages."""
    await services.registry.devices.one(viewer, DeviceId(device))
    found = await services.store.ask(viewer, RecentMessages(device, limit))
    return DeviceMessages(
        [
            MessageView(
                received_at_ms=message.received_at_ms,
                protocol=Protocol(message.protocol).name.lower(),
                qos=message.qos,
                rows=message.rows,
                fingerprint=message.fingerprint,
                values=[MessageValueView(item.metric, item.value) for item in message.values],
            )
            for message in found
        ],
        services.clock.now_ms(),
    )


async def device_attributes(services: Services, viewer: Viewer, device: int) -> DeviceAttributes:
    """Return what the device states about itself."""
    await services.registry.devices.one(viewer, DeviceId(device))
    found = await services.store.ask(viewer, StatedAttributes(device))
    items = [
        AttributeView(key=key, value=msgspec.json.encode(found[key]).decode())
        for key in sorted(found)
    ]
    return DeviceAttributes(items, services.clock.now_ms())


async def device_audience(services: Services, viewer: Viewer, device: int) -> DeviceAudience:
    """Return who may see the device, by ownership, by role and by grant."""
    found = await services.registry.devices.audience(viewer, DeviceId(device))
    items = [AudienceView(**msgspec.structs.asdict(row)) for row in found]
    return DeviceAudience(items, services.clock.now_ms())


def _kind_of(word: str) -> EventKind:
    known = {kind.name.lower(): kind for kind in EventKind}
    if word not in known:
        raise Refused(
            "kind.invalid",
            "There is no such kind of event.",
            f"Use one of: {', '.join(known)}.",
            (Fault("kind", "event.kind"),),
        )
    return known[word]
