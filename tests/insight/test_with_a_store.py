"""The standing drive test from readings in a real store and the rasters of a real run."""

from collections import defaultdict
from pathlib import Path

import pytest

from tests.fleet.store.conftest import NORTH, PROVINCE, SOUTH, OpenWorld, open_world, timed, viewer  # noqa: F401
from tests.rollout.conftest import terrain  # noqa: F401
from tram.insight.drive_test import compare
from tram.insight.predictions import predictions_at
from tram.insight.signals import read_signals
from tram.registry.kernel.changes import DevicePut, OrgPut
from tram.registry.kernel.views import DevicePosition
from tram.rollout.coverage.network import RadioSector
from tram.rollout.coverage.request import CoverageRequest, Folders
from tram.rollout.coverage.running import run_coverage
from tram.rollout.coverage.sampling import cover_at, signal_at
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic, open_mosaic
from tram.runtime.clock import SystemClock

CITY = (108.80, 15.12)
ODD: list[dict[str, object]] = [
    {"indoor": True},
    {"position_accuracy_m": 900.0},
    {"technology": "LTE"},
    {"band": "n41"},
    {"operator": "mobifone"},
]
ALIKE = 31


def alike(mosaic: Mosaic, count: int) -> list[GeoPoint]:
    """Return places around the station with the same cover of the land."""
    by_cover = defaultdict(list)
    for number in range(625):
        place = GeoPoint(
            CITY[0] + 0.001 * (number % 25 - 12), CITY[1] + 0.001 * (number // 25 - 12)
        )
        by_cover[cover_at(mosaic, place)].append(place)
    return max(by_cover.values(), key=len)[:count]


@pytest.fixture
def predicted(terrain: Path, tmp_path: Path) -> Path:  # noqa: F811
    """The raster of one station."""
    sector = RadioSector(operator="VIETTEL", station="s", band="n78", lon=CITY[0], lat=CITY[1])
    order = CoverageRequest(id="r", sectors=[sector], radius_km=3.0)
    folders = Folders(terrain, tmp_path / "losses")
    made = run_coverage(order, folders, tmp_path / "run", lambda _: None, SystemClock())
    return tmp_path / "run" / made.layers[0].raster


async def test_readings_of_a_store_stand_against_a_run(
    open_world: OpenWorld,  # noqa: F811
    terrain: Path,  # noqa: F811
    predicted: Path,
) -> None:
    mosaic = open_mosaic(terrain)
    places = alike(mosaic, ALIKE + len(ODD))
    levels = signal_at(predicted, places)
    bad = max(range(ALIKE), key=lambda number: levels[number] or -200.0)
    devices = [
        DevicePosition(
            id=100 + n, name=f"d{n}", sector="energy", lon=p.lon, lat=p.lat, synthetic=True
        )
        for n, p in enumerate(places)
    ]
    orgs = [OrgPut(PROVINCE, [PROVINCE]), OrgPut(NORTH, [NORTH, PROVINCE])]
    known = [DevicePut(device.id, NORTH, None, "energy", 1) for device in devices]
    async with open_world(changes=orgs + known) as world:
        for number, device in enumerate(devices):
            level = levels[number]
            assert level is not None
            values = {
                "rsrp_dbm": -125.0 if number == bad else level - 6 + number % 5 - 2,
                "operator": "viettel",
                "band": "n78",
                "technology": "5G",
                "indoor": False,
                "position_accuracy_m": 8.0,
                **(ODD[number - ALIKE] if number >= ALIKE else {}),
            }
            world.blocks.message(device.id, *(timed(key, value) for key, value in values.items()))
        world.blocks.send()
        await world.settled()
        measured = await read_signals(world.client, viewer(PROVINCE), devices)
        others = await read_signals(world.client, viewer(SOUTH), devices)
    told = compare(measured, predictions_at(mosaic, {("VIETTEL", "n78"): predicted}, measured))

    assert others == [], "who may not read the devices measures nothing"
    assert told.left_out == {
        "indoor": 1,
        "position_unknown": 1,
        "technology_differs": 1,
        "not_predicted": 2,
    }
    (group,) = told.groups
    assert (group.operator, group.band, group.points) == ("VIETTEL", "n78", ALIKE)
    assert group.bias_db == pytest.approx(-6, abs=0.5)
    assert group.correction_db == group.bias_db
    assert group.confidence_db is not None
    assert 0 < group.confidence_db < 1
    worst = told.surprises[0]
    assert (worst.name, worst.measured_dbm) == (f"d{bad}", -125)
    assert all(s.predicted_dbm >= -105 and s.measured_dbm < -110 for s in told.surprises)
    assert told.synthetic
