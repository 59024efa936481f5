"""Sharing: what is lent and borrowed, who read it, groups of devices, and devices once one's own."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get
from litestar.params import FromPath, FromQuery

from tram.api.devices.devices import DeviceFilter, DeviceView, list_devices, show_device
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
from tram.domain.days import start_of_day_ms
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.registry.sharing.views import GroupQuery, GroupRow
from tram.web.answers import if_answered
from tram.web.forms import Form, Typed, typed_of
from tram.web.page_context import PageContext, TakenPage
from tram.web.pages.devices.device import WINDOWS_H
from tram.web.submission import NO_FAULTS, Faults, submission

_HOME = "/sharing"
_GROUPS = f"{_HOME}/groups"
_DEVICES_SHOWN = 200
_DEVICES_OF_ONE = 50


async def _sharing(
    page: PageContext, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show what is lent and borrowed, with the form that lends."""
    may_lend = page.viewer.may(Permission.GRANT_WRITE)
    past = bool(data.get("past"))
    loans = await page.call(list_loans, past=past)
    return page.show(
        "sharing/sharing.html",
        tab="sharing",
        lent=[item for item in loans.items if item.mine],
        borrowed=[item for item in loans.items if not item.mine],
        past=past,
        devices=await _own_devices(page) if may_lend else [],
        groups=(await page.call(list_groups)).items if may_lend else [],
        recipients=await page.call(list_recipients) if may_lend else [],
        data=data,
        faults=faults,
    )


@get("/sharing")
async def sharing_page(
    page: TakenPage, device: FromQuery[str] = "", past: FromQuery[str] = ""
) -> Response[str]:
    """Show what is lent and borrowed; who may lend does it beside the list."""
    return await _sharing(page, {"device": device, "past": past})


@submission("/sharing", _sharing)
async def lend(page: TakenPage, data: Form) -> str:
    """Lend and go back to the list."""
    typed = Typed(data)
    standing = typed.ticked("standing")
    until = None if standing else typed.day("until_ms")
    kind, _, number = typed.text("source", needed=True).partition("-")
    metrics = [part.strip() for part in typed.text("metrics").split(",") if part.strip()]
    form = typed.read(
        LoanForm,
        devices=[one] if kind == "device" and (one := number_of(number)) else [],
        group=number_of(number) if kind == "group" else None,
        metrics=metrics or None,
        until_ms=None if until is None else start_of_day_ms(until, after=1),
    )
    await page.call(create_loan, form)
    return _HOME


@get("/sharing/loans/{loan:int}")
async def loan_page(page: TakenPage, loan: FromPath[int]) -> Response[str]:
    """Show one loan with its devices."""
    view = await page.call(show_loan, loan)
    devices = await _some_devices(page, view.devices)
    return page.show("sharing/loan.html", tab="sharing", view=view, devices=devices)


@submission("/sharing/loans/{loan:int}/revoke")
async def revoke_loan_page(page: TakenPage, loan: FromPath[int]) -> str:
    """End a loan at once."""
    await page.call(revoke_loan, loan)
    return _HOME


@get("/sharing/reads")
async def reads_page(page: TakenPage, cursor: FromQuery[str] = "") -> Response[str]:
    """Show who of other organisations read what was lent to them."""
    found = await page.call(list_reads, cursor or None)
    return page.show("sharing/reads.html", tab="reads", page=found)


@get("/sharing/former")
async def former_page(page: TakenPage) -> Response[str]:
    """Show the devices that were once one's own."""
    return page.show("sharing/former.html", tab="former", page=await page.call(former_devices))


