"""People and their roles: nobody gives, or takes over, more than they hold."""

from tests.registry.world import PASSWORD, World, refused, viewer_of
from tram.registry.kernel.views import NewAssignment, NewPerson


async def person(world: World, org: int, login: str = "ba") -> int:
    new = NewPerson(org=org, login=login, name="Nguyễn Thị Ba", password=PASSWORD)
    return (await world.registry.people.create(world.system, new)).id


async def test_person_is_found_without_accents(world: World) -> None:
    number = await person(world, world.red.child)

    found = await world.registry.people.page(world.red.viewer, search="nguyen BA")

    assert [(row.id, row.org) for row in found.items] == [(number, world.red.child)]
    assert (await world.registry.people.page(world.red.viewer, limit=1)).total == 2


async def test_pages_of_people_follow_each_other(world: World) -> None:
    await person(world, world.red.child)
    first = await world.registry.people.page(world.red.viewer, limit=1)

    second = await world.registry.people.page(world.red.viewer, limit=1, after=first.next_after)

    assert [row.login for row in (*first.items, *second.items)] == [world.red.login, "ba"]


async def test_faults_of_a_person_are_named(world: World) -> None:
    new = NewPerson(org=world.red.org, login="a b", name="", password=PASSWORD, locale="fr")

    with refused("person.wrong") as caught:
        await world.registry.people.create(world.red.viewer, new)

    assert [fault.field for fault in caught.value.faults] == ["login", "name", "locale"]


async def test_short_password_is_refused(world: World) -> None:
    new = NewPerson(org=world.red.org, login="x", name="X", password="eleven char")

    with refused("password.wrong"):
        await world.registry.people.create(world.red.viewer, new)
    with refused("password.wrong"):
        await world.registry.people.set_password(world.red.viewer, world.red.person, "short")


async def test_login_is_taken_whatever_its_case(world: World) -> None:
    await person(world, world.red.org, "Ba")

    with refused("login.taken"):
        await person(world, world.blue.org, "BA")


async def test_nobody_gives_more_than_they_hold(world: World) -> None:
    number = await person(world, world.red.org)
    clerk = viewer_of(world.red.org, permissions={"person.read", "person.write", "device.read"})

    with refused("access.denied"):
        await world.registry.people.assign(
            clerk, NewAssignment(person=number, role="enterprise", org=world.red.org)
        )
    with refused("access.denied"):
        await world.registry.people.assign(
            world.red.viewer,
            NewAssignment(person=number, role="public-viewer", org=world.root),
        )
    given = await world.registry.people.assign(
        world.red.viewer, NewAssignment(person=number, role="enterprise", org=world.red.child)
    )
    held = await world.registry.people.assignments(world.red.viewer, number)
    assert held == [given]


async def test_nobody_takes_over_a_person_who_holds_more(world: World) -> None:
    clerk = viewer_of(world.red.org, permissions={"person.read", "person.write"})

    with refused("access.denied"):
        await world.registry.people.set_password(clerk, world.red.person, PASSWORD)
    with refused("access.denied"):
        await world.registry.people.disable(clerk, world.red.person)
    with refused("access.denied"):
        await world.registry.people.unassign(clerk, world.red.assignment)


async def test_taken_role_is_gone(world: World) -> None:
    await world.registry.people.unassign(world.system, world.red.assignment)

    assert await world.registry.people.assignments(world.system, world.red.person) == []
    with refused("assignment.unknown"):
        await world.registry.people.unassign(world.system, world.red.assignment)


async def test_faults_of_an_assignment_are_named(world: World) -> None:
    new = NewAssignment(
        person=world.red.person, role="king", org=world.red.org, zone=999, sector="sea"
    )

    with refused("assignment.wrong") as caught:
        await world.registry.people.assign(world.system, new)

    assert [fault.field for fault in caught.value.faults] == ["role", "sector", "zone"]


async def test_oneself_is_always_visible(world: World) -> None:
    reader = viewer_of(world.red.org, permissions={"device.read"})
    oneself = type(reader)(world.red.person, reader.org, reader.name, reader.scopes)

    assert (await world.registry.people.one(oneself, world.red.person)).login == world.red.login
    with refused("person.unknown"):
        await world.registry.people.one(reader, world.red.person)
