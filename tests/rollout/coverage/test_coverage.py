"""A network over the synthetic ground: losses, resume, cluster, files, shares, holes."""

import json
import os

import msgspec
import numpy as np
import pyogrio
import pytest
import rasterio
import shapely
from rasterio.errors import NotGeoreferencedWarning

from tram.jobs.kinds import JobCancelled
from tram.rollout.coverage.best_server import NumberedSector, add_sector, frame_around, silence
from tram.rollout.coverage.computing import compute_losses
from tram.rollout.coverage.files import OVERLAY_BASE_DBM, SYNTHETIC
from tram.rollout.coverage.losses import LEAST_DB, NOTHING, STEP_DB, LossStore
from tram.rollout.coverage.network import BANDS, RadioSector, transmitters_of
from tram.rollout.coverage.path_explained import Ends, explain_path, servers_at
from tram.rollout.coverage.regions import Region
from tram.rollout.coverage.request import CoverageRequest, Folders, Progress
from tram.rollout.coverage.results import CoverageRun
from tram.rollout.coverage.running import run_coverage
from tram.rollout.radio.antenna import parametric, read_msi
from tram.rollout.terrain.clutter import Cover
from tram.rollout.terrain.mosaic import GeoPoint, open_mosaic
from tram.runtime.clock import SystemClock
from tram.runtime.errors import Refused

RADIUS_KM = 3.0
CITY = (108.80, 15.12)


def sector(lon=CITY[0], lat=CITY[1], **more):
    values = {"operator": "A", "station": "s1", "band": "n78", "synthetic": True, **more}
    return RadioSector(lon=lon, lat=lat, **values)


def three_ways():
    return [sector(azimuth_deg=azimuth) for azimuth in (0, 120, 240)]


@pytest.fixture
def folders(terrain, tmp_path):
    return Folders(terrain, tmp_path / "losses")


def run(folders, sectors, out, regions=(), **more):
    order = CoverageRequest(id="r1", sectors=sectors, regions=regions, radius_km=RADIUS_KM, **more)
    return run_coverage(order, folders, out, lambda _: None, SystemClock())


def test_a_run_that_is_cancelled_leaves_its_losses_and_no_half_run(folders, tmp_path):
    def report(standing: Progress) -> None:
        if standing.done == standing.total and (tmp_path / "out").exists():
            raise JobCancelled

    order = CoverageRequest(id="r1", sectors=three_ways(), radius_km=RADIUS_KM)
    with pytest.raises(JobCancelled):
        run_coverage(order, folders, tmp_path / "out", report, SystemClock())

    assert not (tmp_path / "out").exists()
    assert list(folders.losses.rglob("*.loss"))


def test_a_run_leaves_rasters_overlay_shares_and_holes(folders, tmp_path):
    out = tmp_path / "out"
    regions = [
        Region("commune", "c1", "Xã Một", shapely.box(108.75, 15.08, 108.85, 15.16)),
        Region("zone", "far", "KCN Xa", shapely.box(108.72, 15.02, 108.73, 15.03)),
        Region("road", "r1", "QL1", shapely.LineString([(108.78, 15.1), (108.82, 15.14)])),
    ]
    made = run(folders, three_ways(), out, regions)
    layer = made.layers[0]
    assert (layer.operator, layer.band, layer.sectors) == ("A", "n78", 3)
    assert layer.synthetic
    assert layer.shares == sorted(layer.shares), "a weaker threshold covers more"
    assert layer.location_sigma_db == pytest.approx((0.024 * 3.75 + 0.52) * 60**0.28, abs=1e-3)
    assert all(
        0 < abs(likely - plain) < 0.1
        for likely, plain in zip(layer.likely, layer.shares, strict=True)
    ), "weighted by chance, near the plain share"
    assert {region.key for region in layer.regions} == {"c1", "r1"}, "the zone is out of the frame"
    road = next(region for region in layer.regions if region.kind == "road")
    assert road.amount == pytest.approx(6.2, abs=0.1)
    with rasterio.open(out / layer.raster) as raster:
        assert raster.tags().items() >= SYNTHETIC.items()
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        signal = raster.read(1)
        assert raster.units == ("dBm", "dB")
        assert -110 < signal.max() < -30
    with pytest.warns(NotGeoreferencedWarning):
        picture = rasterio.open(out / layer.overlay)
    with picture:
        assert picture.tags().items() >= SYNTHETIC.items()
        grey = picture.read(1)
        assert grey.max() * 0.5 + OVERLAY_BASE_DBM - 0.5 == pytest.approx(signal.max(), abs=0.5)
    west, north, east, south = layer.corners
    assert west < CITY[0] < east
    assert south < CITY[1] < north
    info = pyogrio.read_info(out / layer.package)
    assert info["features"] == len(layer.holes)
    assert json.loads((out / "run.json").read_text())["format"] == 3
    assert msgspec.json.decode((out / "run.json").read_bytes(), type=CoverageRun) == made


