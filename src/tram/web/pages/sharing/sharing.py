"""Sharing: what is lent and borrowed, who read it, groups of devices, and devices once one's own."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from http import HTTPStatus
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect

from tram.api.devices.devices import DeviceFilter, list_devices, show_device
from tram.api.http.parameters import TakenServices, TakenViewer
from tram.api.http.services import Services
from tram.api.places.organisations import list_organisations, list_recipients
from tram.api.places.zones import zones_to_choose
from tram.api.readings.past import PastQuery, aggregated
from tram.api.sharing.sharing import (
    GroupForm,
    LoanForm,
    change_group,
    create_group,
    create_loan,
    former_device,
    former_devices,
    list_groups,
    list_loans,
    list_reads,
    remove_group,
    revoke_loan,
    show_group,
    show_loan,
)
from tram.domain.bounds import number_of
from tram.domain.ids import ZoneId
from tram.domain.sectors import SECTORS
from tram.registry.kernel.viewer import Viewer
from tram.registry.sharing.views import GroupQuery
from tram.runtime.errors import Fault, Refused
from tram.web.answers import if_answered
from tram.web.forms import Form, Typed, chosen, faults_of
from tram.web.pages.devices.device import WINDOWS_H
from tram.web.rendering import Screen, TakenScreen

__all__ = ("start_of_day_ms",)

_HOME = "/sharing"
_DEVICES_SHOWN = 200
_VIETNAM = timezone(timedelta(hours=7))


@get("/sharing")
async def sharing_page(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    device: FromQuery[str] = "",
    past: FromQuery[str] = "",
) -> Response[str]:
    """Show what is lent and borrowed; who may lend does it beside the list."""
    return await _sharing(services, viewer, screen, {"device": device, "past": past})


@post("/sharing", status_code=HTTPStatus.CREATED)
async def lend(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Lend and go back to the list."""
    form, faults = _read_loan(data)
    if not faults:
        try:
            await create_loan(services, viewer, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(_HOME, status_code=303)
    return await _sharing(services, viewer, screen, data, faults)


@get("/sharing/loans/{loan:int}")
async def loan_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, loan: FromPath[int]
) -> Response[str]:
    """Show one loan with its devices."""
    view = await show_loan(services, viewer, loan)
    found = [await show_device(services, viewer, number) for number in view.devices[:50]]
    return screen.show("sharing/loan.html", tab="sharing", view=view, devices=found)


@post("/sharing/loans/{loan:int}/revoke", status_code=HTTPStatus.SEE_OTHER)
async def revoke_loan_page(
    services: TakenServices, viewer: TakenViewer, loan: FromPath[int]
) -> Redirect:
    """End a loan at once."""
    await revoke_loan(services, viewer, loan)
    return Redirect(_HOME, status_code=303)


@get("/sharing/reads")
async def reads_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, cursor: FromQuery[str] = ""
) -> Response[str]:
    """Show who of other organisations read what was lent to them."""
    page = await list_reads(services, viewer, cursor or None)
    return screen.show("sharing/reads.html", tab="reads", page=page)


@get("/sharing/former")
async def former_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show the devices that were once one's own."""
    page = await former_devices(services, viewer)
    return screen.show("sharing/former.html", tab="former", page=page)


@get("/sharing/former/{device:int}")
async def former_device_page(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    device: FromPath[int],
    window: FromQuery[str] = "",
) -> Response[str]:
    """Show what a device measured while it was one's own, up to the day that it left."""
    left = await former_device(services, viewer, device)
    hours = WINDOWS_H.get(window, WINDOWS_H["30d"])
    start_ms = left.until_ms - hours * 3_600_000
    span = PastQuery(
        device=device, start_ms=start_ms, end_ms=left.until_ms, by="metric", step="day"
    )
    found = await if_answered(aggregated(services, viewer, span))
    drawn = None if found is None else {day.group for day in found.items if day.mean is not None}
    return screen.show(
        "sharing/former_device.html",
        tab="former",
        left=left,
        metrics=None if drawn is None else sorted(drawn),
        windows=WINDOWS_H,
        window=window if window in WINDOWS_H else "30d",
        start_ms=start_ms,
    )


@get("/sharing/groups")
async def groups_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen
) -> Response[str]:
    """Show the groups; who may lend makes another beside the list."""
    return await _groups(services, viewer, screen, {"kind": "query"})


