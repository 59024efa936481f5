"""Typed identifiers: an organisation's number can never be passed for a device's."""

from typing import NewType

__all__ = (
    "DeviceId",
    "GroupId",
    "LoanId",
    "OrgId",
    "PersonId",
    "ProfileId",
    "ZoneId",
)

OrgId = NewType("OrgId", int)
PersonId = NewType("PersonId", int)
ZoneId = NewType("ZoneId", int)
ProfileId = NewType("ProfileId", int)
DeviceId = NewType("DeviceId", int)
GroupId = NewType("GroupId", int)
LoanId = NewType("LoanId", int)
