"""Devices are found by any part of a word, whichever index answers, and counted to a bound."""

import pytest

from tests.registry.world import World
from tram.domain.text import fold
from tram.registry.devices import search as device_search
from tram.registry.kernel.device_rows import plain_device
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import DeviceEdit, DeviceRow

NAMES = (
    "Trạm nước thải Dung Quất",
    "Trạm đo mưa Đăk Tô",
    "Trạm đo mưa Sa Huỳnh",
    "Bể 100% đầy_nước",
    'Cảm biến "số 7" O\'Neil',
    "Q9",
    "ĐÈN đường 0012",
)
SEARCHES = (
    *("tram", "TRẠM mưa", "uoc", "rạm đ", "dak to", "do", "q9", "9", "0012", "00"),
    *("100%", "y_n", "1%0", "d_y", '"so 7"', "o'neil", "AND", "mua NOT dak", "tram* OR", "xyzzy"),
)


@pytest.mark.parametrize("bound", [10_000, 2, 1])
async def test_every_way_of_searching_finds_the_same(
    world: World, bound: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a bound of 2 there are wide viewers, rare and frequent words, and long lists."""
    for name in NAMES:
        await world.device(world.red.org, name=name)
    devices, viewers = world.registry.devices, (world.system, world.red.viewer)
    visible = [(who, (await devices.page(who, limit=1_000)).items) for who in viewers]
    monkeypatch.setattr(device_search, "COUNTED_MAX", bound)
    monkeypatch.setattr(device_search, "_SORTED_MAX", 1)

    for viewer, mine in visible:
        for search in SEARCHES:
            expected = [row.name for row in mine if _has(row, search)]
            page = await devices.page(viewer, search=search)
            assert [row.name for row in page.items] == expected, search
            assert page.total == min(len(expected), bound), search
            assert page.is_exact == (len(expected) <= bound), search


async def test_search_follows_a_new_name_and_forgets_the_removed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_search, "COUNTED_MAX", 1)
    await world.device(world.red.org, name="Cột đo gió")
    device = await world.device(world.red.org, name="Trạm cũ kỹ")
    devices = world.registry.devices
    async with world.registry.database.read() as connection:
        before = await plain_device(connection, device.id)

    edit = DeviceEdit(
        name="Trạm mới tinh",
        org=world.red.org,
        sector=before.sector,
        zone=before.zone_id,
        code="",
        lon=None,
        lat=None,
    )
    await devices.change(world.system, device.id, edit)
    assert await _names(world, world.system, "cu ky") == []
    assert await _names(world, world.system, "moi tinh") == ["Trạm mới tinh"]

    await devices.remove(world.system, device.id)
    assert await _names(world, world.system, "moi tinh") == []


def _has(row: DeviceRow, search: str) -> bool:
    return all(word in fold(f"{row.name} {row.code}") for word in fold(search).split())


async def _names(world: World, viewer: Viewer, search: str) -> list[str]:
    page = await world.registry.devices.page(viewer, search=search, limit=1_000)
    return [row.name for row in page.items]
