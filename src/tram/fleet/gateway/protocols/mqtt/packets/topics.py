"""Topics and filters: what is well formed, what matches, and what belongs to a device.

Every topic is the device's own: two devices that say ``v1/devices/me/telemetry`` never meet. A
device may use the topics of the device API, and ``me/…`` as a space for its own programs: what one
of its clients publishes there, its other clients receive, retained and queued as MQTT says.
"""

from typing import Final

from tram.fleet.gateway.protocols.mqtt.packets.wire import Malformed

__all__ = (
    "OWN_SPACE",
    "check_topic_filter",
    "check_topic_name",
    "is_own_filter",
    "is_shared",
    "may_meet_own_space",
)

OWN_SPACE: Final = "me/"
"""The space of a device's own programs."""
TOPIC_NAME_INVALID: Final = 0x90
TOPIC_FILTER_INVALID: Final = 0x8F
_OWN: Final = ("v1/devices/me/", "v1/gateway/", OWN_SPACE)


def check_topic_name(topic: str) -> None:
    """Check a topic to publish to.

    Raises:
        Malformed: if it is empty or holds a wildcard.
    """
    if not topic or "+" in topic or "#" in topic:
        raise Malformed(
            "A topic must not be empty nor hold a wildcard.", TOPIC_NAME_INVALID
        )  # 3.3.2-2, 4.7.3-1


def check_topic_filter(topic_filter: str) -> None:
    """Check a filter to subscribe to.

    Raises:
        Malformed: if it is empty or a wildcard stands in a wrong place.
    """
    if not topic_filter:
        raise Malformed("A topic filter must not be empty.", TOPIC_FILTER_INVALID)
    *levels, last = topic_filter.split("/")
    if any("#" in level for level in levels) or ("#" in last and last != "#"):
        raise Malformed("'#' must be the whole last level of a filter.")  # 4.7.1-2
    if any("+" in level and level != "+" for level in (*levels, last)):
        raise Malformed("'+' must be a whole level of a filter.")  # 4.7.1-3


def is_own_filter(topic_filter: str) -> bool:
    """Tell whether a filter asks for nothing but the device's own topics."""
    return topic_filter.startswith(_OWN)


def is_shared(topic_filter: str) -> bool:
    """Tell whether a filter is a shared subscription, which is not available."""
    return topic_filter.startswith("$share/")


def may_meet_own_space(topic_filter: str) -> bool:
    """Tell whether a filter of own topics may match something in the own space."""
    return topic_filter.startswith(OWN_SPACE)
