"""Coverage of the stations on the list: what the command and the role ``work`` both run."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tram.app.installation.engines import open_registry
from tram.app.installation.installation import Installation
from tram.registry.kernel.database import Database
from tram.registry.kernel.viewer import system_viewer
from tram.rollout.coverage.antennas import read_patterns
from tram.rollout.coverage.computing import Folders, Progress
from tram.rollout.coverage.coverage_runs import CoverageRuns
from tram.rollout.coverage.from_inventory import read_regions, sectors_of
from tram.rollout.coverage.network import RadioSector
from tram.rollout.coverage.results import CoverageRun
from tram.rollout.coverage.running import CoverageRequest, run_coverage
from tram.rollout.inventory.inventory import Inventory
from tram.rollout.inventory.stations.views import StationFilter
from tram.runtime.errors import Refused
from tram.runtime.processes.thread_pools import COMPUTING

__all__ = ("antenna_folder", "compute", "coverage_folders", "coverage_runs")


def coverage_folders(installation: Installation) -> Folders:
    """Return where terrain and losses lie in an installation."""
    files = installation.folder.files
    return Folders(files / "terrain" / "mosaic", files / "coverage" / "losses")


def antenna_folder(installation: Installation) -> Path:
    """Return where imported antenna patterns lie in an installation."""
    return installation.folder.files / "antennas"


def coverage_runs(installation: Installation, database: Database) -> CoverageRuns:
    """Return the finished runs of an installation."""
    runs = installation.folder.files / "coverage" / "runs"
    terrain = coverage_folders(installation).terrain
    return CoverageRuns(database, runs, terrain, antenna_folder(installation))


async def compute(
    installation: Installation, wanted: dict[str, Any], report: Callable[[Progress], None]
) -> CoverageRun:
    """Predict the coverage of all stations on air that match, and keep it as a new run.

    Raises:
        Refused: if there is no terrain, no station on it, or none of this operator and band.
    """
    registry = await open_registry(installation)
    try:
        viewer = system_viewer(await registry.seed_base())
        inventory = Inventory(registry.database, installation.clock)
        stations = await inventory.stations.with_sectors(viewer, StationFilter(state="on-air"))
        regions = await read_regions(registry.database)
    finally:
        await registry.close()
    sectors = _wanted(sectors_of(stations), wanted.get("operator", ""), wanted.get("band", ""))
    order = CoverageRequest(
        id=f"{installation.clock.now_ms():013d}-{secrets.token_hex(3)}",
        sectors=sectors,
        patterns=read_patterns(antenna_folder(installation)),
        regions=regions,
        radius_km=float(wanted.get("radius_km", 10.0)),
        scheduler=str(wanted.get("scheduler", "")),
    )
    out = installation.folder.files / "coverage" / "runs" / order.id
    return await COMPUTING.run(
        run_coverage, order, coverage_folders(installation), out, report, installation.clock
    )


def _wanted(sectors: list[RadioSector], operator: str, band: str) -> list[RadioSector]:
    """Return the sectors of an operator and a band, each empty for all.

    Raises:
        Refused: if there are sectors, but none of these: a code or a band is mistyped.
    """
    found = [s for s in sectors if operator in {"", s.operator} and band in {"", s.band}]
    if sectors and not found:
        there = sorted({(sector.operator, sector.band) for sector in sectors})
        raise Refused(
            "coverage.no_match",
            f"No station on air is of operator {operator or 'any'} and band {band or 'any'}.",
            "Take one of these: " + ", ".join(" ".join(pair) for pair in there) + ".",
        )
    return found
