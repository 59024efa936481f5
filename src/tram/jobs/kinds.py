"""What a kind of job declares, once: its request and result, its lane, its limits, its partial work.

The package that knows the work declares the kind and does it; the runner knows no kind by name.
"""

import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec

from tram.domain.ids import OrgId
from tram.registry.jobs import ATTEMPTS_MAX, NOTE_CHARACTERS_MAX, Jobs
from tram.registry.kernel.viewer import Viewer
from tram.registry.kernel.views import JobRow
from tram.runtime.errors import Broken

__all__ = (
    "LONG",
    "QUICK",
    "CancelToken",
    "JobCancelled",
    "JobHandler",
    "JobKind",
    "JobLane",
    "JobWork",
    "PartialWork",
    "Progress",
)

Request = TypeVar("Request", bound=msgspec.Struct)
Result = TypeVar("Result", bound=msgspec.Struct)
Progress = Callable[[int, int], Awaitable[None]]
"""Tells how much is done, of how much."""

QUICK_JOBS_AT_ONCE = 2
QUICK_JOB_S_MAX = 1_800.0
LONG_JOBS_AT_ONCE = 1
LONG_JOB_S_MAX = 12 * 3_600.0
"""The coverage of a whole province takes hours on two cores."""


class PartialWork(StrEnum):
    """What becomes of the work that a cancelled job has done so far."""

    KEPT = "kept"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class JobLane:
    """Jobs that take about as long: a short one never waits behind a long one.

    ``at_once`` jobs of different organisations run at the same time; a kind that sets no deadline of
    its own has ``deadline_s``.
    """

    name: str
    at_once: int
    deadline_s: float


QUICK = JobLane("quick", QUICK_JOBS_AT_ONCE, QUICK_JOB_S_MAX)
LONG = JobLane("long", LONG_JOBS_AT_ONCE, LONG_JOB_S_MAX)


class JobCancelled(Exception):
    """Nobody waits for this job any more."""


class CancelToken:
    """Tells a job that nobody waits for it any more; a thread, which cannot be ended, asks it."""

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def is_set(self) -> bool:
        """Whether the job is to end."""
        return self._event.is_set()

    def set(self) -> None:
        """Say so."""
        self._event.set()

    def check(self) -> None:
        """Raise JobCancelled once nobody waits any more."""
        if self.is_set:
            raise JobCancelled


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind(Generic[Request, Result]):
    """A kind of job by name; requests and results are kept with the job as JSON.

    ``partial_work`` is a promise to people: the work's ``cancelled`` keeps it.
    """

    name: str
    request: type[Request]
    result: type[Result]
    lane: JobLane
    partial_work: PartialWork
    deadline_s: float = 0.0
    """Longest that one may take [s]; 0 for that of the lane."""
    attempts_max: int = ATTEMPTS_MAX
    """How often one is begun that ends its process."""

    @property
    def limit_s(self) -> float:
        """Longest that one may take [s]."""
        return self.deadline_s or self.lane.deadline_s

    async def ask(
        self, jobs: Jobs, viewer: Viewer, request: Request, *, org: OrgId | None = None
    ) -> JobRow:
        """Ask for a job of this kind.

        Raises:
            Refused: ``job.too_many`` when as many of the organisation wait as may.
        """
        return await jobs.create(viewer, self.name, msgspec.to_builtins(request), org=org)

    def result_of(self, job: JobRow) -> Result | None:
        """Return what a job that is done came to; None of one that is not, or older than results."""
        if job.state != "done" or not job.note:
            return None
        return msgspec.json.decode(job.note, type=self.result)


class JobWork(Generic[Request, Result]):
    """Does jobs of one kind; doing one again after a crash must be harmless."""

    async def run(self, request: Request, progress: Progress, cancel: CancelToken) -> Result:
        """Do a job and tell how far it is; ``cancel`` is for threads, coroutines are cancelled."""
        raise NotImplementedError

    async def failed(self, request: Request) -> None:
        """Note that a job could not be done."""

    async def cancelled(self, request: Request) -> None:
        """Keep or remove, as the kind says, what a job had done when it was cancelled."""


@dataclass(frozen=True, slots=True)
class JobHandler(Generic[Request, Result]):
    """A kind together with who does it: what the runner is given, and a job as it is kept."""

    kind: JobKind[Request, Result]
    work: JobWork[Request, Result]

    async def run(self, params: Mapping[str, Any], progress: Progress, cancel: CancelToken) -> str:
        """Do a job; return its result as JSON."""
        made = await self.work.run(self._request(params), progress, cancel)
        result = msgspec.json.encode(made).decode()
        if len(result) > NOTE_CHARACTERS_MAX:
            raise Broken("job.failed", "A result names what was made; this one is longer.")
        return result

    async def failed(self, params: Mapping[str, Any]) -> None:
        """Note that a job could not be done."""
        await self.work.failed(self._request(params))

    async def cancelled(self, params: Mapping[str, Any]) -> None:
        """Keep or remove what a cancelled job had done."""
        await self.work.cancelled(self._request(params))

    def _request(self, params: Mapping[str, Any]) -> Request:
        return msgspec.convert(params, self.kind.request)
