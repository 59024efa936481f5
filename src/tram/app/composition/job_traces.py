"""Where jobs and runs leave traces in the data folder: for who does them and for ``tram doctor``."""

from tram.app.installation.installation import Installation
from tram.jobs.pruning import JobLocks, RunFolders
from tram.rollout.coverage.results import RUN_FILE, RUNS

__all__ = ("job_locks", "run_folders")


def job_locks(installation: Installation) -> JobLocks:
    """Return the locks of the jobs that are being done."""
    return JobLocks(installation.folder.run / "jobs")


def run_folders(installation: Installation) -> RunFolders:
    """Return the folders of runs of coverage."""
    return RunFolders(installation.folder.files / RUNS, RUN_FILE)
