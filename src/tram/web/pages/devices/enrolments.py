"""Register and claim: devices that register themselves, and devices that change hands by a code."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

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
from tram.api.places.organisations import list_organisations
from tram.api.places.zones import zones_to_choose
from tram.domain.bounds import number_of
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.runtime.errors import Fault, Refused, TramError, Unavailable
from tram.web.forms import Form, at_field, chosen
from tram.web.page_context import PageContext, TakenPage
from tram.web.pages.devices.new_device import DeviceAddresses
from tram.web.submission import NO_FAULTS, Faults, submission

_NOTHING: Mapping[str, str] = {}
_CLAIM_REFUSALS = frozenset({"claim.unknown", "claim.locked", "device.code_taken"})


async def _registration(
    page: PageContext,
    data: Mapping[str, str] = _NOTHING,
    faults: Faults = NO_FAULTS,
    **shown: object,
) -> Response[str]:
    """Show both forms and the enrolments, and what else there is to show above them."""
    known = page.may(Permission.DEVICE_CREDENTIAL)
    above = {"claim": None, "made": None, "addresses": None, "host": "127.0.0.1", **shown}
    return page.show(
        "devices/registration.html",
        HTTPStatus.CREATED if above["made"] else HTTPStatus.OK,
        data=data,
        faults=faults,
        enrolments=(await page.call(list_enrolments)).items if known else None,
        organisations=(await page.call(list_organisations)).items,
        profiles=(await page.call(list_profiles)).items,
        zones=await page.call(zones_to_choose),
        sectors=SECTORS,
        **above,
    )


@get("/devices/registration")
async def enrolments_page(page: TakenPage) -> Response[str]:
    """Show both forms and the enrolments."""
    page.viewer.needs(Permission.DEVICE_WRITE)
    return await _registration(page)


@submission("/devices/registration", _registration)
async def add_enrolment(
    request: Request[Any, Any, Any], page: TakenPage, data: Form
) -> Response[str]:
    """Make a provisioning key, or register an authority; the key's secret is shown this once."""
    made = await _made(page, data)
    addresses: DeviceAddresses = request.app.state.device_addresses
    host = addresses.host or request.url.hostname or "127.0.0.1"
    return await _registration(page, made=made, addresses=addresses, host=host)


async def _made(page: PageContext, data: Mapping[str, str]) -> CreatedEnrolment:
    numbers = [data.get(name, "") for name in ("org", "profile", "devices_max")]
    if not all(number.isdecimal() for number in numbers):
        fault = Fault("org", "choice.missing")
        raise Refused("request.invalid", fault.sentence, "", (fault,))
    org, profile, devices_max = map(int, numbers)
    form = NewEnrolmentForm(
        name=data.get("name", ""),
        org=org,
        sector=data.get("sector", ""),
        profile=profile,
        zone=chosen(data.get("zone", "")),
        devices_max=devices_max,
        certificate=data.get("certificate", ""),
    )
    try:
        return await page.call(create_enrolment, form)
    except Refused as error:
        if error.faults:
            raise
        raise at_field(error, "certificate") from error


@submission("/devices/registration/{enrolment:int}/end")
async def end_enrolment(page: TakenPage, enrolment: FromPath[int]) -> str:
    """End an enrolment."""
    await page.call(revoke_enrolment, enrolment)
    return "/devices/registration"


@submission("/devices/claim")
async def take_device(page: TakenPage, data: Form) -> str | Response[str]:
    """Take a device over by its code, then show it."""
    form = ClaimForm(
        code=data.get("code", ""),
        org=number_of(data.get("org", "")) or 0,
        device=data.get("device", ""),
        name=data.get("name", ""),
        zone=chosen(data.get("zone", "")),
    )
    try:
        claimed = await page.call(claim_device, form)
    except (Refused, Unavailable) as error:
        if error.code not in _CLAIM_REFUSALS:
            raise
        return await _unclaimed(page, data, error)
    return f"/devices/{claimed.device}"


async def _unclaimed(
    page: PageContext, data: Mapping[str, str], claim: TramError
) -> Response[str]:
    shown = await _registration(page, data, claim=claim)
    shown.status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    return shown
