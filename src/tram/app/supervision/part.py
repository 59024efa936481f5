"""One child process of the supervisor: started, watched, its words kept, stopped within a bound."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from tram.app.installation.rotation import RotatingFile
from tram.app.supervision.part_watch import PartWatch
from tram.runtime.clock import Clock
from tram.runtime.errors import Broken, Refused, TramError
from tram.runtime.logging import get_logger
from tram.runtime.ops_port import PartProgress
from tram.runtime.watch.part_states import PartState

__all__ = ("EXIT_CODES", "ChildProcess", "PartPlan", "exit_code", "problem_file", "python_command")

EXIT_CODES = {"Refused": 2, "Unavailable": 3, "Broken": 4}
"""What a process of the product ends with, by family of the error."""

_BACKOFF_S_FIRST = 0.2
_BACKOFF_S_MAX = 5.0
_SETTLED_S = 30.0
"""A part that lived this long starts its back-off anew."""
_POLL_S_STARTING = 0.05
_POLL_S = 2.0
_READ_BYTES = 65_536
_STARTS_MAX = 4
"""A part that never got well in so many starts will not get well by more of them."""

log = get_logger()


async def _never() -> str | None:
    """Return None: nothing is known that a new start would mend."""
    return None


@dataclass(frozen=True, slots=True)
class PartPlan:
    """How to run a part; ``problem`` asks it how it is, ``look`` what each loop of it says.

    ``look`` returns None when there is no answer. ``must_restart`` returns why only a new start can help, if so.
    """

    name: str
    command: tuple[str, ...]
    problem: Callable[[], Awaitable[str | None]]
    look: Callable[[], Awaitable[PartProgress | None]]
    stop_s: float
    must_restart: Callable[[], Awaitable[str | None]] = _never


class ChildProcess:
    """A child that is started again whenever it ends, until it is told to stop."""

    def __init__(self, plan: PartPlan, logs: Path, run: Path, clock: Clock) -> None:
        self.plan = plan
        self.pid = 0
        self.healthy = asyncio.Event()
        self._file = RotatingFile(logs / f"{plan.name}.log")
        self._problem_file = problem_file(run, plan.name)
        self._clock = clock
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()
        self._was_healthy = False
        self._watch = PartWatch(clock)

    @property
    def starts(self) -> int:
        """How often a process was started for it."""
        return self._watch.starts

    def state(self) -> PartState:
        """Return how it stands now."""
        return self._watch.state()

    async def keep_running(self, changed: Callable[[], None]) -> None:
        """Run until ``stop``; call ``changed`` whenever there is a new process.

        Raises:
            TramError: if it never got well and starting again cannot help.
        """
        backoff_s = _BACKOFF_S_FIRST
        while not self._stopping.is_set():
            started_s = self._clock.monotonic_s()
            code = await self._run_once(changed)
            if self._stopping.is_set():
                return
            log.warning("part ended", part=self.plan.name, code=code)
            # Once it was well, only patience helps: the others go on without it meanwhile.
            hopeless = code == EXIT_CODES["Refused"] or self.starts >= _STARTS_MAX
            if hopeless and not self._was_healthy:
                raise self._refusal()
            if self._clock.monotonic_s() - started_s > _SETTLED_S:
                backoff_s = _BACKOFF_S_FIRST
            await self._pause(backoff_s)
            backoff_s = min(2 * backoff_s, _BACKOFF_S_MAX)

    async def stop(self) -> None:
        """Ask it to end, wait its time, then kill it."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(self.plan.stop_s):
                await process.wait()
        except TimeoutError:
            log.warning("part killed", part=self.plan.name, after_s=self.plan.stop_s)
            self.kill()
            await process.wait()

    def kill(self) -> None:
        """End it at once."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            self._process.kill()

    def last_words(self) -> str:
        """Return the last lines that the part wrote."""
        return self._file.tail()

    async def _run_once(self, changed: Callable[[], None]) -> int:
        self._problem_file.unlink(missing_ok=True)
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then
        # stops the parts in order. They cannot outlive it: see tram.runtime.processes.process.
        self._process = process = await asyncio.create_subprocess_exec(
            *self.plan.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        if self._stopping.is_set():  # asked to stop while it was being started
            process.kill()
        self.pid = process.pid
        self._watch.started()
        changed()
        async with asyncio.TaskGroup() as group:
            words = group.create_task(self._keep_words(process))
            watch = group.create_task(self._look_after(process))
            code = await process.wait()
            watch.cancel()
            await words
        self.healthy.clear()
        return code

    async def _pause(self, seconds: float) -> None:
        """Wait, but not longer than until a stop is asked for."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()

    async def _keep_words(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        while chunk := await process.stdout.read(_READ_BYTES):
            self._file.write(chunk)

    async def _look_after(self, process: asyncio.subprocess.Process) -> None:
        """Note how the part is; kill it when only a new start can help."""
        while True:
            self._watch.saw(await self.plan.look())
            if self._watch.is_well and not self.healthy.is_set():
                self.healthy.set()
                self._was_healthy = True
            reason = self._watch.must_end()
            if reason is None and self.healthy.is_set():
                reason = await self.plan.must_restart()
            if reason is not None:
                log.error("part is started again", part=self.plan.name, reason=reason)
                process.send_signal(signal.SIGKILL)
                return
            await self._clock.sleep(_POLL_S if self.healthy.is_set() else _POLL_S_STARTING)

    def _refusal(self) -> TramError:
        """Return what the part said, or what its log ends with."""
        try:
            said = json.loads(self._problem_file.read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return Broken(
                "part.failed",
                f"The part {self.plan.name} ended: {self.last_words()}",
                f"See {self._file.path}.",
            )
        return Refused(said["code"], said["sentence"], said["hint"])


def exit_code(error: TramError) -> int:
    """Return the exit code of a process that ends with this error."""
    return EXIT_CODES[type(error).__name__]


def problem_file(run: Path, name: str) -> Path:
    """Where a part leaves the sentence that it ended with."""
    return run / f"{name}.problem"


def python_command(module: str, *arguments: str) -> tuple[str, ...]:
    """Return the command that runs one of our modules as our child; it gets our process id."""
    return (sys.executable, "-m", module, str(os.getpid()), *arguments)
