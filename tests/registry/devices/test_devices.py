"""Devices: found, listed, made, changed, removed, by those who may."""

from tests.registry.world import World, refused, viewer_of
from tram.domain.ids import DeviceId
from tram.registry.kernel.views import DeviceEdit, NewDevice

EDIT = {"zone": None, "code": "", "lon": None, "lat": None}


async def test_search_ignores_accents_case_and_word_order(world: World) -> None:
    device = await world.device(world.red.org, name="Trạm nước thải Dung Quất")

    for search in ("dung quat", "Dung Quất", "QUAT nuoc", "trạm"):
        found = await world.registry.devices.page(world.red.viewer, search=search)
        assert device.id in [item.id for item in found.items]


async def test_search_takes_wildcards_and_control_characters_literally(world: World) -> None:
    await world.device(world.red.org, name="Bể 100% đầy_nước")

    async def count(search: str) -> int:
        return (await world.registry.devices.page(world.red.viewer, search=search)).total

    assert [await count(s) for s in ("100%", "y_n", "1%0", "d_y", "\\", "\x00may")] == [
        1,
        1,
        0,
        0,
        0,
        2,
    ]


async def test_pages_follow_each_other_without_gap_or_repetition(world: World) -> None:
    for name in ("B", "A", "B", "C", "Ả", "B"):
        await world.device(world.red.org, name=name)
    names, after = [], None

    while True:
        page = await world.registry.devices.page(world.red.viewer, after=after, limit=3)
        names += [(item.name, item.id) for item in page.items]
        assert page.total == 8
        after = page.next_after
        if after is None:
            break

    assert len(set(names)) == 8
    assert [name for name, _ in names] == [
        "A",
        "Ả",
        "B",
        "B",
        "B",
        "C",
        "Máy bơm Đỏ",
        "Máy bơm Đỏ",
    ]


async def test_wrong_page_mark_is_refused(world: World) -> None:
    for mark in ("x", "###", "bnVsbA==", "é"):
        with refused("page.mark_wrong"):
            await world.registry.devices.page(world.red.viewer, after=mark)


async def test_filters_narrow_the_list(world: World) -> None:
    zone = world.zones[0]
    device = await world.device(world.red.child, zone=zone, sector="traffic")

    for chosen in ({"zone": zone}, {"sector": "traffic"}):
        page = await world.registry.devices.page(world.red.viewer, **chosen)
        assert [item.id for item in page.items] == [device.id]
    page = await world.registry.devices.page(world.red.viewer, org=world.red.org)
    assert page.total == 1


async def test_every_fault_of_a_device_is_named_at_once(world: World) -> None:
    new = NewDevice(
        name=" ",
        org=world.red.org,
        profile=999,
        sector="sea",
        zone=999,
        lon=200.0,
        lat=float("nan"),
    )

    with refused("device.wrong") as caught:
        await world.registry.devices.create(world.red.viewer, new)

    fields = [fault.field for fault in caught.value.faults]
    assert fields == ["name", "sector", "lon", "lat", "profile", "zone"]


async def test_name_is_kept_in_one_normal_form(world: World) -> None:
    device = await world.device(world.red.org, name="  Tra\u0323m   bo\u031bm ")

    assert device.name == "Trạm bơm"


async def test_code_is_unique_among_the_devices_of_an_organisation(world: World) -> None:
    device = await world.device(world.red.org, code="P1")
    await world.device(world.blue.org, code="P1")

    with refused("device.code_taken"):
        await world.device(world.red.org, code="P1")
    await world.registry.devices.remove(world.red.viewer, device.id)
    await world.device(world.red.org, code="P1")


async def test_change_replaces_what_a_device_is(world: World) -> None:
    device = world.red.devices[0]
    edit = DeviceEdit(name="Máy mới", org=world.red.child, sector="safety", **EDIT)

    changed = await world.registry.devices.change(world.red.viewer, device, edit)

    assert (changed.name, changed.org, changed.sector) == ("Máy mới", world.red.child, "safety")
    assert (await world.registry.devices.one(world.red.viewer, device)) == changed


