"""What devices are sent: calls and shared attributes, and how far each has come."""

from typing import Annotated, Any

import msgspec

from tram.api.http.services import Services
from tram.domain.bounds import Line, Seconds
from tram.domain.ids import DeviceId, ProfileId
from tram.fleet.device.topics import compile_rules
from tram.registry.devices.downlink_views import DownlinkRow, NewCall
from tram.registry.kernel.viewer import Viewer

__all__ = (
    "CallForm",
    "DownlinkList",
    "DownlinkView",
    "QueuedDownlink",
    "SharedAttributes",
    "TopicRules",
    "call_device",
    "list_downlinks",
    "set_topic_rules",
    "share_attributes",
    "shared_attributes",
)


VALUES_MAX = 1_000
TOPICS_MAX = 1_000
"""More than a register keeps; the word about fewer is its own."""


class CallForm(msgspec.Struct, frozen=True, kw_only=True):
    """A call of a device's method; it waits for the device for ``lasts_s`` seconds."""

    method: Line
    params: Any = None
    oneway: bool = False
    lasts_s: Seconds = 3_600


class QueuedDownlink(msgspec.Struct, frozen=True):
    """The number under which the message to the device is listed."""

    id: int


class DownlinkView(DownlinkRow, frozen=True, kw_only=True):
    """A message to a device: queued, delivered, answered, expired or failed."""


class DownlinkList(msgspec.Struct, frozen=True):
    """The newest messages to one device."""

    items: list[DownlinkView]
    as_of_ms: int


class SharedAttributes(msgspec.Struct, frozen=True):
    """What the platform tells a device about itself; null removes a value."""

    values: Annotated[dict[Line, Any], msgspec.Meta(max_length=VALUES_MAX)]


class TopicRules(msgspec.Struct, frozen=True):
    """How messages of free topics are read: ``topic``, ``decoder`` and its options."""

    topics: Annotated[list[dict[str, Any]], msgspec.Meta(max_length=TOPICS_MAX)]


async def call_device(
    services: Services, viewer: Viewer, device: int, form: CallForm
) -> QueuedDownlink:
    """Queue a call; the device gets it at once, or when it connects."""
    new = msgspec.convert(form, NewCall, from_attributes=True)
    return QueuedDownlink(await services.registry.downlinks.call(viewer, DeviceId(device), new))


async def list_downlinks(services: Services, viewer: Viewer, device: int) -> DownlinkList:
    """Return the newest messages to a device and how far each has come."""
    rows = await services.registry.downlinks.list(viewer, DeviceId(device))
    items = msgspec.convert(rows, list[DownlinkView], from_attributes=True)
    return DownlinkList(items, services.clock.now_ms())


async def share_attributes(
    services: Services, viewer: Viewer, device: int, form: SharedAttributes
) -> QueuedDownlink:
    """Set shared attributes and tell the device."""
    return QueuedDownlink(
        await services.registry.downlinks.share(viewer, DeviceId(device), form.values)
    )


async def shared_attributes(services: Services, viewer: Viewer, device: int) -> SharedAttributes:
    """Return a device's shared attributes."""
    return SharedAttributes(await services.registry.downlinks.shared(viewer, DeviceId(device)))


async def set_topic_rules(
    services: Services, viewer: Viewer, profile: int, rules: TopicRules
) -> None:
    """Replace how messages of a profile's free topics are read, once every rule is right."""
    compile_rules(rules.topics)
    await services.registry.profiles.set_topics(viewer, ProfileId(profile), rules.topics)