@get("/sharing/former/{device:int}")
async def former_device_page(
    page: TakenPage, device: FromPath[int], window: FromQuery[str] = ""
) -> Response[str]:
    """Show what a device measured while it was one's own, up to the day that it left."""
    left = await page.call(former_device, device)
    hours = WINDOWS_H.get(window, WINDOWS_H["30d"])
    start_ms = left.until_ms - hours * 3_600_000
    span = PastQuery(
        device=device, start_ms=start_ms, end_ms=left.until_ms, by="metric", step="day"
    )
    found = await if_answered(page.call(aggregated, span))
    drawn = None if found is None else {day.group for day in found.items if day.mean is not None}
    return page.show(
        "sharing/former_device.html",
        tab="former",
        left=left,
        metrics=None if drawn is None else sorted(drawn),
        windows=WINDOWS_H,
        window=window if window in WINDOWS_H else "30d",
        start_ms=start_ms,
    )


async def _groups(
    page: PageContext, data: Mapping[str, str], faults: Faults = NO_FAULTS
) -> Response[str]:
    """Show the groups with the form of another."""
    return page.show(
        "sharing/groups.html",
        tab="groups",
        groups=(await page.call(list_groups)).items,
        **await _group_choices(page),
        data=data,
        faults=faults,
    )


@get("/sharing/groups")
async def groups_page(page: TakenPage) -> Response[str]:
    """Show the groups; who may lend makes another beside the list."""
    return await _groups(page, {"kind": "query"})


@submission("/sharing/groups", _groups)
async def add_group(page: TakenPage, data: Form) -> str:
    """Make a group and go back to the list."""
    await page.call(create_group, _read_group(data))
    return _GROUPS


async def _group(
    page: PageContext,
    group: int,
    data: Mapping[str, str] | None = None,
    faults: Faults = NO_FAULTS,
) -> Response[str]:
    """Show a group with its form."""
    view = await page.call(show_group, group)
    return page.show(
        "sharing/group.html",
        tab="groups",
        view=view,
        devices=await _some_devices(page, view.devices),
        **await _group_choices(page),
        data=_typed_group(view.group, view.devices) if data is None else data,
        faults=faults,
    )


@get("/sharing/groups/{group:int}")
async def group_page(page: TakenPage, group: FromPath[int]) -> Response[str]:
    """Show one group with its devices, and a form that changes it."""
    return await _group(page, group)


@submission("/sharing/groups/{group:int}", _group)
async def mend_group(page: TakenPage, group: FromPath[int], data: Form) -> str:
    """Replace a group; its loans follow at once."""
    await page.call(change_group, group, _read_group(data))
    return f"{_GROUPS}/{group}"


@submission("/sharing/groups/{group:int}/remove")
async def remove_group_page(page: TakenPage, group: FromPath[int]) -> str:
    """Remove a group that is not lent."""
    await page.call(remove_group, group)
    return _GROUPS


async def _group_choices(page: PageContext) -> dict[str, Any]:
    orgs = (
        (await page.call(list_organisations)).items if page.viewer.may(Permission.ORG_READ) else []
    )
    zones = await page.call(zones_to_choose)
    return {
        "orgs": [(item.id, item.name) for item in orgs],
        "zones": [(item.id, item.name) for item in zones],
        "sectors": SECTORS,
    }


async def _own_devices(page: PageContext) -> list[tuple[int, str]]:
    """Return number and name of the first devices that may be lent by name."""
    found = await page.call(list_devices, DeviceFilter(limit=_DEVICES_SHOWN))
    return [(item.id, item.name) for item in found.items if not item.lent]


async def _some_devices(page: PageContext, numbers: list[int]) -> list[DeviceView]:
    return [await page.call(show_device, number) for number in numbers[:_DEVICES_OF_ONE]]


def _read_group(data: Mapping[str, str]) -> GroupForm:
    typed = Typed(data)
    if data.get("kind") == "named":
        parts = typed.text("devices").replace(",", " ").split()
        return typed.read(GroupForm, devices=[number_of(part) or 0 for part in parts], query=None)
    return typed.read(GroupForm, devices=[], query=typed.read(GroupQuery))


def _typed_group(group: GroupRow, devices: list[int]) -> dict[str, str]:
    return {
        **typed_of(group.query or GroupQuery()),
        "org": str(group.org),
        "name": group.name,
        "kind": "named" if group.query is None else "query",
        "devices": ", ".join(map(str, devices)),
    }
