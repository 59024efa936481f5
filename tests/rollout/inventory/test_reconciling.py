"""Official counts against the list: per operator, zone and commune, every difference named."""

from datetime import date

from msgspec.structs import replace

from tests.rollout.conftest import LETTER_DAY, Cast, a_count
from tests.rollout.inventory.test_stations import a_station
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.stations.views import Life


async def test_every_difference_is_named(
    inventory: Inventory, cast: Cast, operators: dict[str, int]
) -> None:
    on_air = (Life(date(2025, 1, 1), "on-air"),)
    await inventory.keeping.put(
        cast.officer,
        [
            a_station(operators["MOBIFONE"], f"M{i}", lon=108 + i / 100, life=on_air, commune="21172")
            for i in range(4)
        ]
        + [a_station(operators["VNPT"], "V", life=(Life(date(2025, 8, 1), "on-air"),))],
    )  # fmt: skip
    commune = a_count(operators["MOBIFONE"], "5G", 3, LETTER_DAY, scope="commune:21172")
    await inventory.counts.enter(cast.officer, commune)

    found = await inventory.differences(cast.officer, LETTER_DAY)

    assert [
        (item.scope, item.operator_name, item.technology, item.official, item.listed)
        for item in found
    ] == [
        ("province", "MobiFone", "4G", 813, 0),  # its 4 5G stations agree
        ("province", "VNPT", "4G", 826, 0),
        ("province", "VNPT", "5G", 19, 0),  # V came on air after the count's day
        ("province", "Viettel", "4G", 996, 0),
        ("province", "Viettel", "5G", 92, 0),
        ("commune:21172", "MobiFone", "5G", 3, 4),
    ]
    assert found[-1].by == 1


async def test_counting_rules_count_differently(
    inventory: Inventory, cast: Cast, operators: dict[str, int]
) -> None:
    accepted = {"antennas": "32T32R", "accepted_on": date(2025, 6, 1)}
    good = a_station(operators["VNPT"], "A", **accepted)
    await inventory.keeping.put(
        cast.officer,
        [
            good,
            replace(good, code="SAME-MAST", lon=good.lon + 0.00001),
            a_station(operators["VNPT"], "B", lon=108.9, **accepted, indoor=True),
            a_station(operators["VNPT"], "C", lon=108.91, antennas="2T2R", accepted_on=date(2025, 6, 1)),
            a_station(operators["VNPT"], "D", lon=108.92, antennas="8T8R", accepted_on=date(2024, 6, 1)),
            a_station(operators["VNPT"], "E", lon=108.93, technology="4G", **accepted),
        ],
    )  # fmt: skip

    async def count(rule: str) -> dict[str, int]:
        return {
            t.technology: t.count
            for t in await inventory.stations.count_by(cast.officer, None, rule)
        }

    assert await count("plain") == {"5G": 4, "4G": 1}
    assert await count("decree-88-2025") == {"5G": 1}
