"""What one device is sent: calls and shared attributes, how far each has come, and the forms for both."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import msgspec
from litestar import Response, get
from litestar.params import FromPath

from tram.api.devices import downlinks
from tram.api.devices.devices import show_device
from tram.domain.permissions import Permission
from tram.runtime.errors import Fault, Refused
from tram.runtime.json_depth import check_depth
from tram.web.forms import Form, Typed
from tram.web.page_context import PageContext, TakenPage
from tram.web.submission import NO_FAULTS, Faults, submission


class Sent(NamedTuple):
    """One line of the list: a message to the device in words that fit a line."""

    content: str
    kind: str
    state: str
    created_ms: int
    done_ms: int | None
    answer: str


async def _downlinks(
    page: PageContext,
    device: int,
    data: Mapping[str, str],
    faults: Faults = NO_FAULTS,
) -> Response[str]:
    """Show what the device was sent, with the forms that send more."""
    view = await page.call(show_device, device)
    listed = await page.call(downlinks.list_downlinks, device)
    shared = await page.call(downlinks.shared_attributes, device)
    return page.show(
        "devices/device_downlinks.html",
        device=view,
        tab="downlinks",
        sent=[_sent(item) for item in listed.items],
        shared=[(name, _text(value)) for name, value in sorted(shared.values.items())],
        may_send=Permission.DEVICE_WRITE in view.permissions,
        data=data,
        faults=faults,
    )


@get("/devices/{device:int}/downlinks")
async def downlinks_page(page: TakenPage, device: FromPath[int]) -> Response[str]:
    """Show what the device was sent and how far it has come."""
    return await _downlinks(page, device, {})


@submission("/devices/{device:int}/downlinks/calls", _downlinks)
async def call_method(page: TakenPage, device: FromPath[int], data: Form) -> str:
    """Call a method of the device; a fault brings the form back with what was typed."""
    typed = Typed(data)
    form = downlinks.CallForm(
        method=typed.text("method"),
        params=_json(typed, "params"),
        oneway=bool(data.get("oneway")),
    )
    typed.refuse()
    await page.call(downlinks.call_device, device, form)
    return f"/devices/{device}/downlinks"


async def _not_shared(
    page: PageContext, device: int, data: Mapping[str, str], faults: Faults
) -> Response[str]:
    """Show the form again; what is wrong with a value stands at its name."""
    renamed = {"values": "name"}
    at_fields = {renamed.get(field, field): fault for field, fault in faults.items()}
    return await _downlinks(page, device, data, at_fields)


@submission("/devices/{device:int}/downlinks/attributes", _not_shared)
async def share_values(page: TakenPage, device: FromPath[int], data: Form) -> str:
    """Tell the device one value about itself; an empty value takes it back."""
    typed = Typed(data)
    value = _json(typed, "value", plain=True)
    name = typed.text("name", needed=True)
    typed.refuse()
    await page.call(downlinks.share_attributes, device, downlinks.SharedAttributes({name: value}))
    return f"/devices/{device}/downlinks"


def _sent(item: downlinks.DownlinkView) -> Sent:
    body = item.body
    if item.kind == "rpc" and isinstance(body, dict):
        params = body.get("params")
        content = f"{body.get('method', '')}({'' if params is None else _text(params)})"
    else:
        content = _text(body)
    times = (item.created_ms, item.done_ms or item.delivered_ms)
    return Sent(content, item.kind, item.state, *times, item.answer or "")


def _json(typed: Typed, field: str, *, plain: bool = False) -> Any:  # noqa: ANN401  # any JSON value
    """Return what was typed as JSON, None where nothing was; ``plain`` takes other text as it is."""
    text = typed.text(field)
    if not text:
        return None
    try:
        check_depth(text.encode())
        return msgspec.json.decode(text)
    except Refused:
        typed.faults.append(Fault(field, "json.deep"))
        return None
    except msgspec.DecodeError:
        if plain:
            return text
        typed.faults.append(Fault(field, "json.unreadable"))
        return None


def _text(value: Any) -> str:  # noqa: ANN401  # any JSON value
    return msgspec.json.encode(value).decode()
