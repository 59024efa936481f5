"""Loans and groups: what is lent follows the group, ends at once, and the past stays with its owner."""

from tests.registry.world import DAY_MS, World, refused, viewer_of
from tram.domain.ids import DeviceId
from tram.registry.kernel.changes import GrantGone, GrantPut
from tram.registry.kernel.views import DeviceEdit, NewDevice
from tram.registry.sharing.views import GroupQuery, NewGroup, NewLoan


async def sees(world: World, device: int) -> bool:
    page = await world.registry.devices.page(world.blue.viewer)
    return device in [item.id for item in page.items]


def loan_to(world: World, **given: object) -> NewLoan:
    wanted = {"purpose": "Thử", "until_ms": world.clock.now_ms() + DAY_MS, **given}
    return NewLoan(to_org=world.blue.org, **wanted)


def edit(name: str, org: int, sector: str = "environment") -> DeviceEdit:
    return DeviceEdit(name=name, org=org, sector=sector, zone=None, code="", lon=None, lat=None)


async def test_chosen_metrics_of_chosen_devices_are_lent_and_revoked_at_once(world: World) -> None:
    registry, red = world.registry, world.red
    head = await registry.outbox.head()
    new = loan_to(world, devices=red.devices[:1], metrics=["pH", "COD"])

    loan = await registry.loans.create(red.viewer, new)

    assert (loan.devices, loan.metrics, loan.mine) == (1, ["COD", "pH"], True)
    assert await sees(world, red.devices[0])
    assert not await sees(world, red.devices[1])
    (seen,) = await registry.loans.listed(world.blue.viewer)
    assert (seen.id, seen.mine, seen.purpose) == (loan.id, False, "Thử")
    with refused("access.denied"):
        await registry.loans.revoke(world.blue.viewer, loan.id)
    for _ in range(2):
        await registry.loans.revoke(red.viewer, loan.id)
    assert not await sees(world, red.devices[0])
    bodies = [change.body for change in await registry.outbox.read(head, 10)]
    puts = [body for body in bodies if isinstance(body, GrantPut)]
    assert [put.metric for put in puts] == ["COD", "pH"]
    assert bodies[2:] == [GrantGone(put.grant) for put in puts]
    assert await registry.loans.listed(world.blue.viewer) == []
    assert len(await registry.loans.listed(world.blue.viewer, live=False)) == 1


async def test_a_group_by_condition_takes_devices_in_and_out_with_its_loan(world: World) -> None:
    registry, red = world.registry, world.red
    query = GroupQuery(sector="environment", search="may bom")
    group = await registry.groups.create(
        red.viewer, NewGroup(org=red.org, name="Bơm", query=query)
    )
    await registry.loans.create(red.viewer, loan_to(world, group=group.id))
    assert group.devices == 2
    assert await sees(world, red.devices[0])

    wanted = NewDevice(
        name="Máy bơm mới", org=red.child, profile=world.profile, sector="environment"
    )
    new, _ = await registry.devices.create(red.viewer, wanted)
    assert await sees(world, new.id)
    await registry.devices.change(red.viewer, new.id, edit("Quạt", red.child))
    assert not await sees(world, new.id)
    await registry.devices.change(red.viewer, new.id, edit("Máy bơm lại", red.child))
    assert await sees(world, new.id)
    await registry.devices.remove(red.viewer, new.id)
    assert new.id not in await registry.groups.members(red.viewer, group.id)
    await registry.seed_devices(
        world.system, 2, org=red.org, sectors=("environment",), sink=lambda _: None
    )
    assert (await registry.groups.one(red.viewer, group.id)).devices == 2


