"""The outbox: numbers without gaps in commit order, and snapshots that agree with them."""

import asyncio
import dataclasses

import pytest

from tests.provinces import QUANG_NGAI
from tests.registry.world import House, World, refused
from tram.registry.kernel.changes import (
    CredentialGone,
    CredentialPut,
    DeviceGone,
    DevicePut,
    GrantGone,
    GrantPut,
    OrgPut,
    RegistryChange,
    decode_changes,
    encode_changes,
)
from tram.registry.kernel.views import DeviceEdit
from tram.registry.registry import Registry
from tram.runtime.clock import ManualClock

EVERY_KIND = [
    CredentialPut(b"\x00" * 32, 1, 2, 3),
    CredentialGone(b"\xff" * 32),
    DevicePut(1, 2, None, "energy", 3),
    DeviceGone(1),
    OrgPut(3, [3, 2, 1]),
    GrantPut(1, 2, None, 3, 4, 1_795_000_000_000),
    GrantGone(1),
]


def test_changes_come_back_as_they_were_written() -> None:
    changes = [RegistryChange(number, body) for number, body in enumerate(EVERY_KIND, 1)]

    assert decode_changes(encode_changes(changes)) == changes


async def issue_tokens(registry: Registry, house: House) -> None:
    for _ in range(5):
        await registry.credentials.issue(house.viewer, house.devices[0])


async def fail_to_write(world: World) -> None:
    for _ in range(5):
        with refused("device.wrong"):
            await world.device(world.red.org, sector="none")


async def test_concurrent_writers_leave_no_gap_and_no_change_unseen(
    world: World, url: str, clock: ManualClock
) -> None:
    other = await Registry.open(url, clock, b"k" * 32, QUANG_NGAI)
    head = await world.registry.outbox.head()
    seen = [head]

    async def follow() -> None:
        # A reader that only ever goes forward must meet every change.
        while seen[-1] < head + 15:
            seen.extend(c.number for c in await world.registry.outbox.read(seen[-1], 3))

    async with asyncio.TaskGroup() as group:
        group.create_task(follow())
        group.create_task(issue_tokens(other, world.red))
        group.create_task(issue_tokens(other, world.blue))
        group.create_task(
            issue_tokens(
                world.registry, dataclasses.replace(world.red, devices=world.red.devices[1:])
            )
        )
        group.create_task(fail_to_write(world))
    await other.close()

    assert seen == list(range(head, head + 16))
    assert await world.registry.outbox.head() == head + 15


async def snapshot(registry: Registry) -> tuple[int, list[object]]:
    version, bodies = -1, []
    async for part in registry.outbox.snapshot():
        assert version in {-1, part.version}
        version = part.version
        assert all(change.number == version for change in part.changes)
        bodies += [change.body for change in part.changes]
    return version, bodies


def replayed(bodies: list[object]) -> set[tuple]:
    """Apply changes in order; return what stands in the end."""
    state: dict[tuple, object] = {}
    for body in bodies:
        match body:
            case CredentialPut(digest=key) | CredentialGone(digest=key):
                slot = ("credential", key)
            case DevicePut(device=key) | DeviceGone(device=key):
                slot = ("device", key)
            case OrgPut(org=key):
                slot = ("org", key)
            case GrantPut(grant=key) | GrantGone(grant=key):
                slot = ("grant", key)
        if isinstance(body, CredentialGone | DeviceGone | GrantGone):
            state.pop(slot, None)
        else:
            state[slot] = body
    return {(slot, repr(body)) for slot, body in state.items()}


async def test_snapshot_equals_all_changes_replayed(world: World) -> None:
    registry, red = world.registry, world.red
    await world.lend(red.devices[0], world.blue.org)
    grant = await world.lend(red.devices[1], world.blue.org)
    await registry.grants.revoke(red.viewer, grant)
    await registry.credentials.issue(red.viewer, red.devices[0])
    await registry.credentials.revoke(red.viewer, red.credential)
    await registry.organisations.move(world.system, red.child, world.blue.org)
    doomed = await world.device(red.org)
    await registry.devices.remove(red.viewer, doomed.id)
    edit = DeviceEdit(
        name="Dời", org=world.blue.org, sector="safety", zone=None, code="", lon=None, lat=None
    )
    await registry.devices.change(world.system, red.devices[0], edit)

    version, bodies = await snapshot(registry)

    assert version == await registry.outbox.head()
    changes = await registry.outbox.read(0, 1_000)
    assert [change.number for change in changes] == list(range(1, version + 1))
    assert {(slot, text) for slot, text in replayed(bodies)} == replayed(
        [change.body for change in changes]
    )


async def test_device_that_changes_owner_loses_its_loans_and_keeps_its_token(
    world: World,
) -> None:
    device = world.red.devices[0]
    await world.lend(device, world.blue.child)
    head = await world.registry.outbox.head()
    edit = DeviceEdit(
        name="Dời", org=world.blue.org, sector="safety", zone=None, code="", lon=None, lat=None
    )

    await world.registry.devices.change(world.system, device, edit)

    bodies = [change.body for change in await world.registry.outbox.read(head, 10)]
    profiles = await world.registry.profiles.list(world.system)
    interval_s = next(p.expected_interval_s for p in profiles if p.id == world.profile)
    assert bodies[0] == DevicePut(
        device, world.blue.org, None, "safety", world.profile, interval_s
    )
    assert isinstance(bodies[1], GrantGone)
    assert isinstance(bodies[2], CredentialPut)
    assert bodies[2].org == world.blue.org


async def test_trimmed_changes_are_refused_not_skipped(world: World) -> None:
    head = await world.registry.outbox.head()

    await world.registry.outbox.trim(head)

    assert [c.number for c in await world.registry.outbox.read(head - 1, 10)] == [head]
    with refused("outbox.trimmed"):
        await world.registry.outbox.read(head - 2, 10)
    await world.registry.outbox.trim(head + 100)
    assert await world.registry.outbox.read(head, 10) == []


@pytest.mark.parametrize("limit", [1, 4])
async def test_read_returns_no_more_than_asked(world: World, limit: int) -> None:
    assert len(await world.registry.outbox.read(0, limit)) == limit


async def test_writers_cancelled_half_way_leave_nothing_behind(world: World) -> None:
    head = await world.registry.outbox.head()
    for pause_ms in range(12):
        task = asyncio.create_task(world.device(world.red.org, name="Nửa chừng"))
        await asyncio.sleep(pause_ms / 1000)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    made = (await world.registry.devices.page(world.system, search="nua chung")).total
    await world.device(world.red.org)

    numbers = [change.number for change in await world.registry.outbox.read(head, 100)]
    assert numbers == list(range(head + 1, head + 1 + 2 * (made + 1)))
