"""Groups of devices: named one by one, or by a condition that the registry keeps evaluated.

Either way membership is a table, changed in the transaction that changes the device or the group:
whoever joins it sees the group as it is at that moment.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import DeviceId, GroupId, OrgId
from tram.domain.permissions import Permission
from tram.domain.sectors import SECTORS
from tram.domain.text import fold
from tram.registry.kernel.access import is_own, must_be_visible, org_is_visible
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.changes import Body
from tram.registry.kernel.checks import Checked, search_words
from tram.registry.kernel.database import AnyRow, as_view, columns_of
from tram.registry.kernel.device_rows import THERE
from tram.registry.kernel.outbox import publish
from tram.registry.kernel.repository import Repository, add_row, change_row, count_rows, found_row
from tram.registry.kernel.tables import devices, org_closure, organisations
from tram.registry.kernel.viewer import Viewer
from tram.registry.sharing.loan_grants import end_parts, loan_is_live, start_parts
from tram.registry.sharing.tables import group_members, groups, loans
from tram.registry.sharing.views import GroupQuery, GroupRow, NewGroup
from tram.runtime.errors import Refused

__all__ = ("Groups", "member_numbers", "refresh_members", "target_group")

NAME_CHARACTERS_MAX = 200
MEMBERS_MAX = 4_000
GROUPS_PER_ORG_MAX = 500
LISTED_MAX = 1_000


class Groups(Repository):
    """Groups of the organisations that the viewer's open scopes reach."""

    async def listed(self, viewer: Viewer) -> list[GroupRow]:
        """Return the groups by name, at most 1,000."""
        viewer.needs(Permission.DEVICE_READ)
        rows = await self._rows(_rows(viewer, self._clock.now_ms()).limit(LISTED_MAX))
        return [_view(row) for row in rows]

    async def one(self, viewer: Viewer, group: GroupId) -> GroupRow:
        """Return one group; ``group.unknown`` when there is none or none visible."""
        async with self._database.read() as connection:
            return _view(await _found(connection, viewer, group, self._clock.now_ms()))

    async def members(self, viewer: Viewer, group: GroupId) -> list[DeviceId]:
        """Return the devices of a visible group that the viewer may read, by number."""
        async with self._database.read() as connection:
            await _found(connection, viewer, group, self._clock.now_ms())
            rows = await connection.execute(
                select(devices.c.id)
                .join(group_members, group_members.c.device_id == devices.c.id)
                .where(
                    group_members.c.group_id == group,
                    THERE,
                    is_own(viewer, Permission.DEVICE_READ),
                )
                .order_by(devices.c.id)
            )
            return [DeviceId(number) for number in rows.scalars()]

    async def create(self, viewer: Viewer, new: NewGroup) -> GroupRow:
        """Make a group in an organisation that a scope with ``grant.write`` reaches."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            await must_be_visible(connection, viewer, Permission.GRANT_WRITE, new.org)
            values = await _checked(connection, new)
            values["created_ms"] = now_ms
            group = GroupId(await add_row(connection, groups, values))
            members = await _wanted_members(connection, new)
            if members:
                rows = [{"group_id": group, "device_id": device} for device in members]
                await connection.execute(insert(group_members), rows)
            entry = AuditEntry("group.create", group, new.org, after=_audited(values, members))
            await record(connection, viewer, now_ms, entry)
            return _view(await _found(connection, viewer, group, now_ms))

    async def change(self, viewer: Viewer, group: GroupId, new: NewGroup) -> GroupRow:
        """Replace name, members or condition; loans of the group follow in the same moment."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            before = await target_group(connection, viewer, group, now_ms)
            if new.org != before.org:
                raise Refused(
                    "group.moved",
                    "A group stays with its organisation.",
                    "Make a new group in the other organisation.",
                )
            values = await _checked(connection, new, but=group)
            values.pop("org_id")
            await change_row(connection, groups, group, **values)
            had = await member_numbers(connection, group)
            has = set(await _wanted_members(connection, new))
            was = {"name": before.name, "query": before.query, "devices": len(had)}
            entry = AuditEntry("group.change", group, new.org, was, _audited(values, has))
            await record(connection, viewer, now_ms, entry)
            changes = await _leave(connection, group, had - has, now_ms)
            changes += await _join(connection, group, has - had, now_ms)
            await publish(connection, changes)
            return _view(await _found(connection, viewer, group, now_ms))

    async def remove(self, viewer: Viewer, group: GroupId) -> None:
        """Remove a group; it is refused while the group is lent."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            before = await target_group(connection, viewer, group, now_ms)
            if before.loans:
                raise Refused(
                    "group.in_use",
                    "The group is lent to another organisation.",
                    "Revoke its loans first.",
                )
            await change_row(connection, groups, group, removed_ms=now_ms)
            await connection.execute(
                delete(group_members).where(group_members.c.group_id == group)
            )
            entry = AuditEntry("group.remove", group, before.org, before={"name": before.name})
            await record(connection, viewer, now_ms, entry)


async def refresh_members(
    connection: AsyncConnection, changed: Sequence[int], now_ms: int
) -> list[Body]:
    """Bring these devices into and out of groups as they are now; return the changes to publish."""
    changes: list[Body] = []
    async for group, condition in _groups_about(connection, changed):
        among = and_(devices.c.id.in_(changed), condition)
        fits = set((await connection.execute(select(devices.c.id).where(among))).scalars())
        had = await member_numbers(connection, group.id, changed)
        gone = had - fits
        changes += await _leave(connection, group.id, gone, now_ms)
        if group.query is not None:
            room = MEMBERS_MAX - group.members
            joining = sorted(fits - had)[: max(room, 0)]
            changes += await _join(connection, group.id, joining, now_ms)
    return changes


async def _groups_about(connection: AsyncConnection, changed: Sequence[int]) -> Any:  # noqa: ANN401  # an async generator of rows and conditions
    """Yield the groups that these devices are in or may belong to, with what a member must be."""
    above = select(org_closure.c.ancestor).where(
        org_closure.c.descendant.in_(
            select(devices.c.org_id).where(devices.c.id.in_(changed)).distinct()
        )
    )
    holding = select(group_members.c.group_id).where(group_members.c.device_id.in_(changed))
    count = _count_of_members()
    found = await connection.execute(
        select(groups, count.label("members")).where(
            groups.c.removed_ms.is_(None),
            or_(
                groups.c.id.in_(holding),
                and_(groups.c.query.is_not(None), groups.c.org_id.in_(above)),
            ),
        )
    )
    for group in found.all():
        query = None if group.query is None else msgspec.convert(group.query, GroupQuery)
        yield group, _condition(OrgId(group.org_id), query)


def _condition(org: OrgId, query: GroupQuery | None) -> ColumnElement[bool]:
    inside = select(org_closure.c.descendant).where(org_closure.c.ancestor == org)
    chosen: list[ColumnElement[bool]] = [THERE, devices.c.org_id.in_(inside)]
    if query is not None:
        chosen += [
            column == wanted
            for column, wanted in (
                (devices.c.sector, query.sector),
                (devices.c.zone_id, query.zone),
                (devices.c.profile_id, query.profile),
            )
            if wanted is not None
        ]
        chosen += [
            devices.c.folded.contains(word, autoescape=True) for word in search_words(query.search)
        ]
    return and_(*chosen)


async def _leave(
    connection: AsyncConnection, group: int, gone: set[int], now_ms: int
) -> list[Body]:
    if not gone:
        return []
    await connection.execute(
        delete(group_members).where(
            group_members.c.group_id == group, group_members.c.device_id.in_(gone)
        )
    )
    return await end_parts(connection, group, gone, now_ms)


async def _join(
    connection: AsyncConnection, group: int, new: Sequence[int] | set[int], now_ms: int
) -> list[Body]:
    if not new:
        return []
    rows = [{"group_id": group, "device_id": device} for device in sorted(new)]
    await connection.execute(insert(group_members), rows)
    return await start_parts(connection, group, sorted(new), now_ms)


async def _wanted_members(connection: AsyncConnection, new: NewGroup) -> list[int]:
    """Return the devices that belong to the group as it is wanted."""
    chosen = _condition(new.org, new.query)
    if new.query is None:
        chosen = and_(chosen, devices.c.id.in_(new.devices))
    found = await connection.execute(
        select(devices.c.id).where(chosen).order_by(devices.c.id).limit(MEMBERS_MAX + 1)
    )
    numbers = list(found.scalars())
    checked = Checked()
    checked.unless(len(numbers) <= MEMBERS_MAX, "query", "group.devices")
    missing = set(new.devices) - set(numbers) if new.query is None else set()
    checked.unless(not missing, "devices", "devices.foreign")
    checked.done(_wrong())
    return numbers


async def _checked(
    connection: AsyncConnection, new: NewGroup, *, but: int | None = None
) -> dict[str, Any]:
    checked = Checked()
    name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
    checked.unless(len(new.devices) <= MEMBERS_MAX, "devices", "group.devices")
    if new.query is not None:
        if new.query.sector is not None:
            checked.choice("sector", new.query.sector, SECTORS)
        checked.unless(not new.devices, "devices", "devices.or_query")
    of_org = and_(groups.c.org_id == new.org, groups.c.removed_ms.is_(None))
    named = select(groups.c.id).where(of_org, groups.c.folded == fold(name))
    same = set((await connection.execute(named)).scalars()) - {but}
    checked.unless(not same, "name", "group.name_taken")
    many = await count_rows(connection, of_org, groups.c.id.is_distinct_from(but))
    checked.unless(many < GROUPS_PER_ORG_MAX, "org", "groups.too_many")
    checked.done(_wrong())
    query = None if new.query is None else msgspec.to_builtins(new.query)
    return {"org_id": new.org, "name": name, "folded": fold(name), "query": query}


async def member_numbers(
    connection: AsyncConnection, group: int, among: Sequence[int] | None = None
) -> set[int]:
    """Return the numbers of the devices in a group, or of those ``among`` some that are."""
    chosen: list[ColumnElement[bool]] = [group_members.c.group_id == group]
    if among is not None:
        chosen.append(group_members.c.device_id.in_(among))
    return set(await connection.scalars(select(group_members.c.device_id).where(*chosen)))


async def target_group(
    connection: AsyncConnection, viewer: Viewer, group: GroupId, now_ms: int
) -> AnyRow:
    """Return a visible group of an organisation that a scope with ``grant.write`` reaches."""
    row = await _found(connection, viewer, group, now_ms)
    await must_be_visible(connection, viewer, Permission.GRANT_WRITE, OrgId(row.org))
    return row


async def _found(
    connection: AsyncConnection, viewer: Viewer, group: GroupId, now_ms: int
) -> AnyRow:
    return await found_row(
        connection,
        _rows(viewer, now_ms).where(groups.c.id == group),
        Refused("group.unknown", "There is no such group.", "Look at the list of groups."),
    )


def _rows(viewer: Viewer, now_ms: int) -> Select[Any]:
    live = (
        select(func.count())
        .where(loans.c.group_id == groups.c.id, loan_is_live(now_ms))
        .scalar_subquery()
    )
    return (
        select(
            *columns_of(
                GroupRow,
                groups,
                org_name=organisations.c.name,
                devices=_count_of_members(),
                loans=live,
            )
        )
        .join(organisations, organisations.c.id == groups.c.org_id)
        .where(
            groups.c.removed_ms.is_(None),
            org_is_visible(viewer, Permission.DEVICE_READ, groups.c.org_id),
        )
        .order_by(groups.c.folded, groups.c.id)
    )


def _count_of_members() -> Any:  # noqa: ANN401  # a scalar subquery
    return (
        select(func.count())
        .select_from(group_members)
        .where(group_members.c.group_id == groups.c.id)
        .scalar_subquery()
    )


def _view(row: AnyRow) -> GroupRow:
    query = None if row.query is None else msgspec.convert(row.query, GroupQuery)
    return as_view(GroupRow, row, query=query)


def _audited(values: dict[str, Any], members: Any) -> dict[str, Any]:  # noqa: ANN401  # any sized collection
    return {"name": values["name"], "query": values["query"], "devices": len(members)}


def _wrong() -> Refused:
    return Refused("group.wrong", "The group cannot be kept like this.")
