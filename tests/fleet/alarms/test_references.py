"""What a rule names: only what its organisation may read, when it is kept and whenever it is judged."""

from typing import Any

import pytest
from msgspec import convert

from tests.fleet.alarms.conftest import Watch
from tests.fleet.alarms.test_unfit_rules import HOT, keep_old
from tests.registry.world import refused
from tram.fleet.alarms.views import RuleContent
from tram.fleet.device.rows import Row
from tram.registry.kernel.views import DeviceEdit, NewGrant
from tram.registry.sharing.views import NewGroup
from tram.runtime.errors import Refused

DAY_MS = 86_400_000


def compare(other_device: int, other: str = "secret") -> dict:
    return {
        "kind": "compare", "metric": "zero", "other": other, "other_device": other_device,
        "op": "above", "high": 0,
    }  # fmt: skip


async def meet(watch: Watch, value: float = -1234.5) -> list[float | None]:
    """Let both organisations' devices speak; return the values of red's alarms."""
    red, blue = watch.world.red, watch.world.blue
    watch.clock.advance(1_000)
    at_ms = watch.clock.now_ms()
    watch.block({blue.devices[0]: [Row("secret", at_ms, value)]})
    watch.block({red.devices[0]: [Row("zero", at_ms + 1, 0.0)]})
    await watch.judge()
    return [alarm.value for alarm in await watch.list(state="open")]


async def lend(watch: Watch, metric: str | None, days: int = 1) -> int:
    new = NewGrant(
        device=watch.world.blue.devices[0], to_org=watch.world.red.org, purpose="Thử",
        until_ms=watch.clock.now_ms() + days * DAY_MS, metric=metric,
    )  # fmt: skip
    return (await watch.world.registry.grants.create(watch.world.system, new)).id


async def faults(call: Any, *args: Any, **given: Any) -> set[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        await call(*args, **given)
    return {(fault.field, fault.sentence) for fault in caught.value.faults}


async def test_a_rule_on_a_strangers_device_is_refused_like_one_on_no_device(watch: Watch) -> None:
    foreign = int(watch.world.blue.devices[0])
    for number in (foreign, foreign + 100_000):
        said = await faults(watch.rule, compare(number))
        sentence = f"There is no device {number} with this metric, or you may not see it."
        assert said == {("other_device", sentence)}
        said = await faults(watch.rule, HOT, scope={"devices": [number]})
        assert said == {("devices", f"There is no device {number}, or you may not see it.")}
        content = convert({"spec": compare(number)}, RuleContent)
        said = await faults(watch.alarms.rules.must_be_sound, watch.world.red.viewer, content)
        assert said == {("other_device", sentence)}


async def test_group_and_zone_of_strangers_are_refused_like_none(watch: Watch) -> None:
    blue = watch.world.blue
    new = NewGroup(org=blue.org, name="Bơm", devices=[blue.devices[0]])
    group = int((await watch.world.registry.groups.create(blue.viewer, new)).id)

    for number in (group, group + 100_000):
        said = await faults(watch.rule, HOT, scope={"group": number})
        assert said == {("group", "There is no such group.")}
    said = await faults(watch.rule, HOT, scope={"zone": 1_000_000})
    assert said == {("zone", "There is no such zone.")}


async def test_an_old_rule_on_a_strangers_device_says_nothing(watch: Watch) -> None:
    await keep_old(watch, {"spec": compare(watch.world.blue.devices[0])})

    assert await meet(watch) == []
    assert await meet(watch) == []


async def test_a_loan_of_the_metric_lets_a_rule_read_it_until_it_is_revoked(watch: Watch) -> None:
    loan = await lend(watch, "secret")
    await watch.rule(compare(watch.world.blue.devices[0]))
    assert await meet(watch) == [1234.5]

    await watch.world.registry.grants.revoke(watch.world.system, loan)
    await watch.judge()

    assert [alarm.state for alarm in await watch.list()] == ["cleared"]
    assert await meet(watch, -9.0) == [1234.5]
    assert [alarm.count for alarm in await watch.list()] == [1]


async def test_a_loan_that_is_over_is_read_no_more(watch: Watch) -> None:
    await lend(watch, None)
    await watch.rule(compare(watch.world.blue.devices[0]))
    assert await meet(watch) == [1234.5]

    watch.clock.advance(DAY_MS)

    assert await meet(watch, -9.0) == [1234.5]
    assert [(a.state, a.count) for a in await watch.list()] == [("cleared", 1)]


async def test_a_loan_of_another_metric_opens_nothing(watch: Watch) -> None:
    await lend(watch, "level")
    foreign = watch.world.blue.devices[0]
    with refused("alarm.rule_wrong"):
        await watch.rule(compare(foreign))
    await keep_old(watch, {"spec": compare(foreign)})

    assert await meet(watch) == []
    assert (await watch.rule(compare(foreign, "level"))).id


async def test_what_a_device_measured_for_its_last_owner_is_not_judged_for_the_next(
    watch: Watch,
) -> None:
    red, blue, device = watch.world.red, watch.world.blue, watch.world.blue.devices[0]
    mean = {"kind": "window", "metric": "secret", "window_s": 3_600, "high": 0, "aggregate": "max"}
    await watch.rule(mean)
    watch.send(device, secret=99.0)
    await watch.judge()
    detail = await watch.world.registry.devices.one(watch.world.system, device)
    edit = DeviceEdit(
        name=detail.name, org=red.org, sector=detail.sector, zone=None, code="", lon=None, lat=None
    )
    await watch.world.registry.devices.change(watch.world.system, device, edit)
    watch.send(device, secret=-1.0)
    await watch.judge()

    assert await watch.list() == []
    assert blue.org != red.org
