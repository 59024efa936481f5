"""Add a device: a form, then its token once, ready lines to paste, and the wait for its first word."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from litestar import Request, Response, get, post

from tram.api.devices.devices import NewDeviceForm, create_device
from tram.api.devices.profiles import list_profiles
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.api.places.organisations import list_organisations
from tram.api.places.zones import zones_to_choose
from tram.domain.bounds import number_of
from tram.domain.sectors import SECTORS
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Fault, Refused
from tram.web.forms import Form, chosen, fault_of
from tram.web.rendering import Screen, TakenScreen
from tram.web.samples import sample_payload

__all__ = ("DeviceAddresses",)


@dataclass(frozen=True, slots=True)
class DeviceAddresses:
    """Where devices connect; an empty host means the one that the browser used."""

    mqtt_port: int = 1883
    http_port: int = 8081
    host: str = ""


@get("/devices/new")
async def new_device_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show the empty form."""
    viewer.needs("device.write")
    return await _form(services, viewer, screen, {}, ())


@post("/devices/new", status_code=HTTPStatus.CREATED)
async def add_device(
    request: Request[Any, Any, Any],
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    data: Form,
) -> Response[str]:
    """Add the device; a refusal shows the form again with every fault at its field."""
    faults, form = _read(data)
    if form is None:
        return await _form(services, viewer, screen, data, faults)
    try:
        created = await create_device(services, viewer, form)
    except Refused as error:
        wrong = _at_fields(error)
        if not wrong:
            raise
        return await _form(services, viewer, screen, data, wrong)
    doors: DeviceAddresses = request.app.state.doors
    return screen.show(
        "devices/device_created.html",
        HTTPStatus.CREATED,
        device=created.device,
        token=created.token,
        payload=sample_payload(created.device.metrics),
        host=doors.host or request.url.hostname or "127.0.0.1",
        doors=doors,
    )


async def _form(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    data: dict[str, str],
    faults: tuple[Fault, ...],
) -> Response[str]:
    zones = await zones_to_choose(services, viewer)
    return screen.show(
        "devices/new_device.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        data=data,
        faults={fault.field: fault for fault in faults},
        organisations=(await list_organisations(services, viewer)).items,
        profiles=(await list_profiles(services, viewer)).items,
        zones=zones,
        sectors=SECTORS,
    )


def _at_fields(error: Refused) -> tuple[Fault, ...]:
    """Return the faults of a refusal; a code that is taken belongs to its field."""
    if error.code == "device.code_taken":
        return (fault_of(error, "code"),)
    return error.faults


def _read(data: dict[str, str]) -> tuple[tuple[Fault, ...], NewDeviceForm | None]:
    """Turn the typed texts into the form; what cannot be read is a fault of its field."""
    faults: list[Fault] = []
    numbers: dict[str, float | None] = {}
    for field in ("lon", "lat"):
        text = data.get(field, "").strip().replace(",", ".")
        try:
            numbers[field] = float(text) if text else None
        except ValueError:
            faults.append(Fault(field, "number.place"))
    faults += [
        Fault(field, "choice.missing")
        for field in ("org", "profile")
        if number_of(data.get(field, "")) is None
    ]
    if faults:
        return tuple(faults), None
    zone = data.get("zone", "")
    return (), NewDeviceForm(
        name=data.get("name", ""),
        org=number_of(data["org"]) or 0,
        sector=data.get("sector", ""),
        profile=number_of(data["profile"]) or 0,
        zone=chosen(zone),
        lon=numbers["lon"],
        lat=numbers["lat"],
        code=data.get("code", ""),
    )
