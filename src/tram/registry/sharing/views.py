"""Groups, loans and past owners as the registry is given them and gives them back."""

from typing import Annotated

import msgspec

from tram.domain.bounds import NUMBER_MAX, Line
from tram.domain.ids import DeviceId, GroupId, LoanId, OrgId, ProfileId, ZoneId

__all__ = (
    "FormerDevice",
    "GroupQuery",
    "GroupRow",
    "LoanRow",
    "NewGroup",
    "NewLoan",
    "ReadingOfMine",
)


_ROW = msgspec.Meta(ge=1, le=NUMBER_MAX)


class GroupQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes a device a member; what is None or empty decides nothing."""

    sector: Line | None = None
    zone: Annotated[ZoneId, _ROW] | None = None
    profile: Annotated[ProfileId, _ROW] | None = None
    search: Line = ""


class GroupRow(msgspec.Struct, frozen=True, kw_only=True):
    """A group: ``query`` is None when its members are named; ``loans`` counts the live ones."""

    id: GroupId
    org: OrgId
    org_name: str
    name: str
    query: GroupQuery | None
    devices: int
    loans: int


class NewGroup(msgspec.Struct, frozen=True, kw_only=True):
    """A group to make: named devices, or a condition."""

    org: OrgId
    name: str
    devices: list[DeviceId] = []
    query: GroupQuery | None = None


class LoanRow(msgspec.Struct, frozen=True, kw_only=True):
    """A loan; ``mine`` when the viewer is on the lender's side, ``until_ms`` None without end."""

    id: LoanId
    from_org: OrgId
    from_org_name: str
    to_org: OrgId
    to_org_name: str
    group: GroupId | None
    group_name: str | None
    devices: int
    metrics: list[str] | None
    purpose: str
    basis: str
    standing: bool
    created_ms: int
    until_ms: int | None
    revoked_ms: int | None
    mine: bool


class NewLoan(msgspec.Struct, frozen=True, kw_only=True):
    """A loan to make: devices or a group; ``metrics`` None lends all.

    A ``standing`` share has no end and names the law that asks for it as its ``basis``.
    """

    to_org: OrgId
    purpose: str
    devices: list[DeviceId] = []
    group: GroupId | None = None
    metrics: list[str] | None = None
    until_ms: int | None = None
    standing: bool = False
    basis: str = ""


class FormerDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device that was once the viewer's: its readings of that time still are."""

    device: DeviceId
    name: str
    org: OrgId
    org_name: str
    until_ms: int


class ReadingOfMine(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of another organisation read what was lent to it."""

    id: int
    at_ms: int
    device: DeviceId
    device_name: str
    person_name: str
    by_org: OrgId
    by_org_name: str
    what: str
    metric: str
