"""The demo's network: always the same stations, with the sizes of the report, none beside another."""

from collections import Counter

from tests.provinces import QUANG_NGAI
from tram.app.demo.network import NETWORKS, demo_stations
from tram.rollout.inventory.stations.sites import Nearness

OPERATORS = {network.code: number for number, network in enumerate(NETWORKS, start=1)}


def test_network_has_the_sizes_of_the_report_and_is_always_the_same() -> None:
    images = demo_stations(OPERATORS, [], QUANG_NGAI.communes)

    counts = Counter((image.operator, image.technology) for image in images)
    assert counts == {
        (1, "4G"): 813, (1, "5G"): 4, (2, "4G"): 826, (2, "5G"): 19, (3, "4G"): 996, (3, "5G"): 92,
    }  # fmt: skip
    assert images == demo_stations(OPERATORS, [], QUANG_NGAI.communes)
    assert all(image.synthetic and image.sectors and image.commune for image in images)


def test_no_station_stands_beside_another_of_its_kind_but_masts_are_shared() -> None:
    kinds: dict[tuple[int, str], Nearness] = {}
    places = Counter()
    for image in demo_stations(OPERATORS, [], QUANG_NGAI.communes):
        near = kinds.setdefault((image.operator, image.technology), Nearness(25))
        assert near.around(image.lon, image.lat) == []
        near.add(image.lon, image.lat, image.code)
        if image.technology == "4G":
            places[image.lon, image.lat] += 1

    assert sum(1 for count in places.values() if count > 1) > 200
