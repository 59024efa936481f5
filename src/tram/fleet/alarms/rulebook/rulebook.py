"""The book of rules: kept in versions, switched on and off, read by the engine."""

from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.alarms import AlarmState
from tram.domain.bounds import is_number
from tram.domain.permissions import Permission
from tram.fleet.alarms.rulebook.active_rules import ActiveRules
from tram.fleet.alarms.rulebook.references import check_chain, check_references
from tram.fleet.alarms.rulebook.rule_checks import check_content
from tram.fleet.alarms.rulebook.rule_costs import refuse_beyond
from tram.fleet.alarms.set_aside import reason_column, try_again
from tram.fleet.alarms.tables import alarms, rule_versions, rules
from tram.fleet.alarms.views import NewRule, RuleContent, RuleRow
from tram.fleet.rules.kinds import SEVERITIES, Rule
from tram.registry.kernel.access import denied, must_be_visible, org_is_visible
from tram.registry.kernel.audit import AuditEntry, record
from tram.registry.kernel.checks import Checked
from tram.registry.kernel.database import AnyRow, Database
from tram.registry.kernel.tables import organisations
from tram.registry.kernel.viewer import Viewer
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("RuleBook", "kind_of")

NAME_CHARACTERS_MAX: Final = 200


class _Version(NamedTuple):
    """Which version of a rule, made when."""

    rule_id: int
    version: int
    at_ms: int


