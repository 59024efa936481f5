"""Rules that cannot be: refused at the door, and set aside where old data still holds them."""

from typing import get_args

import msgspec
import pytest
from sqlalchemy import insert, select

from tests.fleet.alarms.conftest import START_MS, Watch
from tests.registry.world import refused
from tram.fleet.alarms.limits import HOURS_MAX
from tram.fleet.alarms.tables import rules
from tram.fleet.alarms.views import NewRule, RuleContent
from tram.fleet.block.block import BlockBuilder, BlockHeader
from tram.fleet.rules.kinds import Hours, RuleScope, Spec
from tram.registry.kernel.changes import DevicePut
from tram.registry.kernel.outbox import publish
from tram.registry.kernel.set_aside import SetAsideRow

HOT = {"kind": "limit", "metric": "temp", "high": 30}
COMPARE = {"kind": "compare", "metric": "temp", "other": "level", "op": "below", "low": 0}
OLD = {
    "devices": {"spec": HOT, "scope": {"devices": [2**63]}},
    "other device": {"spec": COMPARE | {"other_device": 2**44}},
    "other device beyond 64 bits": {"spec": COMPARE | {"other_device": 2**64}},
    "group": {"spec": HOT, "scope": {"group": 2**63}},
    "zone": {"spec": HOT, "scope": {"zone": 2**63}},
    "profile": {"spec": HOT, "scope": {"profile": 2**63}},
    "condition": {"spec": {"kind": "expression", "when": "temp >"}},
    "kind": {"spec": {"kind": "guess", "metric": "temp"}},
}


async def keep_old(watch: Watch, content: dict, org: int | None = None) -> int:
    """A rule as an older version of the product took it."""
    values = {
        "org_id": org or watch.world.red.org, "version": 1, "name": "Cũ", "kind": "limit",
        "severity": 1, "content": content, "enabled": True, "changed_ms": START_MS,
    }  # fmt: skip
    async with watch.world.registry.database.write() as connection:
        made = await connection.execute(insert(rules).values(values).returning(rules.c.id))
        return made.scalar_one()


async def aside(watch: Watch, viewer=None) -> list[SetAsideRow]:
    return await watch.world.registry.set_aside.list(viewer or watch.world.red.viewer)


async def test_old_rules_that_cannot_be_judged_are_set_aside_and_all_others_go_on(
    watch: Watch,
) -> None:
    red, device = watch.world.red, watch.world.red.devices[0]
    old = {await keep_old(watch, content): name for name, content in OLD.items()}
    good = (await watch.rule(HOT)).id
    watch.send(device, temp=40.0, level=1.0)
    await watch.judge()
    watch.send(device, temp=41.0, level=1.0)
    await watch.judge()

    assert [alarm.rule for alarm in await watch.list()] == [good]
    kept = {int(row.key.split(".")[0]): row for row in await aside(watch)}
    assert {old[number] for number in kept} == set(OLD)
    assert all(row.org == red.org and row.reason and row.times == 1 for row in kept.values())
    shown = {row.id: row.aside for row in await watch.alarms.rules.all(red.viewer)}
    assert shown == {number: row.reason for number, row in kept.items()} | {good: ""}
    assert "devices" in kept[next(n for n, name in old.items() if name == "devices")].reason
    assert await aside(watch, watch.world.blue.viewer) == []


async def test_a_rule_that_was_set_aside_is_judged_once_it_is_mended(watch: Watch) -> None:
    red, device = watch.world.red, watch.world.red.devices[0]
    number = await keep_old(watch, OLD["devices"])
    await watch.judge()
    content = msgspec.convert({"spec": HOT, "scope": {"devices": [device]}}, RuleContent)
    mended = NewRule(name="Mới", severity="major", enabled=True, content=content)
    row = await watch.alarms.rules.change(red.viewer, number, mended)
    watch.send(device, temp=40.0)
    await watch.judge()

    assert (row.version, row.aside) == (2, "")
    assert [alarm.rule for alarm in await watch.list()] == [number]