def test_a_run_tells_the_weaker_link_and_who_serves(folders, tmp_path):
    layer = run(folders, three_ways(), tmp_path / "out").layers[0]
    with rasterio.open(tmp_path / "out" / layer.raster) as raster:
        signal, margin = raster.read()
    heard = signal > -200
    assert (margin[heard] <= signal[heard] + 110 + 0.11).all(), "never more than the downlink"
    assert layer.budget.weaker == "uplink"
    assert (margin[heard] < signal[heard] + 109).any(), "the uplink ends first"
    with rasterio.open(tmp_path / "out" / layer.servers) as servers:
        assert set(np.unique(servers.read(1)[heard])) == {0, 1, 2}
    assert [serving.azimuth_deg for serving in layer.serving] == [0, 120, 240]
    assert layer.both_ways[-1] < layer.shares[-1]


def test_an_interrupted_run_goes_on_and_ends_the_same(folders, tmp_path):
    count = 8 + 4 * len(os.sched_getaffinity(0))  # more than are under way at once
    sectors = [sector(lon=CITY[0] + 0.004 * k, station=f"s{k}") for k in range(count)]
    wanted = list(transmitters_of(sectors, 1.0, open_mosaic(folders.terrain)))
    store = LossStore(folders.losses, open_mosaic(folders.terrain))
    store.make(wanted[2])
    seen = []
    compute_losses(folders, wanted, seen.append, SystemClock())
    assert (seen[0].done, seen[-1].done, seen[-1].total) == (1, count, count)
    assert seen[-1].eta_s == 0
    before = {file: file.stat().st_mtime_ns for file in folders.losses.rglob("*.loss")}
    assert len(before) == count
    compute_losses(folders, wanted, seen.append, SystemClock())
    assert before == {file: file.stat().st_mtime_ns for file in folders.losses.rglob("*.loss")}
    other = Folders(folders.terrain, tmp_path / "other")
    fresh = LossStore(other.losses, open_mosaic(folders.terrain))
    for transmitter in wanted:
        assert np.array_equal(fresh.read(transmitter).steps, store.read(transmitter).steps)


def test_a_cluster_gives_the_same_files(folders, tmp_path):
    from distributed import LocalCluster

    sectors = [sector(station=f"s{k}", lat=CITY[1] + 0.01 * k) for k in range(2)]
    wanted = list(transmitters_of(sectors, RADIUS_KM, open_mosaic(folders.terrain)))
    here = Folders(folders.terrain, tmp_path / "here")
    compute_losses(here, wanted, lambda _: None, SystemClock())
    with LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
    ) as cluster:
        seen = []
        compute_losses(folders, wanted, seen.append, SystemClock(), cluster.scheduler_address)
    assert seen[-1].done == 2
    files = sorted(here.losses.rglob("*.loss"))
    assert len(files) == 2
    for file in files:
        assert (folders.losses / file.relative_to(here.losses)).read_bytes() == file.read_bytes()


def test_the_signal_is_power_less_loss_less_pattern(folders):
    mosaic = open_mosaic(folders.terrain)
    what = sector(azimuth_deg=90.0, tilt_deg=0.0)
    transmitter = next(iter(transmitters_of([what], RADIUS_KM, mosaic)))
    grid = LossStore(folders.losses, mosaic).read(transmitter)
    frame = frame_around(mosaic, [what], RADIUS_KM)
    signal = silence(frame)
    add_sector(signal, frame, mosaic, NumberedSector(0, what, transmitter, parametric()), grid)
    column, row = (int(v) for v in mosaic.grid_of(GeoPoint(*CITY)))
    row, column = row - frame.row, column - frame.column
    away = 20
    loss = grid.steps[row + frame.row - grid.row, column + away + frame.column - grid.column]
    ahead = signal.rsrp[row, column + away]
    assert loss != NOTHING
    free = BANDS["n78"].eirp_re_dbm - (LEAST_DB + STEP_DB * loss)
    assert ahead == pytest.approx(free, abs=1.0)
    assert signal.rsrp[row, column - away] < ahead - 15, "behind the antenna"
    assert signal.server.max() == 0


