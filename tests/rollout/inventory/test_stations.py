"""Stations: places shared, states as of a day, who reaches which, every change kept."""

from datetime import date, timedelta

from msgspec.structs import replace

from tests.registry.world import DAY_MS, World, refused, viewer_of
from tests.rollout.conftest import Cast
from tram.domain.days import local_day
from tram.registry.kernel.viewer import Viewer
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.stations.stations import DECREE_88, PLAIN
from tram.rollout.inventory.stations.views import Box, Life, Sector, StationFilter, StationImage
from tram.rollout.inventory.stations.writing import WriteCounts

SINCE = date(2024, 5, 1)


def a_station(operator: int, code: str = "QNI001", **given: object) -> StationImage:
    wanted: dict[str, object] = {
        "technology": "5G",
        "lon": 108.80,
        "lat": 15.12,
        "life": (Life(SINCE, "on-air"),),
        "sectors": (Sector(code="1", azimuth_deg=0, tilt_deg=4, height_m=32, eirp_dbm=62),),
        **given,
    }
    return StationImage(operator=operator, code=code, **wanted)


async def test_station_comes_back_whole(
    inventory: Inventory, cast: Cast, operators: dict[str, int]
) -> None:
    image = a_station(
        operators["VNPT"], name="Trạm Dốc Sỏi", band="n78", antennas="64T64R", mast_owner="VNPT"
    )

    assert await inventory.keeping.put(cast.officer, [image]) == WriteCounts(new=1)

    (station,) = await inventory.stations.with_sectors(cast.officer)
    assert (station.name, station.operator_name, station.state) == (
        "Trạm Dốc Sỏi",
        "VNPT",
        "on-air",
    )
    assert (station.life, station.sectors) == (list(image.life), list(image.sectors))
    assert (station.place.owner, station.place.lon) == ("VNPT", 108.80)
    assert await inventory.stations.one(cast.officer, station.id) == station


async def test_putting_the_same_twice_changes_nothing(
    inventory: Inventory, cast: Cast, operators: dict[str, int]
) -> None:
    images = [a_station(operators["VNPT"], f"T{i}", lon=108 + i / 100) for i in range(5)]
    await inventory.keeping.put(cast.officer, images)

    assert await inventory.keeping.put(cast.officer, images) == WriteCounts(same=5)

    station = (await inventory.stations.page(cast.officer)).items[0]
    assert len(await inventory.stations.history(cast.officer, station.id)) == 1


async def test_every_change_keeps_what_was_before(
    inventory: Inventory, cast: Cast, operators: dict[str, int]
) -> None:
    image = a_station(operators["VNPT"])
    await inventory.keeping.put(cast.officer, [image])
    moved = replace(image, lon=108.9, sectors=())
    await inventory.keeping.put(cast.officer, [moved])
    await inventory.keeping.remove(cast.officer, [image.key])

    (point,) = [] if await inventory.stations.points(cast.officer) else [None]
    assert point is None
    assert await inventory.keeping.put(cast.officer, [image]) == WriteCounts(changed=1)
    (station,) = await inventory.stations.with_sectors(cast.officer)
    changes = await inventory.stations.history(cast.officer, station.id)
    assert [(change.before, change.after) for change in changes] == [
        (None, image), (moved, None), (image, moved), (None, image)
    ]  # fmt: skip


