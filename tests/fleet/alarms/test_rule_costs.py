"""What one organisation's rules and windows may cost, counted for each organisation by itself."""

import pytest
from msgspec import convert
from sqlalchemy import event, insert

from tests.fleet.alarms.conftest import START_MS, Watch
from tests.registry.world import House, refused
from tram.fleet.alarms import suppression
from tram.fleet.alarms.limits import COST_MAX
from tram.fleet.alarms.rulebook import rule_costs
from tram.fleet.alarms.rulebook.rule_costs import WINDOW_COST, costs_of
from tram.fleet.alarms.tables import maintenance
from tram.fleet.alarms.views import NewMaintenance, NewRule, RuleContent, RuleRow

HOT = {"kind": "limit", "metric": "temp", "high": 30}
MEAN = {"kind": "window", "metric": "temp", "window_s": 60, "high": 30}
HOUR_MS = 3_600_000


async def keep(watch: Watch, house: House, spec: dict) -> RuleRow:
    content = convert({"spec": spec}, RuleContent)
    new = NewRule(name="Luật", severity="info", content=content, org=house.org)
    return await watch.alarms.rules.create(house.viewer, new)


async def test_an_organisation_that_has_all_its_rules_leaves_the_others_theirs(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    red, blue = watch.world.red, watch.world.blue
    monkeypatch.setattr(rule_costs, "RULES_PER_ORG_MAX", 3)
    monkeypatch.setattr(rule_costs, "RULES_MAX", 3)
    monkeypatch.setattr(rule_costs, "RULES_OWN", 2)
    for _ in range(3):
        await keep(watch, red, HOT)
    with refused("alarm.rule_too_many") as found:
        await keep(watch, red, HOT)
    assert "3" in found.value.sentence

    for _ in range(2):  # the installation is full, but this is its own part
        await keep(watch, blue, HOT)
    with refused("alarm.rule_too_many"):
        await keep(watch, blue, HOT)


async def test_rules_that_cost_a_reading_too_much_are_refused_with_the_numbers(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    red, blue = watch.world.red, watch.world.blue
    monkeypatch.setattr(rule_costs, "COST_MAX", 2 * WINDOW_COST)
    first, _ = [await keep(watch, red, MEAN) for _ in range(2)]
    with refused("alarm.rule_wrong") as found:
        await keep(watch, red, MEAN)

    fault = found.value.faults[0]
    assert fault.field == "metric"
    for number in (2 * WINDOW_COST, WINDOW_COST):
        assert str(number) in fault.sentence
    await keep(watch, red, MEAN | {"metric": "level"})
    await keep(watch, blue, MEAN)
    content = convert({"spec": MEAN | {"high": 31}}, RuleContent)
    new = NewRule(name="Luật", severity="info", content=content)
    assert (await watch.alarms.rules.change(red.viewer, first.id, new)).version == 2


@pytest.mark.parametrize(
    ("spec", "cost"),
    [
        (HOT, 1),
        (MEAN, 4_096),
        ({"kind": "expression", "when": "temp > 1 and temp < 2"}, 7),
        ({"kind": "geofence", "polygon": [(0, 0), (1, 0), (1, 1), (0, 1)]}, 4),
        ({"kind": "compare", "metric": "temp", "other": "x", "high": 0}, 2),
        ({"kind": "compare", "metric": "temp", "other": "x", "other_device": 7, "high": 0}, 1_000),
    ],
)
def test_what_a_rule_costs_one_reading(spec: dict, cost: int) -> None:
    assert set(costs_of(convert({"spec": spec}, RuleContent)).values()) == {cost}
    assert cost < COST_MAX


async def test_an_alarm_reads_the_windows_of_its_own_organisation_only(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    red, blue = watch.world.red, watch.world.blue
    span = {"from_ms": START_MS - HOUR_MS, "until_ms": START_MS + HOUR_MS}
    line = {"device_id": None, "zone_id": None, "reason": "Sửa", "person_name": "x", **span}
    async with watch.world.registry.database.write() as connection:
        strangers = [
            line | {"org_id": blue.org, "device_id": blue.devices[n % 2] if n % 3 else None}
            for n in range(2_000)
        ]
        await connection.execute(insert(maintenance), strangers)
    rule = await watch.rule(HOT)
    statements: list[str] = []
    engine = watch.world.registry.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda _c, _u, sql, *_: statements.append(sql))
    watch.send(red.devices[0], temp=40.0)
    await watch.judge()

    assert [(a.rule, a.held) for a in await watch.list()] == [(rule.id, "")]
    assert sum("maintenance_windows" in sql for sql in statements) == 2
    assert sum("org_closure" in sql for sql in statements) < 20


async def test_more_announced_work_than_an_organisation_needs_is_refused(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suppression, "MAINTENANCE_WINDOWS_MAX", 2)
    new = NewMaintenance(from_ms=START_MS, until_ms=START_MS + HOUR_MS, reason="Sửa")
    viewers = (watch.world.red.viewer, watch.world.blue.viewer)
    for viewer in viewers:
        first, _ = [await watch.alarms.setup.add_window(viewer, new) for _ in range(2)]
        with refused("alarm.setup_full"):
            await watch.alarms.setup.add_window(viewer, new)
        watch.clock.advance(1)
        await watch.alarms.setup.end_window(viewer, first)
        assert await watch.alarms.setup.add_window(viewer, new)
