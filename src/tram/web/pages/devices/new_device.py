"""Add a device: a form, then its token once, ready lines to paste, and the wait for its first word."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from litestar import Request, Response, get

from tram.api.devices.devices import NewDeviceForm, create_device
from tram.api.devices.profiles import list_profiles
from tram.api.places.organisations import list_organisations
from tram.api.places.zones import zones_to_choose
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, Typed, at_field
from tram.web.page_context import PageContext, TakenPage
from tram.web.samples import sample_payload
from tram.web.submission import NO_FAULTS, Faults, submission

__all__ = ("DeviceAddresses",)


_FIELDS = {
    "device.code_taken": "code",
    "org.unknown": "org",
    "profile.unknown": "profile",
    "zone.unknown": "zone",
}
"""What is taken or gone belongs to the field that named it."""


@dataclass(frozen=True, slots=True)
class DeviceAddresses:
    """Where devices connect; an empty host means the one that the browser used."""

    mqtt_port: int = 1883
    http_port: int = 8081
    host: str = ""


async def _form(
    page: PageContext, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show the form."""
    return page.show(
        "devices/new_device.html",
        data=data,
        faults=faults,
        organisations=(await page.call(list_organisations)).items,
        profiles=(await page.call(list_profiles)).items,
        zones=await page.call(zones_to_choose),
        sectors=SECTORS,
    )


@get("/devices/new")
async def new_device_page(page: TakenPage) -> Response[str]:
    """Show the empty form."""
    page.viewer.needs(Permission.DEVICE_WRITE)
    return await _form(page, {})


@submission("/devices/new", _form)
async def add_device(
    request: Request[Any, Any, Any], page: TakenPage, data: Form
) -> Response[str]:
    """Add the device; a refusal shows the form again with every fault at its field."""
    form = _read(data)
    try:
        created = await page.call(create_device, form)
    except Refused as error:
        field = _FIELDS.get(error.code)
        if field is None:
            raise
        raise at_field(error, field) from error
    addresses: DeviceAddresses = request.app.state.device_addresses
    return page.show(
        "devices/device_created.html",
        HTTPStatus.CREATED,
        device=created.device,
        token=created.token,
        payload=sample_payload(created.device.metrics),
        host=addresses.host or request.url.hostname or "127.0.0.1",
        addresses=addresses,
    )


def _read(data: Mapping[str, str]) -> NewDeviceForm:
    """Return the form; names and codes are as they were typed, the registry judges them."""
    typed = Typed(data)
    lon, lat = _degrees(typed, "lon"), _degrees(typed, "lat")
    texts = {name: data.get(name, "") for name in ("name", "sector", "code")}
    return typed.read(NewDeviceForm, lon=lon, lat=lat, **texts)


def _degrees(typed: Typed, field: str) -> float | None:
    text = typed.text(field).replace(",", ".")
    try:
        return float(text) if text else None
    except ValueError:
        typed.faults.append(Fault(field, "number.place"))
        return None
