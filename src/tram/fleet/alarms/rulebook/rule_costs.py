"""How many rules an organisation may have, and what one reading may cost it.

A reading is judged by every rule on its metric, one after the other, for all organisations in one
process. So what an organisation's rules cost on one metric is bounded, and known before it is kept.
"""

from collections import Counter
from collections.abc import Iterable
from typing import Final

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from tram.fleet.alarms.limits import COST_MAX, RULES_MAX, RULES_OWN, RULES_PER_ORG_MAX
from tram.fleet.alarms.tables import rules
from tram.fleet.alarms.views import RuleContent
from tram.fleet.rules.expression import compile_expression
from tram.fleet.rules.kinds import (
    COMPARED_MAX,
    AggregateWindow,
    Compare,
    Expression,
    Geofence,
    Rule,
)
from tram.fleet.rules.ruleset import inputs_of
from tram.registry.kernel.checks import Checked
from tram.runtime.errors import Fault, Refused
from tram.runtime.messages import Param

__all__ = ("costs_of", "refuse_beyond")

WINDOW_COST: Final = 4_096
"""A window may go through all readings that are kept of a series."""
LATE_COST: Final = 256
"""Where a window keeps many readings, a late one lets all other rules judge them anew."""


async def refuse_beyond(
    connection: AsyncConnection, org: int, content: RuleContent, rule: int | None
) -> None:
    """Refuse a rule (a new one, or the next content of one) that goes beyond its organisation's part.

    Raises:
        Refused: ``alarm.rule_too_many``, or ``alarm.rule_wrong`` with what the metric costs already.
    """
    found = await connection.execute(
        select(rules.c.id, rules.c.content).where(
            rules.c.org_id == org, rules.c.removed_ms.is_(None)
        )
    )
    kept = {row.id: row.content for row in found}
    if rule is None:
        await _refuse_many(connection, len(kept))
    before = kept.pop(rule, None) if rule is not None else None
    others = _total(kept.values())
    mine = Counter() if before is None else _total([before])
    checked = Checked()
    for metric, cost in costs_of(content, others).items():
        if cost > mine[metric] and others[metric] + cost > COST_MAX:
            costs: dict[str, Param] = {"others": others[metric], "most": COST_MAX, "cost": cost}
            checked.faults.append(
                Fault("metric", "rules.cost", {"metric": metric, **costs})
                if metric
                else Fault("metric", "rules.cost_of_devices", costs)
            )
    checked.done(Refused("alarm.rule_wrong", "The rule cannot be kept like this."))


def costs_of(content: RuleContent, others: "Counter[str] | None" = None) -> "Counter[str]":
    """Return what a rule costs one reading of each of its metrics, beside the others' costs."""
    spec = content.spec
    rule = Rule(id=1, version=1, org=1, spec=spec)
    cost = 1
    if isinstance(spec, AggregateWindow):
        cost = WINDOW_COST
    elif isinstance(spec, Expression):
        cost = len(compile_expression(spec.when).steps)
    elif isinstance(spec, Geofence):
        cost = len(spec.polygon)
    elif isinstance(spec, Compare):
        cost = 2 if spec.other_device is None else COMPARED_MAX
    found = Counter(dict.fromkeys(inputs_of(rule) or ("",), cost))
    for metric in found:
        if others is not None and others[metric] >= WINDOW_COST:
            found[metric] = max(cost, LATE_COST)
    return found


def _total(contents: Iterable[object]) -> "Counter[str]":
    """Return what rules cost together; one that cannot be read costs nothing, it is not judged."""
    total: Counter[str] = Counter()
    sound: list[RuleContent] = []
    for content in contents:
        try:
            made = msgspec.convert(content, RuleContent)
            total.update(costs_of(made))
        except (msgspec.ValidationError, Refused):
            continue
        sound.append(made)
    windowed = {metric for metric, cost in total.items() if cost >= WINDOW_COST}
    dear: Counter[str] = Counter()
    for made in sound:
        for metric, cost in costs_of(made).items():
            dear[metric] += max(cost, LATE_COST) if metric in windowed else cost
    return dear


async def _refuse_many(connection: AsyncConnection, own: int) -> None:
    if own >= RULES_PER_ORG_MAX:
        raise Refused(
            "alarm.rule_too_many",
            f"The organisation has {own} rules, it may have {RULES_PER_ORG_MAX}.",
            "Take rules away that are not needed.",
        )
    if own < RULES_OWN:
        return
    counting = select(func.count()).where(rules.c.removed_ms.is_(None))
    if (await connection.execute(counting)).scalar_one() >= RULES_MAX:
        raise Refused(
            "alarm.rule_too_many",
            f"The installation has {RULES_MAX} rules; each organisation may still have {RULES_OWN}.",
            "Take rules away that are not needed.",
        )
