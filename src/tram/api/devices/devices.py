"""Devices: the list with search and filters, one device, adding and removing them."""

import msgspec

from tram.api.devices.profiles import MetricView, metric_views
from tram.api.devices.states import States, age_s, read_states
from tram.api.http.paging import LIMIT_DEFAULT
from tram.api.http.parameters import Cursor, PageLimit
from tram.api.http.services import Services
from tram.domain.bounds import Line, Number, Real
from tram.domain.ids import DeviceId, OrgId, ZoneId
from tram.fleet.store.views import DeviceState
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import DeviceDetail, DeviceRow, NewDevice

__all__ = (
    "CreatedDevice",
    "DeviceFilter",
    "DeviceItem",
    "DevicePage",
    "DeviceView",
    "NewDeviceForm",
    "create_device",
    "list_devices",
    "remove_device",
    "show_device",
)

_SCAN_ROWS = 500
_SCANS_MAX = 40
"""A filter by state reads at most this many pages of the registry per answer."""


class DeviceFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Which devices to list; an empty filter lists all that the viewer may see."""

    search: str = ""
    zone: int | None = None
    sector: str | None = None
    org: int | None = None
    state: str | None = None
    cursor: Cursor = None
    limit: PageLimit = LIMIT_DEFAULT


class DeviceItem(DeviceRow, frozen=True, kw_only=True):
    """A device of the list with its ``state``: online, silent, unknown or never."""

    state: str
    last_seen_ms: int | None
    age_s: int | None
    refused: int
    messages: int


class DevicePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page; ``next`` is the cursor of the following page, None at the end.

    ``total`` is None where it is not known cheaply (a filter by state), and a lower bound unless
    ``is_exact``: long lists are counted to 10,000. ``problem`` says why the states are missing
    when the store does not answer.
    """

    items: list[DeviceItem]
    total: int | None
    next: str | None
    problem: str
    as_of_ms: int
    is_exact: bool = True


class DeviceView(DeviceItem, frozen=True, kw_only=True):
    """One device with its profile; ``permissions`` are the viewer's over this device."""

    expected_interval_s: int
    decoder: str
    metrics: list[MetricView]
    permissions: list[str]
    problem: str
    as_of_ms: int


class NewDeviceForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device to add; ``lon`` and ``lat`` in degrees WGS 84, both or neither."""

    name: Line
    org: Number
    sector: Line
    profile: Number
    zone: Number | None = None
    lon: Real | None = None
    lat: Real | None = None
    code: Line = ""


class CreatedDevice(msgspec.Struct, frozen=True):
    """The new device and its token, which is shown this once only."""

    device: DeviceView
    token: str


async def list_devices(services: Services, viewer: Viewer, wanted: DeviceFilter) -> DevicePage:
    """Return one page of the devices that match, each with its state."""
    if wanted.state is not None:
        return await _list_by_state(services, viewer, wanted)
    page = await services.registry.devices.page(
        viewer,
        search=wanted.search,
        zone=_zone(wanted.zone),
        sector=wanted.sector,
        org=_org(wanted.org),
        after=wanted.cursor,
        limit=wanted.limit,
    )
    states = await read_states(services, viewer, [row.id for row in page.items])
    now_ms = services.clock.now_ms()
    return DevicePage(
        items=[_item(row, states.of(row.id), now_ms) for row in page.items],
        total=page.total,
        next=page.next_after,
        problem=states.problem,
        as_of_ms=now_ms,
        is_exact=page.is_exact,
    )


async def show_device(services: Services, viewer: Viewer, device: int) -> DeviceView:
    """Return one device.

    Raises:
        Refused: ``device.unknown`` when it is not visible to the viewer.
    """
    detail = await services.registry.devices.one(viewer, DeviceId(device))
    return await _view(services, viewer, detail)


async def expected_interval_s(services: Services, viewer: Viewer, device: int) -> int:
    """Return how often a device is expected to speak; nobody asks the store for it.

    Raises:
        Refused: ``device.unknown`` when it is not visible to the viewer.
    """
    detail = await services.registry.devices.one(viewer, DeviceId(device))
    return detail.profile_detail.expected_interval_s


async def create_device(services: Services, viewer: Viewer, form: NewDeviceForm) -> CreatedDevice:
    """Add a device and its first token.

    Raises:
        Refused: with every wrong field.
    """
    new = msgspec.convert(form, NewDevice, from_attributes=True)
    detail, token = await services.registry.devices.create(viewer, new)
    return CreatedDevice(await _view(services, viewer, detail), token)


async def remove_device(services: Services, viewer: Viewer, device: int) -> None:
    """Remove a device; its credentials end at once, its readings stay."""
    await services.registry.devices.remove(viewer, DeviceId(device))


async def _list_by_state(services: Services, viewer: Viewer, wanted: DeviceFilter) -> DevicePage:
    """Walk the registry's pages and keep the devices in that state; bounded per answer."""
    states = await read_states(services, viewer)
    now_ms = services.clock.now_ms()
    items: list[DeviceItem] = []
    cursor = wanted.cursor
    for _ in range(_SCANS_MAX):
        page = await services.registry.devices.page(
            viewer,
            search=wanted.search,
            zone=_zone(wanted.zone),
            sector=wanted.sector,
            org=_org(wanted.org),
            after=cursor,
            limit=min(_SCAN_ROWS, wanted.limit - len(items)),
        )
        items += [
            _item(row, states.of(row.id), now_ms)
            for row in page.items
            if states.of(row.id).state == wanted.state
        ]
        cursor = page.next_after
        if cursor is None or len(items) >= wanted.limit:
            break
    return DevicePage(
        items=items, total=None, next=cursor, problem=states.problem, as_of_ms=now_ms
    )


async def _view(services: Services, viewer: Viewer, detail: DeviceDetail) -> DeviceView:
    states: States = await read_states(services, viewer, [detail.id])
    now_ms = services.clock.now_ms()
    profile = detail.profile_detail
    return DeviceView(
        **msgspec.structs.asdict(_item(detail, states.of(detail.id), now_ms)),
        expected_interval_s=profile.expected_interval_s,
        decoder=profile.decoder,
        metrics=metric_views(profile),
        permissions=sorted(detail.permissions),
        problem=states.problem,
        as_of_ms=now_ms,
    )


def _item(row: DeviceRow, state: DeviceState, now_ms: int) -> DeviceItem:
    return DeviceItem(
        **{name: getattr(row, name) for name in DeviceRow.__struct_fields__},
        state=state.state,
        last_seen_ms=state.last_seen_ms,
        age_s=age_s(now_ms, state.last_seen_ms),
        refused=state.refused,
        messages=state.messages,
    )


def _zone(zone: int | None) -> ZoneId | None:
    return None if zone is None else ZoneId(zone)


def _org(org: int | None) -> OrgId | None:
    return None if org is None else OrgId(org)
