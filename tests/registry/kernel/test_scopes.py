"""Scopes: what a role over one subtree, zone or sector reaches, and what it never does."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.provinces import QUANG_NGAI
from tests.registry.world import World, refused, viewer_of
from tram.domain.ids import OrgId
from tram.domain.permissions import Permission
from tram.registry.kernel.viewer import PERMISSIONS, Scope, Viewer, system_viewer
from tram.registry.kernel.views import DeviceEdit, NewDevice, NewGrant
from tram.registry.registry import Registry
from tram.rollout.directives.directives import Directives
from tram.rollout.directives.views import NewDocument

pytestmark = pytest.mark.parametrize("template", ["sqlite"], indirect=True)
READ = frozenset({Permission.DEVICE_READ})


async def seen(world: World, viewer: Viewer) -> set[int]:
    page = await world.registry.devices.page(viewer)
    assert page.total == len(page.items)
    assert sum((await world.registry.devices.counts(viewer)).values()) == page.total
    return {item.id for item in page.items}


async def test_a_scope_reaches_down_and_neither_up_nor_beside(world: World) -> None:
    red, blue = world.red, world.blue

    assert await seen(world, viewer_of(red.org)) == set(red.devices)
    assert await seen(world, viewer_of(red.child)) == {red.devices[1]}
    both = Viewer(
        None,
        red.org,
        "x",
        (Scope(red.child, None, None, READ), Scope(blue.child, None, None, READ)),
    )
    assert await seen(world, both) == {red.devices[1], blue.devices[1]}
    with refused("device.unknown"):
        await world.registry.devices.one(viewer_of(red.child), red.devices[0])


async def test_permissions_of_two_scopes_are_not_added_where_only_one_reaches(
    world: World,
) -> None:
    red, registry = world.red, world.registry
    write = frozenset({Permission.DEVICE_READ, Permission.DEVICE_WRITE})
    viewer = Viewer(
        None, red.org, "x",
        (Scope(red.org, None, None, READ), Scope(red.child, None, None, write)),
    )  # fmt: skip

    above = await registry.devices.one(viewer, red.devices[0])
    below = await registry.devices.one(viewer, red.devices[1])

    assert above.permissions == ["device.read"]
    assert below.permissions == ["device.read", "device.write"]
    with refused("access.denied"):
        await registry.devices.remove(viewer, red.devices[0])
    await registry.devices.remove(viewer, red.devices[1])


async def test_who_keeps_one_zone_and_sector_makes_devices_only_there(world: World) -> None:
    red, registry = world.red, world.registry
    here, there = world.zones[:2]
    keeper = viewer_of(red.org, zone=here, sector="energy")
    new = NewDevice(name="Tủ", org=red.org, profile=world.profile, sector="energy", zone=here)
    made, _ = await registry.devices.create(keeper, new)

    for wrong in (
        NewDevice(name="Tủ", org=red.org, profile=world.profile, sector="energy", zone=there),
        NewDevice(name="Tủ", org=red.org, profile=world.profile, sector="safety", zone=here),
        NewDevice(name="Tủ", org=red.org, profile=world.profile, sector="energy"),
    ):
        with refused("access.denied"):
            await registry.devices.create(keeper, wrong)
    away = DeviceEdit(
        name="Tủ", org=red.org, sector="energy", zone=there, code="", lon=None, lat=None
    )
    with refused("access.denied"):
        await registry.devices.change(keeper, made.id, away)

    assert await seen(world, keeper) == {made.id}
    assert [zone.id for zone in await registry.zones.list(keeper)] == [here]
    with refused("zone.unknown"):
        await registry.zones.one(keeper, there)


async def test_a_loan_is_seen_through_the_zone_and_sector_of_who_borrows(world: World) -> None:
    red, blue = world.red, world.blue
    device = await world.device(red.org, sector="safety", zone=world.zones[0])
    await world.lend(device.id, blue.child)

    for given, is_there in (
        ({}, True),
        ({"sector": "safety"}, True),
        ({"zone": world.zones[0], "sector": "safety"}, True),
        ({"sector": "energy"}, False),
        ({"zone": world.zones[1]}, False),
    ):
        assert (device.id in await seen(world, viewer_of(blue.org, **given))) is is_there, given
    assert device.id in await seen(world, viewer_of(blue.child))
    other = await world.org(blue.org)
    assert device.id not in await seen(world, viewer_of(other)), "a loan reaches up, not beside"


async def test_a_role_without_a_permission_is_told_which_one_is_missing(world: World) -> None:
    registry, mute = world.registry, viewer_of(world.red.org, permissions=[])

    for ask, permission in (
        (registry.devices.page, Permission.DEVICE_READ),
        (registry.zones.list, Permission.ZONE_READ),
        (registry.audit.page, Permission.AUDIT_READ),
        (registry.loans.listed, Permission.DEVICE_READ),
        (registry.jobs.list, Permission.JOB_READ),
        (registry.organisations.recipients, Permission.GRANT_WRITE),
    ):
        with refused("access.denied") as caught:
            await ask(mute)
        assert permission in caught.value.sentence
        assert caught.value.hint


async def test_each_permission_opens_its_own_door_only(world: World) -> None:
    registry, red = world.registry, world.red
    device = red.devices[0]
    reader = viewer_of(red.org, permissions=PERMISSIONS - {Permission.DEVICE_WRITE})
    keeper = viewer_of(
        red.org, permissions=PERMISSIONS - {Permission.GRANT_WRITE, Permission.DEVICE_CREDENTIAL}
    )
    loan = NewGrant(
        device=device, to_org=world.blue.org, purpose="Thử", until_ms=world.clock.now_ms() + 1
    )

    with refused("access.denied"):
        await registry.grants.create(keeper, loan)
    with refused("access.denied"):
        await registry.claims.offer(reader, device, valid_s=60)
    with refused("access.denied"):
        await registry.credentials.issue(keeper, device)

    assert (await registry.grants.create(reader, loan)).device == device
    assert await registry.claims.offer(keeper, device, valid_s=60)
    assert await registry.credentials.issue(reader, device)


async def test_what_the_province_keeps_needs_its_keeper_to_be_there(
    world: World, tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
    bare = await Registry.open(url, world.clock, b"k" * 32, QUANG_NGAI)
    documents = Directives(bare.database, world.clock).documents
    new = NewDocument(
        key="x",
        role="basis",
        kind="Công văn",
        number="1",
        issued_on=None,
        issuer="Sở",
        subject="Thử",
    )

    with refused("organisation.owner_missing") as caught:
        await documents.create(system_viewer(OrgId(1)), new)

    assert "tram up" in caught.value.hint
    await bare.close()


async def test_a_program_and_the_product_are_no_person(world: World) -> None:
    person = world.red.viewer
    person.needs_person()

    for nobody in (replace(person, token=3), replace(person, person=None), world.system):
        with refused("access.person_needed"):
            nobody.needs_person()
    with refused("access.person_needed"):
        await world.registry.second_factor.offer(replace(person, token=3))
