"""Speed and accuracy of coverage on one core: ``python -m benchmarks.radio [--json] [--province]``.

Every figure is CPU time of one core. The ground is rough: fractal relief of mountains with patches
of clutter, never the smooth synthetic demo terrain. SPLAT! (``apt-get install splat``) runs on the
same ground and site in the same run, net of its start-up; pycraf runs in an environment of its own
(``--pycraf PYTHON``). The province is told by forty places times their number, or, with
``--province``, run whole (some minutes and 1.5 GB of disk). A peer that is not there is said on stderr and leaves its figure out.
"""

import argparse
import json
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.radio_province import PLACES_PROVINCE, province_ground, whole_province
from benchmarks.rough_ground import SITE, rough_mosaic, write_hgt
from tram.rollout.coverage.losses import LossStore
from tram.rollout.coverage.network import RadioSector, Transmitter
from tram.rollout.coverage.request import CoverageRequest, Folders
from tram.rollout.coverage.running import run_coverage
from tram.rollout.radio import tr38901
from tram.rollout.radio.area.gather import near_losses, path_loss
from tram.rollout.radio.area.sweep import Radio, SiteTerrain, sampling_only
from tram.rollout.radio.p1812.climate import climate_of
from tram.rollout.radio.p1812.diffraction import delta_bullington
from tram.rollout.radio.p1812.geometry import geometry_of
from tram.rollout.radio.p1812.inputs import INLAND, PathParameters, PathProfile
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic
from tram.runtime.clock import SystemClock

RADIUS_KM = 10.0
FREQUENCY_GHZ = 3.75
MAST_M = 30.0
EARTH_KM = 8495.0
PIXELS_COMPARED = 4_000


