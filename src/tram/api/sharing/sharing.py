"""Sharing: groups of devices, loans, who read what was lent, and devices that were once one's own."""

import msgspec
from litestar.params import FromQuery

from tram.api.http.paging import LIMIT_DEFAULT, LIMIT_MAX, cut
from tram.api.http.parameters import Cursor, PageLimit
from tram.api.http.services import Services
from tram.api.sharing.store_sync import until_store_heard
from tram.domain.bounds import Line, Lines, MomentMs, Number, Numbers
from tram.domain.ids import DeviceId, GroupId, LoanId
from tram.registry.kernel.device_rows import unknown_device
from tram.registry.kernel.viewer import Viewer
from tram.registry.sharing.views import (
    FormerDevice,
    GroupQuery,
    GroupRow,
    LoanRow,
    NewGroup,
    NewLoan,
    ReadingOfMine,
)

__all__ = (
    "FormerDevices",
    "GroupForm",
    "GroupList",
    "GroupView",
    "LoanForm",
    "LoanList",
    "LoanView",
    "ReadsPage",
    "change_group",
    "create_group",
    "create_loan",
    "former_device",
    "former_devices",
    "list_groups",
    "list_loans",
    "list_reads",
    "remove_group",
    "revoke_loan",
    "show_group",
    "show_loan",
)


class GroupList(msgspec.Struct, frozen=True):
    """One page of groups, by name."""

    items: list[GroupRow]
    next: str | None
    as_of_ms: int


class GroupView(msgspec.Struct, frozen=True):
    """A group with the devices of it that the viewer may read."""

    group: GroupRow
    devices: list[int]
    as_of_ms: int


class GroupForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A group to make or to replace: named ``devices``, or a ``query`` that makes its members."""

    org: Number
    name: Line
    devices: Numbers = []
    query: GroupQuery | None = None


class LoanList(msgspec.Struct, frozen=True):
    """One page of loans, newest first."""

    items: list[LoanRow]
    next: str | None
    as_of_ms: int


class LoanView(msgspec.Struct, frozen=True):
    """A loan with the devices that it lends now."""

    loan: LoanRow
    devices: list[int]
    as_of_ms: int


class LoanForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to lend to whom: ``devices`` or a ``group``, ``metrics`` (None all), until when, why.

    ``standing`` has no end and needs its legal ``basis``.
    """

    to_org: Number
    purpose: Line
    devices: Numbers = []
    group: Number | None = None
    metrics: Lines | None = None
    until_ms: MomentMs | None = None
    standing: bool = False
    basis: Line = ""


class ReadsPage(msgspec.Struct, frozen=True):
    """Who of other organisations read what was lent, newest first."""

    items: list[ReadingOfMine]
    total: int
    next: str | None
    as_of_ms: int


class FormerDevices(msgspec.Struct, frozen=True):
    """Devices that were once the viewer's, newest handover first."""

    items: list[FormerDevice]
    next: str | None
    as_of_ms: int


async def list_groups(
    services: Services, viewer: Viewer, cursor: Cursor = None, limit: PageLimit = LIMIT_MAX
) -> GroupList:
    """Return the groups that the viewer may see."""
    rows, following = cut(await services.registry.groups.listed(viewer), cursor, limit)
    return GroupList(rows, following, services.clock.now_ms())


async def show_group(services: Services, viewer: Viewer, group: int) -> GroupView:
    """Return one group.

    Raises:
        Refused: ``group.unknown``.
    """
    row = await services.registry.groups.one(viewer, GroupId(group))
    members = await services.registry.groups.members(viewer, row.id)
    return GroupView(row, [int(number) for number in members], services.clock.now_ms())


async def create_group(services: Services, viewer: Viewer, form: GroupForm) -> GroupRow:
    """Make a group.

    Raises:
        Refused: with every wrong field.
    """
    return await services.registry.groups.create(
        viewer, msgspec.convert(form, NewGroup, from_attributes=True)
    )


async def change_group(
    services: Services, viewer: Viewer, group: int, form: GroupForm
) -> GroupRow:
    """Replace a group; its loans follow at once.

    Raises:
        Refused: ``group.unknown``, ``group.moved``, or with every wrong field.
    """
    new = msgspec.convert(form, NewGroup, from_attributes=True)
    row = await services.registry.groups.change(viewer, GroupId(group), new)
    await until_store_heard(services)
    return row


async def remove_group(services: Services, viewer: Viewer, group: int) -> None:
    """Remove a group that is not lent.

    Raises:
        Refused: ``group.unknown``, ``group.in_use``.
    """
    await services.registry.groups.remove(viewer, GroupId(group))


async def list_loans(  # the filters of one list
    services: Services,
    viewer: Viewer,
    *,
    past: FromQuery[bool] = False,
    cursor: Cursor = None,
    limit: PageLimit = LIMIT_MAX,
) -> LoanList:
    """Return the loans from and to the viewer's organisations, past ones if asked for."""
    found = await services.registry.loans.listed(viewer, live=not past)
    rows, following = cut(found, cursor, limit)
    return LoanList(rows, following, services.clock.now_ms())


async def show_loan(services: Services, viewer: Viewer, loan: int) -> LoanView:
    """Return one loan.

    Raises:
        Refused: ``loan.unknown``.
    """
    row = await services.registry.loans.one(viewer, LoanId(loan))
    lent = await services.registry.loans.devices(viewer, row.id)
    return LoanView(row, [int(number) for number in lent], services.clock.now_ms())


async def create_loan(services: Services, viewer: Viewer, form: LoanForm) -> LoanRow:
    """Lend; the borrower sees the data at once.

    Raises:
        Refused: with every wrong field.
    """
    new = msgspec.convert(form, NewLoan, from_attributes=True)
    row = await services.registry.loans.create(viewer, new)
    await until_store_heard(services)
    return row


async def revoke_loan(services: Services, viewer: Viewer, loan: int) -> None:
    """End a loan at once, for history as well as live.

    Raises:
        Refused: ``loan.unknown``.
    """
    await services.registry.loans.revoke(viewer, LoanId(loan))
    await until_store_heard(services)


async def list_reads(
    services: Services, viewer: Viewer, cursor: Cursor = None, limit: PageLimit = LIMIT_DEFAULT
) -> ReadsPage:
    """Return who of other organisations read what the viewer's lent."""
    page = await services.registry.reads.page(viewer, after=cursor, limit=limit)
    return ReadsPage(page.items, page.total, page.next_after, services.clock.now_ms())


async def former_devices(
    services: Services, viewer: Viewer, cursor: Cursor = None, limit: PageLimit = LIMIT_MAX
) -> FormerDevices:
    """Return the devices that organisations within reach had before."""
    rows, following = cut(await services.registry.devices.former(viewer), cursor, limit)
    return FormerDevices(rows, following, services.clock.now_ms())


async def former_device(services: Services, viewer: Viewer, device: int) -> FormerDevice:
    """Return one device that organisations within reach had before, as it was handed over last.

    Raises:
        Refused: ``device.unknown``.
    """
    rows = await services.registry.devices.former(viewer, DeviceId(device))
    if not rows:
        raise unknown_device()
    return rows[0]
