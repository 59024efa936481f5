"""The book of rules: kept in versions, switched on and off, read by the engine."""

from typing import Any

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.sectors import SECTORS
from tram.fleet.alarms.tables import alarms, chains, rule_versions, rules
from tram.fleet.alarms.views import NewRule, RuleContent, RuleRow
from tram.fleet.rules.expression import compile_expression
from tram.fleet.rules.kinds import (
    AGGREGATES,
    MINUTES_OF_DAY,
    OPS,
    SEVERITIES,
    Expression,
    Geofence,
    Missing,
    Rule,
    Schedule,
    Scope,
    Spec,
    Stuck,
    Window,
)
from tram.registry.access import must_reach, org_is_reached
from tram.registry.audit import Deed, record
from tram.registry.checks import Checked, search_words
from tram.registry.database import AnyRow, Database
from tram.registry.sharing_tables import group_members, groups
from tram.registry.tables import devices, org_closure, organisations
from tram.registry.viewer import Viewer
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused

__all__ = ("RULES_MAX", "RuleBook", "check_content", "kind_of")

RULES_MAX = 2_000
NAME_CHARACTERS_MAX = 200
ADVICE_CHARACTERS_MAX = 1_000
DEVICES_MAX = 10_000
QUERY_DEVICES_MAX = 100_000
_OVER = 3