@post("/sharing/groups", status_code=HTTPStatus.CREATED)
async def add_group(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, data: Form
) -> Response[Any]:
    """Make a group and go back to the list."""
    form, faults = _read_group(data)
    if not faults:
        try:
            await create_group(services, viewer, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(f"{_HOME}/groups", status_code=303)
    return await _groups(services, viewer, screen, data, faults)


@get("/sharing/groups/{group:int}")
async def group_page(
    services: TakenServices, viewer: TakenViewer, screen: TakenScreen, group: FromPath[int]
) -> Response[str]:
    """Show one group with its devices, and a form that changes it."""
    view = await show_group(services, viewer, group)
    row = view.group
    query = row.query or GroupQuery()
    data = {
        "org": str(row.org),
        "name": row.name,
        "kind": "named" if row.query is None else "query",
        "devices": ", ".join(map(str, view.devices)),
        "sector": query.sector or "",
        "zone": str(query.zone or ""),
        "search": query.search,
    }
    return await _group(services, viewer, screen, group, data)


@post("/sharing/groups/{group:int}", status_code=HTTPStatus.CREATED)
async def mend_group(
    services: TakenServices,
    viewer: TakenViewer,
    screen: TakenScreen,
    group: FromPath[int],
    data: Form,
) -> Response[Any]:
    """Replace a group; its loans follow at once."""
    form, faults = _read_group(data)
    if not faults:
        try:
            await change_group(services, viewer, group, form)
        except Refused as error:
            faults = faults_of(error)
        else:
            return Redirect(f"{_HOME}/groups/{group}", status_code=303)
    return await _group(services, viewer, screen, group, data, faults)


@post("/sharing/groups/{group:int}/remove", status_code=HTTPStatus.SEE_OTHER)
async def remove_group_page(
    services: TakenServices, viewer: TakenViewer, group: FromPath[int]
) -> Redirect:
    """Remove a group that is not lent."""
    await remove_group(services, viewer, group)
    return Redirect(f"{_HOME}/groups", status_code=303)


async def _sharing(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    may_lend = viewer.may("grant.write")
    own = await _own_devices(services, viewer) if may_lend else []
    loans = await list_loans(services, viewer, past=bool(data.get("past")))
    return screen.show(
        "sharing/sharing.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="sharing",
        lent=[item for item in loans.items if item.mine],
        borrowed=[item for item in loans.items if not item.mine],
        past=bool(data.get("past")),
        devices=own,
        groups=(await list_groups(services, viewer)).items if may_lend else [],
        recipients=await list_recipients(services, viewer) if may_lend else [],
        data=data,
        faults={fault.field: fault for fault in faults},
    )


async def _groups(
    services: Services,
    viewer: Viewer,
    screen: Screen,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    return screen.show(
        "sharing/groups.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="groups",
        groups=(await list_groups(services, viewer)).items,
        **await _group_choices(services, viewer),
        data=data,
        faults={fault.field: fault for fault in faults},
    )


async def _group(  # noqa: PLR0913, PLR0917  # a form with what was typed
    services: Services,
    viewer: Viewer,
    screen: Screen,
    group: int,
    data: Mapping[str, str],
    faults: tuple[Fault, ...] = (),
) -> Response[str]:
    view = await show_group(services, viewer, group)
    found = [await show_device(services, viewer, number) for number in view.devices[:50]]
    return screen.show(
        "sharing/group.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        tab="groups",
        view=view,
        devices=found,
        **await _group_choices(services, viewer),
        data=data,
        faults={fault.field: fault for fault in faults},
    )


async def _group_choices(services: Services, viewer: Viewer) -> dict[str, Any]:
    orgs = (await list_organisations(services, viewer)).items if viewer.may("org.read") else []
    zones = await zones_to_choose(services, viewer)
    return {
        "orgs": [(item.id, item.name) for item in orgs],
        "zones": [(item.id, item.name) for item in zones],
        "sectors": SECTORS,
    }


async def _own_devices(services: Services, viewer: Viewer) -> list[tuple[int, str]]:
    """Return number and name of the first devices that may be lent by name."""
    page = await list_devices(services, viewer, DeviceFilter(limit=_DEVICES_SHOWN))
    return [(item.id, item.name) for item in page.items if not item.lent]


def _read_loan(data: Mapping[str, str]) -> tuple[LoanForm, tuple[Fault, ...]]:
    typed = Typed(data)
    standing = typed.ticked("standing")
    until = None if standing else typed.day("until_ms")
    source = typed.text("source", needed=True)
    kind, _, number = source.partition("-")
    metrics = [part.strip() for part in typed.text("metrics").split(",") if part.strip()]
    form = LoanForm(
        to_org=typed.choice("to_org"),
        purpose=typed.text("purpose", needed=True),
        devices=[one] if kind == "device" and (one := number_of(number)) else [],
        group=number_of(number) if kind == "group" else None,
        metrics=metrics or None,
        until_ms=None if until is None else start_of_day_ms(until, after=1),
        standing=standing,
        basis=typed.text("basis"),
    )
    return form, tuple(typed.faults)


def start_of_day_ms(day: date, *, after: int = 0) -> int:
    """Return the first moment of a Vietnamese day, or of the one so many days after it."""
    start = datetime(day.year, day.month, day.day, tzinfo=_VIETNAM)
    return int((start + timedelta(days=after)).timestamp() * 1000)


def _read_group(data: Mapping[str, str]) -> tuple[GroupForm, tuple[Fault, ...]]:
    typed = Typed(data)
    zone = typed.text("zone")
    query = None
    numbers: list[int] = []
    if data.get("kind") == "named":
        parts = typed.text("devices").replace(",", " ").split()
        numbers = [number_of(part) or 0 for part in parts]
    else:
        query = GroupQuery(
            sector=typed.text("sector") or None,
            zone=None if (place := chosen(zone)) is None else ZoneId(place),
            search=typed.text("search"),
        )
    form = GroupForm(
        org=typed.choice("org"),
        name=typed.text("name", needed=True),
        devices=numbers,
        query=query,
    )
    return form, tuple(typed.faults)
