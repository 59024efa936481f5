"""Nobody reads what lies outside of their scopes; a grant widens them by what it names."""

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.fleet.store.calls import everything, fill, nothing, seen
from tests.fleet.store.conftest import (
    NORTH,
    NOW_MS,
    ORGS,
    PROVINCE,
    SOUTH,
    OpenWorld,
    World,
    viewer,
)
from tram.fleet.store.queries.questions import DeviceStates
from tram.fleet.store.state.dimensions import Dimensions
from tram.registry.kernel.changes import DeviceGone, DevicePut, GrantGone, GrantPut, OrgPut
from tram.runtime.errors import Unavailable

FOREVER_MS = 2**53


async def test_grants_widen_and_end(open_world: OpenWorld) -> None:
    async with open_world() as world:
        await fill(world)
        who = viewer(SOUTH)

        version = world.dimensions.put([GrantPut(1, 10, None, NORTH, SOUTH, FOREVER_MS)])
        assert await seen(world, who, 10, version) == everything(10, 2)
        assert await seen(world, who, 11, version) == nothing(2)

        version = world.dimensions.put(
            [GrantGone(1), GrantPut(2, 10, "t", NORTH, SOUTH, FOREVER_MS)]
        )
        lent = await seen(world, who, 10, version)
        assert (lent["latest"], lent["range"], lent["states"]) == (["t"], ["t"], [10])
        assert (lent["events"], lent["messages"], lent["attributes"]) == (0, 0, [])
        assert lent["refusals"] == []

        version = world.dimensions.put(
            [GrantGone(2), GrantPut(3, 10, None, NORTH, SOUTH, NOW_MS - 1)]
        )
        assert await seen(world, who, 10, version) == nothing(1)

        version = world.dimensions.put([GrantPut(4, None, None, NORTH, SOUTH, FOREVER_MS)])
        assert (await seen(world, who, 11, version))["latest"] == ["t", "u"]

        version = world.dimensions.put([GrantGone(4)])
        assert await seen(world, who, 10, version) == nothing(1)


async def test_history_stays_with_its_owner_when_a_device_moves(open_world: OpenWorld) -> None:
    async with open_world() as world:
        await fill(world)
        version = world.dimensions.put([DevicePut(10, SOUTH, 7, "energy", 1)])

        old, new = (
            await seen(world, viewer(NORTH), 10, version),
            await seen(world, viewer(SOUTH), 10, version),
        )

        assert (new["latest"], new["range"], new["messages"], new["events"]) == ([], [], 0, 0)
        assert new["refusals"] == []
        assert new["states"] == [10]  # the device is theirs now
        assert old["range"] == ["t", "u"]  # the readings were
        assert old["states"] == []


async def test_moved_organisation_and_removed_device_take_effect(open_world: OpenWorld) -> None:
    async with open_world() as world:
        await fill(world)
        version = world.dimensions.put([OrgPut(NORTH, [NORTH, SOUTH, PROVINCE])])
        assert await seen(world, viewer(SOUTH), 10, version) == everything(10, 3)

        version = world.dimensions.put([DeviceGone(10)])
        assert await seen(world, viewer(SOUTH), 10, version) == nothing(2)


async def test_reset_forgets_what_it_does_not_name_also_after_a_restart(
    open_world: OpenWorld,
) -> None:
    async with open_world() as world:
        await fill(world)
        world.dimensions.put([GrantPut(1, 20, None, SOUTH, NORTH, FOREVER_MS)])
        world.dimensions.put(
            [*ORGS[:2], DevicePut(11, NORTH, None, "traffic", 1)],
            is_reset=True,
        )
        await world.settled()
        log = world.log

        assert await seen(world, viewer(NORTH), 20) == nothing(1)
        assert await seen(world, viewer(NORTH), 10) == nothing(1)
    async with open_world(log, changes=[]) as again:
        assert await seen(again, viewer(NORTH), 20) == nothing(1)
        assert await seen(again, viewer(NORTH), 11) == everything(11, 1)


async def test_dimensions_survive_a_restart_without_the_registry(open_world: OpenWorld) -> None:
    async with open_world() as world:
        await fill(world)
        world.dimensions.put([GrantPut(1, 20, None, SOUTH, NORTH, FOREVER_MS)])
        await world.settled()
        before = await seen(world, viewer(NORTH), 20)
    async with open_world(world.log, changes=[]) as again:
        assert await seen(again, viewer(NORTH), 20) == before == everything(20, 3)
        assert (await again.client.status()).dimensions_version == 2


async def test_needed_version_is_waited_for_then_unavailable(world: World) -> None:
    await world.settled()
    needed = world.dimensions.version + 1
    hearing = asyncio.create_task(world.client.heard(needed))
    await asyncio.sleep(0.1)
    assert not hearing.done()
    world.dimensions.put([DevicePut(21, SOUTH, None, "safety", 1)])

    await hearing
    states = await world.client.ask(viewer(SOUTH), DeviceStates())
    assert [s.device for s in states] == [20, 21]
    with pytest.raises(Unavailable) as error:
        await world.client.heard(needed + 1)
    assert error.value.code == "store.behind"


def test_organisations_that_come_disturb_no_question(tmp_path: Path) -> None:
    """A question looks them up in its own thread while the loop takes changes."""
    dimensions = Dimensions(tmp_path)
    asking, interval_s = True, sys.getswitchinterval()

    def ask() -> int:
        """Ask until told to stop; return how often."""
        times = 0
        while asking:
            dimensions.subtree(PROVINCE)
            times += 1
        return times

    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(1) as threads:
            asked = threads.submit(ask)
            for org in range(400):
                dimensions.apply(org, ({org: (org, PROVINCE)}, {}, {}))
            asking = False
            assert asked.result() > 0
    finally:
        sys.setswitchinterval(interval_s)
