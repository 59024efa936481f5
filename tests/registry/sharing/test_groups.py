"""Groups: who makes them of what, how a condition keeps its members, and what may not be done."""

import pytest

from tests.registry.world import DAY_MS, World, refused, viewer_of
from tram.domain.permissions import Permission
from tram.registry.kernel.audit import AuditFilter
from tram.registry.kernel.changes import GrantGone, GrantPut
from tram.registry.kernel.viewer import PERMISSIONS
from tram.registry.kernel.views import DeviceEdit, NewClaim, NewEnrolment, Provision
from tram.registry.sharing import groups
from tram.registry.sharing.views import GroupQuery, GroupRow, NewGroup, NewLoan

pytestmark = pytest.mark.parametrize("template", ["sqlite"], indirect=True)


async def made(world: World, **given: object) -> GroupRow:
    new = NewGroup(**{"org": world.red.org, "name": "Bơm", **given})
    return await world.registry.groups.create(world.red.viewer, new)


async def lent(world: World, group: GroupRow) -> int:
    new = NewLoan(
        to_org=world.blue.org,
        group=group.id,
        purpose="Thử",
        until_ms=world.clock.now_ms() + DAY_MS,
    )
    return (await world.registry.loans.create(world.red.viewer, new)).id


def faults(caught: pytest.ExceptionInfo) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in caught.value.faults]


async def test_all_that_is_wrong_with_a_group_is_said_at_once(world: World) -> None:
    await made(world)
    query = GroupQuery(sector="magic")

    with refused("group.wrong") as caught:
        await made(world, name=" BOM ", devices=world.red.devices, query=query)
    assert faults(caught) == [
        ("sector", "choice.unknown"),
        ("devices", "devices.or_query"),
        ("name", "group.name_taken"),
    ]
    with refused("group.wrong") as caught:
        await made(world, name="", devices=[])
    assert faults(caught) == [("name", "text.length")]
    with refused("group.wrong") as caught:
        await made(world, name="Của người khác", devices=[world.blue.devices[0], 999_999])
    assert faults(caught) == [("devices", "devices.foreign")]


async def test_a_name_is_taken_within_its_organisation_only_and_free_again_later(
    world: World,
) -> None:
    first = await made(world)
    other = NewGroup(org=world.blue.org, name="Bơm")
    await world.registry.groups.create(world.blue.viewer, other)
    same = NewGroup(org=world.red.org, name="Bơm")
    assert (await world.registry.groups.change(world.red.viewer, first.id, same)).name == "Bơm"

    await world.registry.groups.remove(world.red.viewer, first.id)

    assert (await made(world)).id != first.id
    with refused("group.unknown"):
        await world.registry.groups.one(world.red.viewer, first.id)


async def test_a_neighbour_learns_nothing_of_a_group(world: World) -> None:
    registry, blue = world.registry, world.blue.viewer
    group = await made(world, devices=world.red.devices)
    taken = NewGroup(org=world.red.org, name="Chiếm")

    for asked in (
        registry.groups.one(blue, group.id),
        registry.groups.members(blue, group.id),
        registry.groups.change(blue, group.id, taken),
        registry.groups.remove(blue, group.id),
    ):
        with refused("group.unknown"):
            await asked
    with refused("access.denied"):
        await registry.groups.create(blue, taken)
    assert await registry.groups.listed(blue) == []
    await lent(world, group)
    assert await registry.groups.listed(blue) == [], "a loan shows devices, not the lender's lists"


async def test_who_may_only_read_sees_groups_and_changes_none(world: World) -> None:
    registry, red = world.registry, world.red
    group = await made(world, devices=red.devices)
    reader = viewer_of(red.org, permissions=PERMISSIONS - {Permission.GRANT_WRITE})
    below = viewer_of(red.child)

    assert [row.id for row in await registry.groups.listed(reader)] == [group.id]
    for act in (
        registry.groups.change(reader, group.id, NewGroup(org=red.org, name="Khác")),
        registry.groups.remove(reader, group.id),
    ):
        with refused("access.denied"):
            await act
    assert await registry.groups.listed(below) == []


async def test_a_group_stays_with_its_organisation(world: World) -> None:
    group = await made(world)

    with refused("group.moved") as caught:
        await world.registry.groups.change(
            world.red.viewer, group.id, NewGroup(org=world.red.child, name="Bơm")
        )

    assert caught.value.hint


async def test_each_condition_narrows_and_all_hold_together(world: World) -> None:
    red = world.red
    zone = world.zones[0]
    kept = await world.device(red.child, name="Quạt gió 1", sector="energy", zone=zone)
    for wrong in (
        {"name": "Quạt gió 2", "zone": zone, "sector": "safety"},
        {"name": "Quạt gió 3", "sector": "energy"},
        {"name": "Bơm", "zone": zone, "sector": "energy"},
    ):
        await world.device(red.org, **wrong)
    await world.device(world.blue.org, name="Quạt gió 4", sector="energy", zone=zone)
    query = GroupQuery(sector="energy", zone=zone, profile=world.profile, search="GIO quat")

    group = await made(world, query=query)

    assert await world.registry.groups.members(red.viewer, group.id) == [kept.id]
    assert group.query == query
    nothing = GroupQuery(profile=999_999)
    assert (await made(world, name="Không", query=nothing)).devices == 0


