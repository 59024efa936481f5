"""One device: what it says now, its past, its messages and refusals, and who has access."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Annotated, Concatenate, ParamSpec

from litestar import Response, get
from litestar.params import FromPath, FromQuery, QueryParameter

from tram.api.devices import credentials, enrolments
from tram.api.devices import device_events as history
from tram.api.devices.devices import DeviceView, show_device
from tram.api.http.services import Services
from tram.api.readings.readings import latest_readings
from tram.domain.bounds import number_of
from tram.domain.permissions import Permission
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Refused
from tram.web.answers import if_answered
from tram.web.forms import Form
from tram.web.page_context import PageContext, TakenPage
from tram.web.parts import part_of
from tram.web.submission import submission

WINDOWS_H: dict[str, int] = {"1h": 1, "24h": 24, "7d": 168, "30d": 720, "365d": 8760}
"""The time windows of the charts by their name in the address, in hours."""

_VALUES_SHOWN = 100
_CHARTS_SHOWN = 24
_DRAWN_KINDS = frozenset({"float", "integer", "boolean"})
_TOLD_AT_THE_FORM = frozenset(
    {"credential.wrong", "credential.taken", "credential.too_many", "certificate.wrong"}
)


_Given = ParamSpec("_Given")


@get("/devices/{device:int}")
async def now_page(
    page: TakenPage, device: FromPath[int], part: FromQuery[str] = ""
) -> Response[str]:
    """Show the newest value of every metric with its age, a hundred at a time."""
    view = await page.call(show_device, device)
    latest = await if_answered(page.call(latest_readings, device))
    facts = await if_answered(page.call(history.device_attributes, device))
    return page.show(
        "devices/device_now.html",
        device=view,
        tab="now",
        latest=latest,
        shown=part_of(latest.items if latest else (), number_of(part) or 1, _VALUES_SHOWN),
        facts=facts,
    )


@get("/devices/{device:int}/chart")
async def chart_page(
    page: TakenPage,
    device: FromPath[int],
    window: FromQuery[str] = "1h",
    part: FromQuery[str] = "",
    beside: Annotated[str, QueryParameter(name="with")] = "",
) -> Response[str]:
    """Show the past of each metric on one time axis, some at a time; the newest values go on live.

    ``with`` names a device whose line is drawn beside, as far as the person may read it.
    """
    view = await page.call(show_device, device)
    latest = await if_answered(page.call(latest_readings, device))
    numeric = [item for item in latest.items if item.kind in _DRAWN_KINDS] if latest else []
    return page.show(
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
async def messages_page(page: TakenPage, device: FromPath[int]) -> Response[str]:
    """Show what the device sent: refusals with their reasons, accepted messages, connections."""
    return page.show(
        "devices/device_messages.html",
        device=await page.call(show_device, device),
        tab="messages",
        refusals=await if_answered(page.call(history.device_events, device, "refused")),
        messages=await if_answered(page.call(history.device_messages, device)),
        events=await if_answered(page.call(history.device_events, device)),
    )


@get("/devices/{device:int}/access")
async def access_page(page: TakenPage, device: FromPath[int]) -> Response[str]:
    """Show the device's tokens and who may see its readings."""
    return await _access(page, await page.call(show_device, device))


@submission("/devices/{device:int}/tokens")
async def issue_token(page: TakenPage, device: FromPath[int], data: Form) -> Response[str]:
    """Make a further credential of the chosen kind and show its secret this once."""
    form = credentials.NewCredentialForm(
        kind=data.get("kind", "token"),
        user_name=data.get("user_name", ""),
        certificate=data.get("certificate", ""),
    )
    return await _issued(page, device, credentials.issue_credential, device, form)


@submission("/devices/{device:int}/tokens/{credential:int}/rotate")
async def rotate_token(
    page: TakenPage, device: FromPath[int], credential: FromPath[int], data: Form
) -> Response[str]:
    """Make a successor and show its secret this once; the old one works for a day more."""
    form = credentials.RotationForm(certificate=data.get("certificate", ""))
    return await _issued(page, device, credentials.rotate_credential, credential, form)


@submission("/devices/{device:int}/claim-code")
async def offer_device(page: TakenPage, device: FromPath[int]) -> Response[str]:
    """Make a code that hands the device over, and show it this once."""
    view = await page.call(show_device, device)
    offered = await page.call(enrolments.offer_claim, device, enrolments.ClaimCodeForm())
    return await _access(page, view, code=offered.code)


@submission("/devices/{device:int}/tokens/{credential:int}/revoke")
async def revoke_token(page: TakenPage, device: FromPath[int], credential: FromPath[int]) -> str:
    """End a token; a device connected with it is cut off."""
    await page.call(credentials.revoke_credential, credential)
    return f"/devices/{device}/access"


async def _issued(
    page: PageContext,
    device: int,
    issue: Callable[
        Concatenate[Services, Viewer, _Given], Awaitable[credentials.IssuedCredential]
    ],
    *given: _Given.args,
    **named: _Given.kwargs,
) -> Response[str]:
    """Show a secret this once, or above the lists why there is none."""
    view = await page.call(show_device, device)
    try:
        issued = await page.call(issue, *given, **named)
    except Refused as error:
        if error.code not in _TOLD_AT_THE_FORM:
            raise
        return await _access(page, view, refusal=error)
    return await _access(page, view, issued=issued)


async def _access(
    page: PageContext,
    view: DeviceView,
    *,
    issued: credentials.IssuedCredential | None = None,
    code: str = "",
    refusal: Refused | None = None,
) -> Response[str]:
    known = None
    if Permission.DEVICE_CREDENTIAL in view.permissions:
        known = await page.call(credentials.list_credentials, view.id)
    status = HTTPStatus.CREATED if issued or code else HTTPStatus.OK
    return page.show(
        "devices/device_access.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if refusal else status,
        device=view,
        tab="access",
        credentials=known,
        audience=await page.call(history.device_audience, view.id),
        issued=issued,
        code=code,
        refusal=refusal,
    )
