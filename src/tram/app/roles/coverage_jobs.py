"""The job of predicting coverage, as the role ``work`` does it for people."""

import asyncio
import threading
from collections.abc import Mapping
from typing import Any

from tram.api.coverage.coverage import JOB
from tram.app.installation.installation import Installation
from tram.app.roles.coverage_work import compute
from tram.app.roles.job_runner import JobHandler, Progress
from tram.rollout.coverage.computing import Progress as Standing

__all__ = ("coverage_handlers",)

_TOLD_EVERY_S = 1.0


class _Over(Exception):  # no error: nobody waits any more
    """Nobody waits for this prediction any more."""


class _CoverageJobs:
    """Predicts; a run that died half-way finds the losses that it had made."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation

    async def run(self, kind: str, params: Mapping[str, Any], progress: Progress) -> None:
        """Make one run and tell about once a second how far it is."""
        del kind
        latest: list[Standing] = []
        is_over = threading.Event()

        def report(standing: Standing) -> None:
            # A thread cannot be cancelled: it ends here, where it tells how far it is.
            if is_over.is_set():
                raise _Over
            latest[:] = [standing]

        computing = asyncio.create_task(  # noqa: TID251  # awaited below, whatever happens
            compute(self._installation, dict(params), report)
        )
        try:
            while not computing.done():
                await asyncio.wait([computing], timeout=_TOLD_EVERY_S)
                if latest:
                    await progress(latest[-1].done, latest[-1].total)
        finally:
            is_over.set()
            computing.cancel()
        await computing

    async def fail(self, kind: str, params: Mapping[str, Any]) -> None:
        """Nothing to take back: a run is there only when it is whole."""
        del kind, params


def coverage_handlers(installation: Installation) -> dict[str, JobHandler]:
    """Return who predicts coverage."""
    return {JOB: _CoverageJobs(installation)}
