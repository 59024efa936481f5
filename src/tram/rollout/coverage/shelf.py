"""Runs of coverage as people see them: each viewer the layers of operators within reach."""

from functools import lru_cache
from pathlib import Path

import msgspec
from sqlalchemy import literal, or_, select

from tram.registry.access import org_is_reached, owner_of_province_data
from tram.registry.database import Database
from tram.registry.viewer import Viewer
from tram.rollout.coverage.antennas import Patterns, read_patterns
from tram.rollout.coverage.results import FORMAT, Layer, Run
from tram.rollout.inventory.tables import operators
from tram.rollout.terrain.mosaic import Mosaic, open_mosaic
from tram.runtime.errors import Refused

__all__ = ("FILES", "READ", "Shelf", "layer_key")

READ = "inventory.read"
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


class Shelf:
    """The finished runs in an installation's files, the terrain and the antennas behind them."""

    def __init__(self, database: Database, runs: Path, terrain: Path, antennas: Path) -> None:
        self._database = database
        self._runs = runs
        self._terrain = terrain
        self._antennas = antennas

    async def newest(self, viewer: Viewer) -> Run | None:
        """Return the newest run with the layers that the viewer may see; None before the first."""
        viewer.needs(READ)
        names = self._names()
        return await self._seen(viewer, names[0]) if names else None

    async def layer(self, viewer: Viewer, run: str, layer: str) -> tuple[Run, Layer]:
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
        """Return a file of a layer: overlay, raster or package.

        Raises:
            Refused: ``coverage.unknown`` if there is none within reach.
        """
        _, item = await self.layer(viewer, run, layer)
        if kind not in FILES:
            raise Refused("coverage.unknown", "There is no such file of coverage.")
        return self._runs / run / str(getattr(item, kind))

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
        return sorted((file.parent.name for file in self._runs.glob("*/run.json")), reverse=True)

    async def _seen(self, viewer: Viewer, name: str) -> Run:
        run = _read(self._runs / name / "run.json")
        async with self._database.read() as connection:
            owner = literal(await owner_of_province_data(connection))
            found = await connection.execute(
                select(operators.c.code).where(
                    or_(
                        org_is_reached(viewer, READ, owner),
                        org_is_reached(viewer, READ, operators.c.org_id),
                    )
                )
            )
            reached = set(found.scalars())
        layers = [layer for layer in run.layers if layer.operator in reached]
        return msgspec.structs.replace(run, layers=layers)


def layer_key(layer: Layer) -> str:
    """Return the name of a layer in addresses."""
    return layer.raster.removesuffix(".tif")


@lru_cache(_RUNS_KEPT_IN_MIND)
def _read(file: Path) -> Run:
    content = file.read_bytes()
    made = msgspec.json.decode(content, type=_Format).format
    if made != FORMAT:
        raise Refused(
            "coverage.format",
            f"The run {file.parent.name} has format {made}, this program reads {FORMAT}.",
            "Predict the coverage again.",
        )
    return msgspec.json.decode(content, type=Run)


@lru_cache(1)
def _opened(folder: Path, _stamp: int) -> Mosaic:
    return open_mosaic(folder)
