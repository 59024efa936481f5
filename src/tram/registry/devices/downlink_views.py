"""What the registry is given and gives back about downlinks and devices behind a gateway."""

from typing import Any

import msgspec

from tram.domain.ids import DeviceId, OrgId, ProfileId

__all__ = ("DownlinkRow", "GatewayChild", "NewCall", "OpenDownlink", "ReportedDownlink")


class NewCall(msgspec.Struct, frozen=True, kw_only=True):
    """A call of a method of a device; without ``oneway`` an answer is waited for."""

    method: str
    params: Any = None
    oneway: bool = False
    lasts_s: int = 3_600


class DownlinkRow(msgspec.Struct, frozen=True, kw_only=True):
    """A downlink in a list; ``state`` is queued, delivered, answered, expired or failed."""

    id: int
    kind: str
    body: Any
    state: str
    created_ms: int
    expires_ms: int
    delivered_ms: int | None
    done_ms: int | None
    answer: str | None


class OpenDownlink(msgspec.Struct, frozen=True, kw_only=True):
    """A downlink on its way; ``target`` is the device whose connection takes it."""

    number: int
    device: DeviceId
    target: DeviceId
    via_id: int | None
    name: str
    kind: str
    body: str
    oneway: bool
    expires_ms: int


class ReportedDownlink(msgspec.Struct, frozen=True):
    """What became of a downlink, as a gateway says it."""

    number: int
    device: int
    state: str
    at_ms: int
    body: bytes = b""


class GatewayChild(msgspec.Struct, frozen=True):
    """What a gateway must know of a device behind a gateway device."""

    device: DeviceId
    org: OrgId
    profile: ProfileId
