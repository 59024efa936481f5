"""Does the registry's jobs, one after another, with progress; what died half-way begins again."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from tram.registry.jobs import ClaimedJob, Jobs
from tram.runtime.clock import Clock
from tram.runtime.errors import Broken, TramError, Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.progress import LOOPS, Beat

__all__ = ("JobHandler", "JobRunner", "Progress")

IDLE_S = 0.5
QUIET_S = 1_800.0
"""A job that says nothing of its progress for longer hangs."""
Progress = Callable[[int, int], Awaitable[None]]

log = get_logger()


class JobHandler(Protocol):
    """Does jobs of some kinds; running one again after a crash must be harmless."""

    async def run(self, kind: str, params: Mapping[str, Any], progress: Progress) -> None:
        """Do a job and tell how far it is."""
        ...

    async def fail(self, kind: str, params: Mapping[str, Any]) -> None:
        """Note that a job could not be done."""
        ...


class JobRunner:
    """Takes waiting jobs whose kind has a handler."""

    def __init__(self, jobs: Jobs, clock: Clock, handlers: Mapping[str, JobHandler]) -> None:
        self._jobs = jobs
        self._clock = clock
        self._handlers = handlers
        self._beat: Beat | None = None

    async def run(self) -> None:
        """Work until cancelled."""
        is_taken_up = False
        beat = self._beat = LOOPS.begin("jobs", QUIET_S)
        while True:
            beat.beat()
            try:
                if not is_taken_up:
                    await self._jobs.take_up(self._handlers)
                    is_taken_up = True
                job = await self._jobs.claim(self._handlers)
                if job is not None:
                    await self._do(job)
                    continue
            except Unavailable as error:
                log.warning("jobs wait for the registry", error=error.sentence)
                beat.wait(error.sentence)
            await self._clock.sleep(IDLE_S)

    async def drain(self) -> int:
        """Do the jobs that are waiting now; return how many."""
        done = 0
        while job := await self._jobs.claim(self._handlers):
            await self._do(job)
            done += 1
        return done

    async def _do(self, job: ClaimedJob) -> None:
        handler = self._handlers[job.kind]

        def beat() -> None:
            if self._beat is not None:
                self._beat.work(f"job {job.id} ({job.kind})")

        async def progress(done: int, total: int) -> None:
            beat()
            await self._jobs.progress(job.id, done, total)

        beat()
        try:
            await handler.run(job.kind, job.params, progress)
        except asyncio.CancelledError:
            raise
        except TramError as error:
            await self._failed(job, handler, error)
        except Exception as error:  # a job's own fault must not stop the others
            log.exception("job failed", job=job.id, kind=job.kind)
            broken = Broken("job.failed", f"{type(error).__name__}: see the log of the role work.")
            await self._failed(job, handler, broken)
        else:
            await self._jobs.finish(job.id)

    async def _failed(self, job: ClaimedJob, handler: JobHandler, error: TramError) -> None:
        await handler.fail(job.kind, job.params)
        await self._jobs.finish(job.id, code=error.code, failure=str(error))
