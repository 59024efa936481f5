"""Loans: a device is readable elsewhere until a moment, or until revoked."""

from tests.registry.world import DAY_MS, World, refused, viewer_of
from tram.registry.kernel.changes import GrantGone, GrantPut
from tram.registry.kernel.views import NewGrant


async def sees(world: World, device: int) -> bool:
    page = await world.registry.devices.page(world.blue.viewer)
    return device in [item.id for item in page.items]


async def test_lent_device_is_seen_marked_and_not_writable(world: World) -> None:
    device = world.red.devices[0]

    await world.lend(device, world.blue.child)

    detail = await world.registry.devices.one(world.blue.viewer, device)
    assert (detail.lent, detail.permissions) == (True, [])
    assert not (await world.registry.devices.one(world.red.viewer, device)).lent
    with refused("access.denied"):
        await world.registry.devices.remove(world.blue.viewer, device)


async def test_loan_ends_at_its_time(world: World) -> None:
    device = world.red.devices[0]
    await world.lend(device, world.blue.org, days=1)

    world.clock.advance(DAY_MS - 1)
    assert await sees(world, device)
    world.clock.advance(1)
    assert not await sees(world, device)
    assert await world.registry.grants.list(world.blue.viewer) == []
    assert len(await world.registry.grants.list(world.blue.viewer, live=False)) == 1


async def test_revoked_loan_ends_at_once(world: World) -> None:
    device = world.red.devices[0]
    head = await world.registry.outbox.head()
    grant = await world.lend(device, world.blue.org, metric="pH")

    with refused("access.denied"):
        await world.registry.grants.revoke(world.blue.viewer, grant)
    for _ in range(2):
        await world.registry.grants.revoke(world.red.viewer, grant)

    assert not await sees(world, device)
    until_ms = world.clock.now_ms() + DAY_MS
    assert [change.body for change in await world.registry.outbox.read(head, 10)] == [
        GrantPut(grant, device, "pH", world.red.org, world.blue.org, until_ms),
        GrantGone(grant),
    ]


async def test_both_sides_list_the_loan(world: World) -> None:
    grant = await world.lend(world.red.devices[1], world.blue.child)

    for house in (world.red, world.blue):
        (row,) = await world.registry.grants.list(house.viewer)
        assert (row.id, row.from_org, row.to_org) == (grant, world.red.child, world.blue.child)
    only_energy = viewer_of(world.red.org, sector="energy")
    assert await world.registry.grants.list(only_energy) == []


async def test_every_fault_of_a_loan_is_named_at_once(world: World) -> None:
    new = NewGrant(device=world.red.devices[0], to_org=99, purpose="", until_ms=1, metric="")

    with refused("grant.wrong") as caught:
        await world.registry.grants.create(world.red.viewer, new)

    fields = [fault.field for fault in caught.value.faults]
    assert fields == ["purpose", "metric", "until_ms", "to_org"]


async def test_borrower_cannot_lend_on(world: World) -> None:
    device = world.red.devices[0]
    await world.lend(device, world.blue.org)
    until_ms = world.clock.now_ms() + DAY_MS
    new = NewGrant(device=device, to_org=world.blue.child, purpose="Thử", until_ms=until_ms)

    with refused("access.denied"):
        await world.registry.grants.create(world.blue.viewer, new)


async def test_loan_of_a_removed_device_shows_nothing(world: World) -> None:
    device = world.red.devices[0]
    await world.lend(device, world.blue.org)

    await world.registry.devices.remove(world.red.viewer, device)

    assert not await sees(world, device)
    with refused("device.unknown"):
        await world.registry.devices.one(world.blue.viewer, device)
