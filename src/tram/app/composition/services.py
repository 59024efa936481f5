"""What stands on the registers and on files: imports, coverage, the letter, and the jobs of all."""

from typing import Any

from tram.app.composition.job_traces import job_locks
from tram.app.composition.registers import Registers
from tram.app.installation.installation import Installation
from tram.fleet.exports.export_job import EXPORT, ExportFolder, ExportWork
from tram.fleet.store.serving.client import StoreClient
from tram.jobs.kinds import JobHandler
from tram.jobs.runner import JobRunner
from tram.report.drafts import Drafts
from tram.report.gathering import Gatherer
from tram.report.letter_job import LETTER, LetterWork
from tram.report.platform_counts import PlatformCounts
from tram.report.reports import LetterService
from tram.rollout.coverage.coverage_runs import CoverageRuns
from tram.rollout.coverage.prediction import COVERAGE, CoverageFiles, Prediction
from tram.rollout.inventory.imports.imports import StationImports
from tram.rollout.inventory.imports.work import ImportWork

__all__ = (
    "coverage_files",
    "coverage_runs",
    "export_folder",
    "import_handlers",
    "job_handlers",
    "job_runner",
    "letter_service",
    "prediction",
    "station_imports",
)


def coverage_files(installation: Installation) -> CoverageFiles:
    """Return where the files of coverage lie."""
    return CoverageFiles(installation.folder.files)


def coverage_runs(registers: Registers) -> CoverageRuns:
    """Return the finished runs."""
    files = coverage_files(registers.installation)
    database = registers.registry.database
    return CoverageRuns(database, files.runs, files.folders.terrain, files.antennas)


def prediction(registers: Registers) -> Prediction:
    """Return who predicts coverage."""
    installation = registers.installation
    return Prediction(registers.registry, installation.clock, coverage_files(installation))


def station_imports(registers: Registers) -> StationImports:
    """Return the imports of lists of stations, with their files."""
    installation = registers.installation
    folder = installation.folder.files / "imports"
    return StationImports(registers.registry.database, installation.clock, folder)


def export_folder(installation: Installation) -> ExportFolder:
    """Return where files of readings lie that jobs have made."""
    return ExportFolder(installation.folder.root / "exports")


def letter_service(registers: Registers, store: StoreClient | None) -> LetterService:
    """Return the reports; without a store the platform has no readings to tell of."""
    database, installation = registers.registry.database, registers.installation
    platform = PlatformCounts(database, store)
    return LetterService(
        Drafts(database, installation.clock, installation.province),
        Gatherer(registers.inventory, registers.directives, platform, installation.province),
        installation.folder.files / "reports",
    )


def job_handlers(registers: Registers, store: StoreClient) -> list[JobHandler[Any, Any]]:
    """Return every kind of job with who does it: a new kind is one more line here."""
    files, sessions = export_folder(registers.installation), registers.registry.sessions
    return [
        *import_handlers(registers),
        JobHandler(COVERAGE, prediction(registers)),
        JobHandler(EXPORT, ExportWork(sessions, store, files)),
        JobHandler(LETTER, LetterWork(sessions, letter_service(registers, store))),
    ]


def import_handlers(registers: Registers) -> list[JobHandler[Any, Any]]:
    """Return the steps of imports alone, for who waits for them."""
    database, installation = registers.registry.database, registers.installation
    kept = station_imports(registers)
    return [*ImportWork(database, installation.clock, kept, installation.province).handlers()]


def job_runner(registers: Registers, handlers: list[JobHandler[Any, Any]]) -> JobRunner:
    """Return a runner of these kinds of jobs."""
    installation = registers.installation
    locks = job_locks(installation)
    return JobRunner(registers.registry.jobs, installation.clock, handlers, locks)