async def test_a_block_that_cannot_be_read_or_judged_is_set_aside_and_the_next_is_judged(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = watch.world.red.devices[0]
    await watch.rule(HOT)
    await watch.judge()
    watch.log.append(b"no block at all")
    watch.log.append(BlockBuilder().encode(BlockHeader("boot000000000001", 1, START_MS))[:-9])
    watch.send(device, temp=40.0)
    await watch.judge()
    engine, judged = watch.consumer.engine, watch.consumer.engine.apply

    def raising(seq, block):
        raise OverflowError("a row that no column takes")

    monkeypatch.setattr(engine, "apply", raising)
    watch.send(device, temp=10.0)
    await watch.judge()
    monkeypatch.setattr(engine, "apply", judged)
    watch.send(device, temp=42.0)
    await watch.judge()

    assert [(a.state, a.count) for a in await watch.list()] == [("active", 1)]
    keys = [row.key for row in await aside(watch, watch.world.system)]
    assert sorted(key.split(".")[1] for key in keys) == ["1", "2", "4"]


async def test_facts_of_one_device_that_cannot_be_leave_all_others_known(watch: Watch) -> None:
    red = watch.world.red
    await watch.rule(HOT)
    await watch.judge()
    async with watch.world.registry.database.write() as connection:
        wrong = [DevicePut(2**63, red.org, None, "energy", 1), DevicePut(7, 2**80, None, "", 1)]
        await publish(connection, wrong)
    new = (await watch.world.device(red.org)).id
    watch.send(new, temp=40.0)
    await watch.judge()

    assert [alarm.device for alarm in await watch.list()] == [new]
    kept = await aside(watch, watch.world.system)
    assert {row.key for row in kept if row.kind == "device"} == {str(2**63), "7"}


def unchecked(spec: dict, **given: object) -> NewRule:
    """A rule as a page or a command could build it, without the checks of the interface."""
    kinds = {kind.__struct_config__.tag: kind for kind in get_args(Spec)}
    fields = {name: value for name, value in spec.items() if name != "kind"}
    content = {"spec": kinds[spec["kind"]](**fields), **given.pop("content", {})}
    return NewRule(**{"name": "x", "severity": "info"} | given, content=RuleContent(**content))


async def test_every_fault_of_a_rule_is_named_at_once(watch: Watch) -> None:
    spec = {
        "kind": "compare", "metric": "a\u202eb", "other": "b\0", "op": "near",
        "other_device": 2**44, "high": 1e308, "low": -1e19, "hysteresis": 1e300,
    }  # fmt: skip
    scope = RuleScope(devices=[2**63], profile=0, zone=2**63, group=-1, sector="moon")
    content = {
        "scope": scope,
        "hours": [Hours(days=[])],
        "query": "q" * 201,
        "advice": "a" * 1_001,
    }
    new = unchecked(spec, name="x" * 201, severity="loud", chain=2**63, content=content)
    with refused("alarm.rule_wrong") as found:
        await watch.alarms.rules.create(watch.world.red.viewer, new)

    fields = {fault.field for fault in found.value.faults}
    assert fields == {
        "name", "severity", "chain", "metric", "other", "op", "other_device", "high", "low",
        "hysteresis", "devices", "profile", "zone", "group", "sector", "hours", "query", "advice",
    }  # fmt: skip
    async with watch.world.registry.database.read() as connection:
        assert (await connection.execute(select(rules.c.id))).all() == []


@pytest.mark.parametrize(
    ("spec", "field"),
    [
        (HOT | {"high": float("nan")}, "high"),
        (HOT | {"high": float("inf")}, "high"),
        (HOT | {"op": "below", "low": float("-inf")}, "low"),
        ({"kind": "stuck", "metric": "a", "for_s": 1, "tolerance": float("inf")}, "tolerance"),
        ({"kind": "geofence", "polygon": [(0, 0), (1, float("nan")), (1, 1)]}, "polygon"),
        ({"kind": "expression", "when": "temp > 1e999"}, "when"),
        ({"kind": "expression", "when": "(" * 40 + "temp" + ")" * 40 + " > 1"}, "when"),
        ({"kind": "expression", "when": "temp > 1" + " + 1" * 110}, "when"),
    ],
)
async def test_numbers_and_conditions_beyond_their_bounds_are_refused(
    watch: Watch, spec: dict, field: str
) -> None:
    with refused("alarm.rule_wrong") as found:
        await watch.alarms.rules.create(watch.world.red.viewer, unchecked(spec))

    assert [fault.field for fault in found.value.faults] == [field]


async def test_more_spans_of_hours_than_a_week_needs_are_refused(watch: Watch) -> None:
    span = {"days": [0], "start": 60, "end": 120}
    with refused("alarm.rule_wrong") as found:
        await watch.rule(HOT, hours=[span] * (HOURS_MAX + 1))

    assert str(HOURS_MAX) in found.value.faults[0].sentence
    assert (await watch.rule(HOT, hours=[span] * HOURS_MAX)).id


async def test_no_rule_has_a_number_that_no_column_takes(watch: Watch) -> None:
    viewer = watch.world.red.viewer
    with refused("alarm.rule_unknown"):
        await watch.alarms.rules.one(viewer, 2**63)
    with refused("access.denied"):
        await watch.rule(HOT, org=2**63)