async def test_stations_of_one_mast_share_their_place(
    inventory: Inventory, cast: Cast, operators: dict[str, int]
) -> None:
    near = 108.80 + 0.0001  # 11 metres
    await inventory.keeping.put(
        cast.officer,
        [
            a_station(operators["VNPT"], "A"),
            a_station(operators["VIETTEL"], "B", lon=near, mast_code="COT-7", mast_owner="Chung"),
            a_station(operators["MOBIFONE"], "C", lon=108.9, mast_code="COT-7"),
            a_station(operators["MOBIFONE"], "D", lon=near, mast_code="COT-8"),
            a_station(operators["MOBIFONE"], "E", lon=108.81),
        ],
    )

    found = {item.code: item.place for item in await inventory.stations.with_sectors(cast.officer)}

    assert found["A"].id == found["B"].id == found["C"].id
    assert found["A"].owner == "Chung"
    assert len({found[code].id for code in "ADE"}) == 3
    shared = await inventory.stations.at_place(cast.officer, found["A"].id)
    assert {item.code for item in shared} == {"A", "B", "C"}
    wanted = StationFilter(shared=True)
    together = (await inventory.stations.page(cast.officer, wanted)).items
    assert {item.code for item in together} == {"A", "B", "C"}
    assert (await inventory.stations.page(cast.planner, wanted)).items == []  # others are not its


async def test_state_is_that_of_the_day_asked_for(
    inventory: Inventory, cast: Cast, operators: dict[str, int]
) -> None:
    life = (
        Life(date(2024, 1, 1), "planned"),
        Life(date(2024, 6, 1), "on-air"),
        Life(date(2025, 1, 1), "off"),
    )
    await inventory.keeping.put(cast.officer, [a_station(operators["VNPT"], life=life)])

    seen = {
        day: [
            point.state
            for point in await inventory.stations.points(cast.officer, StationFilter(as_of=day))
        ]
        for day in (date(2023, 12, 31), date(2024, 5, 31), date(2024, 6, 1), date(2025, 1, 1))
    }

    assert list(seen.values()) == [[], ["planned"], ["on-air"], ["off"]]
    on_air = StationFilter(state="on-air", as_of=date(2024, 7, 1))
    assert len(await inventory.stations.with_sectors(cast.officer, on_air)) == 1
    assert await inventory.stations.points(cast.officer, StationFilter(state="on-air")) == []


async def test_figures_as_of_a_day_take_what_was_kept_then(
    inventory: Inventory, cast: Cast, operators: dict[str, int], world: World
) -> None:
    """A station is upgraded, and another list is imported later: earlier days stay as they were."""
    vnpt = operators["VNPT"]
    life = (Life(date(2025, 6, 1), "on-air"),)
    first = a_station(
        vnpt,
        band="n41",
        antennas="2T2R",
        mast_owner="VNPT",
        accepted_on=date(2025, 6, 1),
        life=life,
    )
    await inventory.keeping.put(cast.officer, [first])
    day = local_day(world.clock.now_ms())
    world.clock.advance(10 * DAY_MS)
    upgraded = replace(
        first, band="n78", antennas="64T64R", mast_owner="Công ty Cột", name="Tên đúng",
        life=(*life, Life(day + timedelta(9), "off")), sectors=(),
    )  # fmt: skip
    await inventory.keeping.put(cast.officer, [upgraded, a_station(vnpt, "LATE", life=life)])

    async def seen(on: date | None) -> list[tuple[object, ...]]:
        wanted = StationFilter(as_of=on, search="Tên đúng")
        (listed,) = (await inventory.stations.page(cast.officer, wanted)).items
        (whole,) = await inventory.stations.with_sectors(cast.officer, wanted)
        assert (listed.band, listed.state) == (whole.band, whole.state)
        return [
            (whole.band, whole.antennas, whole.mast_owner, len(whole.sectors)),
            (whole.state, whole.state_since, len(whole.life)),
        ]

    before = [("n41", "2T2R", "VNPT", len(first.sectors)), ("on-air", date(2025, 6, 1), 1)]
    after = [("n78", "64T64R", "Công ty Cột", 0), ("off", day + timedelta(9), 2)]
    assert await seen(day) == before
    assert await seen(date(2025, 6, 1)) == before  # nothing older is known: as it was at first
    assert await seen(day + timedelta(10)) == await seen(None) == after
    late = StationFilter(as_of=day)  # it was on air already, though its list came later
    assert len(await inventory.stations.points(cast.officer, late)) == 2

    async def counted(on: date, rule: str = PLAIN) -> int:
        return sum(t.count for t in await inventory.stations.count_by(cast.officer, on, rule))

    assert [await counted(day), await counted(day + timedelta(10))] == [1, 1]
    upgraded_on_air = replace(upgraded, life=life)
    await inventory.keeping.put(cast.officer, [upgraded_on_air])
    assert await counted(day, DECREE_88) == 0  # two transmitters then
    assert await counted(day + timedelta(10), DECREE_88) == 1
    await inventory.keeping.put(cast.officer, [replace(first, accepted_on=date(2025, 9, 1))])
    assert await counted(date(2025, 8, 31), DECREE_88) == 0


