"""Routes of messages to devices and of profiles' free topics."""

from tram.api.devices import downlinks
from tram.api.http.route_table import get, post, put, tagged

__all__ = ("ROUTES",)

ROUTES = tagged(
    "downlinks",
    get(
        "/devices/{device:int}/downlinks",
        downlinks.list_downlinks,
        "List messages to a device",
        "The newest hundred: queued, delivered, answered, expired or failed.",
    ),
    post(
        "/devices/{device:int}/rpc",
        downlinks.call_device,
        "Call a method of a device",
        "The device gets it at once, or when it connects; the answer stands in the list.",
    ),
    get(
        "/devices/{device:int}/attributes/shared",
        downlinks.shared_attributes,
        "Shared attributes of a device",
        "What the platform tells the device about itself.",
    ),
    post(
        "/devices/{device:int}/attributes/shared",
        downlinks.share_attributes,
        "Set shared attributes of a device",
        "Values are set by name, null removes one; the device is told.",
    ),
    put(
        "/profiles/{profile:int}/topics",
        downlinks.set_topic_rules,
        "Set how free topics are read",
        "Gateways follow within ten seconds.",
    ),
)
