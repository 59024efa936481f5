"""The tree of organisations, kept with its closure so that a subtree is one join."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.ids import OrgId
from tram.domain.permissions import Permission
from tram.domain.text import fold
from tram.registry.kernel.access import must_be_visible, org_is_visible
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import TRANSACTION_ROWS_MAX, AnyRow, as_view, take_numbers
from tram.registry.kernel.outbox import org_puts, publish
from tram.registry.kernel.repository import Repository, add_row, change_row, count_rows, found_row
from tram.registry.kernel.tables import org_closure, organisations
from tram.registry.kernel.viewer import Viewer, system_viewer
from tram.registry.kernel.views import NewOrganisation, Organisation
from tram.runtime.errors import Refused

__all__ = ("PUBLIC_KINDS", "Organisations", "add_organisation")

NAME_CHARACTERS_MAX = 200
CODE_CHARACTERS_MAX = 40
DEPTH_MAX = 12
TREE_MAX = 10_000
PUBLIC_KINDS = ("province", "department", "zone-authority", "commune")
"""Public bodies: their names are no secret, and everybody may lend to them."""


class Organisations(Repository):
    """Organisations that the viewer's scopes reach, and always the viewer's own."""

    async def tree(self, viewer: Viewer) -> list[Organisation]:
        """Return the visible organisations, each after its parent, siblings by name."""
        viewer.needs(Permission.ORG_READ)
        async with self._database.read() as connection:
            rows = await connection.execute(_rows().where(_visible(viewer)).limit(TREE_MAX))
            return _in_tree_order(list(rows))

    async def recipients(self, viewer: Viewer) -> list[Organisation]:
        """Return whom the viewer may name to lend to: the visible, and every public body."""
        viewer.needs(Permission.GRANT_WRITE)
        named = or_(_visible(viewer), organisations.c.kind.in_(PUBLIC_KINDS))
        return [_view(row, 0) for row in await self._rows(_rows().where(named).limit(TREE_MAX))]

    async def one(self, viewer: Viewer, org: OrgId) -> Organisation:
        """Return one organisation; ``organisation.unknown`` when there is none or none visible."""
        async with self._database.read() as connection:
            row = await _found(connection, viewer, org)
            return _view(row, 0)

    async def create(self, viewer: Viewer, new: NewOrganisation) -> Organisation:
        """Make an organisation under a parent that a scope with ``org.write`` reaches."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            await must_be_visible(connection, viewer, Permission.ORG_WRITE, new.parent)
            org = await add_organisation(connection, viewer, now_ms, new, new.parent)
            await publish(connection, await org_puts(connection, org_closure.c.descendant == org))
            row = (await connection.execute(_rows().where(organisations.c.id == org))).one()
            return _view(row, 0)

    async def move(self, viewer: Viewer, org: OrgId, parent: OrgId) -> None:
        """Hang an organisation with its whole subtree under another parent."""
        now_ms = self._clock.now_ms()
        async with self._database.write() as connection:
            await _lock_tree(connection)
            before = await _found(connection, viewer, org)
            await must_be_visible(connection, viewer, Permission.ORG_WRITE, org)
            await must_be_visible(connection, viewer, Permission.ORG_WRITE, parent)
            await _check_move(connection, org, parent)
            await change_row(connection, organisations, org, parent_id=parent)
            await _rehang(connection, org, parent)
            was, now = {"parent_id": before.parent_id}, {"parent_id": parent}
            entry = AuditEntry("organisation.move", org, org, was, now)
            await record(connection, viewer, now_ms, entry)
            moved = org_closure.c.descendant.in_(_subtree(org))
            await publish(connection, await org_puts(connection, moved))


async def add_organisation(
    connection: AsyncConnection,
    viewer: Viewer | None,
    now_ms: int,
    new: NewOrganisation,
    parent: OrgId | None,
) -> OrgId:
    """Write an organisation with closure and audit; viewer None is the product making a root.

    The caller has checked the viewer's reach and publishes the change.
    """
    await _lock_tree(connection)
    values = await _checked(connection, new, parent)
    org = OrgId(await add_row(connection, organisations, values))
    above = select(
        org_closure.c.ancestor, literal(org).label("descendant"), org_closure.c.depth + 1
    ).where(org_closure.c.descendant == parent)
    await connection.execute(insert(org_closure).values(ancestor=org, descendant=org, depth=0))
    await connection.execute(
        insert(org_closure).from_select(["ancestor", "descendant", "depth"], above)
    )
    entry = AuditEntry("organisation.create", org, org, after=values)
    await record(connection, viewer or system_viewer(org), now_ms, entry)
    return org