class RuleBook:
    """Rules of the organisations that the viewer's open scopes reach."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def all(self, viewer: Viewer) -> list[RuleRow]:
        """Return the rules that are kept, newest change first."""
        viewer.needs("rule.read")
        async with self._database.read() as connection:
            return await self._rows(connection, viewer)

    async def one(self, viewer: Viewer, rule: int) -> RuleRow:
        """Return one rule; ``alarm.rule_unknown`` when out of reach."""
        viewer.needs("rule.read")
        async with self._database.read() as connection:
            return await self._found(connection, viewer, rule)

    async def create(self, viewer: Viewer, new: NewRule) -> RuleRow:
        """Keep a rule's first version."""
        now_ms = self._clock.now_ms()
        viewer.needs("rule.write")
        org = viewer.org if new.org is None else new.org
        values = _values(new)
        async with self._database.write() as connection:
            await must_reach(connection, viewer, "rule.write", org)  # type: ignore[arg-type]  # a plain number
            await _refuse_wrong_chain(connection, new.chain, org)
            await _refuse_wrong_group(connection, viewer, new.content.scope.group)
            counting = select(func.count()).where(rules.c.removed_ms.is_(None))
            if (await connection.execute(counting)).scalar_one() >= RULES_MAX:
                raise Refused("alarm.rule_too_many", f"There are {RULES_MAX} rules already.")
            inserted = await connection.execute(
                insert(rules)
                .values(**values, org_id=org, version=1, changed_ms=now_ms)
                .returning(rules.c.id)
            )
            number: int = inserted.scalar_one()
            await _keep_version(connection, viewer, number, 1, (values, now_ms))
            deed = Deed("rule.create", number, org, after=values)  # type: ignore[arg-type]  # a plain number
            await record(connection, viewer, now_ms, deed)
            return await self._found(connection, viewer, number)

    async def change(self, viewer: Viewer, rule: int, new: NewRule) -> RuleRow:
        """Keep the next version; what was judged by the one before stays as it was."""
        now_ms = self._clock.now_ms()
        viewer.needs("rule.write")
        values = _values(new)
        async with self._database.write() as connection:
            old = await self._found(connection, viewer, rule)
            await must_reach(connection, viewer, "rule.write", old.org)  # type: ignore[arg-type]  # a plain number
            await _refuse_wrong_chain(connection, new.chain, old.org)
            if new.content.scope.group != old.content.scope.group:
                await _refuse_wrong_group(connection, viewer, new.content.scope.group)
            same = msgspec.to_builtins(old.content) == values["content"]
            version = old.version + int(not same)
            await connection.execute(
                update(rules)
                .where(rules.c.id == rule)
                .values(**values, version=version, changed_ms=now_ms)
            )
            if not same:
                await _keep_version(connection, viewer, rule, version, (values, now_ms))
            deed = Deed("rule.change", rule, old.org, before=old, after=values)  # type: ignore[arg-type]  # a plain number
            await record(connection, viewer, now_ms, deed)
            return await self._found(connection, viewer, rule)

    async def switch(self, viewer: Viewer, rule: int, *, on: bool) -> RuleRow:
        """Switch a rule on or off; off ends its open alarms."""
        now_ms = self._clock.now_ms()
        return await self._mark(viewer, rule, "switch", {"enabled": on, "changed_ms": now_ms})

    async def remove(self, viewer: Viewer, rule: int) -> None:
        """Take a rule out of use; its versions and alarms stay."""
        now_ms = self._clock.now_ms()
        viewer.needs("rule.write")
        async with self._database.write() as connection:
            old = await self._found(connection, viewer, rule)
            await must_reach(connection, viewer, "rule.write", old.org)  # type: ignore[arg-type]  # a plain number
            await connection.execute(
                update(rules)
                .where(rules.c.id == rule)
                .values(removed_ms=now_ms, changed_ms=now_ms, enabled=False)
            )
            await record(connection, viewer, now_ms, Deed("rule.remove", rule, old.org))  # type: ignore[arg-type]  # a plain number

    async def active(self) -> tuple[int, list[Rule]]:
        """Return a number that changes with every change of a rule, and the rules that are on.

        Runs as the system. A query is answered anew here, for the devices of this moment.
        """
        async with self._database.read() as connection:
            mark = await connection.execute(
                select(func.coalesce(func.max(rules.c.changed_ms), 0), func.count())
            )
            newest, count = mark.one()
            rows = await connection.execute(
                select(rules)
                .where(rules.c.enabled.is_(True), rules.c.removed_ms.is_(None))
                .order_by(rules.c.id)
            )
            found = [await _engine_rule(connection, row) for row in rows.all()]
        return hash((int(newest), int(count), msgspec.json.encode(found))), found

    async def _mark(self, viewer: Viewer, rule: int, verb: str, values: dict[str, Any]) -> RuleRow:
        viewer.needs("rule.write")
        async with self._database.write() as connection:
            old = await self._found(connection, viewer, rule)
            await must_reach(connection, viewer, "rule.write", old.org)  # type: ignore[arg-type]  # a plain number
            await connection.execute(update(rules).where(rules.c.id == rule).values(values))
            deed = Deed(f"rule.{verb}", rule, old.org, after=values)  # type: ignore[arg-type]  # a plain number
            await record(connection, viewer, self._clock.now_ms(), deed)
            return await self._found(connection, viewer, rule)

    async def _found(self, connection: AsyncConnection, viewer: Viewer, rule: int) -> RuleRow:
        found = await self._rows(connection, viewer, rule)
        if not found:
            raise Refused("alarm.rule_unknown", "There is no such rule, or you may not see it.")
        return found[0]

    async def _rows(
        self, connection: AsyncConnection, viewer: Viewer, rule: int | None = None
    ) -> list[RuleRow]:
        opened = (
            select(func.count())
            .where(alarms.c.rule_id == rules.c.id, alarms.c.state < _OVER)
            .scalar_subquery()
        )
        chosen = [
            rules.c.removed_ms.is_(None),
            org_is_reached(viewer, "rule.read", rules.c.org_id),
        ]
        if rule is not None:
            chosen.append(rules.c.id == rule)
        rows = await connection.execute(
            select(rules, organisations.c.name.label("org_name"), opened.label("opened"))
            .join(organisations, organisations.c.id == rules.c.org_id)
            .where(*chosen)
            .order_by(rules.c.changed_ms.desc(), rules.c.id.desc())
        )
        return [_view(row) for row in rows]


def kind_of(content: RuleContent) -> str:
    """Return the word for the kind of a rule."""
    return str(content.spec.__struct_config__.tag)


def check_content(content: RuleContent, checked: Checked) -> None:
    """Note what is wrong with a rule beyond the shapes of its fields."""
    _check_spec(content.spec, checked)
    spans = [*content.hours, *(content.spec.hours if isinstance(content.spec, Schedule) else ())]
    for span in spans:
        checked.unless(
            span.days and 0 <= span.start < MINUTES_OF_DAY, "hours", "Needs days and a start."
        )
    if content.scope.sector is not None:
        checked.choice("sector", content.scope.sector, SECTORS)
    some = content.scope.devices
    checked.unless(
        some is None or len(some) <= DEVICES_MAX, "devices", f"At most {DEVICES_MAX} devices."
    )


