"""The tree and its closure: whoever moves takes the whole subtree along."""

from tests.registry.world import World, refused, viewer_of
from tram.registry.kernel.changes import OrgPut
from tram.registry.kernel.views import NewOrganisation


async def visible(world: World, org: int) -> set[int]:
    return {row.id for row in await world.registry.organisations.tree(viewer_of(org))}


async def test_tree_lists_children_below_their_parent(world: World) -> None:
    tree = await world.registry.organisations.tree(world.system)

    assert [(row.name, row.depth) for row in tree if row.id == world.root] == [
        ("UBND tỉnh Quảng Ngãi", 0)
    ]
    places = [row.id for row in tree]
    assert places.index(world.red.child) == places.index(world.red.org) + 1
    assert {row.depth for row in tree} == {0, 1, 2}


async def test_moved_subtree_is_reached_from_its_new_place_only(world: World) -> None:
    leaf = await world.org(world.red.child)
    device = await world.device(leaf)
    head = await world.registry.outbox.head()

    await world.registry.organisations.move(world.system, world.red.child, world.blue.org)

    assert await visible(world, world.red.org) == {world.red.org}
    assert await visible(world, world.blue.org) == {
        world.blue.org, world.blue.child, world.red.child, leaf
    }  # fmt: skip
    assert (await world.registry.devices.one(world.blue.viewer, device.id)).org == leaf
    with refused("device.unknown"):
        await world.registry.devices.one(world.red.viewer, device.id)
    bodies = [change.body for change in await world.registry.outbox.read(head, 10)]
    assert bodies == [
        OrgPut(world.red.child, [world.red.child, world.blue.org, world.root]),
        OrgPut(leaf, [leaf, world.red.child, world.blue.org, world.root]),
    ]


async def test_organisation_never_hangs_below_itself(world: World) -> None:
    for parent in (world.red.org, world.red.child):
        with refused("organisation.wrong"):
            await world.registry.organisations.move(world.system, world.red.org, parent)


async def test_tree_is_at_most_twelve_levels_deep(world: World) -> None:
    org = world.root
    for _ in range(11):
        org = await world.org(org)

    with refused("organisation.wrong"):
        await world.org(org)
    with refused("organisation.wrong"):
        await world.registry.organisations.move(world.system, world.red.org, org)


async def test_faults_of_an_organisation_are_named(world: World) -> None:
    new = NewOrganisation(parent=world.red.org, kind="", name="", code=world.blue.word)

    with refused("organisation.wrong") as caught:
        await world.registry.organisations.create(world.red.viewer, new)

    assert [fault.field for fault in caught.value.faults] == ["name", "kind", "code"]


async def test_mover_needs_both_ends(world: World) -> None:
    with refused("access.denied"):
        await world.registry.organisations.move(world.red.viewer, world.red.child, world.blue.org)


async def test_first_organisations_are_made_once(world: World) -> None:
    before = await world.registry.organisations.tree(world.system)

    assert await world.registry.seed_base() == world.root
    assert await world.registry.organisations.tree(world.system) == before