async def test_devices_that_make_themselves_known_join_what_they_fit(world: World) -> None:
    """Whatever door it came by: a provisioning key, a gateway device, a claim."""
    registry, red = world.registry, world.red
    group = await made(world, query=GroupQuery())
    await lent(world, group)
    new = NewEnrolment(name="Lô 1", org=red.org, sector="energy", profile=world.profile)
    key = await registry.enrolments.create(red.viewer, new)
    head = await registry.outbox.head()

    enrolled = await registry.enrolments.provision(
        Provision(key=key.key, secret=key.secret, name="Máy tự ghi")
    )
    behind = await registry.behind.find_or_make(red.devices[0], "Van 1", "")
    bought = await world.device(world.blue.org)
    code = await registry.claims.offer(world.blue.viewer, bought.id, valid_s=60)
    await registry.claims.claim(red.viewer, NewClaim(secret=code, org=red.child))

    joined = {enrolled.device, behind.device, bought.id}
    assert joined <= set(await registry.groups.members(red.viewer, group.id))
    puts = [change.body for change in await registry.outbox.read(head, 100)]
    lent_now = {body.device for body in puts if isinstance(body, GrantPut)}
    assert lent_now == joined
    visible = await registry.devices.page(world.blue.viewer)
    assert joined <= {row.id for row in visible.items}


async def test_a_device_that_leaves_the_tree_leaves_the_group_and_its_loan(world: World) -> None:
    registry, red = world.registry, world.red
    third = await world.org(world.root)
    group = await made(world, devices=red.devices)
    await lent(world, group)
    head = await registry.outbox.head()
    edit = DeviceEdit(
        name="Bán", org=third, sector="energy", zone=None, code="", lon=None, lat=None
    )

    await registry.devices.change(world.system, red.devices[0], edit)

    assert await registry.groups.members(red.viewer, group.id) == red.devices[1:]
    bodies = [change.body for change in await registry.outbox.read(head, 100)]
    assert len([body for body in bodies if isinstance(body, GrantGone)]) == 1
    with refused("device.unknown"):
        await registry.devices.one(world.blue.viewer, red.devices[0])


async def test_a_changed_group_tells_gateways_of_what_came_and_went_only(world: World) -> None:
    registry, red = world.registry, world.red
    first, second = red.devices
    third = (await world.device(red.org)).id
    group = await made(world, devices=[first, second])
    loan = await lent(world, group)
    head = await registry.outbox.head()

    wanted = NewGroup(org=red.org, name="Bơm", devices=[second, third])
    await registry.groups.change(red.viewer, group.id, wanted)

    bodies = [change.body for change in await registry.outbox.read(head, 100)]
    assert [type(body) for body in bodies] == [GrantGone, GrantPut]
    assert bodies[1].device == third
    assert await registry.loans.devices(red.viewer, loan) == [second, third]
    before = await registry.outbox.head()
    await registry.groups.change(red.viewer, group.id, wanted)
    assert await registry.outbox.head() == before, "nothing changed, nothing is told"


async def test_every_change_of_a_group_is_in_the_journal(world: World) -> None:
    registry, red = world.registry, world.red
    group = await made(world, devices=red.devices)
    await registry.groups.change(red.viewer, group.id, NewGroup(org=red.org, name="Trống"))
    await registry.groups.remove(red.viewer, group.id)

    page = await registry.audit.page(red.viewer, wanted=AuditFilter(action="group"))

    removed, changed, created = page.items
    assert (created.action, created.after["devices"]) == ("group.create", 2)
    assert (changed.before["name"], changed.before["devices"]) == ("Bơm", 2)
    assert (changed.after["name"], changed.after["devices"]) == ("Trống", 0)
    assert (removed.action, removed.before) == ("group.remove", {"name": "Trống"})
    assert {row.noun_id for row in page.items} == {group.id}
    assert (await registry.audit.page(world.blue.viewer, noun="group")).items == []


async def test_a_full_house_keeps_what_it_has_and_may_still_change_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "GROUPS_PER_ORG_MAX", 2)
    first = await made(world, name="Một")
    await made(world, name="Hai")

    with refused("group.wrong") as caught:
        await made(world, name="Ba")
    assert faults(caught) == [("org", "groups.too_many")]

    renamed = NewGroup(org=world.red.org, name="Một lần nữa")
    changed = await world.registry.groups.change(world.red.viewer, first.id, renamed)
    assert changed.name == "Một lần nữa"
    await world.registry.groups.create(
        world.blue.viewer, NewGroup(org=world.blue.org, name="Của Xanh")
    )


async def test_a_group_takes_no_more_devices_than_one_transaction_can(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MEMBERS_MAX", 3)
    red = world.red
    await world.device(red.org, name="Máy bơm ba")
    group = await made(world, query=GroupQuery(search="may bom"))
    late = await world.device(red.org, name="Máy bơm bốn")

    members = await world.registry.groups.members(red.viewer, group.id)
    assert (len(members), late.id in members) == (3, False)
    with refused("group.wrong") as caught:
        await made(world, name="Tất cả", query=GroupQuery())
    assert faults(caught) == [("query", "group.devices")]
