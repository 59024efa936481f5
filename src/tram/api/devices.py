"""Devices: the list with search and filters, one device, adding and removing, credentials."""

import msgspec

from tram.api.services import Services
from tram.registry.viewer import Viewer

__all__ = (
    "CreatedDevice",
    "CredentialView",
    "DeviceFilter",
    "DeviceItem",
    "DevicePage",
    "DeviceView",
    "IssuedCredential",
    "NewDeviceForm",
    "create_device",
    "issue_credential",
    "list_credentials",
    "list_devices",
    "remove_device",
    "revoke_credential",
    "show_device",
)


class DeviceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which devices to list; an empty filter lists all that the viewer may see."""

    search: str = ""
    zone: int | None = None
    sector: str | None = None
    org: int | None = None
    state: str | None = None
    cursor: str | None = None
    limit: int = 50


class DeviceItem(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the list; ``state`` is online, silent, unknown or never."""

    id: int
    name: str
    code: str
    org: int
    org_name: str
    zone: int | None
    zone_name: str
    sector: str
    profile: int
    profile_name: str
    synthetic: bool
    state: str
    last_seen_ms: int | None
    age_s: int | None
    refused: int
    messages: int


class DevicePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page; ``next`` is the cursor of the following page, None at the end.

    ``total`` is None where it is not known cheaply (a filter by state). ``problem`` says why the
    states are missing when the store does not answer.
    """

    items: list[DeviceItem]
    total: int | None
    next: str | None
    problem: str
    as_of_ms: int


class DeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """One device with its place, profile and state."""

    id: int
    name: str
    code: str
    org: int
    org_name: str
    zone: int | None
    zone_name: str
    sector: str
    profile: int
    profile_name: str
    expected_interval_s: int
    lon: float | None
    lat: float | None
    synthetic: bool
    created_ms: int
    state: str
    last_seen_ms: int | None
    age_s: int | None
    refused: int
    messages: int
    problem: str
    as_of_ms: int


class NewDeviceForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device to add; ``lon`` and ``lat`` in degrees WGS 84, both or neither."""

    name: str
    org: int
    sector: str
    profile: int
    zone: int | None = None
    lon: float | None = None
    lat: float | None = None
    code: str = ""


class CreatedDevice(msgspec.Struct, frozen=True):
    """The new device and its token, which is shown this once only."""

    device: DeviceView
    token: str


class CredentialView(msgspec.Struct, frozen=True, kw_only=True):
    """A credential; ``hint`` is its last four characters. The token itself is not kept."""

    id: int
    kind: str
    hint: str
    created_ms: int
    revoked_ms: int | None


class IssuedCredential(msgspec.Struct, frozen=True):
    """A new token, shown this once only."""

    token: str


async def list_devices(services: Services, viewer: Viewer, wanted: DeviceFilter) -> DevicePage:
    """Return one page of the devices that match, each with its state."""
    raise NotImplementedError


async def show_device(services: Services, viewer: Viewer, device: int) -> DeviceView:
    """Return one device. Refused ``device.unknown`` when it is not visible to the viewer."""
    raise NotImplementedError


async def create_device(services: Services, viewer: Viewer, form: NewDeviceForm) -> CreatedDevice:
    """Add a device and its first token. Refused ``device.invalid`` lists every wrong field."""
    raise NotImplementedError


async def remove_device(services: Services, viewer: Viewer, device: int) -> None:
    """Remove a device; its credentials end at once, its readings stay."""
    raise NotImplementedError


async def list_credentials(
    services: Services, viewer: Viewer, device: int
) -> list[CredentialView]:
    """Return the device's credentials, newest first."""
    raise NotImplementedError


async def issue_credential(services: Services, viewer: Viewer, device: int) -> IssuedCredential:
    """Make a further token for the device."""
    raise NotImplementedError


async def revoke_credential(services: Services, viewer: Viewer, credential: int) -> None:
    """End a token; a device connected with it is cut off within a second."""
    raise NotImplementedError
