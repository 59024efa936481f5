"""Pages of a list: as many rows as asked for, each row once, however the list changes meanwhile."""

from collections.abc import AsyncIterator

import pytest

from tests.registry.world import PASSWORD, World
from tram.registry.kernel.paging import PAGE_ROWS_MAX
from tram.registry.kernel.views import DeviceEdit, NewPerson

pytestmark = pytest.mark.parametrize("template", ["sqlite"], indirect=True)


async def names(world: World, limit: int) -> AsyncIterator[tuple[list[str], int]]:
    """Yield the names of each page of devices called "trang", and what it says of the whole."""
    after = None
    while True:
        page = await world.registry.devices.page(
            world.system, search="trang", after=after, limit=limit
        )
        yield [item.name for item in page.items], page.total
        after = page.next_after
        if after is None:
            return


async def test_pages_hold_what_there_is_and_end(world: World) -> None:
    for count, sizes in ((0, [0]), (1, [1]), (2, [2]), (3, [3, 0]), (4, [3, 1])):
        pages = [page async for page in names(world, 3)]

        assert [len(items) for items, _ in pages] == sizes
        there = [name for items, _ in pages for name in items]
        assert there == [f"Trang {number}" for number in range(count)]
        assert {total for _, total in pages} == {count}
        await world.device(world.red.org, name=f"Trang {count}")


async def test_what_comes_and_goes_between_two_pages_doubles_and_hides_nothing(
    world: World,
) -> None:
    devices = [await world.device(world.red.org, name=f"Trang {letter}") for letter in "bdfh"]
    pages = names(world, 2)
    assert (await anext(pages))[0] == ["Trang b", "Trang d"]

    await world.device(world.red.org, name="Trang a")  # before the mark: seen at the next visit
    await world.device(world.red.org, name="Trang e")  # behind it
    await world.registry.devices.remove(world.system, devices[1].id)  # the mark's own row
    edit = DeviceEdit(
        name="Trang z", org=world.red.org, sector="energy", zone=None, code="", lon=None, lat=None
    )
    await world.registry.devices.change(world.system, devices[3].id, edit)

    rest = [name async for items, _ in pages for name in items]
    assert rest == ["Trang e", "Trang f", "Trang z"]


async def test_devices_of_one_name_are_told_apart_by_their_numbers(world: World) -> None:
    made = [(await world.device(world.red.org, name="Trang")).id for _ in range(5)]

    after, seen = None, []
    while True:
        page = await world.registry.devices.page(
            world.system, search="trang", after=after, limit=2
        )
        seen += [item.id for item in page.items]
        after = page.next_after
        if after is None:
            break

    assert seen == made


async def test_a_page_holds_at_least_one_row_and_at_most_a_thousand(world: World) -> None:
    await world.registry.seed_devices(
        world.system, PAGE_ROWS_MAX + 5, org=world.red.org, sink=lambda _: None
    )

    for asked, given in ((-1, 1), (0, 1), (1, 1), (3, 3), (10**9, PAGE_ROWS_MAX)):
        page = await world.registry.devices.page(world.system, limit=asked)

        assert len(page.items) == given, asked
        assert page.next_after is not None
        assert page.total > PAGE_ROWS_MAX


async def test_newest_first_lists_go_on_where_they_were_while_rows_are_added(
    world: World,
) -> None:
    first = await world.registry.audit.page(world.system, limit=3)
    for number in range(4):
        await world.device(world.red.org, name=f"Sau {number}")

    second = await world.registry.audit.page(world.system, after=first.next_after, limit=3)
    newest = await world.registry.audit.page(world.system, limit=4)

    ids = [row.id for row in first.items + second.items]
    assert ids == list(range(ids[0], ids[0] - 6, -1))
    assert second.total == first.total + 4
    assert {row.action for row in newest.items} == {"device.create"}


async def test_people_are_paged_by_name_whatever_the_accents(world: World) -> None:
    for login, name in (("c1", "Đặng C"), ("c2", "dang b"), ("c3", "ĐẶNG A"), ("c4", "Đăng Đ")):
        new = NewPerson(org=world.blue.org, login=login, name=name, password=PASSWORD)
        await world.registry.people.create(world.system, new)

    after, seen = None, []
    while True:
        page = await world.registry.people.page(
            world.blue.viewer, search="dang", after=after, limit=1
        )
        seen += [row.name for row in page.items]
        after = page.next_after
        if after is None:
            break

    assert seen == ["ĐẶNG A", "dang b", "Đặng C", "Đăng Đ"]
