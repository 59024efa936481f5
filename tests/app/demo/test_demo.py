"""The demo's cast and its numbers: invented, marked, the same from the same seed."""

import random

from tram.app.demo.fleet import ORGANISATIONS, PEOPLE, DeviceScript, devices
from tram.app.demo.shapes import SHAPES, SimulatedSeries, shape_of
from tram.domain.ids import ProfileId, ZoneId
from tram.domain.sectors import SECTORS
from tram.registry.kernel.views import Profile, Zone

DAY_MS = 86_400_000


def a_profile(number: int, sector: str) -> Profile:
    return Profile(
        id=ProfileId(number),
        key=sector,
        name_vi=f"Mẫu {sector}",
        name_en=sector,
        sector=sector,
        decoder="json",
        expected_interval_s=60,
        metrics=[],
    )


def a_zone(number: int) -> Zone:
    return Zone(
        id=ZoneId(number),
        code=f"Z{number}",
        kind="KCN",
        name="",
        status="",
        area_ha=None,
        area_mark="",
        area_source="",
        lon=108.8,
        lat=15.3,
        coord_mark="M",
        coord_quality="",
        commune="",
        approximate=True,
    )


PROFILES = [a_profile(number, sector) for number, sector in enumerate(SECTORS, 1)]
ZONES = [a_zone(number) for number in range(1, 4)]


def test_about_two_hundred_devices_in_all_sectors_are_marked_and_near_a_zone() -> None:
    cast = list(devices(PROFILES, ZONES))

    assert 180 <= len(cast) <= 220
    assert {device.profile.sector for device in cast} == set(SECTORS)
    assert len({device.code for device in cast}) == len(cast)
    assert all("mô phỏng" in device.name for device in cast)
    assert all(abs(d.lon - 108.8) < 0.1 and abs(d.lat - 15.3) < 0.1 for d in cast)
    assert [device.part for device in cast].count(DeviceScript.SPARE) == 1


def test_the_same_seed_casts_the_same_devices() -> None:
    assert list(devices(PROFILES, ZONES)) == list(devices(PROFILES, list(reversed(ZONES))))


def test_organisations_and_people_of_the_demo_say_that_they_are_invented() -> None:
    assert all("mô phỏng" in org.name for org in ORGANISATIONS)
    assert all("mô phỏng" in person.name for person in PEOPLE)


def test_every_metric_stays_within_its_bounds_over_a_day_and_repeats_from_its_seed() -> None:
    for key, shape in SHAPES.items():
        times = range(0, DAY_MS, 600_000)
        first = SimulatedSeries(shape_of(key), random.Random(key))
        again = SimulatedSeries(shape_of(key), random.Random(key))

        course = [first.at(time) for time in times]

        assert course == [again.at(time) for time in times]
        assert all(isinstance(value, int | float) for value in course)
        if not shape.grows:
            assert all(shape.low <= value <= shape.high for value in course)


def test_a_meter_only_counts_up() -> None:
    meter = SimulatedSeries(shape_of("energy"), random.Random(1))

    course = [meter.at(time) for time in range(0, DAY_MS, 600_000)]

    assert course == sorted(course)
    assert course[-1] > course[0]