async def test_a_named_group_keeps_its_members_and_its_loan_follows_a_change(world: World) -> None:
    registry, red = world.registry, world.red
    group = await registry.groups.create(
        red.viewer, NewGroup(org=red.org, name="Hai máy", devices=red.devices)
    )
    loan = await registry.loans.create(red.viewer, loan_to(world, group=group.id))
    with refused("group.in_use"):
        await registry.groups.remove(red.viewer, group.id)

    smaller = NewGroup(org=red.org, name="Một máy", devices=red.devices[1:])
    await registry.groups.change(red.viewer, group.id, smaller)

    assert not await sees(world, red.devices[0])
    assert await sees(world, red.devices[1])
    # Within the owner's own tree the device stays in the group, and stays lent.
    await registry.devices.change(red.viewer, red.devices[1], edit("Máy bơm Đỏ", red.org))
    assert await sees(world, red.devices[1])
    await registry.loans.revoke(red.viewer, loan.id)
    await registry.groups.remove(red.viewer, group.id)
    assert await registry.groups.listed(red.viewer) == []


async def test_a_standing_share_has_no_end_and_names_its_law(world: World) -> None:
    registry, red = world.registry, world.red
    without = loan_to(world, devices=red.devices[:1], standing=True, until_ms=None)
    with refused("loan.wrong") as caught:
        await registry.loans.create(red.viewer, without)
    assert [fault.field for fault in caught.value.faults] == ["basis"]

    law = loan_to(
        world, devices=red.devices[:1], standing=True, until_ms=None, basis="TT 10/2021, Điều 39"
    )
    loan = await registry.loans.create(red.viewer, law)

    world.clock.advance(3_000 * DAY_MS)
    assert (loan.until_ms, loan.basis) == (None, "TT 10/2021, Điều 39")
    assert await sees(world, red.devices[0])


async def test_every_fault_of_a_loan_is_named_at_once(world: World) -> None:
    new = NewLoan(to_org=999, purpose="", devices=world.red.devices[:1], metrics=[], until_ms=1)

    with refused("loan.wrong") as caught:
        await world.registry.loans.create(world.red.viewer, new)

    fields = [fault.field for fault in caught.value.faults]
    assert fields == ["purpose", "metrics", "until_ms", "to_org"]


async def test_who_reaches_one_sector_only_lends_its_devices_only(world: World) -> None:
    registry, red = world.registry, world.red
    narrow = viewer_of(red.org, sector="environment")
    other = await world.device(red.org, sector="traffic")

    loan = await registry.loans.create(narrow, loan_to(world, devices=red.devices[:1]))
    with refused("device.unknown"):
        await registry.loans.create(narrow, loan_to(world, devices=[other.id]))
    await registry.loans.revoke(narrow, loan.id)

    assert not await sees(world, red.devices[0])


async def test_a_device_that_changed_owner_keeps_its_past_with_the_past_owner(
    world: World,
) -> None:
    registry, red, blue = world.registry, world.red, world.blue
    device = DeviceId(red.devices[0])
    loan = await registry.loans.create(red.viewer, loan_to(world, devices=[device]))

    await registry.devices.change(world.system, device, edit("Bơm bán", blue.org))

    (former,) = await registry.devices.former(red.viewer)
    assert (former.device, former.name, former.org) == (device, "Máy bơm Đỏ", red.org)
    assert former.until_ms == world.clock.now_ms()
    with refused("device.unknown"):
        await registry.devices.one(red.viewer, device)
    await registry.devices.must_know(red.viewer, device)  # its past may be asked for
    assert await registry.devices.former(blue.viewer) == []
    assert await registry.loans.devices(red.viewer, loan.id) == []


async def test_the_owner_sees_who_read_what_and_when(world: World) -> None:
    registry, red, blue = world.registry, world.red, world.blue
    device = DeviceId(red.devices[0])
    await registry.loans.create(red.viewer, loan_to(world, devices=[device], metrics=["pH"]))

    for _ in range(3):  # a page that reloads itself is one reading
        await registry.reads.note(blue.viewer, device, "readings", "pH")
    await registry.reads.note(red.viewer, device, "readings", "pH")  # one's own is no news
    world.clock.advance(10 * 60_000)
    await registry.reads.note(blue.viewer, device, "readings", "pH")

    page = await registry.reads.page(red.viewer)
    assert page.total == 2
    newest = page.items[0]
    assert (newest.person_name, newest.by_org, newest.what, newest.metric) == (
        blue.viewer.name, blue.org, "readings", "pH"
    )  # fmt: skip
    assert newest.at_ms == world.clock.now_ms()
    assert (await registry.reads.page(blue.viewer)).items == []
