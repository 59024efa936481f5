"""What a process leaves behind that died over a job: how it is known, and when it is taken away.

Two rules, the same for every kind and for ``tram doctor``:

- A job is dead when it is under way in the registry and no process holds its lock. The role ``work``
  lets it wait again when it starts, or within a minute where the lock was left on its machine; after
  the last attempt the job is given up.
- A folder of a run is dead when it lacks its last file and nothing in it has changed for as long as
  the longest job may take. It is removed within an hour.
"""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from tram.jobs.kinds import LONG
from tram.runtime.file_times import changed_s

__all__ = ("JobLocks", "RunFolders")


class JobLocks:
    """A locked file for each job that is being done: the kernel opens the lock when a process dies."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextlib.contextmanager
    def hold(self, job: int) -> Iterator[None]:
        """Hold the lock of a job."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / str(job)
        while True:
            file = path.open("a")
            fcntl.flock(file, fcntl.LOCK_EX)  # waits for one who is just looking
            if _is_still(path, file):
                break
            file.close()
        with file:
            try:
                yield
            finally:
                path.unlink(missing_ok=True)

    def held(self) -> set[int]:
        """Return the jobs that a living process does on this machine."""
        return {job for job, is_held in self._seen() if is_held}

    def left(self) -> set[int]:
        """Return the jobs whose process on this machine has died over them."""
        return {job for job, is_held in self._seen() if not is_held}

    def forget(self, job: int) -> None:
        """Take away what a dead process left of a job's lock."""
        path = self._folder / str(job)
        with contextlib.suppress(OSError), path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)

    def _seen(self) -> Iterator[tuple[int, bool]]:
        for path in self._folder.glob("*"):
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    yield int(path.name), True
                    continue
                if _is_still(path, file):
                    yield int(path.name), False


def _is_still(path: Path, file: IO[Any]) -> bool:
    """Whether a locked file is the one of that name: who held it before has taken it away."""
    try:
        return path.stat().st_ino == os.fstat(file.fileno()).st_ino
    except FileNotFoundError:
        return False


@dataclass(frozen=True, slots=True)
class RunFolders:
    """A folder for each run of a kind, which is whole once its last file is there."""

    folder: Path
    last_file: str
    quiet_s: float = LONG.deadline_s

    def dead(self, now_ms: int) -> list[Path]:
        """Return the folders of runs that nobody will finish."""
        return sorted(
            run
            for run in self.folder.glob("*/")
            if not (run / self.last_file).exists()
            and _changed_ms(run) < now_ms - self.quiet_s * 1_000
        )

    def prune(self, now_ms: int) -> int:
        """Remove them; return how many."""
        found = self.dead(now_ms)
        for run in found:
            shutil.rmtree(run, ignore_errors=True)
        return len(found)


def _changed_ms(run: Path) -> float:
    times = (changed_s(path) for path in (run, *run.rglob("*")))
    return max((time for time in times if time is not None), default=0.0) * 1_000
