"""Runs of coverage as people see them: the layers of operators and in the zones within reach."""

from functools import lru_cache
from pathlib import Path

import msgspec

from tram.registry.kernel.database import Database
from tram.registry.kernel.viewer import Viewer
from tram.rollout.coverage.antennas import Patterns, read_patterns
from tram.rollout.coverage.results import FORMAT, RUN_FILE, CoverageLayer, CoverageRun
from tram.rollout.coverage.scope import CoverageScope, cut_file, narrowed, scope_of
from tram.rollout.inventory.stations.visibility import READ
from tram.rollout.terrain.mosaic import Mosaic, open_mosaic
from tram.runtime.errors import Refused
from tram.runtime.processes.thread_pools import DOCUMENTS

__all__ = ("FILES", "READ", "CoverageRuns", "layer_key")

FILES = {
    "overlay": "image/png",
    "raster": "image/tiff",
    "servers": "image/tiff",
    "package": "application/geopackage+sqlite3",
}
"""Files of a layer by field, with their media types."""
_RUNS_KEPT_IN_MIND = 8


class _Format(msgspec.Struct, frozen=True):
    format: int


class CoverageRuns:
    """The finished runs in an installation's files, the terrain and the antennas behind them."""

    def __init__(self, database: Database, runs: Path, terrain: Path, antennas: Path) -> None:
        self._database = database
        self._runs = runs
        self._terrain = terrain
        self._antennas = antennas

    async def newest(self, viewer: Viewer) -> CoverageRun | None:
        """Return the newest run with the layers that the viewer may see; None before the first."""
        viewer.needs(READ)
        names = self._names()
        return await self._seen(viewer, names[0]) if names else None

    async def layer(
        self, viewer: Viewer, run: str, layer: str
    ) -> tuple[CoverageRun, CoverageLayer]:
        """Return one layer of a run by ``operator-band`` as its files are named.

        Raises:
            Refused: ``coverage.unknown`` if there is none within reach.
        """
        viewer.needs(READ)
        if run in self._names():
            seen = await self._seen(viewer, run)
            for item in seen.layers:
                if layer_key(item) == layer:
                    return seen, item
        raise Refused("coverage.unknown", "There is no such layer of coverage.")

    async def file(self, viewer: Viewer, run: str, layer: str, kind: str) -> Path:
        """Return a file of a layer by its field, cut to the zones of who sees no more.

        Raises:
            Refused: ``coverage.unknown`` if there is none within reach.
        """
        _, item = await self.layer(viewer, run, layer)
        if kind not in FILES:
            raise Refused("coverage.unknown", "There is no such file of coverage.")
        whole = self._runs / run / str(getattr(item, kind))
        reach = await self._reach(viewer)
        if item.operator in reach.operators:
            return whole
        cut = self._runs.parent / "cuts" / run / reach.mark / whole.name
        if not cut.is_file():
            await DOCUMENTS.run_for(viewer.org, cut_file, whole, kind, item, reach.around, cut)
        return cut

    def mosaic(self) -> Mosaic:
        """Return the terrain.

        Raises:
            Refused: ``terrain.missing`` before any was imported.
        """
        about = self._terrain / "mosaic.json"
        stamp = about.stat().st_mtime_ns if about.is_file() else 0
        return _opened(self._terrain, stamp)

    def patterns(self) -> Patterns:
        """Return the imported antenna patterns."""
        return read_patterns(self._antennas)

    def _names(self) -> list[str]:
        """Names of finished runs, newest first: a name begins with its time."""
        return sorted(
            (file.parent.name for file in self._runs.glob(f"*/{RUN_FILE}")), reverse=True
        )

    async def _reach(self, viewer: Viewer) -> CoverageScope:
        async with self._database.read() as connection:
            return await scope_of(connection, viewer)

    async def _seen(self, viewer: Viewer, name: str) -> CoverageRun:
        run = _read(self._runs / name / RUN_FILE)
        reach = await self._reach(viewer)
        seen = await DOCUMENTS.run_for(viewer.org, self._layers, run, name, reach)
        return msgspec.structs.replace(run, layers=seen)

    def _layers(self, run: CoverageRun, name: str, reach: CoverageScope) -> list[CoverageLayer]:
        found = []
        for layer in run.layers:
            if layer.operator in reach.operators:
                found.append(layer)
            elif reach.zones:
                part = narrowed(layer, reach, self._runs / name / layer.package)
                found += [part] if part else []
        return found


def layer_key(layer: CoverageLayer) -> str:
    """Return the name of a layer in addresses."""
    return layer.raster.removesuffix(".tif")


@lru_cache(_RUNS_KEPT_IN_MIND)
def _read(file: Path) -> CoverageRun:
    content = file.read_bytes()
    made = msgspec.json.decode(content, type=_Format).format
    if made != FORMAT:
        raise Refused(
            "coverage.format",
            f"The run {file.parent.name} has format {made}, this program reads {FORMAT}.",
            "Predict the coverage again.",
        )
    return msgspec.json.decode(content, type=CoverageRun)


@lru_cache(1)
def _opened(folder: Path, _stamp: int) -> Mosaic:
    return open_mosaic(folder)
