"""The tables of sharing: groups of devices, loans (each expands to grants), and past owners."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, String, Text

from tram.registry.kernel.tables import BIG, indexes, numbered_table, optional, required, table

__all__ = ("group_members", "groups", "loans", "tenures")

groups = numbered_table(
    "groups",
    *required(org_id="organisations.id", name=String(200), folded=Text),
    # None: its members are named one by one. Otherwise the condition that makes a member.
    *optional(query=JSON(none_as_null=True)),
    *required(created_ms=BIG),
    *optional(removed_ms=BIG),
    *indexes("org_id, folded"),
)

group_members = table(
    "group_members",
    Column("group_id", BIG, ForeignKey("groups.id"), primary_key=True),
    Column("device_id", BIG, ForeignKey("devices.id"), primary_key=True),
    *indexes("device_id"),
)

loans = numbered_table(
    "loans",
    *required(from_org="organisations.id", to_org="organisations.id"),
    *optional(group_id="groups.id"),
    # None: every metric.
    *optional(metrics=JSON(none_as_null=True)),
    *required(purpose=String(500)),
    # The legal ground of a standing share, empty for a loan by free will.
    *required(basis=String(300)),
    *required(standing=Boolean, created_ms=BIG, until_ms=BIG),
    *optional(revoked_ms=BIG, person_id="people.id"),
    *indexes("from_org, id", "to_org, id", "group_id"),
)

# Who had a device before: its readings of that time stay theirs.
tenures = numbered_table(
    "tenures",
    *required(device_id="devices.id", org_id="organisations.id", device_name=String(200)),
    *required(until_ms=BIG),
    *indexes("device_id", "org_id"),
)
