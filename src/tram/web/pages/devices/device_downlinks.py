"""What one device is sent: calls and shared attributes, how far each has come, and the forms for both."""

from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import Response, get, post
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath
from litestar.response import Redirect

from tram.api.devices import downlinks
from tram.api.devices.devices import show_device
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.registry.kernel.viewer import Viewer
from tram.runtime.errors import Fault, Refused
from tram.runtime.json_depth import check_depth
from tram.web.forms import faults_of
from tram.web.rendering import Screen, TakenScreen

Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]


class Sent(NamedTuple):
    """One line of the list: a message to the device in words that fit a line."""

    content: str
    kind: str
    state: str
    created_ms: int
    done_ms: int | None
    answer: str


@get("/devices/{device:int}/downlinks")
async def downlinks_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, device: FromPath[int]
) -> Response[str]:
    """Show what the device was sent and how far it has come."""
    return await _page(services, viewer, screen, device, {})


@post("/devices/{device:int}/downlinks/calls", status_code=HTTPStatus.CREATED)
async def call_method(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    device: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Call a method of the device; a fault brings the form back with what was typed."""
    faults: dict[str, Fault] = {}
    form = downlinks.CallForm(
        method=data.get("method", "").strip(),
        params=_json(data, "params", faults),
        oneway=bool(data.get("oneway")),
    )
    if not faults:
        try:
            await downlinks.call_device(services, viewer, device, form)
        except Refused as error:
            faults = _faults(error)
        else:
            return Redirect(f"/devices/{device}/downlinks", status_code=303)
    return await _page(services, viewer, screen, device, data, faults)


@post("/devices/{device:int}/downlinks/attributes", status_code=HTTPStatus.CREATED)
async def share_values(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    device: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Tell the device one value about itself; an empty value takes it back."""
    faults: dict[str, Fault] = {}
    value = _json(data, "value", faults, plain=True)
    name = data.get("name", "").strip()
    if not name:
        faults["name"] = Fault("name", "field.missing")
    if not faults:
        try:
            await downlinks.share_attributes(services, viewer, device, {name: value})
        except Refused as error:
            faults = _faults(error)
        else:
            return Redirect(f"/devices/{device}/downlinks", status_code=303)
    return await _page(services, viewer, screen, device, data, faults)


async def _page(  # noqa: PLR0913, PLR0917  # what the page takes
    services: Services,
    viewer: Viewer,
    screen: Screen,
    device: int,
    data: dict[str, str],
    faults: dict[str, Fault] | None = None,
) -> Response[str]:
    view = await show_device(services, viewer, device)
    listed = await downlinks.list_downlinks(services, viewer, device)
    shared = await downlinks.shared_attributes(services, viewer, device)
    return screen.show(
        "devices/device_downlinks.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        device=view,
        tab="downlinks",
        sent=[_sent(item) for item in listed.items],
        shared=[(name, _text(value)) for name, value in sorted(shared.values.items())],
        may_send="device.write" in view.permissions,
        data=data,
        faults=faults or {},
    )


def _sent(item: downlinks.DownlinkView) -> Sent:
    body = item.body
    if item.kind == "rpc" and isinstance(body, dict):
        params = body.get("params")
        content = f"{body.get('method', '')}({'' if params is None else _text(params)})"
    else:
        content = _text(body)
    times = (item.created_ms, item.done_ms or item.delivered_ms)
    return Sent(content, item.kind, item.state, *times, item.answer or "")


def _json(
    data: dict[str, str], field: str, faults: dict[str, Fault], *, plain: bool = False
) -> Any:  # noqa: ANN401  # any JSON value
    """Return what was typed as JSON, None where nothing was; ``plain`` takes other text as it is."""
    text = data.get(field, "").strip()
    if not text:
        return None
    try:
        check_depth(text.encode())
        return msgspec.json.decode(text)
    except Refused:
        faults[field] = Fault(field, "json.deep")
        return None
    except msgspec.DecodeError:
        if plain:
            return text
        faults[field] = Fault(field, "json.unreadable")
        return None


def _faults(error: Refused) -> dict[str, Fault]:
    """Return the faults by the field of the form that they belong to."""
    return {
        "name" if fault.field.startswith("values") else fault.field: fault
        for fault in faults_of(error)
    }


def _text(value: Any) -> str:  # noqa: ANN401  # any JSON value
    return msgspec.json.encode(value).decode()
