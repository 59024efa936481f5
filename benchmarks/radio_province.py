"""The whole province at once: 2,635 distinct places over rough ground of its size, from nothing.

A child process does what ``tram coverage`` does, on one core: every loss with an empty cache, then
signal, rasters, overlay and holes of a network of three sectors per place. CPU time is that of
the child and all its workers; memory the largest sum of their proportional sizes, seen once a
second.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.rough_ground import rough_mosaic, write_hgt
from tram.rollout.coverage.computing import compute_losses
from tram.rollout.coverage.network import RadioSector, transmitters_of
from tram.rollout.coverage.request import CoverageRequest, Folders, Progress
from tram.rollout.coverage.running import run_coverage
from tram.rollout.terrain.importing import BoundingBox
from tram.rollout.terrain.mosaic import GeoPoint, Mosaic, open_mosaic
from tram.runtime.clock import SystemClock

__all__ = ("PLACES_PROVINCE", "province_ground", "whole_province")

PLACES_PROVINCE = 2_635
AREA = BoundingBox(107.15, 14.10, 108.97, 15.61)
"""As wide and as high as the province."""
TILES = ("N14E107", "N14E108", "N15E107", "N15E108")
_LOOK_S = 1.0


def whole_province(
    folder: Path, spots: list[GeoPoint], radius_km: float, mast_m: float
) -> dict[str, float | int]:
    """Run the network once and return what it cost."""
    sectors = [
        RadioSector(
            operator="A",
            station=str(number),
            band="n78",
            lon=spot.lon,
            lat=spot.lat,
            height_m=mast_m,
            azimuth_deg=azimuth,
        )
        for number, spot in enumerate(spots)
        for azimuth in (0.0, 120.0, 240.0)
    ]
    folders = Folders(folder / "terrain", folder / "losses")
    clock = SystemClock()

    def losses() -> None:
        wanted = transmitters_of(sectors, radius_km, open_mosaic(folders.terrain))
        compute_losses(folders, list(wanted), _quiet, clock)

    def network() -> None:
        order = CoverageRequest(id="province", sectors=sectors, radius_km=radius_km)
        run_coverage(order, folders, folder / "run", _quiet, clock)

    losses_s, losses_gb = _in_child(losses)
    files = sorted((folder / "losses").rglob("*.loss"))
    network_s, network_gb = _in_child(network)
    return {
        "province_places": len(spots),
        "province_files": len(files),
        "province_losses_s": losses_s,
        "province_rasters_s": network_s,
        "province_s_per_core": losses_s + network_s,
        "peak_gb": max(losses_gb, network_gb),
    }


def province_ground(folder: Path) -> Mosaic:
    """Return rough ground as large as the province; a child imports it, to leave no trace here."""
    folder.mkdir(parents=True)
    first = write_hgt(folder)
    tiles = [folder / f"{name}.hgt" for name in TILES]
    for tile in tiles:  # the relief is periodic: tiles of the same content join without a seam
        if not tile.exists():
            tile.symlink_to(first)
    _in_child(lambda: rough_mosaic(folder / "terrain", tiles, AREA))
    return open_mosaic(folder / "terrain")


def _quiet(_progress: Progress) -> None:
    """Hear how far it is."""


def _in_child(work: Callable[[], object]) -> tuple[float, float]:
    """Return CPU seconds of a child that does the work, and the most memory of it and its own."""
    child = os.fork()
    if not child:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)
    most = 0
    while True:
        done, status, used = os.wait4(child, os.WNOHANG)
        if done:
            break
        most = max(most, _tree_bytes(child))
        time.sleep(_LOOK_S)
    if status:
        raise SystemExit("the province broke off")
    return used.ru_utime + used.ru_stime, most / 2**30


def _tree_bytes(root: int) -> int:
    """Sum the proportional sizes of a process and its descendants."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    wanted = {root}
    while True:
        more = {pid for pid, parent in parents.items() if parent in wanted} - wanted
        if not more:
            break
        wanted |= more
    return sum(_bytes_of(pid) for pid in wanted)


def _bytes_of(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return 1024 * sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
