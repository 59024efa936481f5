"""Coverage of the stations on the list: the job that people ask for, and what the command runs."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from tram.domain.bounds import Line, Real
from tram.jobs.kinds import LONG, CancelToken, JobKind, JobWork, PartialWork
from tram.jobs.kinds import Progress as Told
from tram.jobs.meanwhile import meanwhile
from tram.registry.kernel.viewer import system_viewer
from tram.registry.registry import Registry
from tram.rollout.coverage.antennas import read_patterns
from tram.rollout.coverage.from_inventory import read_regions, sectors_of
from tram.rollout.coverage.network import RadioSector
from tram.rollout.coverage.request import CoverageRequest, Folders, Progress, check_radius
from tram.rollout.coverage.results import RUNS, CoverageRun
from tram.rollout.inventory.stations.stations import Stations
from tram.rollout.inventory.stations.views import StationFilter
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused
from tram.runtime.processes.thread_pools import COMPUTING

__all__ = ("COVERAGE", "CoverageFiles", "CoverageMade", "CoverageOrder", "Prediction")

_TOLD_EVERY_S = 1.0


class CoverageOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to predict: one operator and band, or (empty) all of them."""

    operator: Line = ""
    band: Line = ""
    radius_km: Real = 10.0


class CoverageMade(msgspec.Struct, frozen=True):
    """The run that a job has made, by its name."""

    run: str


COVERAGE = JobKind(
    name="coverage",
    request=CoverageOrder,
    result=CoverageMade,
    lane=LONG,
    partial_work=PartialWork.KEPT,  # losses; half a run is never there
)


@dataclass(frozen=True, slots=True)
class CoverageFiles:
    """Where terrain, antennas, losses and runs lie below the folder of files."""

    root: Path

    @property
    def antennas(self) -> Path:
        """Imported antenna patterns."""
        return self.root / "antennas"

    @property
    def folders(self) -> Folders:
        """Terrain and losses."""
        return Folders(self.root / "terrain" / "mosaic", self.root / "coverage" / "losses")

    @property
    def runs(self) -> Path:
        """Runs, a folder each."""
        return self.root / RUNS


class Prediction(JobWork[CoverageOrder, CoverageMade]):
    """Predicts; a run that died half-way finds the losses that it had made."""

    def __init__(self, registry: Registry, clock: Clock, files: CoverageFiles) -> None:
        self._registry = registry
        self._clock = clock
        self._files = files

    async def run(
        self, request: CoverageOrder, progress: Told, cancel: CancelToken
    ) -> CoverageMade:
        """Make one run and tell about once a second how far it is."""
        latest: list[Progress] = []

        def report(now: Progress) -> None:
            cancel.check()
            latest[:] = [now]

        async def tell() -> None:
            if latest:
                await progress(latest[-1].done, latest[-1].total)

        made = await meanwhile(self.predict(request, report), _TOLD_EVERY_S, tell)
        return CoverageMade(made.id)

    async def predict(
        self, order: CoverageOrder, report: Callable[[Progress], None], scheduler: str = ""
    ) -> CoverageRun:
        """Predict the coverage of all stations on air that match, and keep it as a new run.

        Raises:
            Refused: if the radius is out of bounds, there is no terrain, no station on it, or none
                of this operator and band.
        """
        check_radius(order.radius_km)
        viewer = system_viewer(await self._registry.seed_base())
        database = self._registry.database
        stations = await Stations(database).with_sectors(viewer, StationFilter(state="on-air"))
        request = CoverageRequest(
            id=f"{self._clock.now_ms():013d}-{secrets.token_hex(3)}",
            sectors=_wanted(sectors_of(stations), order.operator, order.band),
            patterns=read_patterns(self._files.antennas),
            regions=await read_regions(database),
            radius_km=order.radius_km,
            scheduler=scheduler,
        )
        return await COMPUTING.run(self._run, request, report)

    def _run(self, request: CoverageRequest, report: Callable[[Progress], None]) -> CoverageRun:
        # Its compiler takes half a second to load: who only orders predictions starts without it.
        from tram.rollout.coverage.running import run_coverage  # noqa: PLC0415

        out = self._files.runs / request.id
        return run_coverage(request, self._files.folders, out, report, self._clock)


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
