"""Does the registry's jobs, in lanes, organisations in turn, each with a deadline and a guard.

What died half-way begins again, but not for ever; what one job raises ends that job and no other.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from typing import Any

from tram.domain.ids import OrgId
from tram.jobs.kinds import CancelToken, JobHandler, JobKind, JobLane, Progress
from tram.jobs.meanwhile import meanwhile
from tram.jobs.pruning import JobLocks
from tram.registry.jobs import ClaimedJob, Jobs
from tram.runtime.clock import Clock
from tram.runtime.errors import Broken, Refused, TramError, Unavailable
from tram.runtime.logging import get_logger
from tram.runtime.watch.loops import LOOPS, Heartbeat

__all__ = ("JobRunner",)

IDLE_S = 0.5
QUIET_S = 120.0
"""A lane that does not look around for longer hangs; its jobs have a deadline of their own."""
LOOK_EVERY_S = 1.0
"""How soon who does a job knows that somebody has cancelled it."""
DEAD_LOOK_EVERY_S = 60.0
PUT_BACK_S_MAX = 5.0

log = get_logger()


class JobRunner:
    """Takes waiting jobs whose kind has a handler, each lane for itself."""

    def __init__(
        self,
        jobs: Jobs,
        clock: Clock,
        handlers: Iterable[JobHandler[Any, Any]],
        locks: JobLocks,
    ) -> None:
        self._jobs = jobs
        self._locks = locks
        self._clock = clock
        self._handlers = {handler.kind.name: handler for handler in handlers}
        self._lanes: dict[JobLane, list[str]] = defaultdict(list)
        for name, handler in self._handlers.items():
            self._lanes[handler.kind.lane].append(name)
        self._turn = 0
        self._served: dict[OrgId, int] = {}

    async def run(self) -> None:
        """Work until cancelled."""
        heartbeat = LOOPS.begin("jobs", QUIET_S)
        while not await self._take_up(heartbeat, is_start=True):
            await self._clock.sleep(IDLE_S)
        async with asyncio.TaskGroup() as group:
            for lane, kinds in self._lanes.items():
                group.create_task(self._run_lane(lane, kinds, group))
            while True:
                heartbeat.rest()
                await self._clock.sleep(DEAD_LOOK_EVERY_S)
                await self._take_up(heartbeat)

    async def drain(self) -> int:
        """Do the jobs that are waiting now; return how many. Those cancelled meanwhile end."""
        done = 0
        for left in await self._jobs.withdrawn(self._handlers):
            await self._end_cancelled(left)
        while job := await self._claim(self._handlers):
            await self._do(job)
            done += 1
        return done

    async def _take_up(self, heartbeat: Heartbeat, *, is_start: bool = False) -> bool:
        """Take up what a process left when it died, and give up what was left too often."""
        heartbeat.heartbeat()
        try:
            dead = left = self._locks.left()
            if is_start:  # whoever died before may have left no lock
                dead = await self._jobs.under_way() - self._locks.held()
            for kind in [handler.kind for handler in self._handlers.values()] if dead else ():
                for job in await self._jobs.take_up([kind.name], kind.attempts_max, only=dead):
                    await self._fail(job, _given_up(kind))
        except Unavailable as error:
            log.warning("jobs wait for the registry", error=error.sentence)
            heartbeat.wait(error.sentence)
            return False
        for number in left:
            self._locks.forget(number)
        return True

    async def _run_lane(
        self, lane: JobLane, kinds: Collection[str], group: asyncio.TaskGroup
    ) -> None:
        heartbeat = LOOPS.begin(f"jobs {lane.name}".strip(), QUIET_S)
        running: dict[asyncio.Task[None], OrgId] = {}
        while True:
            heartbeat.heartbeat()
            running = {task: org for task, org in running.items() if not task.done()}
            job = None
            if await self._is_asked(kinds, heartbeat):
                for left in await self._withdrawn(kinds, heartbeat):
                    group.create_task(self._end_cancelled(left))
                if len(running) < lane.at_once:
                    job = await self._next(kinds, set(running.values()), heartbeat)
            if job is not None:
                running[group.create_task(self._do(job))] = job.org
            elif running:
                await asyncio.wait(running, timeout=IDLE_S, return_when=asyncio.FIRST_COMPLETED)
            else:
                await self._clock.sleep(IDLE_S)

    async def _is_asked(self, kinds: Collection[str], heartbeat: Heartbeat) -> bool:
        """Whether there is anything to do; false when the registry is away."""
        try:
            return await self._jobs.is_asked(kinds)
        except Unavailable as error:
            await self._wait_for_registry(error, heartbeat)
            return False

    async def _next(
        self, kinds: Collection[str], busy: set[OrgId], heartbeat: Heartbeat
    ) -> ClaimedJob | None:
        """Return the next job of a lane, None when there is none or the registry is away."""
        try:
            return await self._claim(kinds, busy)
        except Unavailable as error:
            await self._wait_for_registry(error, heartbeat)
            return None

    async def _withdrawn(self, kinds: Collection[str], heartbeat: Heartbeat) -> list[ClaimedJob]:
        """Return the cancelled jobs of a lane that nobody does, none when the registry is away."""
        try:
            return await self._jobs.withdrawn(kinds)
        except Unavailable as error:
            await self._wait_for_registry(error, heartbeat)
            return []

    async def _wait_for_registry(self, error: Unavailable, heartbeat: Heartbeat) -> None:
        log.warning("jobs wait for the registry", error=error.sentence)
        heartbeat.wait(error.sentence)
        await self._clock.sleep(IDLE_S)

    async def _claim(
        self, kinds: Collection[str], busy: Collection[OrgId] = ()
    ) -> ClaimedJob | None:
        job = await self._jobs.claim(kinds, served=self._served, without=busy)
        if job is not None:
            self._turn += 1
            self._served[job.org] = self._turn
        return job

    async def _do(self, job: ClaimedJob) -> None:
        with self._locks.hold(job.id):
            await self._do_held(job)

    async def _do_held(self, job: ClaimedJob) -> None:
        """Do a job; whatever it raises is its own end, noted at the job."""
        handler, cancel = self._handlers[job.kind], CancelToken()
        span = asyncio.timeout(handler.kind.limit_s)

        async def look() -> None:
            if not cancel.is_set and await self._is_cancelling(job):
                cancel.set()
                span.reschedule(0.0)  # its time is over

        doing = handler.run(job.params, self._progress_of(job), cancel)
        try:
            async with span:
                result = await meanwhile(doing, LOOK_EVERY_S, look)
        except asyncio.CancelledError:
            if _is_cancelled():
                await self._put_back(job)
                raise
            await self._fail(job, _broken("CancelledError"))
        except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001  # must not stop the others
            if cancel.is_set:
                await self._end_cancelled(job)
            else:
                is_late = span.expired() and isinstance(error, TimeoutError)
                await self._fail(job, _late(handler.kind) if is_late else _told(job, error))
        else:
            await self._until_noted(lambda: self._jobs.finish(job.id, result=result))
        finally:
            cancel.set()

    async def _is_cancelling(self, job: ClaimedJob) -> bool:
        try:
            return await self._jobs.is_cancelling(job.id)
        except Unavailable:
            return False

    def _progress_of(self, job: ClaimedJob) -> Progress:
        async def progress(done: int, total: int) -> None:
            try:
                await self._jobs.progress(job.id, done, total)
            except Unavailable:
                log.warning("progress not noted: the registry does not answer", job=job.id)

        return progress

    async def _fail(self, job: ClaimedJob, error: TramError) -> None:
        """Note that a job failed, also when its handler cannot."""
        await self._tell(job, self._handlers[job.kind].failed)
        await self._until_noted(
            lambda: self._jobs.finish(job.id, code=error.code, failure=str(error))
        )

    async def _end_cancelled(self, job: ClaimedJob) -> None:
        """Note that a job was cancelled, once its handler has kept or removed what it had done."""
        await self._tell(job, self._handlers[job.kind].cancelled)
        await self._until_noted(lambda: self._jobs.cancelled(job.id))

    async def _tell(
        self, job: ClaimedJob, end: Callable[[Mapping[str, Any]], Awaitable[None]]
    ) -> None:
        try:
            await self._until_noted(lambda: end(job.params))
        except (Exception, BaseExceptionGroup):
            log.exception("the end of a job could not be told to its handler", job=job.id)

    async def _until_noted(self, note: Callable[[], Awaitable[None]]) -> None:
        """Note an end; while the registry is away, wait for it: a job must not stay half done."""
        while True:
            try:
                await note()
            except Unavailable as error:
                log.warning("the end of a job waits for the registry", error=error.sentence)
                await self._clock.sleep(IDLE_S)
            else:
                return

    async def _put_back(self, job: ClaimedJob) -> None:
        try:
            async with asyncio.timeout(PUT_BACK_S_MAX):
                await self._jobs.put_back(job.id)
        except Exception:
            # Whatever it is: the job is taken up at the next start.
            log.exception("a stopped job was not put back", job=job.id)


def _is_cancelled() -> bool:
    """Return whether it was this task that was cancelled, not something that a job waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _late(kind: JobKind[Any, Any]) -> Refused:
    return Refused(
        "job.too_long", f"The job took longer than {kind.limit_s:g} s.", "Ask for less at once."
    )


def _given_up(kind: JobKind[Any, Any]) -> Refused:
    return Refused(
        "job.given_up",
        f"The job ended its process {kind.attempts_max} times and is not tried again.",
    )


def _told(job: ClaimedJob, error: BaseException) -> TramError:
    if isinstance(error, TramError):
        return error
    log.error("job failed", job=job.id, kind=job.kind, exc_info=error)
    return _broken(type(error).__name__)


def _broken(what: str) -> Broken:
    return Broken("job.failed", f"{what}: see the log of the role work.")