def _check_spec(spec: Spec, checked: Checked) -> None:
    if not isinstance(spec, Stuck | Missing | Geofence | Expression):
        checked.choice("op", spec.op, OPS)
        checked.unless(
            spec.op != "outside" or spec.low < spec.high, "high", "Must be above the lower limit."
        )
    if isinstance(spec, Window):
        checked.choice("aggregate", spec.aggregate, AGGREGATES)
    elif isinstance(spec, Geofence):
        checked.choice("must_be", spec.must_be, ("inside", "outside"))
    elif isinstance(spec, Schedule):
        checked.unless(spec.hours, "hours", "Needs at least one span of hours.")
    elif isinstance(spec, Expression):
        try:
            compile_expression(spec.when)
        except Refused as error:
            checked.faults += error.faults


def _values(new: NewRule) -> dict[str, Any]:
    checked = Checked()
    name = checked.text("name", new.name, NAME_CHARACTERS_MAX)
    checked.choice("severity", new.severity, SEVERITIES)
    checked.text("advice", new.content.advice, ADVICE_CHARACTERS_MAX, shortest=0)
    check_content(new.content, checked)
    checked.done(Refused("alarm.rule_wrong", "The rule cannot be kept like this."))
    return {
        "name": name,
        "kind": kind_of(new.content),
        "severity": SEVERITIES.index(new.severity),
        "content": msgspec.to_builtins(new.content),
        "enabled": new.enabled,
        "chain_id": new.chain,
    }


async def _refuse_wrong_chain(connection: AsyncConnection, chain: int | None, org: int) -> None:
    if chain is None:
        return
    above = select(org_closure.c.ancestor).where(org_closure.c.descendant == org)
    found = await connection.execute(
        select(chains.c.id).where(
            chains.c.id == chain, chains.c.removed_ms.is_(None), chains.c.org_id.in_(above)
        )
    )
    checked = Checked()
    checked.unless(found.first(), "chain", "There is no such chain.")
    checked.done(Refused("alarm.rule_wrong", "The rule cannot be kept like this."))


async def _refuse_wrong_group(
    connection: AsyncConnection, viewer: Viewer, group: int | None
) -> None:
    if group is None:
        return
    found = await connection.execute(
        select(groups.c.id).where(
            groups.c.id == group,
            groups.c.removed_ms.is_(None),
            org_is_reached(viewer, "device.read", groups.c.org_id),
        )
    )
    checked = Checked()
    checked.unless(found.first(), "group", "There is no such group.")
    checked.done(Refused("alarm.rule_wrong", "The rule cannot be kept like this."))


async def _keep_version(
    connection: AsyncConnection,
    viewer: Viewer,
    rule: int,
    version: int,
    said: tuple[dict[str, Any], int],
) -> None:
    values, now_ms = said
    await connection.execute(
        insert(rule_versions).values(
            rule_id=rule,
            version=version,
            name=values["name"],
            severity=values["severity"],
            content=values["content"],
            at_ms=now_ms,
            person_id=viewer.person,
            person_name=viewer.name,
        )
    )


async def _engine_rule(connection: AsyncConnection, row: AnyRow) -> Rule:
    content = msgspec.convert(row.content, RuleContent)
    scope = content.scope
    narrow: list[Any] = [
        devices.c.folded.contains(word, autoescape=True) for word in search_words(content.query)
    ]
    if scope.group is not None:
        members = select(group_members.c.device_id).where(group_members.c.group_id == scope.group)
        narrow.append(devices.c.id.in_(members))
    if narrow:
        found = await connection.execute(
            select(devices.c.id)
            .where(devices.c.removed_ms.is_(None), *narrow)
            .order_by(devices.c.id)
            .limit(QUERY_DEVICES_MAX)
        )
        chosen = [int(number) for number in found.scalars()]
        if scope.devices is not None:
            chosen = sorted(set(chosen) & set(scope.devices))
        scope = Scope(profile=scope.profile, zone=scope.zone, sector=scope.sector, devices=chosen)
    return Rule(
        id=row.id,
        version=row.version,
        org=row.org_id,
        spec=content.spec,
        scope=scope,
        hours=content.hours,
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
        content=msgspec.convert(row.content, RuleContent),
        enabled=row.enabled,
        chain=row.chain_id,
        changed_ms=row.changed_ms,
        open_alarms=int(row.opened),
    )
