"""Threads by kind of work, so that no kind can use up the threads of another.

``asyncio.to_thread`` has one pool for everything: eight files that never end were enough that nobody
could log in. Each kind below has threads of its own, a bound on what waits, a time after which the
caller is answered, and turns by owner. What reads files of people is not here: a thread cannot be
ended, so that is done in processes (``tram.runtime.processes.child``).
"""

import asyncio
import contextvars
import functools
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from tram.runtime.errors import Unavailable
from tram.runtime.processes.process import leave_processor_to_others
from tram.runtime.turns import Turns

__all__ = (
    "COMPUTING",
    "DOCUMENTS",
    "EXPORTS",
    "EXPORT_FILES",
    "FILES",
    "JUDGING",
    "MAIL",
    "PASSWORDS",
    "WEBHOOKS",
    "Pool",
)

T = TypeVar("T")
P = ParamSpec("P")


class Pool:
    """Threads for one kind of work.

    A call that outlives its deadline is answered with ``pool.late``; its thread, which cannot be
    ended, stays counted until it is done. A call that still waits by then is never begun. With
    ``gives_way`` its threads take what processor time those leave who answer people at once.
    """

    def __init__(  # noqa: PLR0913  # limits by name
        self,
        name: str,
        size: int,
        *,
        waiting_max: int | None,
        deadline_s: float | None,
        each_at_once: int | None = None,
        each_waiting_max: int | None = None,
        gives_way: bool = False,
    ) -> None:
        self.name = name
        self.size = size
        self._deadline_s = deadline_s
        self._turns = Turns(
            name,
            size,
            waiting_max=waiting_max,
            each_at_once=each_at_once,
            each_waiting_max=each_waiting_max,
        )
        self._threads = ThreadPoolExecutor(
            size,
            thread_name_prefix=name.replace(" ", "-"),
            initializer=leave_processor_to_others if gives_way else None,
        )

    async def run(self, call: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
        """Call in a thread of this pool and return what comes of it.

        Raises:
            Unavailable: ``queue.full`` when too many wait, ``pool.late`` after the deadline.
        """
        return await self.run_for(None, call, *arguments, **named)

    async def run_for(
        self, owner: Hashable, call: Callable[P, T], /, *arguments: P.args, **named: P.kwargs
    ) -> T:
        """Do the same in the turn of an owner: an organisation, an address."""
        span = asyncio.timeout(self._deadline_s)
        try:
            async with span:
                await self._turns.take(owner)
                return await self._call(owner, functools.partial(call, *arguments, **named))
        except TimeoutError:
            if not span.expired():
                raise
            raise Unavailable(
                "pool.late",
                f"{self.name.capitalize()} took longer than {self._deadline_s:g} s.",
                "Try again in a moment.",
                5,
            ) from None

    async def _call(self, owner: Hashable, call: Callable[[], T]) -> T:
        """Call with a turn that is held until the thread is free again, whoever still waits."""
        loop = asyncio.get_running_loop()

        def free(_: Future[T]) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._turns.give_back, owner)

        try:
            future = self._threads.submit(contextvars.copy_context().run, call)
        except BaseException:
            self._turns.give_back(owner)
            raise
        future.add_done_callback(free)
        return await asyncio.wrap_future(future)


COMPUTING = Pool("computing coverage", 1, waiting_max=None, deadline_s=None)
"""One prediction of coverage after another; the lane of long jobs has the deadline."""
FILES = Pool("keeping files", 4, waiting_max=64, deadline_s=60, each_waiting_max=16)
"""Kept files read, written and digested; never what parses a file of a person."""
DOCUMENTS = Pool(
    "writing documents", 2, waiting_max=32, deadline_s=120, each_at_once=1, each_waiting_max=8
)
"""Letters, sheets, coverage of a path: work of a person's page that takes a core for a while."""
EXPORTS = Pool(
    "beginning exports", 4, waiting_max=32, deadline_s=60, each_at_once=2, each_waiting_max=8
)
"""Threads that wait for the store's first rows of a file."""
EXPORT_FILES = Pool("writing exports", 2, waiting_max=None, deadline_s=None)
"""Files of readings that a job writes; the lane of such jobs has the deadline."""
PASSWORDS = Pool(
    "checking passwords", 2, waiting_max=64, deadline_s=20, each_waiting_max=16, gives_way=True
)
"""Each hash takes 64 MiB and four threads: who guesses shall not slow down everybody's pages."""
MAIL = Pool("sending mail", 8, waiting_max=64, deadline_s=120)
WEBHOOKS = Pool("calling webhooks", 16, waiting_max=256, deadline_s=60)
"""What calling a webhook does in threads: names of hosts looked up, mostly."""
JUDGING = Pool("judging readings", 2, waiting_max=None, deadline_s=None)
"""Rules over blocks; one caller, who waits: a judgement given up half-way would be lost."""
