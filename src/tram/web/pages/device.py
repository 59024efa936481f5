"""One device: what it says now, its past, its messages and refusals, and who has access."""

from http import HTTPStatus
from typing import Annotated

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery, QueryParameter
from litestar.response import Redirect

from tram.api import credentials, history
from tram.api.devices import DeviceView, show_device
from tram.api.endpoints.taken import TakenServices, TakenViewer
from tram.api.readings import latest_readings
from tram.api.services import Services
from tram.registry.viewer import Viewer
from tram.web.answers import if_answered
from tram.web.rendering import Screen, TakenScreen

__all__ = (
    "access_page",
    "chart_page",
    "issue_token",
    "messages_page",
    "now_page",
    "revoke_token",
)

WINDOWS_H: dict[str, int] = {"1h": 1, "24h": 24, "7d": 168, "30d": 720, "365d": 8760}
"""The time windows of the charts by their name in the address, in hours."""


@get("/devices/{device:int}")
async def now_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, device: FromPath[int]
) -> Response[str]:
    """Show the newest value of every metric with its age."""
    view = await show_device(services, viewer, device)
    latest = await if_answered(latest_readings(services, viewer, device))
    facts = await if_answered(history.device_attributes(services, viewer, device))
    return screen.show("device_now.html", device=view, tab="now", latest=latest, facts=facts)


@get("/devices/{device:int}/chart")
async def chart_page(  # noqa: PLR0913, PLR0917  # what the page takes
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    device: FromPath[int],
    window: FromQuery[str] = "1h",
    beside: Annotated[str, QueryParameter(name="with")] = "",
) -> Response[str]:
    """Show the past of each metric on one time axis; the newest values go on live.

    ``with`` names a device whose line is drawn beside, as far as the person may read it.
    """
    view = await show_device(services, viewer, device)
    latest = await if_answered(latest_readings(services, viewer, device))
    return screen.show(
        "device_chart.html",
        device=view,
        tab="chart",
        latest=latest,
        windows=WINDOWS_H,
        window=window if window in WINDOWS_H else "1h",
        beside=int(beside) if beside.isascii() and beside.isdigit() else None,
    )


@get("/devices/{device:int}/messages")
async def messages_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, device: FromPath[int]
) -> Response[str]:
    """Show what the device sent: refusals with their reasons, accepted messages, connections."""
    view = await show_device(services, viewer, device)
    return screen.show(
        "device_messages.html",
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
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, device: FromPath[int]
) -> Response[str]:
    """Make a further token and show it this once."""
    view = await show_device(services, viewer, device)
    issued = await credentials.issue_credential(services, viewer, device)
    return await _access(services, viewer, screen, view, token=issued.token)


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


async def _access(
    services: Services, viewer: Viewer, screen: Screen, view: DeviceView, *, token: str = ""
) -> Response[str]:
    known = None
    if "device.credential" in view.permissions:
        known = await credentials.list_credentials(services, viewer, view.id)
    return screen.show(
        "device_access.html",
        HTTPStatus.CREATED if token else HTTPStatus.OK,
        device=view,
        tab="access",
        credentials=known,
        audience=await history.device_audience(services, viewer, view.id),
        token=token,
    )
