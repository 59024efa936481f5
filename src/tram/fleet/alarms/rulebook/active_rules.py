"""The rules that are on, as the engine takes them: read by the system, each under a guard."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.domain.bounds import is_number
from tram.fleet.alarms.set_aside import PART, RULE, rule_entry
from tram.fleet.alarms.tables import rules
from tram.fleet.alarms.views import RuleContent
from tram.fleet.rules.kinds import Rule, RuleScope
from tram.registry.kernel.checks import search_words
from tram.registry.kernel.database import AnyRow, Database
from tram.registry.kernel.set_aside import SetAside
from tram.registry.kernel.tables import devices, org_closure
from tram.registry.sharing.tables import group_members, groups
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused, is_of_the_entry

__all__ = ("QUERY_DEVICES_MAX", "ActiveRules")

QUERY_DEVICES_MAX: Final = 100_000
"""Devices that the words or the group of one rule choose."""
_ROOM: Final = 500
_Key = tuple[int, int]


class ActiveRules:
    """Reads what is on; contents are read once for each version, chosen devices every time."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._aside = SetAside(database, clock)
        self._contents: dict[_Key, RuleContent] = {}

    async def read(self) -> tuple[int, list[Rule]]:
        """Return a number that changes with every change of a rule, and the rules that are on.

        A rule that cannot be read is set aside, and so is left out until it is changed or switched
        on again; all others are returned.
        """
        aside = await self._aside.keys(PART, RULE)
        failed: list[tuple[AnyRow, Exception]] = []
        async with self._database.read() as connection:
            found = await connection.execute(
                select(rules.c.id, rules.c.version, rules.c.org_id)
                .where(rules.c.enabled.is_(True), rules.c.removed_ms.is_(None))
                .order_by(rules.c.id)
            )
            rows = [row for row in found if rule_entry(*row).key not in aside]
            failed += await self._read_contents(connection, rows)
            made: list[Rule] = []
            for row in rows:
                content = self._contents.get((row.id, row.version))
                if content is None:
                    continue
                try:
                    made.append(await _engine_rule(connection, row, content))
                except Exception as error:
                    if not is_of_the_entry(error):
                        raise
                    failed.append((row, error))
        for row, reason in failed:
            await self._aside.note(rule_entry(*row), reason)
        return _mark(made, self._contents), made

    async def _read_contents(
        self, connection: AsyncConnection, rows: Sequence[AnyRow]
    ) -> list[tuple[AnyRow, Exception]]:
        """Know the content of these versions and of no others; return what cannot be read."""
        known = self._contents
        self._contents = {
            key: known[key] for row in rows if (key := (row.id, row.version)) in known
        }
        unknown = {row.id: row for row in rows if (row.id, row.version) not in known}
        failed: list[tuple[AnyRow, Exception]] = []
        numbers = list(unknown)
        for start in range(0, len(numbers), _ROOM):
            found = await connection.execute(
                select(rules.c.id, rules.c.version, rules.c.content).where(
                    rules.c.id.in_(numbers[start : start + _ROOM])
                )
            )
            for line in found:
                try:
                    content = msgspec.convert(line.content, RuleContent)
                    _refuse_wrong_numbers(content.scope)
                except Exception as error:
                    if not is_of_the_entry(error):
                        raise
                    failed.append((unknown[line.id], error))
                else:
                    self._contents[line.id, line.version] = content
        return failed


def _mark(made: Sequence[Rule], contents: dict[_Key, RuleContent]) -> int:
    chosen = (
        (rule.id, rule.version, tuple(rule.scope.devices or ()))
        if _chooses(contents[rule.id, rule.version])
        else (rule.id, rule.version, ())
        for rule in made
    )
    return hash(tuple(chosen))


def _chooses(content: RuleContent) -> bool:
    return bool(content.query) or content.scope.group is not None


def _refuse_wrong_numbers(scope: RuleScope) -> None:
    for field in ("group", "zone", "profile"):
        number = getattr(scope, field)
        if number is not None and not is_number(number):
            raise Refused("alarm.rule_wrong", f"The rule's {field} {number} cannot be: change it.")


async def _engine_rule(connection: AsyncConnection, row: AnyRow, content: RuleContent) -> Rule:
    scope = content.scope
    if _chooses(content):
        chosen = await _chosen(connection, row.org_id, content)
        if scope.devices is not None:
            chosen = sorted(set(chosen) & set(scope.devices))
        scope = RuleScope(
            profile=scope.profile, zone=scope.zone, sector=scope.sector, devices=chosen
        )
    return Rule(
        id=row.id,
        version=row.version,
        org=row.org_id,
        spec=content.spec,
        scope=scope,
        hours=content.hours,
    )


async def _chosen(connection: AsyncConnection, org: int, content: RuleContent) -> list[int]:
    """Return the organisation's devices that a rule's words and group choose."""
    below = select(org_closure.c.descendant).where(org_closure.c.ancestor == org)
    narrow: list[Any] = [
        devices.c.folded.contains(word, autoescape=True) for word in search_words(content.query)
    ]
    if content.scope.group is not None:
        above = select(org_closure.c.ancestor).where(org_closure.c.descendant == org)
        members = (
            select(group_members.c.device_id)
            .join(groups, groups.c.id == group_members.c.group_id)
            .where(
                groups.c.id == content.scope.group,
                or_(groups.c.org_id.in_(below), groups.c.org_id.in_(above)),
            )
        )
        narrow.append(devices.c.id.in_(members))
    found = await connection.execute(
        select(devices.c.id)
        .where(devices.c.removed_ms.is_(None), devices.c.org_id.in_(below), *narrow)
        .order_by(devices.c.id)
        .limit(QUERY_DEVICES_MAX)
    )
    return [int(number) for number in found.scalars()]
