"""Downlinks as rows: their states, bounds and expiry; shared attributes; devices behind a gateway."""

import pytest

from tests.registry.world import World, refused
from tram.registry.devices import gateway_children as behind
from tram.registry.devices.downlink_views import NewCall, ReportedDownlink


async def states(world: World, device: int) -> list[str]:
    return [row.state for row in await world.registry.downlinks.list(world.red.viewer, device)]


async def test_call_goes_from_queued_to_answered(world: World) -> None:
    downlinks, device = world.registry.downlinks, world.red.devices[0]
    number = await downlinks.call(world.red.viewer, device, NewCall(method="on", params=[1]))

    (waiting,) = await downlinks.unhanded()
    assert (waiting.number, waiting.target, waiting.body) == (
        number,
        device,
        '{"method":"on","params":[1]}',
    )
    await downlinks.hand([number])
    assert not await downlinks.unhanded()

    assert await downlinks.apply([ReportedDownlink(number, device, "delivered", 5)])
    assert await states(world, device) == ["delivered"]
    assert await downlinks.apply([ReportedDownlink(number, device, "answered", 6, b"true")])
    row = (await downlinks.list(world.red.viewer, device))[0]
    assert (row.state, row.answer, row.delivered_ms, row.done_ms) == ("answered", "true", 5, 6)
    assert not await downlinks.apply([ReportedDownlink(number, device, "failed", 7)]), "it is done"


async def test_report_of_another_device_changes_nothing(world: World) -> None:
    downlinks, device = world.registry.downlinks, world.red.devices[0]
    number = await downlinks.call(world.red.viewer, device, NewCall(method="on"))

    assert not await downlinks.apply(
        [ReportedDownlink(number, world.blue.devices[0], "answered", 5, b"1")]
    )
    assert await states(world, device) == ["queued"]


async def test_what_nobody_took_in_time_expires(world: World) -> None:
    downlinks, device = world.registry.downlinks, world.red.devices[0]
    await downlinks.call(world.red.viewer, device, NewCall(method="on", lasts_s=60))
    assert not await downlinks.expire_due()

    world.clock.advance(61_000)

    assert len(await downlinks.expire_due()) == 1
    assert await states(world, device) == ["expired"]


async def test_shared_attributes_are_set_told_and_removed(world: World) -> None:
    downlinks, device = world.registry.downlinks, world.red.devices[0]
    await downlinks.share(world.red.viewer, device, {"a": 1, "b": {"c": [2]}})
    await downlinks.share(world.red.viewer, device, {"a": None, "d": "x"})

    assert await downlinks.shared(world.red.viewer, device) == {"b": {"c": [2]}, "d": "x"}
    bodies = [one.body for one in await downlinks.unhanded()]
    assert bodies == ['{"a":1,"b":{"c":[2]}}', '{"d":"x","deleted":["a"]}']


async def test_too_many_and_wrong_ones_are_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tram.registry.devices.downlinks.OPEN_PER_DEVICE_MAX", 2)
    downlinks, device = world.registry.downlinks, world.red.devices[0]
    for _ in range(2):
        await downlinks.call(world.red.viewer, device, NewCall(method="on"))
    with refused("downlink.too_many"):
        await downlinks.call(world.red.viewer, device, NewCall(method="on"))
    with refused("downlink.wrong"):
        await downlinks.call(world.red.viewer, device, NewCall(method="", lasts_s=0))
    with refused("downlink.wrong"):
        await downlinks.share(world.red.viewer, device, {})


async def test_device_behind_a_gateway_is_made_once_and_called_through_it(world: World) -> None:
    gateway = world.red.devices[0]
    made = await world.registry.behind.find_or_make(gateway, "Bơm", "")
    again = await world.registry.behind.find_or_make(gateway, "Bơm", "")
    assert made == again
    assert made.org == world.red.org

    await world.registry.downlinks.call(world.red.viewer, made.device, NewCall(method="on"))
    (waiting,) = await world.registry.downlinks.unhanded()
    assert (waiting.device, waiting.target, waiting.name) == (made.device, gateway, "Bơm")
    with refused("device.unknown"):
        await world.registry.behind.find_or_make(999_999, "x", "")


async def test_an_organisation_has_so_many_devices_behind_its_gateways_and_others_theirs(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(behind, "BEHIND_PER_ORG_MAX", 2)
    gateway, make = world.red.devices[0], world.registry.behind.find_or_make
    for name in ("Bơm", "Van"):
        await make(gateway, name, "")

    with refused("behind.full"):
        await make(gateway, "Quạt", "")

    assert await make(gateway, "Bơm", "") == await make(gateway, "Bơm", "")
    assert (await make(world.blue.devices[0], "Quạt", "")).org == world.blue.org