async def test_stations_are_found_by_box_operator_technology_and_words(
    inventory: Inventory, cast: Cast, operators: dict[str, int]
) -> None:
    await inventory.keeping.put(
        cast.officer,
        [
            a_station(operators["VNPT"], "A", name="Bưu điện Đức Phổ", lat=14.8),
            a_station(operators["VIETTEL"], "B", technology="4G"),
        ],
    )

    async def codes(**given: object) -> list[str]:
        page = await inventory.stations.page(cast.officer, StationFilter(**given))
        return [item.code for item in page.items]

    assert await codes(search="buu dien duc") == ["A"]
    assert await codes(box=Box(108, 14.7, 109, 14.9)) == ["A"]
    assert await codes(operator=operators["VIETTEL"]) == ["B"]
    assert await codes(technology="4G") == ["B"]
    assert await codes(technology="3G") == []


async def test_pages_hold_every_station_once(
    inventory: Inventory, cast: Cast, operators: dict[str, int]
) -> None:
    images = [
        a_station(operators["VNPT"], f"T{i:03}", lon=107 + i / 50, name="Trạm") for i in range(25)
    ]
    await inventory.keeping.put(cast.officer, images)

    seen: list[str] = []
    after: str | None = None
    while True:
        page = await inventory.stations.page(cast.officer, after=after, limit=7)
        seen += [item.code for item in page.items]
        after = page.next_after
        if after is None:
            break

    assert (seen, page.total) == ([image.code for image in images], 25)


async def test_operator_sees_and_changes_only_its_own(
    inventory: Inventory, cast: Cast, operators: dict[str, int]
) -> None:
    theirs, own = a_station(operators["VNPT"], "A"), a_station(operators["VIETTEL"], "B")
    await inventory.keeping.put(cast.officer, [theirs, own])

    seen = await inventory.stations.page(cast.planner)
    assert [item.code for item in seen.items] == ["B"]
    await inventory.keeping.put(cast.planner, [replace(own, note="Đã kiểm tra")])
    with refused("access.denied"):
        await inventory.keeping.put(cast.planner, [replace(theirs, note="Của tôi")])
    with refused("access.denied"):
        await inventory.keeping.remove(cast.planner, [theirs.key])
    (hidden,) = [i for i in (await inventory.stations.page(cast.officer)).items if i.code == "A"]
    with refused("station.unknown"):
        await inventory.stations.one(cast.planner, hidden.id)


async def test_zone_role_sees_the_stations_inside_its_zone(
    inventory: Inventory, cast: Cast, operators: dict[str, int], world: World
) -> None:
    listed = await world.registry.zones.list(world.system)
    park = next(zone for zone in listed if zone.code == "KCN-TP")
    await inventory.keeping.put(
        cast.officer,
        [
            a_station(operators["VNPT"], "IN", lon=park.lon, lat=park.lat),
            a_station(operators["VNPT"], "OUT", lon=107.6),
        ],
    )
    keeper: Viewer = viewer_of(world.blue.org, zone=park.id, permissions={"inventory.read"})

    seen = await inventory.stations.with_sectors(keeper)

    assert [(item.code, park.id in item.zones) for item in seen] == [("IN", True)]
    assert await inventory.stations.points(cast.reader) == []
    with refused("access.denied"):
        await inventory.stations.points(cast.outsider)
