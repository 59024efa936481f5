"""The jobs of the inventory: what the role work does for people who import lists of stations."""

from collections.abc import Mapping
from typing import Any

from tram.app.installation.installation import Installation
from tram.app.roles.job_runner import JobHandler, Progress
from tram.registry.registry import Registry
from tram.rollout.inventory.imports.imports import CHECK, UNDO, WRITE_JOB, StationImports
from tram.rollout.inventory.imports.work import ImportWork

__all__ = ("import_handlers", "station_imports")


class _ImportJobs:
    """Carries out steps of imports."""

    def __init__(self, work: ImportWork) -> None:
        self._work = work

    async def run(self, kind: str, params: Mapping[str, Any], progress: Progress) -> None:
        """Do one step of one import."""
        await self._work.run(kind, int(params["import"]), progress)

    async def fail(self, kind: str, params: Mapping[str, Any]) -> None:
        """Note that the step could not be done."""
        del kind
        await self._work.fail(int(params["import"]))


def station_imports(installation: Installation, registry: Registry) -> StationImports:
    """Return the imports of an installation, with their files in its folder."""
    folder = installation.folder.files / "imports"
    return StationImports(registry.database, installation.clock, folder)


def import_handlers(installation: Installation, registry: Registry) -> dict[str, JobHandler]:
    """Return who does which kind of job."""
    kept = station_imports(installation, registry)
    work = _ImportJobs(ImportWork(registry.database, installation.clock, kept))
    return dict.fromkeys((CHECK, WRITE_JOB, UNDO), work)