def test_without_a_known_band_on_the_terrain_it_says_so(folders, tmp_path):
    with pytest.raises(Refused, match="No sector"):
        run(folders, [sector(lon=120.0)], tmp_path / "out")


def test_a_path_tells_its_parts_and_both_models(terrain):
    view = explain_path(open_mosaic(terrain), Ends(a=CITY, b=(108.72, 15.03), frequency_ghz=3.75))
    assert view.length_km == pytest.approx(13.2, abs=0.2)
    assert view.azimuth_deg == pytest.approx(221, abs=2)
    assert view.synthetic
    assert view.parts["free_space_db"] < view.loss_db <= view.map_loss_db + 1e-6
    assert view.difference_db == pytest.approx(view.map_loss_db - view.loss_db, abs=1e-3)
    middle = view.points[len(view.points) // 2]
    assert middle.fresnel_m == pytest.approx(np.sqrt(0.08 * 13200 / 4), rel=0.02)


def test_servers_at_a_place_come_strongest_first(terrain):
    near, far = sector(station="near"), sector(station="far", lon=108.72, lat=15.03)
    found = servers_at(open_mosaic(terrain), GeoPoint(108.81, 15.13), [far, near], {})
    assert [server.station for server in found] == ["near", "far"]
    assert found[0].rsrp_dbm > found[1].rsrp_dbm


def test_an_msi_pattern_is_read(tmp_path):
    lines = ["NAME Test 65", "FREQUENCY 3500", "HORIZONTAL 360"]
    lines += [f"{a} {min(a, 360 - a) / 10}" for a in range(360)]
    lines += ["VERTICAL 360", *(f"{a} {1.5 if a == 6 else 20}" for a in range(360))]
    file = tmp_path / "a.msi"
    file.write_text("\n".join(lines))
    pattern = read_msi(file)
    assert pattern.name == "Test 65"
    assert pattern.azimuth_db[10] == pytest.approx(1.0)
    assert pattern.elevation_db[-6 % 360] == pytest.approx(1.5), "six degrees below the horizon"
    file.write_text("NAME half\nHORIZONTAL 360\n0 0")
    with pytest.raises(Refused, match="360 horizontal"):
        read_msi(file)


def test_the_parametric_pattern_by_its_table():
    pattern = parametric(70.0, 10.0)
    assert pattern.azimuth_db[35] == pytest.approx(3.0)
    assert pattern.azimuth_db[180] == 25
    assert pattern.elevation_db[355] == pytest.approx(3.0)
    assert pattern.elevation_db[90] == 20


def test_the_sea_is_not_land_without_signal(folders, tmp_path):
    regions = [
        Region("commune", "coast", "Xã Bờ biển", shapely.box(108.85, 15.14, 108.95, 15.2)),
        Region("zone", "bay", "Ngoài khơi", shapely.box(108.94, 15.18, 108.95, 15.2)),
    ]
    east = (108.88, 15.17)
    made = run(folders, [sector(*east)], tmp_path / "out", regions)
    layer = made.layers[0]
    assert [region.key for region in layer.regions] == ["coast"], "a region of water has no share"
    mosaic = open_mosaic(folders.terrain)
    with rasterio.open(tmp_path / "out" / layer.raster) as raster:
        signal, corner = raster.read(1), raster.transform
    left = round((corner.c - mosaic.about.west_m) / mosaic.about.cell_m)
    top = round((mosaic.about.north_m - corner.f) / mosaic.about.cell_m)
    part = slice(top, top + signal.shape[0]), slice(left, left + signal.shape[1])
    land = np.asarray(mosaic.cover[part]) != Cover.WATER
    assert 0.1 < land.mean() < 0.9, "half of the circle is sea"
    assert layer.shares[-1] == pytest.approx((signal >= -110)[land].mean(), abs=0.01)
