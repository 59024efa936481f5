"""One device: what it says now, its past, its messages and refusals, and who has access."""

from http import HTTPStatus
from typing import Annotated

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from tram.api.devices import credentials, enrolments
from tram.api.devices import device_events as history
from tram.api.devices.devices import DeviceView, show_device
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.api.readings.readings import latest_readings
from tram.domain.bounds import number_of
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Refused
from tram.web.answers import if_answered
from tram.web.forms import Form
from tram.web.parts import part_of
from tram.web.rendering import Screen, TakenScreen

WINDOWS_H: dict[str, int] = {"1h": 1, "24h": 24, "7d": 168, "30d": 720, "365d": 8760}
"""The time windows of the charts by their name in the address, in hours."""

_VALUES_SHOWN = 100
_CHARTS_SHOWN = 24
_DRAWN_KINDS = frozenset({"float", "integer", "boolean"})
_TOLD_AT_THE_FORM = frozenset(
    {"credential.wrong", "credential.taken", "credential.too_many", "certificate.wrong"}
)


@get("/devices/{device:int}")
async def now_page(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    device: FromPath[int],
    part: FromQuery[str] = "",
) -> Response[str]:
    """Show the newest value of every metric with its age, a hundred at a time."""
    view = await show_device(services, viewer, device)
    latest = await if_answered(latest_readings(services, viewer, device))
    facts = await if_answered(history.device_attributes(services, viewer, device))
    return screen.show(
        "devices/device_now.html",
        device=view,
        tab="now",
        latest=latest,
        shown=part_of(latest.items if latest else (), number_of(part) or 1, _VALUES_SHOWN),
        facts=facts,
    )


@get("/devices/{device:int}/chart")
async def chart_page(  # noqa: PLR0913, PLR0917  # what the page takes
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    device: FromPath[int],
    window: FromQuery[str] = "1h",
    part: FromQuery[str] = "",
    beside: Annotated[str, QueryParameter(name="with")] = "",
) -> Response[str]:
    """Show the past of each metric on one time axis, some at a time; the newest values go on live.

    ``with`` names a device whose line is drawn beside, as far as the person may read it.
    """
    view = await show_device(services, viewer, device)
    latest = await if_answered(latest_readings(services, viewer, device))
    numeric = [item for item in latest.items if item.kind in _DRAWN_KINDS] if latest else []
    return screen.show(
        "devices/device_chart.html",
        device=view,
        tab="chart",
        latest=latest,
        shown=part_of(numeric, number_of(part) or 1, _CHARTS_SHOWN),
        windows=WINDOWS_H,
        window=window if window in WINDOWS_H else "1h",
        beside=number_of(beside),
    )


@get("/devices/{device:int}/messages")
async def messages_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, device: FromPath[int]
) -> Response[str]:
    """Show what the device sent: refusals with their reasons, accepted messages, connections."""
    view = await show_device(services, viewer, device)
    return screen.show(
        "devices/device_messages.html",
        device=view,
        tab="messages",
        refusals=await if_answered(history.device_events(services, viewer, device, "refused")),
        messages=await if_answered(history.device_messages(services, viewer, device)),
        events=await if_answered(history.device_events(services, viewer, device)),
    )


@get("/devices/{device:int}/access")
async def access_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, device: FromPath[int]
) -> Response[str]:
    """Show the device's tokens and who may see its readings."""
    view = await show_device(services, viewer, device)
    return await _access(services, viewer, screen, view)


@post("/devices/{device:int}/tokens")
async def issue_token(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    device: FromPath[int],
    data: Form,
) -> Response[str]:
    """Make a further credential of the chosen kind and show its secret this once."""
    view = await show_device(services, viewer, device)
    form = credentials.NewCredentialForm(
        kind=data.get("kind", "token"),
        user_name=data.get("user_name", ""),
        certificate=data.get("certificate", ""),
    )
    try:
        issued = await credentials.issue_credential(services, viewer, device, form)
    except Refused as error:
        if error.code not in _TOLD_AT_THE_FORM:
            raise
        return await _access(services, viewer, screen, view, refusal=error)
    return await _access(services, viewer, screen, view, issued=issued)


@post("/devices/{device:int}/tokens/{credential:int}/rotate")
async def rotate_token(  # noqa: PLR0913, PLR0917  # what the framework hands over
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    device: FromPath[int],
    credential: FromPath[int],
    data: Form,
) -> Response[str]:
    """Make a successor and show its secret this once; the old one works for a day more."""
    view = await show_device(services, viewer, device)
    form = credentials.RotationForm(certificate=data.get("certificate", ""))
    try:
        issued = await credentials.rotate_credential(services, viewer, credential, form)
    except Refused as error:
        if error.code not in _TOLD_AT_THE_FORM:
            raise
        return await _access(services, viewer, screen, view, refusal=error)
    return await _access(services, viewer, screen, view, issued=issued)


@post("/devices/{device:int}/claim-code")
async def offer_device(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, device: FromPath[int]
) -> Response[str]:
    """Make a code that hands the device over, and show it this once."""
    view = await show_device(services, viewer, device)
    offered = await enrolments.offer_claim(services, viewer, device, enrolments.ClaimCodeForm())
    return await _access(services, viewer, screen, view, code=offered.code)


@post("/devices/{device:int}/tokens/{credential:int}/revoke", status_code=HTTPStatus.SEE_OTHER)
async def revoke_token(
    services: TakenServices,
    viewer: TakenViewer,
    device: FromPath[int],
    credential: FromPath[int],
) -> Redirect:
    """End a token; a device connected with it is cut off."""
    await credentials.revoke_credential(services, viewer, credential)
    return Redirect(f"/devices/{device}/access", status_code=303)


async def _access(  # noqa: PLR0913  # what may stand above the lists
    services: Services,
    viewer: Viewer,
    screen: Screen,
    view: DeviceView,
    *,
    issued: credentials.IssuedCredential | None = None,
    code: str = "",
    refusal: Refused | None = None,
) -> Response[str]:
    known = None
    if "device.credential" in view.permissions:
        known = await credentials.list_credentials(services, viewer, view.id)
    status = HTTPStatus.CREATED if issued or code else HTTPStatus.OK
    return screen.show(
        "devices/device_access.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if refusal else status,
        device=view,
        tab="access",
        credentials=known,
        audience=await history.device_audience(services, viewer, view.id),
        issued=issued,
        code=code,
        refusal=refusal,
    )