async def _checked(
    connection: AsyncConnection, new: NewOrganisation, parent: OrgId | None
) -> dict[str, Any]:
    checked = Checked()
    name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
    code = checked.text("code", new.code, CODE_CHARACTERS_MAX)
    kind = checked.text("kind", new.kind, CODE_CHARACTERS_MAX)
    taken = select(organisations.c.id).where(organisations.c.code == code)
    free = (await connection.execute(taken)).first() is None
    checked.unless(free, "code", "code.taken")
    depth = await _depth(connection, parent) + 1
    checked.unless(depth <= DEPTH_MAX, "parent", "organisation.too_low", most=DEPTH_MAX)
    checked.done(Refused("organisation.wrong", "The organisation cannot be kept like this."))
    return {"parent_id": parent, "kind": kind, "name": name, "folded": fold(name), "code": code}


async def _check_move(connection: AsyncConnection, org: OrgId, parent: OrgId) -> None:
    size, height = (
        await connection.execute(
            select(func.count(), func.max(org_closure.c.depth)).where(
                org_closure.c.ancestor == org
            )
        )
    ).one()
    inside = select(literal(parent).in_(_subtree(org)))
    checked = Checked()
    is_inside = (await connection.execute(inside)).scalar_one()
    checked.unless(not is_inside, "parent", "organisation.below_itself")
    depth = await _depth(connection, parent) + 1 + height
    checked.unless(depth <= DEPTH_MAX, "parent", "organisation.too_low", most=DEPTH_MAX)
    rows = size * DEPTH_MAX
    checked.unless(rows <= TRANSACTION_ROWS_MAX, "org", "organisation.too_large")
    checked.done(Refused("organisation.wrong", "The organisation cannot be kept like this."))


async def _rehang(connection: AsyncConnection, org: OrgId, parent: OrgId) -> None:
    """Replace the paths from above into the subtree by those through the new parent."""
    await connection.execute(
        delete(org_closure).where(
            org_closure.c.descendant.in_(_subtree(org)),
            org_closure.c.ancestor.not_in(_subtree(org)),
        )
    )
    above = org_closure.alias("above")
    below = org_closure.alias("below")
    paths = (
        select(above.c.ancestor, below.c.descendant, above.c.depth + below.c.depth + 1)
        .join_from(above, below, true())
        .where(above.c.descendant == parent, below.c.ancestor == org)
    )
    await connection.execute(
        insert(org_closure).from_select(["ancestor", "descendant", "depth"], paths)
    )


async def _lock_tree(connection: AsyncConnection) -> None:
    """Let one change of the tree pass at a time: two moves could close a ring together."""
    await take_numbers(connection, "tree", 1)


async def _depth(connection: AsyncConnection, org: OrgId | None) -> int:
    """Return the levels above an organisation plus its own; 0 for no organisation."""
    return await count_rows(connection, org_closure.c.descendant == org)


async def _found(connection: AsyncConnection, viewer: Viewer, org: OrgId) -> AnyRow:
    return await found_row(
        connection,
        _rows().where(and_(organisations.c.id == org, _visible(viewer))),
        Refused(
            "organisation.unknown",
            "There is no such organisation.",
            "Look at the tree of organisations.",
        ),
    )


def _visible(viewer: Viewer) -> ColumnElement[bool]:
    return or_(
        org_is_visible(viewer, Permission.ORG_READ, organisations.c.id),
        organisations.c.id == viewer.org,
    )


def _subtree(org: OrgId) -> Select[Any]:
    inner = org_closure.alias("inner_closure")
    return select(inner.c.descendant).where(inner.c.ancestor == org)


def _rows() -> Select[Any]:
    return select(organisations).order_by(organisations.c.folded, organisations.c.id)


def _in_tree_order(rows: list[AnyRow]) -> list[Organisation]:
    """Order rows depth first; a row whose parent is not visible stands at the top."""
    visible = {row.id for row in rows}
    children: dict[int | None, list[AnyRow]] = {}
    for row in rows:
        parent = row.parent_id if row.parent_id in visible else None
        children.setdefault(parent, []).append(row)
    ordered: list[Organisation] = []
    stack = [(row, 0) for row in reversed(children.get(None, []))]
    while stack:
        row, depth = stack.pop()
        ordered.append(_view(row, depth))
        stack += [(child, depth + 1) for child in reversed(children.get(row.id, []))]
    return ordered


def _view(row: AnyRow, depth: int) -> Organisation:
    return as_view(Organisation, row, depth=depth)