class RuleBook:
    """Rules of the organisations that the viewer's open scopes reach."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._active = ActiveRules(database, clock)

    async def all(self, viewer: Viewer) -> list[RuleRow]:
        """Return the rules that are kept, newest change first."""
        viewer.needs(Permission.RULE_READ)
        async with self._database.read() as connection:
            return await self._rows(connection, viewer)

    async def one(self, viewer: Viewer, rule: int) -> RuleRow:
        """Return one rule; ``alarm.rule_unknown`` when out of reach."""
        viewer.needs(Permission.RULE_READ)
        async with self._database.read() as connection:
            return await self._found(connection, viewer, rule)

    async def create(self, viewer: Viewer, new: NewRule) -> RuleRow:
        """Keep a rule's first version."""
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.RULE_WRITE)
        org: Any = viewer.org if new.org is None else new.org
        if not is_number(org):
            raise denied()
        async with self._database.write() as connection:
            await must_be_visible(connection, viewer, Permission.RULE_WRITE, org)
            values = await self._values(connection, viewer, new, org, None)
            await refuse_beyond(connection, org, new.content, None)
            inserted = await connection.execute(
                insert(rules)
                .values(**values, org_id=org, version=1, changed_ms=now_ms)
                .returning(rules.c.id)
            )
            number: int = inserted.scalar_one()
            await _keep_version(connection, viewer, _Version(number, 1, now_ms), values)
            audit_entry = AuditEntry("rule.create", number, org, after=values)
            await record(connection, viewer, now_ms, audit_entry)
            return await self._found(connection, viewer, number)

    async def change(self, viewer: Viewer, rule: int, new: NewRule) -> RuleRow:
        """Keep the next version; what was judged by the one before stays as it was."""
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.RULE_WRITE)
        async with self._database.write() as connection:
            old = await self._found(connection, viewer, rule)
            await must_be_visible(connection, viewer, Permission.RULE_WRITE, old.org)  # type: ignore[arg-type]  # a plain number
            values = await self._values(connection, viewer, new, old.org, old)
            await refuse_beyond(connection, old.org, new.content, rule)
            same = msgspec.to_builtins(old.content) == values["content"]
            version = old.version + int(not same)
            await connection.execute(
                update(rules)
                .where(rules.c.id == rule)
                .values(**values, version=version, changed_ms=now_ms)
            )
            if not same:
                await _keep_version(connection, viewer, _Version(rule, version, now_ms), values)
            audit_entry = AuditEntry("rule.change", rule, old.org, before=old, after=values)  # type: ignore[arg-type]  # a plain number
            await record(connection, viewer, now_ms, audit_entry)
            return await self._found(connection, viewer, rule)

    async def switch(self, viewer: Viewer, rule: int, *, on: bool) -> RuleRow:
        """Switch a rule on or off; off ends its open alarms."""
        now_ms = self._clock.now_ms()
        return await self._mark(viewer, rule, "switch", {"enabled": on, "changed_ms": now_ms})

    async def remove(self, viewer: Viewer, rule: int) -> None:
        """Take a rule out of use; its versions and alarms stay."""
        now_ms = self._clock.now_ms()
        viewer.needs(Permission.RULE_WRITE)
        async with self._database.write() as connection:
            old = await self._found(connection, viewer, rule)
            await must_be_visible(connection, viewer, Permission.RULE_WRITE, old.org)  # type: ignore[arg-type]  # a plain number
            await connection.execute(
                update(rules)
                .where(rules.c.id == rule)
                .values(removed_ms=now_ms, changed_ms=now_ms, enabled=False)
            )
            await record(connection, viewer, now_ms, AuditEntry("rule.remove", rule, old.org))  # type: ignore[arg-type]  # a plain number

    async def active(self) -> tuple[int, list[Rule]]:
        """Return a number that changes with every change of a rule, and the rules that are on.

        Runs as the system. A query is answered anew here, for the devices of this moment; what
        cannot be read is set aside.
        """
        return await self._active.read()

    async def must_be_sound(self, viewer: Viewer, content: RuleContent) -> None:
        """Refuse what could not be kept as a rule of the viewer's organisation.

        Raises:
            Refused: ``alarm.rule_wrong`` with every wrong field.
        """
        async with self._database.read() as connection:
            checked = Checked()
            check_content(content, checked)
            await check_references(
                connection, viewer, viewer.org, content, checked, now_ms=self._clock.now_ms()
            )
            checked.done(Refused("alarm.rule_wrong", "The rule cannot be tried like this."))

    async def _values(
        self,
        connection: AsyncConnection,
        viewer: Viewer,
        new: NewRule,
        org: int,
        old: RuleRow | None,
    ) -> dict[str, Any]:
        """Return a rule as its row, or refuse it with every wrong field."""
        checked = Checked()
        name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
        checked.choice("severity", new.severity, SEVERITIES)
        check_content(new.content, checked)
        await check_chain(connection, new.chain, org, checked)
        before = {} if old is None else {"before": old.content.scope}
        await check_references(
            connection, viewer, org, new.content, checked, now_ms=self._clock.now_ms(), **before
        )
        checked.done(Refused("alarm.rule_wrong", "The rule cannot be kept like this."))
        return {
            "name": name,
            "kind": kind_of(new.content),
            "severity": SEVERITIES.index(new.severity),
            "content": msgspec.to_builtins(new.content),
            "enabled": new.enabled,
            "chain_id": new.chain,
        }

    async def _mark(self, viewer: Viewer, rule: int, verb: str, values: dict[str, Any]) -> RuleRow:
        viewer.needs(Permission.RULE_WRITE)
        async with self._database.write() as connection:
            old = await self._found(connection, viewer, rule)
            await must_be_visible(connection, viewer, Permission.RULE_WRITE, old.org)  # type: ignore[arg-type]  # a plain number
            await connection.execute(update(rules).where(rules.c.id == rule).values(values))
            await try_again(connection, rule, old.version)
            audit_entry = AuditEntry(f"rule.{verb}", rule, old.org, after=values)  # type: ignore[arg-type]  # a plain number
            await record(connection, viewer, self._clock.now_ms(), audit_entry)
            return await self._found(connection, viewer, rule)

    async def _found(self, connection: AsyncConnection, viewer: Viewer, rule: int) -> RuleRow:
        found = await self._rows(connection, viewer, rule) if is_number(rule) else []
        if not found:
            raise Refused("alarm.rule_unknown", "There is no such rule, or you may not see it.")
        return found[0]

    async def _rows(
        self, connection: AsyncConnection, viewer: Viewer, rule: int | None = None
    ) -> list[RuleRow]:
        opened = (
            select(func.count())
            .where(alarms.c.rule_id == rules.c.id, alarms.c.state < AlarmState.OVER)
            .scalar_subquery()
        )
        chosen = [
            rules.c.removed_ms.is_(None),
            org_is_visible(viewer, Permission.RULE_READ, rules.c.org_id),
        ]
        if rule is not None:
            chosen.append(rules.c.id == rule)
        rows = await connection.execute(
            select(
                rules, organisations.c.name.label("org_name"), opened.label("opened"),
                reason_column().label("aside"),
            )
            .join(organisations, organisations.c.id == rules.c.org_id)
            .where(*chosen)
            .order_by(rules.c.changed_ms.desc(), rules.c.id.desc())
        )  # fmt: skip
        return [_view(row) for row in rows]


def kind_of(content: RuleContent) -> str:
    """Return the word for the kind of a rule."""
    return str(content.spec.__struct_config__.tag)


async def _keep_version(
    connection: AsyncConnection, viewer: Viewer, version: _Version, values: dict[str, Any]
) -> None:
    await connection.execute(
        insert(rule_versions).values(
            **version._asdict(),
            **{name: values[name] for name in ("name", "severity", "content")},
            person_id=viewer.person,
            person_name=viewer.name,
        )
    )


def _view(row: AnyRow) -> RuleRow:
    return RuleRow(
        id=row.id,
        org=row.org_id,
        org_name=row.org_name,
        version=row.version,
        name=row.name,
        kind=row.kind,
        severity=SEVERITIES[row.severity],
        content=RuleContent.kept(row.content),
        enabled=row.enabled,
        chain=row.chain_id,
        changed_ms=row.changed_ms,
        open_alarms=int(row.opened),
        aside=row.aside or "",
    )
