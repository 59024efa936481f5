"""Files of readings that nobody waits for: made by a job, kept for a week, given to who asked."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pyarrow as pa

from tram.domain.days import DAY_MS
from tram.domain.ids import PersonId
from tram.fleet.exports.files import file_format, file_name
from tram.fleet.store.queries.questions import ReadingRows, Selection, TimeSpan
from tram.fleet.store.serving.client import StoreClient
from tram.jobs.kinds import CancelToken, JobKind, JobLane, JobWork, PartialWork, Progress
from tram.jobs.meanwhile import meanwhile
from tram.registry.people.sessions import Sessions
from tram.runtime.errors import Refused
from tram.runtime.file_times import changed_s
from tram.runtime.processes.thread_pools import EXPORT_FILES

__all__ = (
    "EXPORT",
    "KEPT_BYTES_MAX",
    "ExportFolder",
    "ExportMade",
    "ExportOrder",
    "ExportWork",
)

FILE_BYTES_MAX = 4 * 1024**3
KEPT_BYTES_MAX = 8 * 1024**3
"""Of one person; who has as much removes a file first."""
KEPT_MS = 7 * DAY_MS
FREE_BYTES_MIN = 5 * 1024**3
"""What readings, log and registry need themselves: a file is given up before it takes this room."""
_TOLD_EVERY_S = 1.0
_LANE = JobLane("exports", at_once=2, deadline_s=7_200.0)


class ExportOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What a file is to hold, for whom, and its name in the folder of files."""

    kind: str
    start_ms: int
    end_ms: int
    devices: list[int] = []
    metrics: list[str] = []
    zone: int | None = None
    sector: str | None = None
    person: int
    file: str

    @property
    def question(self) -> ReadingRows:
        """Return what the store is asked."""
        return ReadingRows(
            Selection(devices=self.devices or None, zone=self.zone, sector=self.sector),
            TimeSpan(self.start_ms, self.end_ms),
            self.metrics,
            file_format(self.kind).rows_max,
        )


class ExportMade(msgspec.Struct, frozen=True):
    """The file as it is offered."""

    name: str
    rows: int
    bytes: int


EXPORT = JobKind(
    name="readings.export",
    request=ExportOrder,
    result=ExportMade,
    lane=_LANE,
    partial_work=PartialWork.REMOVED,
)


class ExportFolder:
    """The folder of files; each goes a week after it was made."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, file: str) -> Path:
        """Return where a file lies."""
        return self._folder / file

    def remove(self, file: str) -> None:
        """Remove a file; one that is gone already is no fault."""
        self.path(file).unlink(missing_ok=True)

    def prune(self, now_ms: int) -> int:
        """Remove the files that are over; return how many."""
        over = [path for path in self._folder.glob("*") if self.is_over(path, now_ms)]
        for path in over:
            path.unlink(missing_ok=True)
        return len(over)

    @staticmethod
    def is_over(path: Path, now_ms: int) -> bool:
        """Whether nobody is given a file any more; one that is not there is over, too."""
        changed = changed_s(path)
        return changed is None or changed * 1_000 < now_ms - KEPT_MS


class ExportWork(JobWork[ExportOrder, ExportMade]):
    """Writes what the person who asked may read when it is written."""

    def __init__(self, sessions: Sessions, store: StoreClient, folder: ExportFolder) -> None:
        self._sessions = sessions
        self._store = store
        self._folder = folder

    async def run(
        self, request: ExportOrder, progress: Progress, cancel: CancelToken
    ) -> ExportMade:
        """Write the file and tell about once a second how many rows it has."""
        viewer = await self._sessions.viewer_of(PersonId(request.person))
        rows = 0

        def counted(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            nonlocal rows
            for batch in batches:
                cancel.check()
                rows += batch.num_rows
                yield batch

        def write() -> int:
            batches = self._store.stream(viewer, request.question)
            return _write(
                self._folder.path(request.file),
                file_format(request.kind).write(counted(batches)),
                cancel,
            )

        async def tell() -> None:
            await progress(rows, 0)

        size = await meanwhile(EXPORT_FILES.run(write), _TOLD_EVERY_S, tell)
        return ExportMade(file_name(request.kind, request.start_ms, request.end_ms), rows, size)

    async def failed(self, request: ExportOrder) -> None:
        """Leave nothing behind."""
        self._folder.remove(request.file)

    async def cancelled(self, request: ExportOrder) -> None:
        """Leave nothing behind."""
        await self.failed(request)


def _write(path: Path, parts: Iterator[bytes], cancel: CancelToken) -> int:
    """Write a file from its beginning to the disk; return its bytes. What ends early leaves none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size = 0
    with contextlib.ExitStack() as undo:
        undo.callback(path.unlink, missing_ok=True)
        with path.open("wb") as out:
            for part in parts:
                cancel.check()
                size += len(part)
                _check_size(path, size)
                out.write(part)
            out.flush()
            os.fsync(out.fileno())
        undo.pop_all()
    return size


def _check_size(path: Path, size: int) -> None:
    if size > FILE_BYTES_MAX:
        raise Refused(
            "export.too_large",
            f"The file would have more than {FILE_BYTES_MAX >> 30} GiB.",
            "Choose a shorter span, or take Parquet.",
        )
    if shutil.disk_usage(path.parent).free < FREE_BYTES_MIN:
        raise Refused(
            "export.no_room",
            "The disk of the platform has no room for files at the moment.",
            "Ask for a shorter span, or tell the administrator.",
        )