def main() -> None:
    """Measure, print, and keep one core busy."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--places", type=int, default=40, help="places timed for the province")
    parser.add_argument("--province", action="store_true", help="run all 2,635 places")
    parser.add_argument("--pycraf", default="", help="a Python that has pycraf")
    wanted = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder), wanted.places, wanted.pycraf)
        if wanted.province:
            ground = province_ground(Path(folder) / "province")
            spots = spread(ground, PLACES_PROVINCE)
            figures |= whole_province(Path(folder) / "province", spots, RADIUS_KM, MAST_M)
    if wanted.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:22} {value:,.3f}" if isinstance(value, float) else f"{name:22} {value}")


def measure(folder: Path, places: int, pycraf: str) -> dict[str, float | int | str]:
    """Return all figures."""
    hgt = write_hgt(folder)
    mosaic = rough_mosaic(folder / "terrain", [hgt])
    spots = spread(mosaic, max(places, 12))
    site_s = [timed_site(mosaic, spot) for spot in spots[:12]][1:]  # the first one compiles
    site = float(np.median(site_s))
    pixels = pixels_of(mosaic, spots[0])
    figures: dict[str, float | int | str] = {
        "pixels_per_s": pixels / float(np.mean(site_s)),
        "site_ms": 1000 * site,
        "site_ms_worst": 1000 * max(site_s),
        "pixels": pixels,
        "floor_site_ms": 1000 * floor_s(mosaic, spots[0]),
    }
    figures |= province(folder, mosaic, spots[:places])
    rms, bias = accuracy(mosaic, spots)
    figures |= {"rms_db": rms, "bias_db": bias}
    figures |= against_splat(folder, hgt, mosaic)
    if pycraf:
        figures |= against_pycraf(pycraf, site / pixels)
    return figures


def spread(mosaic: Mosaic, count: int) -> list[GeoPoint]:
    """Return places well inside the ground, the same on every machine."""
    chance = np.random.default_rng(7)
    edge = 11_000 / mosaic.about.cell_m
    columns = chance.uniform(edge, mosaic.about.columns - edge, count)
    rows = chance.uniform(edge, mosaic.about.rows - edge, count)
    return [mosaic.place_of(c, r) for c, r in zip(columns, rows, strict=True)]


def field_at(mosaic: Mosaic, place: GeoPoint) -> SiteTerrain:
    """Cut the ground around a place."""
    column, row = mosaic.grid_of(place)
    window = mosaic.window(column, row, 1000 * RADIUS_KM + 2 * mosaic.about.cell_m)
    return SiteTerrain(
        window.ground,
        window.clutter_m,
        column - window.column,
        row - window.row,
        mosaic.about.cell_m / 1000,
    )


def radio() -> Radio:
    """What is predicted."""
    return Radio(frequency_ghz=FREQUENCY_GHZ, tx_height_m=MAST_M, radius_km=RADIUS_KM)


def timed_site(mosaic: Mosaic, place: GeoPoint) -> float:
    """CPU seconds of one site: ground cut out, swept, read out onto the grid."""
    start = time.process_time()
    what = radio()
    path_loss(field_at(mosaic, place), what, near_losses(what, tr38901.Environment.RURAL))
    return time.process_time() - start


def pixels_of(mosaic: Mosaic, place: GeoPoint) -> int:
    """Grid pixels inside the circle."""
    what = radio()
    near = near_losses(what, tr38901.Environment.RURAL)
    return int(np.isfinite(path_loss(field_at(mosaic, place), what, near)).sum())


def floor_s(mosaic: Mosaic, place: GeoPoint) -> float:
    """CPU seconds of reading the ground along all rays: nobody can be faster."""
    field = field_at(mosaic, place)
    sampling_only(field, radio())
    start = time.process_time()
    for _ in range(5):
        sampling_only(field, radio())
    return (time.process_time() - start) / 5


def province(folder: Path, mosaic: Mosaic, spots: list[GeoPoint]) -> dict[str, float | int]:
    """CPU seconds for all places with an empty cache, grids written; and the memory of a run."""
    store = LossStore(folder / "losses", mosaic)
    start = time.process_time()
    for spot in spots:
        store.make(
            Transmitter(
                lon=spot.lon,
                lat=spot.lat,
                height_m=MAST_M,
                frequency_ghz=FREQUENCY_GHZ,
                radius_km=RADIUS_KM,
            )
        )
    each = (time.process_time() - start) / len(spots)
    child = os.fork()
    if not child:
        run_province(folder, spots)
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    assert status == 0
    return {
        "province_places": len(spots),
        "province_s_per_core": each * PLACES_PROVINCE,
        "peak_gb": max(used.ru_maxrss, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) / 2**20,
    }


def run_province(folder: Path, spots: list[GeoPoint]) -> None:
    """Make rasters, tables and holes of a network over the whole ground."""
    sectors = [
        RadioSector(
            operator="A", station=str(i), band="n78", lon=s.lon, lat=s.lat, height_m=MAST_M
        )
        for i, s in enumerate(spots)
    ]
    folders = Folders(folder / "terrain", folder / "losses")
    order = CoverageRequest(id="bench", sectors=sectors, radius_km=RADIUS_KM)
    run_coverage(order, folders, folder / "run", lambda _: None, SystemClock())


def accuracy(mosaic: Mosaic, spots: list[GeoPoint]) -> tuple[float, float]:
    """Return rms and bias of grids against one P.1812 diffraction profile per pixel [dB]."""
    chance = np.random.default_rng(11)
    errors: list[float] = []
    per_site = PIXELS_COMPARED // 10
    for spot in spots[:10]:
        field = field_at(mosaic, spot)
        what = radio()
        grid = path_loss(field, what, near_losses(what, tr38901.Environment.RURAL))
        found = 0
        while found < per_site:
            row, column = (int(n) for n in chance.integers(0, grid.shape[0], 2))
            length = math.hypot(column + 0.5 - field.column, row + 0.5 - field.row)
            if math.isnan(grid[row, column]) or length * field.cell_km < 0.45:
                continue
            found += 1
            errors.append(
                float(grid[row, column]) - pixel_loss(mosaic, spot, field, (row, column))
            )
    return float(np.sqrt(np.mean(np.square(errors)))), float(np.mean(errors))


def pixel_loss(
    mosaic: Mosaic, spot: GeoPoint, field: SiteTerrain, pixel: tuple[int, int]
) -> float:
    """Loss of one pixel by its own profile and the scalar equations [dB]."""
    x, y = mosaic.grid_of(spot)
    dx, dy = pixel[1] + 0.5 - field.column, pixel[0] + 0.5 - field.row
    steps = max(2, round(math.hypot(dx, dy)))
    along = np.linspace(0, 1, steps + 1)
    ground, clutter, _ = mosaic.sample(x + along * dx, y + along * dy)
    length = math.hypot(dx, dy) * field.cell_km
    profile = PathProfile(along * length, ground, clutter, np.full(steps + 1, INLAND, np.uint8))
    link = PathParameters(
        frequency_ghz=FREQUENCY_GHZ,
        tx_height_m=MAST_M,
        rx_height_m=1.5,
        lapse_rate_n_per_km=157 - 157 * 6371 / EARTH_KM,
    )
    geometry = geometry_of(profile, link, climate_of(profile, link))
    slant = math.hypot(length, (geometry.tx_m - geometry.rx_m) / 1000)
    free = 92.4 + 20 * math.log10(FREQUENCY_GHZ * slant)
    return free + delta_bullington(profile, link, geometry, EARTH_KM, 0.0).loss_db


def against_splat(folder: Path, hgt: Path, mosaic: Mosaic) -> dict[str, float]:
    """Return how many times longer SPLAT! takes for the same site and ground."""
    if not (shutil.which("splat-hd") and shutil.which("srtm2sdf-hd")):
        print("splat-hd is missing: apt-get install splat", file=sys.stderr)
        return {}
    subprocess.run(["srtm2sdf-hd", hgt.name], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    (folder / "site.qth").write_text(
        f"site\n{SITE.lat}\n{360 - SITE.lon}\n{MAST_M} meters\n", encoding="ascii"
    )
    (folder / "site.lrp").write_text(
        "15.000\n0.005\n301.000\n3750.0\n5\n1\n0.50\n0.50\n1000.0\n", encoding="ascii"
    )

    def splat_s(radius_km: float) -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(
            [
                "splat-hd",
                "-t",
                "site.qth",
                "-L",
                "1.5",
                "-R",
                str(radius_km),
                "-metric",
                "-olditm",
                "-d",
                str(folder),
                "-o",
                f"map{radius_km:g}.ppm",
                "-gc",
                "10",
            ],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    start_up = splat_s(0.2)
    net = splat_s(RADIUS_KM) - start_up
    ours = float(np.median([timed_site(mosaic, SITE) for _ in range(3)]))
    return {"splat_net_s": net, "splat_start_s": start_up, "ratio_splat": net / ours}


def against_pycraf(python: str, pixel_s: float) -> dict[str, float]:
    """Return how many times longer pycraf takes for a path than we for a pixel."""
    script = Path(__file__).parent / "pycraf_path.py"
    done = subprocess.run([python, str(script)], capture_output=True, text=True, check=True)
    path_s = float(done.stdout.split()[-1])
    return {"pycraf_path_us": 1e6 * path_s, "ratio_pycraf": path_s / pixel_s}


if __name__ == "__main__":
    sys.exit(main())
