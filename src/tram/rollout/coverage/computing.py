"""All path losses of a network: on every core, or on a Dask cluster; the same files either way.

What is on disk already is not computed again, so a run that was interrupted goes on from there.
"""

import importlib
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from itertools import islice

from tram.rollout.coverage.losses import LossStore
from tram.rollout.coverage.network import Transmitter
from tram.rollout.coverage.request import Folders, Progress
from tram.rollout.terrain.mosaic import open_mosaic
from tram.runtime.clock import Clock
from tram.runtime.errors import Refused
from tram.runtime.processes.process import die_with_parent, leave_processor_to_others

__all__ = ("compute_losses",)

_IN_FLIGHT_PER_CORE = 4
_HERE = 4
"""So few are not worth processes of their own."""


def compute_losses(
    folders: Folders,
    transmitters: Sequence[Transmitter],
    report: Callable[[Progress], None],
    clock: Clock,
    scheduler: str = "",
) -> None:
    """Make every missing loss file; ``scheduler`` is a Dask address, empty for this machine.

    Raises:
        Refused: if Dask is asked for and not installed.
    """
    store = LossStore(folders.losses, open_mosaic(folders.terrain))
    missing = [item for item in transmitters if not store.has(item)]
    watch = _Watch(len(transmitters), len(missing), report, clock)
    if not missing:
        return
    if scheduler:
        _on_cluster(folders, missing, scheduler, watch)
        return
    # The first ones here: they compile the kernels, which every worker then finds on disk.
    for item in missing[:_HERE]:
        _make(folders, item)
        watch.one_more()
    if missing[_HERE:]:
        _on_cores(folders, missing[_HERE:], watch)


class _Watch:
    """Counts what is done and says when the rest will be."""

    def __init__(
        self, total: int, missing: int, report: Callable[[Progress], None], clock: Clock
    ) -> None:
        self._done = self._before = total - missing
        self._total = total
        self._report = report
        self._clock = clock
        self._started_s = clock.monotonic_s()
        report(Progress(self._done, total, None if missing else 0.0))

    def one_more(self) -> None:
        """Count one more loss."""
        self._done += 1
        spent = self._clock.monotonic_s() - self._started_s
        each = spent / (self._done - self._before)
        self._report(Progress(self._done, self._total, each * (self._total - self._done)))


def _on_cores(folders: Folders, missing: Sequence[Transmitter], watch: _Watch) -> None:
    cores = len(os.sched_getaffinity(0))
    context = multiprocessing.get_context("spawn")
    waiting = iter(missing)
    with ProcessPoolExecutor(
        cores, context, initializer=_be_nice, initargs=(os.getpid(),)
    ) as pool:
        running = {
            pool.submit(_make, folders, item)
            for item in islice(waiting, cores * _IN_FLIGHT_PER_CORE)
        }
        try:
            while running:
                for future in as_completed(running):
                    running.discard(future)
                    future.result()
                    watch.one_more()
                    following = next(waiting, None)
                    if following is not None:
                        running.add(pool.submit(_make, folders, following))
                    break
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _on_cluster(
    folders: Folders, missing: Sequence[Transmitter], scheduler: str, watch: _Watch
) -> None:
    try:
        distributed = importlib.import_module("distributed")
    except ImportError:
        raise Refused(
            "coverage.no_dask",
            "Computing on a cluster needs Dask, which is not installed.",
            "Install it with 'pip install dask distributed', or leave --scheduler out.",
        ) from None
    with distributed.Client(scheduler) as client:
        for future in distributed.as_completed(
            [client.submit(_make, folders, item) for item in missing]
        ):
            future.result()
            watch.one_more()


def _be_nice(parent: int) -> None:
    """Leave the machine to others, and do not outlive who asked."""
    die_with_parent(parent)
    leave_processor_to_others()


def _make(folders: Folders, transmitter: Transmitter) -> None:
    _store(folders).make(transmitter)


@cache
def _store(folders: Folders) -> LossStore:
    return LossStore(folders.losses, open_mosaic(folders.terrain))
