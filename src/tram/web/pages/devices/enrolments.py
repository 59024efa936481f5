"""Register and claim: devices that register themselves, and devices that change hands by a code."""

from http import HTTPStatus
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from tram.api.devices.enrolments import (
    ClaimForm,
    CreatedEnrolment,
    NewEnrolmentForm,
    claim_device,
    create_enrolment,
    list_enrolments,
    revoke_enrolment,
)
from tram.api.devices.profiles import list_profiles
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.api.places.organisations import list_organisations
from tram.api.places.zones import zones_to_choose
from tram.domain.bounds import number_of
from tram.domain.sectors import SECTORS
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Fault, Refused, TramError, Unavailable
from tram.web.forms import Form, chosen, fault_of
from tram.web.pages.devices.new_device import DeviceAddresses
from tram.web.rendering import Screen, TakenScreen

_CLAIM_REFUSALS = frozenset({"claim.unknown", "claim.locked", "device.code_taken"})


@get("/devices/registration")
async def enrolments_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show both forms and the enrolments."""
    viewer.needs("device.write")
    return await _page(services, viewer, screen)


@post("/devices/registration", status_code=HTTPStatus.CREATED)
async def add_enrolment(
    request: Request[Any, Any, Any],
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    data: Form,
) -> Response[str]:
    """Make a provisioning key, or register an authority; the key's secret is shown this once."""
    numbers = [data.get(name, "") for name in ("org", "profile", "devices_max")]
    if not all(number.isdecimal() for number in numbers):
        fault = Fault("org", "choice.missing")
        return await _page(services, viewer, screen, data=data, faults=(fault,))
    org, profile, devices_max = map(int, numbers)
    form = NewEnrolmentForm(
        name=data.get("name", ""),
        org=org,
        sector=data.get("sector", ""),
        profile=profile,
        zone=_zone(data),
        devices_max=devices_max,
        certificate=data.get("certificate", ""),
    )
    try:
        made = await create_enrolment(services, viewer, form)
    except Refused as error:
        if error.code == "access.denied":
            raise
        faults = error.faults or (fault_of(error, "certificate"),)
        return await _page(services, viewer, screen, data=data, faults=faults)
    return await _page(services, viewer, screen, made=made, request=request)


@post("/devices/registration/{enrolment:int}/end", status_code=HTTPStatus.SEE_OTHER)
async def end_enrolment(
    services: TakenServices, viewer: TakenViewer, enrolment: FromPath[int]
) -> Redirect:
    """End an enrolment."""
    await revoke_enrolment(services, viewer, enrolment)
    return Redirect("/devices/registration", status_code=303)


@post("/devices/claim", status_code=HTTPStatus.SEE_OTHER)
async def take_device(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Take a device over by its code, then show it."""
    form = ClaimForm(
        code=data.get("code", ""),
        org=number_of(data.get("org", "")) or 0,
        device=data.get("device", ""),
        name=data.get("name", ""),
        zone=_zone(data),
    )
    try:
        claimed = await claim_device(services, viewer, form)
    except (Refused, Unavailable) as error:
        if error.code not in _CLAIM_REFUSALS:
            raise
        return await _page(services, viewer, screen, data=data, claim=error)
    return Redirect(f"/devices/{claimed.device}", status_code=303)


def _zone(data: dict[str, str]) -> int | None:
    zone = data.get("zone", "")
    return chosen(zone)


async def _page(  # noqa: PLR0913  # what may stand above the lists
    services: Services,
    viewer: Viewer,
    screen: Screen,
    *,
    data: dict[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
    claim: TramError | None = None,
    made: CreatedEnrolment | None = None,
    request: Request[Any, Any, Any] | None = None,
) -> Response[str]:
    doors: DeviceAddresses | None = None if request is None else request.app.state.doors
    host = "" if request is None or doors is None else doors.host or request.url.hostname
    known = viewer.may("device.credential")
    zones = await zones_to_choose(services, viewer)
    wrong = HTTPStatus.UNPROCESSABLE_ENTITY if faults or claim else HTTPStatus.OK
    return screen.show(
        "devices/registration.html",
        HTTPStatus.CREATED if made else wrong,
        data=data or {},
        faults={fault.field: fault for fault in faults},
        claim=claim,
        made=made,
        doors=doors,
        host=host or "127.0.0.1",
        enrolments=(await list_enrolments(services, viewer)).items if known else None,
        organisations=(await list_organisations(services, viewer)).items,
        profiles=(await list_profiles(services, viewer)).items,
        zones=zones,
        sectors=SECTORS,
    )
