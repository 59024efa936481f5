"""The tables of sharing: groups of devices, loans (each expands to grants), and past owners."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, String, Table, Text
from sqlalchemy.schema import Index

from tram.registry.kernel.tables import BIG, id_column, metadata, ref_column

__all__ = ("group_members", "groups", "loans", "tenures")

groups = Table(
    "groups",
    metadata,
    id_column(),
    ref_column("org_id", "organisations.id"),
    Column("name", String(200), nullable=False),
    Column("folded", Text, nullable=False),
    # None: its members are named one by one. Otherwise the condition that makes a member.
    Column("query", JSON(none_as_null=True)),
    Column("created_ms", BIG, nullable=False),
    Column("removed_ms", BIG),
    Index(None, "org_id", "folded"),
)

group_members = Table(
    "group_members",
    metadata,
    Column("group_id", BIG, ForeignKey("groups.id"), primary_key=True),
    Column("device_id", BIG, ForeignKey("devices.id"), primary_key=True),
    Index(None, "device_id"),
)

loans = Table(
    "loans",
    metadata,
    id_column(),
    ref_column("from_org", "organisations.id"),
    ref_column("to_org", "organisations.id"),
    ref_column("group_id", "groups.id", nullable=True),
    # None: every metric.
    Column("metrics", JSON(none_as_null=True)),
    Column("purpose", String(500), nullable=False),
    # The legal ground of a standing share, empty for a loan by free will.
    Column("basis", String(300), nullable=False),
    Column("standing", Boolean, nullable=False),
    Column("created_ms", BIG, nullable=False),
    Column("until_ms", BIG, nullable=False),
    Column("revoked_ms", BIG),
    ref_column("person_id", "people.id", nullable=True),
    Index(None, "from_org", "id"),
    Index(None, "to_org", "id"),
    Index(None, "group_id"),
)

# Who had a device before: its readings of that time stay theirs.
tenures = Table(
    "tenures",
    metadata,
    id_column(),
    ref_column("device_id", "devices.id"),
    ref_column("org_id", "organisations.id"),
    Column("device_name", String(200), nullable=False),
    Column("until_ms", BIG, nullable=False),
    Index(None, "device_id"),
    Index(None, "org_id"),
)