async def test_nobody_moves_a_device_to_where_they_may_not_write(world: World) -> None:
    edit = DeviceEdit(name="X", org=world.blue.org, sector="safety", **EDIT)

    with refused("access.denied"):
        await world.registry.devices.change(world.red.viewer, world.red.devices[0], edit)


async def test_removed_device_is_unknown_and_its_token_is_gone(world: World) -> None:
    device = world.red.devices[0]
    head = await world.registry.outbox.head()

    await world.registry.devices.remove(world.red.viewer, device)

    with refused("device.unknown"):
        await world.registry.devices.one(world.red.viewer, device)
    kinds = [type(c.body).__name__ for c in await world.registry.outbox.read(head, 10)]
    assert kinds == ["CredentialGone", "DeviceGone"]


async def test_counts_name_every_sector(world: World) -> None:
    counts = await world.registry.devices.counts(world.red.viewer)

    assert counts == {
        "environment": 2, "agriculture": 0, "traffic": 0, "energy": 0, "safety": 0
    }  # fmt: skip


async def test_positions_hold_only_devices_with_a_place(world: World) -> None:
    await world.device(world.red.org)

    found = await world.registry.devices.positions(world.red.viewer)

    assert [(p.id, p.lon, p.lat) for p in found] == [(d, 108.8, 15.1) for d in world.red.devices]


async def test_reader_without_write_permission_is_denied_not_fooled(world: World) -> None:
    reader = viewer_of(world.red.org, permissions={"device.read"})

    detail = await world.registry.devices.one(reader, world.red.devices[0])

    assert detail.permissions == ["device.read"]
    with refused("access.denied"):
        await world.registry.devices.remove(reader, world.red.devices[0])
    with refused("access.denied"):
        await world.registry.credentials.list(reader, world.red.devices[0])


async def test_narrow_scope_reaches_its_zone_and_sector_only(world: World) -> None:
    here, there = world.zones[:2]
    inside = await world.device(world.red.child, zone=here, sector="energy")
    await world.device(world.red.child, zone=there, sector="energy")
    await world.device(world.red.child, zone=here, sector="safety")
    await world.device(world.red.child, sector="energy")
    narrow = viewer_of(world.red.org, zone=here, sector="energy")

    page = await world.registry.devices.page(narrow)

    assert [item.id for item in page.items] == [inside.id]
    wanted = {"name": "N", "org": world.red.org, "profile": world.profile}
    await world.registry.devices.create(narrow, NewDevice(**wanted, zone=here, sector="energy"))
    for elsewhere in (
        {"zone": there, "sector": "energy"},
        {"zone": None, "sector": "energy"},
        {"zone": here, "sector": "safety"},
    ):
        with refused("access.denied"):
            await world.registry.devices.create(narrow, NewDevice(**wanted, **elsewhere))


async def test_identifier_beyond_the_database_is_a_refusal(world: World) -> None:
    with refused("request.out_of_range"):
        await world.registry.devices.one(world.red.viewer, DeviceId(10**30))


async def test_viewer_without_scopes_sees_nothing(world: World) -> None:
    nobody = viewer_of(world.red.org, permissions=())

    with refused("access.denied"):
        await world.registry.devices.page(nobody)
    with refused("device.unknown"):
        await world.registry.devices.one(nobody, world.red.devices[0])


async def test_audience_names_owner_readers_by_scope_and_borrowers(world: World) -> None:
    device = world.red.devices[1]
    await world.lend(device, world.blue.org, metric="pH")

    found = await world.registry.devices.audience(world.red.viewer, device)

    assert [(a.via, a.org, a.people, a.metric) for a in found] == [
        ("owner", world.red.child, 0, None),
        ("scope", world.red.org, 1, None),
        ("grant", world.blue.org, 0, "pH"),
    ]


async def test_borrower_does_not_learn_of_other_borrowers(world: World) -> None:
    device = world.red.devices[0]
    other = await world.org(world.root)
    await world.lend(device, world.blue.org)
    await world.lend(device, other)

    found = await world.registry.devices.audience(world.blue.viewer, device)

    assert [(a.via, a.org, a.people) for a in found] == [
        ("owner", world.red.org, 0),
        ("grant", world.blue.org, 0),
    ]
